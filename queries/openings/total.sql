-- How many permits opened and closed over a period, and how fast, all dongs and trades together.
-- grain: one row
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
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

-- at risk: watched on a day of the period
counts as (
    select
        countif(opened_on >= period_start($from_month))::bigint as opened,
        countif(
            watched_until < period_end($to_month)
            and is_closure
            and (coalesce($include_bulk, true) or not is_bulk)
        )::bigint as closed,
        countif(opened_on < period_start($from_month))::bigint as active_start,
        countif(not has_left or watched_until >= period_end($to_month))::bigint as active_end,
        coalesce(sum(
            if(watched_until < period_end($to_month), watched_until, period_end($to_month))
            - if(opened_on > period_start($from_month), opened_on, period_start($from_month))
        ), 0) / 365.25 as shop_years
    from permit
    where
        opened_on < period_end($to_month)
        and watched_until >= period_start($from_month)
        and ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
)

select
    coalesce(counts.opened, 0) as opened,
    coalesce(counts.closed, 0) as closed,
    coalesce(counts.opened - counts.closed, 0) as net,
    coalesce(counts.active_start, 0) as active_start,
    coalesce(counts.active_end, 0) as active_end,
    counts.shop_years,
    counts.closed / nullif(counts.shop_years, 0) * 100 as closure_rate,
    coalesce(limits.lower, wilson_hilferty_lower(counts.closed))
    / nullif(counts.shop_years, 0) * 100 as ci_low,
    coalesce(limits.upper, wilson_hilferty_upper(counts.closed))
    / nullif(counts.shop_years, 0) * 100 as ci_high
from counts
left join poisson_limits as limits on counts.closed = limits.events
