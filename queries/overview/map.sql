-- What the map of the district can show: stock, openings, closures and survival of each dong.
-- Rates are over the last twelve complete months unless others are asked for; survival is of all
-- shops ever opened there. The mean behind shrunken_rate comes from all dongs of the district.
-- grain: one row per dong
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means eleven months before $to_month
--   $to_month date: last of the months; null means the last complete one, the month before
--     the three provisional ones
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   active bigint (permits): standing at S
--   density double (permits per km²): active / area of the dong
--   opened bigint (permits): permits given in the period
--   closed bigint (permits): closed or cancelled in the period
--   net bigint (permits): opened - closed
--   shop_years double (years): shop-days at risk in the period / 365.25
--   closure_rate double (per 100 shop-years): closed / shop_years * 100
--   ci_low double (per 100 shop-years): lower 95 % limit, exact Poisson (Garwood)
--   ci_high double (per 100 shop-years): upper 95 % limit
--   shrunken_rate double (per 100 shop-years): closure_rate drawn towards the district's mean where
--     the shop-years are few
--   mean_rate double (per 100 shop-years): the mean it is drawn towards
--   survival_3y double (ratio): share of shops that stands beyond three years; null when none is
--     watched so long
--   survival_low double (ratio): lower 95 % limit, log–log
--   survival_high double (ratio): upper 95 % limit
--   at_risk bigint (permits): watched and standing at three years
with

known as (
    select
        coalesce(
            date_trunc('month', $to_month::date),
            date_trunc('month', max(observed_until)) - interval 3 month
        ) as period_to
    from permit
),

period as (
    select
        coalesce(
            date_trunc('month', $from_month::date), period_to - interval 11 month
        )::date as starts_on,
        (period_to + interval 1 month)::date as ends_before
    from known
),

stock as (
    select
        dong_code,
        count(*) as shops,
        countif(not has_left)::bigint as active,
        countif(age_days >= 1096)::bigint as at_risk
    from permit
    where
        (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by dong_code
),

counts as (
    select
        permit.dong_code,
        countif(permit.opened_on >= period.starts_on)::bigint as opened,
        countif(
            permit.watched_until < period.ends_before
            and permit.is_closure
            and (coalesce($include_bulk, true) or not permit.is_bulk)
        )::bigint as closed,
        sum(
            if(permit.watched_until < period.ends_before, permit.watched_until, period.ends_before)
            - if(permit.opened_on > period.starts_on, permit.opened_on, period.starts_on)
        ) / 365.25 as shop_years
    from permit
    cross join period
    where
        permit.opened_on < period.ends_before
        and permit.watched_until >= period.starts_on
        and (
            $category_ids is null
            or list_contains($category_ids, permit.category_id)
            or list_contains($category_ids, permit.group_id)
        )
    group by permit.dong_code
),

-- three years are 1095.75 days
ends as (
    select
        dong_code,
        age_days,
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as events,
        count(*) as shops
    from permit
    where
        age_days < 1096
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by dong_code, age_days
),

-- all shops of a dong enter before its first age. Those that are watched longer leave at the end,
-- so that the sum of entering less leaving is back at 0 where the next dong begins
steps as (
    select
        dong_code,
        -1 as age_days,
        0 as events,
        0 as leaving,
        shops as entering
    from stock
    union all
    select
        dong_code,
        age_days,
        events,
        shops as leaving,
        0 as entering
    from ends
    union all
    select
        dong_code,
        1096 as age_days,
        0 as events,
        at_risk as leaving,
        0 as entering
    from stock
    order by dong_code, age_days
),

-- a sum over rows as they come takes a fifth of the time of a window with an order
standing as (
    select
        *,
        sum(entering - leaving) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as shops
    from steps
),

risk_sets as (
    select
        dong_code,
        events,
        (shops + leaving)::double as at_risk
    from standing
    where events > 0
),

survival as (
    select
        dong_code,
        product(1 - events / at_risk) as survival_3y,
        sum(events / nullif(at_risk * (at_risk - events), 0)) as greenwood
    from risk_sets
    group by dong_code
),

dongs as (
    select
        dong.dong_code,
        dong.district_code,
        dong.name_ko,
        dong.name_en,
        dong.area_km2,
        coalesce(stock.active, 0) as active,
        coalesce(counts.opened, 0) as opened,
        coalesce(counts.closed, 0) as closed,
        coalesce(counts.shop_years, 0) as shop_years,
        case
            when stock.at_risk > 0 then coalesce(survival.survival_3y, 1)
            when survival.survival_3y = 0 then 0
        end as survival_3y,
        coalesce(survival.greenwood, 0) as greenwood,
        coalesce(stock.at_risk, 0) as at_risk
    from dong
    left join stock on dong.dong_code = stock.dong_code
    left join counts on dong.dong_code = counts.dong_code
    left join survival on dong.dong_code = survival.dong_code
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
    priors.active,
    priors.active / nullif(priors.area_km2, 0) as density,
    priors.opened,
    priors.closed,
    priors.opened - priors.closed as net,
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
    priors.survival_3y,
    log_log_lower(priors.survival_3y, priors.greenwood) as survival_low,
    log_log_upper(priors.survival_3y, priors.greenwood) as survival_high,
    priors.at_risk
from priors
left join poisson_limits as limits on priors.closed = limits.events
where ($dong_codes is null or list_contains($dong_codes, priors.dong_code))
order by priors.dong_code
