-- How long shops of a trade last around a point, beside its dong and all the data: Kaplan–Meier
-- with log–log limits, as survival/curve. The groups hold one another: the circle is part of the
-- district.
-- grain: one row per group and age at which a shop left the risk set
-- parameters:
--   $lon double: longitude of the point, WGS84
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 500
--   $dong_codes varchar[]: the dong of the point; null leaves that group out
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
--   $every_days integer: thin the curve to its last age in each span of so many days; null means
--     every age
-- columns:
--   group_key varchar: radius, dong or district
--   n bigint (permits): shops in the group
--   age_days integer (days): days since opening
--   at_risk bigint (permits): watched and standing just before that age
--   events bigint (permits): closed at that age
--   censored bigint (permits): left the risk set at that age for another reason
--   survival double (ratio): share that stands beyond that age
--   ci_low double (ratio): lower 95 % limit, log–log
--   ci_high double (ratio): upper 95 % limit
with

scope as (
    select
        age_days,
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_event,
        coalesce(
            is_within(lon, lat, $lon, $lat, coalesce($radius_m, 500)), false
        ) as is_near,
        coalesce(list_contains($dong_codes, dong_code), false) as is_in_dong
    from permit
    where
        is_of_trade(category_id, group_id, $category_ids)
        and opened_on >= period_start($from_month)
),

ages as (
    select
        age_days,
        countif(is_event) as events,
        count(*) as shops,
        countif(is_event and is_near) as near_events,
        countif(is_near) as near_shops,
        countif(is_event and is_in_dong) as dong_events,
        countif(is_in_dong) as dong_shops
    from scope
    group by age_days
),

spread as (
    select
        age_days,
        unnest(['radius', 'dong', 'district']) as group_key,
        unnest([near_events, dong_events, events])::bigint as events,
        unnest([near_shops, dong_shops, shops])::bigint as shops
    from ages
),

ends as (
    select * from spread
    where shops > 0
),

risk_sets as (
    select
        group_key,
        age_days,
        events,
        shops,
        sum(shops) over (
            partition by group_key order by age_days desc
            rows between unbounded preceding and current row
        )::double as at_risk
    from ends
),

products as (
    select
        group_key,
        age_days,
        events,
        shops,
        at_risk,
        product(1 - events / at_risk) over by_age as survival,
        sum(if(events < at_risk, events / (at_risk * (at_risk - events)), 0)) over by_age
            as greenwood,
        max(at_risk) over (partition by group_key) as n,
        lead(age_days) over by_age as next_age
    from risk_sets
    window by_age as (
        partition by group_key order by age_days rows between unbounded preceding and current row
    )
)

select
    group_key,
    n::bigint as n,
    age_days,
    at_risk::bigint as at_risk,
    events,
    shops - events as censored,
    survival,
    log_log_lower(survival, greenwood) as ci_low,
    log_log_upper(survival, greenwood) as ci_high
from products
where
    $every_days is null
    or next_age is null
    or (age_days + $every_days - 1) // $every_days
    < (next_age + $every_days - 1) // $every_days
order by list_position(['radius', 'dong', 'district'], group_key), age_days
