-- How many permits opened and closed over a period, and how fast, all dongs and trades together.
-- grain: one row
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means from the first permit on
--   $to_month date: last month, inclusive; null means up to S
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
-- columns:
--   opened bigint (permits): permits given in the period
--   closed bigint (permits): closed or cancelled in the period
--   net bigint (permits): opened - closed
--   active_start bigint (permits): active on the day before the period
--   active_end bigint (permits): active on the last day of the period, or at S
--   shop_years double (years): shop-days at risk in the period / 365.25
--   closure_rate double (per 100 shop-years): closed / shop_years * 100
--   ci_low double (per 100 shop-years): lower 95 % limit, exact Poisson (Garwood)
--   ci_high double (per 100 shop-years): upper 95 % limit
with

period as (
    select
        coalesce(date_trunc('month', $from_month::date), date '0001-01-01')::date as starts_on,
        (coalesce(date_trunc('month', $to_month::date), date '9000-01-01') + interval 1 month)::date
            as ends_before
),

counts as (
    select
        count(*) filter (permit.opened_on >= period.starts_on) as opened,
        count(*) filter (
            permit.is_closure
            and permit.left_on < period.ends_before
            and (coalesce($include_bulk, true) or not permit.is_bulk)
        ) as closed,
        count(*) filter (permit.opened_on < period.starts_on) as active_start,
        count(*) filter (
            permit.left_on is null or permit.left_on >= period.ends_before
        ) as active_end,
        coalesce(sum(
            least(permit.watched_until, period.ends_before)
            - greatest(permit.opened_on, period.starts_on)
        ), 0) / 365.25 as shop_years
    from permit
    cross join period
    where
        permit.opened_on < period.ends_before
        and permit.watched_until >= period.starts_on
        and ($dong_codes is null or list_contains($dong_codes, permit.dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, permit.category_id)
            or list_contains($category_ids, permit.group_id)
        )
)

select
    counts.opened,
    counts.closed,
    counts.opened - counts.closed as net,
    counts.active_start,
    counts.active_end,
    counts.shop_years,
    counts.closed / nullif(counts.shop_years, 0) * 100 as closure_rate,
    coalesce(limits.lower, wilson_hilferty_lower(counts.closed))
    / nullif(counts.shop_years, 0) * 100 as ci_low,
    coalesce(limits.upper, wilson_hilferty_upper(counts.closed))
    / nullif(counts.shop_years, 0) * 100 as ci_high
from counts
left join poisson_limits as limits on counts.closed = limits.events
