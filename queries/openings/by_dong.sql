-- How many permits opened and closed in each dong, and how fast, over a period.
-- The mean and the spread behind shrunken_rate come from all dongs of the dong's district, also
-- when only some are asked for. Permits without a dong are in no row.
-- grain: one row per dong
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means from the first permit on
--   $to_month date: last month, inclusive; null means up to S
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   opened bigint (permits): permits given in the period
--   closed bigint (permits): closed or cancelled in the period
--   net bigint (permits): opened - closed
--   active_start bigint (permits): active on the day before the period
--   active_end bigint (permits): active on the last day of the period, or at S
--   shop_years double (years): shop-days at risk in the period / 365.25
--   closure_rate double (per 100 shop-years): closed / shop_years * 100
--   ci_low double (per 100 shop-years): lower 95 % limit, exact Poisson (Garwood)
--   ci_high double (per 100 shop-years): upper 95 % limit
--   shrunken_rate double (per 100 shop-years): closure_rate drawn towards the district's mean
--     where the shop-years are few
--   mean_rate double (per 100 shop-years): the mean it is drawn towards
--   death_rate double (%): closed / shops active at any time in the period * 100 (Eurostat–OECD,
--     for a period of one year)
--   turnover double (ratio): (opened + closed) / active_start
with

counts as (
    select
        dong_code,
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
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by dong_code
),

dongs as (
    select
        dong.dong_code,
        dong.district_code,
        dong.name_ko,
        dong.name_en,
        coalesce(counts.opened, 0) as opened,
        coalesce(counts.closed, 0) as closed,
        coalesce(counts.active_start, 0) as active_start,
        coalesce(counts.active_end, 0) as active_end,
        coalesce(counts.active_ever, 0) as active_ever,
        coalesce(counts.shop_years, 0) as shop_years
    from dong
    left join counts on dong.dong_code = counts.dong_code
),

-- gamma–Poisson by moments (Marshall 1991): m = all closures / all shop-years; the variance
-- between areas A = sum(e (r - m)^2) / sum(e) - m / mean(e), at least 0, with e shop-years and
-- r rate of an area that has any; the rate drawn towards m is (m^2 / A + closures) / (m / A + e)
means as (
    select
        *,
        closed / nullif(shop_years, 0) as rate,
        sum(closed) over by_district / nullif(sum(shop_years) over by_district, 0) as mean_rate,
        avg(nullif(shop_years, 0)) over by_district as mean_shop_years
    from dongs
    window by_district as (partition by district_code)
),

priors as (
    select
        *,
        greatest(
            sum(shop_years * pow(rate - mean_rate, 2)) over by_district
            / nullif(sum(shop_years) over by_district, 0)
            - mean_rate / nullif(mean_shop_years, 0), 0
        ) as between_variance
    from means
    window by_district as (partition by district_code)
)

select
    priors.dong_code,
    priors.name_ko,
    priors.name_en,
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
where ($dong_codes is null or list_contains($dong_codes, priors.dong_code))
order by priors.dong_code
