-- One place in one row, for the report's first sentence and for comparing places: what stands
-- around it, what opened and closed in the last 36 months up to S, and how fast shops close.
-- A place is a circle around a point, or dongs, or named areas: the first of them that is given.
-- grain: one row
-- parameters:
--   $lon double: longitude of the point, WGS84; null means dongs or named areas
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 500
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
-- columns:
--   active bigint (permits): standing at S
--   opened_36m bigint (permits): permits given in the last 36 months
--   closed_36m bigint (permits): closed or cancelled in these months
--   shop_years double (years): shop-days at risk in these months / 365.25
--   closure_rate double (per 100 shop-years): closed_36m / shop_years * 100
--   ci_low double (per 100 shop-years): lower 95 % limit, exact Poisson (Garwood)
--   ci_high double (per 100 shop-years): upper 95 % limit
--   ever bigint (permits): permits ever given there
--   sites bigint (sites): sites with any of them
--   first_on date: day of the first of them
--   since date: first day of the 36 months
--   observed_until date: latest S of them
with

scope as (
    select
        opened_on,
        watched_until,
        observed_until,
        site_id,
        has_left,
        is_closure,
        is_bulk
    from permit
    where
        is_of_trade(category_id, group_id, $category_ids)
        and (
            $lon::double is null
            or is_within(lon, lat, $lon::double, $lat::double, coalesce($radius_m, 500))
        )
        and (
            $lon::double is not null
            or $dong_codes is null
            or list_contains($dong_codes, dong_code)
        )
        and (
            $lon::double is not null
            or $area_codes is null
            or list_has_any(trade_area_codes, $area_codes)
        )
),

period as (
    select (max(observed_until) - interval 36 month + interval 1 day)::date as since
    from scope
),

counts as (
    select
        count(*) filter (not has_left) as active,
        count(*) filter (opened_on >= since) as opened_36m,
        count(*) filter (
            is_closure
            and watched_until >= since
            and (coalesce($include_bulk, true) or not is_bulk)
        ) as closed_36m,
        coalesce(
            sum(watched_until - greatest(opened_on, since)) filter (watched_until >= since), 0
        ) / 365.25 as shop_years,
        count(*) as ever,
        count(distinct site_id) as sites,
        min(opened_on) as first_on,
        any_value(since) as since,
        max(observed_until) as observed_until
    from scope
    cross join period
)

select
    counts.active,
    counts.opened_36m,
    counts.closed_36m,
    counts.shop_years,
    counts.closed_36m / nullif(counts.shop_years, 0) * 100 as closure_rate,
    coalesce(limits.lower, wilson_hilferty_lower(counts.closed_36m))
    / nullif(counts.shop_years, 0) * 100 as ci_low,
    coalesce(limits.upper, wilson_hilferty_upper(counts.closed_36m))
    / nullif(counts.shop_years, 0) * 100 as ci_high,
    counts.ever,
    counts.sites,
    counts.first_on,
    counts.since,
    counts.observed_until
from counts
left join poisson_limits as limits on counts.closed_36m = limits.events
