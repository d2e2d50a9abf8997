-- How many permits opened and closed in each H3 cell, and how fast, over a period.
-- The mean and the spread behind shrunken_rate come from all cells of the result. Permits
-- without a point are in no row.
-- grain: one row per H3 cell with a permit at risk in the period
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means from the first permit on
--   $to_month date: last month, inclusive; null means up to S
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
--   $resolution integer: 9 (null), cells of about 0.1 km², or 10, of about 0.015 km²
-- columns:
--   h3_cell varchar: index of the cell
--   opened bigint (permits): permits given in the period
--   closed bigint (permits): closed or cancelled in the period
--   net bigint (permits): opened - closed
--   active_start bigint (permits): active on the day before the period
--   active_end bigint (permits): active on the last day of the period, or at S
--   shop_years double (years): shop-days at risk in the period / 365.25
--   closure_rate double (per 100 shop-years): closed / shop_years * 100
--   ci_low double (per 100 shop-years): lower 95 % limit, exact Poisson (Garwood)
--   ci_high double (per 100 shop-years): upper 95 % limit
--   shrunken_rate double (per 100 shop-years): closure_rate drawn towards the mean of the cells
--     where the shop-years are few
--   mean_rate double (per 100 shop-years): the mean it is drawn towards
--   death_rate double (%): closed / shops active at any time in the period * 100 (Eurostat–OECD,
--     for a period of one year)
--   turnover double (ratio): (opened + closed) / active_start
with

counts as (
    select
        if($resolution = 10, h3_10, h3_9) as h3_cell,
        countif(opened_on >= period_start($from_month))::bigint as opened,
        countif(
            watched_until < period_end($to_month)
            and is_closure
            and (coalesce($include_bulk, true) or not is_bulk)
        )::bigint as closed,
        countif(opened_on < period_start($from_month))::bigint as active_start,
        countif(not has_left or watched_until >= period_end($to_month))::bigint as active_end,
        count(*) as active_ever,
        sum(
            if(watched_until < period_end($to_month), watched_until, period_end($to_month))
            - if(opened_on > period_start($from_month), opened_on, period_start($from_month))
        ) / 365.25 as shop_years
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
    group by h3_cell
),

cells as (
    select *
    from counts
    where h3_cell is not null
),

-- gamma–Poisson by moments (Marshall 1991): m = all closures / all shop-years; the variance
-- between areas A = sum(e (r - m)^2) / sum(e) - m / mean(e), at least 0, with e shop-years and
-- r rate of an area that has any; the rate drawn towards m is (m^2 / A + closures) / (m / A + e)
means as (
    select
        *,
        closed / nullif(shop_years, 0) as rate,
        sum(closed) over () / nullif(sum(shop_years) over (), 0) as mean_rate,
        avg(nullif(shop_years, 0)) over () as mean_shop_years
    from cells
),

priors as (
    select
        *,
        greatest(
            sum(shop_years * pow(rate - mean_rate, 2)) over ()
            / nullif(sum(shop_years) over (), 0)
            - mean_rate / nullif(mean_shop_years, 0), 0
        ) as between_variance
    from means
)

select
    priors.h3_cell::varchar as h3_cell,
    priors.opened,
    priors.closed,
    priors.opened - priors.closed as net,
    priors.active_start,
    priors.active_end,
    priors.shop_years,
    priors.rate * 100 as closure_rate,
    coalesce(limits.lower, wilson_hilferty_lower(priors.closed))
    / nullif(priors.shop_years, 0) * 100 as ci_low,
    coalesce(limits.upper, wilson_hilferty_upper(priors.closed))
    / nullif(priors.shop_years, 0) * 100 as ci_high,
    -- the posterior mean with both sides times A, so that A = 0 gives m
    (pow(priors.mean_rate, 2) + priors.between_variance * priors.closed)
    / nullif(priors.mean_rate + priors.between_variance * priors.shop_years, 0) * 100
        as shrunken_rate,
    priors.mean_rate * 100 as mean_rate,
    priors.closed / nullif(priors.active_ever, 0) * 100 as death_rate,
    (priors.opened + priors.closed) / nullif(priors.active_start, 0) as turnover
from priors
left join poisson_limits as limits on priors.closed = limits.events
order by h3_cell
