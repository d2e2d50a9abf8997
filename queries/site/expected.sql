-- What the fitted model expects of a new permit of a trade at a place on the day after S, beside
-- plain Kaplan–Meier of the trade's openings of the same years. The interval is that of the
-- expectation for such openings, not of one shop's fate. S(t) = exp(−Λ₀(t)·exp(Σ β·(x − centre)));
-- log–log limits from Var ln Λ = (V₀ + qᵀCq) / Λ₀², q = (x − centre)·Λ₀ − drift. To be shown only
-- where beats is true: elsewhere the backtest did not tell it from Kaplan–Meier.
-- grain: one row per horizon of 1, 3 and 5 years
-- parameters:
--   $lon double: longitude of the point, WGS84; null means no point
--   $lat double: latitude of the point, WGS84
--   $dong_code varchar: dong of the point; without a point the 20 newest openings in it stand for
--     its places, each with what is around it
--   $category_id varchar: trade; a group has no expectation, only Kaplan–Meier
--   $area_m2 double: floor area in m²; null means not told
--   $site_id varchar: lot or building and floor, as in establishment.site_id; null means not told
-- columns:
--   years integer (years): the horizon
--   expected double (ratio): expected share that stands beyond it; null without a model
--   ci_low double (ratio): lower 95 % limit
--   ci_high double (ratio): upper 95 % limit
--   beats boolean: whether the model's Brier score in the backtest is below Kaplan–Meier's beyond
--     chance (the whole 95 % interval of the difference); false where it was not scored
--   brier_difference double (score): the model's Brier score less Kaplan–Meier's
--   scored bigint (permits): openings on which that was measured; null where it was not
--   cut_on date: day that parts learning from scoring
--   stratum varchar: trade, group or all: whose baseline it is
--   stratum_openings bigint (permits): openings that the baseline was learnt from
--   not_told varchar: terms that are not known here and stand at the trade's mean, with commas
--   place varchar: point, dong or none: what the surroundings are those of
--   same_500 double (permits): shops of the trade that stand within 500 m
--   all_300 double (permits): shops that stand within 300 m
--   closed_500 double (permits): closures within 500 m in the last 24 months
--   earlier bigint (permits): permits at the site so far; null where the site is not told
--   from_on date: Kaplan–Meier is of openings from this day on, as the model
--   district_survival double (ratio): Kaplan–Meier of the trade, all places
--   district_low double (ratio): lower 95 % limit, log–log
--   district_high double (ratio): upper 95 % limit
--   district_at_risk bigint (permits): watched and standing beyond it
--   dong_survival double (ratio): Kaplan–Meier of the trade in the dong
--   dong_low double (ratio): lower 95 % limit, log–log
--   dong_high double (ratio): upper 95 % limit
--   dong_at_risk bigint (permits): watched and standing beyond it
--   fitted_on date: S of the model; null without a model
--   model_id varchar: number of the model
with

newest_model as (
    select * from model
    order by model_id
    limit 1
),

scope as (
    select
        max(observed_until) + 1 as opens_on,
        any_value(known.fitted_on) as fitted_on,
        any_value(known.model_id) as model_id,
        any_value(known.cut_on) as cut_on,
        coalesce(any_value(known.from_on), (opens_on - interval 10 year)::date) as from_on
    from permit
    left join newest_model as known on true
),

-- read anew where it is asked, since each asks for few of its columns
shops as not materialized (
    select
        coalesce(
            permit.category_id::varchar = $category_id or permit.group_id::varchar = $category_id,
            false
        ) as is_same,
        coalesce(permit.dong_code::varchar = $dong_code, false) as is_in_dong,
        permit.lon,
        permit.lat,
        permit.site_id,
        permit.opened_on,
        permit.permit_id,
        permit.age_days,
        permit.is_closure,
        permit.watched_until,
        not permit.has_left as stands,
        permit.is_closure
        and permit.watched_until >= scope.opens_on - interval 24 month as closed_lately,
        permit.opened_on >= scope.from_on as is_recent
    from permit
    cross join scope
    where permit.category_id is not null
),

points as (
    select
        $lon::double as lon,
        $lat::double as lat
    where $lon is not null and $lat is not null
    union all
    select * from (
        select
            lon,
            lat
        from shops
        where is_in_dong and lon is not null and ($lon is null or $lat is null)
        order by opened_on desc, permit_id asc
        limit 20
    ) as newest
),

around as (
    select
        points.lon,
        points.lat,
        countif(shops.stands and shops.is_same) as same_500,
        countif(
            shops.stands and distance_m(shops.lon, shops.lat, points.lon, points.lat) <= 300
        ) as all_300,
        countif(shops.closed_lately) as closed_500
    from points
    left join shops
        on
            (shops.stands or shops.closed_lately)
            and is_within(shops.lon, shops.lat, points.lon, points.lat, 500)
            -- the point itself once more, so that the scan knows it from the start
            and (
                $lon is null
                or $lat is null
                or is_within(shops.lon, shops.lat, $lon::double, $lat::double, 500)
            )
    group by all
),

surroundings as (
    select
        avg(same_500) as same_500,
        avg(all_300) as all_300,
        avg(closed_500) as closed_500,
        avg(ln(1 + same_500)) as log_same_500,
        avg(ln(1 + all_300)) as log_all_300,
        avg(ln(1 + closed_500)) as log_closed_500
    from around
),

site as (
    select
        count(*) as earlier,
        bool_or(shops.stands) as is_shared,
        arg_max(
            least(if(shops.stands, scope.opens_on, shops.watched_until), scope.opens_on)
            - shops.opened_on,
            (shops.opened_on, shops.permit_id)
        ) / 365.25 as last_years
    from shops
    cross join scope
    where shops.site_id = $site_id
),

flows as (
    select
        countif(is_in_dong and stands) as dong_standing,
        countif(is_in_dong and closed_lately) as dong_closed,
        countif(is_same and stands) as trade_standing,
        countif(is_same and closed_lately) as trade_closed,
        countif(stands) as all_standing,
        countif(closed_lately) as all_closed,
        bool_or(is_in_dong) as is_dong_known
    from shops
),

-- the terms of commerce/model/features.py
told as (
    select
        'log_area' as term,
        if($area_m2 > 0, ln(least(greatest($area_m2, 3), 10000)), null) as x
    union all
    select
        unnest(['log_same_500', 'log_all_300', 'log_closed_500']) as term,
        unnest([log_same_500, log_all_300, log_closed_500]) as x
    from surroundings
    union all
    select
        unnest(['has_earlier', 'log_earlier', 'log_last_years', 'is_shared']) as term,
        if(
            $site_id is null,
            null,
            unnest([
                (earlier > 0)::integer::double,
                ln(1 + earlier),
                ln(1 + coalesce(last_years, 0)),
                coalesce(is_shared, false)::integer::double
            ])
        ) as x
    from site
    union all
    select
        'log_dong_ratio' as term,
        if(
            is_dong_known,
            ln(
                (dong_closed + 10)
                / (dong_standing * all_closed / greatest(all_standing, 1) + 10)
            ),
            null
        ) as x
    from flows
    union all
    select
        'log_trade_rate' as term,
        ln((trade_closed + 1) / (trade_standing + 1)) as x
    from flows
),

trade as (
    select
        category_id,
        parent_id
    from category
    where
        category_id = $category_id
        and category_id not in (
            select groups.parent_id from category as groups where groups.parent_id is not null
        )
),

-- the trade's own baseline, else that of its group's small trades, else that of all that is left
baseline as (
    select model_baseline.*
    from model_baseline
    inner join scope on model_baseline.model_id = scope.model_id
    inner join trade on model_baseline.category_id in (trade.category_id, trade.parent_id, 'all')
    where model_baseline.months in (12, 36, 60)
    qualify
        dense_rank() over (
            order by
                model_baseline.category_id != trade.category_id,
                model_baseline.category_id = 'all',
                model_baseline.category_id
        ) = 1
),

terms as (
    select
        baseline.months,
        model_term.position,
        model_term.term,
        model_term.is_told,
        model_term.coefficient,
        model_term.covariance,
        told.x is null as is_unknown,
        if(
            model_term.is_told, coalesce(told.x - baseline.centres[model_term.position], 0), 0
        ) as shift,
        shift * baseline.hazard - baseline.drift[model_term.position] as q
    from baseline
    inner join model_term on baseline.model_id = model_term.model_id
    left join told on model_term.term = told.term
),

scores as (
    select
        months,
        sum(coefficient * shift) as score,
        string_agg(term, ', ' order by position) filter (is_told and is_unknown) as not_told
    from terms
    group by months
),

spreads as (
    select
        terms.months,
        sum(terms.q * others.q * terms.covariance[others.position]) as variance
    from terms
    inner join terms as others on terms.months = others.months
    group by terms.months
),

horizons as (
    select unnest([1, 3, 5]) as years
),

expectations as (
    select
        baseline.months // 12 as years,
        baseline.stratum,
        baseline.openings,
        scores.not_told,
        exp(-baseline.hazard * exp(coalesce(scores.score, 0))) as expected,
        1.959963984540054
        * sqrt(baseline.variance + coalesce(spreads.variance, 0))
        / nullif(baseline.hazard, 0) as theta
    from baseline
    left join scores on baseline.months = scores.months
    left join spreads on baseline.months = spreads.months
),

-- Kaplan–Meier of the trade; what happens beyond five years is counted on day 1827
ends as (
    select
        group_key,
        age_days,
        countif(is_event)::double as events,
        count(*)::double as leaving
    from (
        select
            unnest(if(is_in_dong, ['district', 'dong'], ['district'])) as group_key,
            least(age_days, 1827) as age_days,
            is_closure and age_days < 1827 as is_event
        from shops
        where is_same and is_recent
    ) as lives
    group by all
),

risk_sets as (
    select
        *,
        sum(leaving) over (
            partition by group_key order by age_days desc
            rows between unbounded preceding and current row
        ) as at_risk
    from ends
),

products as (
    select
        *,
        product(1 - events / at_risk) over by_age as survival,
        sum(
            if(events < at_risk, events / (at_risk * (at_risk - events)), 0)
        ) over by_age as greenwood
    from risk_sets
    window by_age as (
        partition by group_key order by age_days rows between unbounded preceding and current row
    )
),

reached as (
    select
        products.group_key,
        horizons.years,
        coalesce(
            arg_max(products.survival, products.age_days) filter (
                products.age_days <= horizons.years * 365.25
            ),
            1
        ) as survival,
        coalesce(
            arg_max(products.greenwood, products.age_days) filter (
                products.age_days <= horizons.years * 365.25
            ),
            0
        ) as greenwood,
        coalesce(
            sum(products.leaving) filter (products.age_days > horizons.years * 365.25), 0
        ) as at_risk
    from products
    cross join horizons
    group by all
),

known as (
    select
        group_key,
        years,
        at_risk::bigint as at_risk,
        if(at_risk > 0 or survival = 0, survival, null) as survival,
        log_log_lower(if(at_risk > 0 or survival = 0, survival, null), greenwood) as ci_low,
        log_log_upper(if(at_risk > 0 or survival = 0, survival, null), greenwood) as ci_high
    from reached
)

select
    horizons.years,
    expectations.expected,
    pow(expectations.expected, exp(expectations.theta)) as ci_low,
    pow(expectations.expected, exp(-expectations.theta)) as ci_high,
    coalesce(record.beats and expectations.expected is not null, false) as beats,
    record.value as brier_difference,
    record.openings as scored,
    scope.cut_on,
    expectations.stratum,
    expectations.openings as stratum_openings,
    expectations.not_told,
    case
        when surroundings.same_500 is null then 'none'
        when $lon is not null and $lat is not null then 'point'
        else 'dong'
    end as place,
    surroundings.same_500,
    surroundings.all_300,
    surroundings.closed_500,
    if($site_id is null, null, site.earlier) as earlier,
    scope.from_on,
    district.survival as district_survival,
    district.ci_low as district_low,
    district.ci_high as district_high,
    district.at_risk as district_at_risk,
    dong.survival as dong_survival,
    dong.ci_low as dong_low,
    dong.ci_high as dong_high,
    dong.at_risk as dong_at_risk,
    scope.fitted_on,
    scope.model_id
from horizons
cross join scope
cross join surroundings
cross join site
left join expectations on horizons.years = expectations.years
left join known as district
    on horizons.years = district.years and district.group_key = 'district'
left join known as dong on horizons.years = dong.years and dong.group_key = 'dong'
left join model_record as record
    on
        scope.model_id = record.model_id
        and horizons.years = record.years
        and record.metric = 'brier_difference'
order by horizons.years
