-- What share of shops still stands at each age: Kaplan–Meier with log–log limits.
-- An event is a closure; moving away, vanishing and reaching S censor.
-- grain: one row per group and age at which a shop entered or left the risk set
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $to_month date: last month of opening, inclusive; null means up to S
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
--   $reliable_from date: records are reliable from this day on: a shop enters the risk set
--     then, not at its opening; null means from its opening
--   $group_by varchar: none (null), dong, group (of trades), category or opened_year (in bands of five)
--   $max_groups integer: how many groups, those with most shops first; null means 5
--   $every_days integer: thin the curve to its last age in each span of so many days; events and
--     censored are then those of the span; null means every age
-- columns:
--   group_key varchar: code of the dong, trade, or first year of the band; all without grouping
--   group_label varchar: its name in Korean
--   group_label_en varchar: its name in English
--   n bigint (permits): shops in the group
--   age_days integer (days): days since opening
--   at_risk bigint (permits): watched and standing just before that age
--   events bigint (permits): closed at that age
--   censored bigint (permits): left the risk set at that age for another reason
--   survival double (ratio): share that stands beyond that age
--   ci_low double (ratio): lower 95 % limit, log–log
--   ci_high double (ratio): upper 95 % limit
with

lives as (
    select
        case
            when $group_by = 'dong' then dong_code::varchar
            when $group_by = 'group' then group_id::varchar
            when $group_by = 'category' then category_id::varchar
            when $group_by = 'opened_year' then (year(opened_on) // 5 * 5)::varchar
            else 'all'
        end as part_key,
        watched_until - opened_on as age_days,
        greatest(coalesce($reliable_from::date - opened_on, 0), 0) as entry_days,
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_event
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and ($from_month::date is null or opened_on >= date_trunc('month', $from_month::date))
        and ($to_month::date is null or opened_on <= last_day($to_month::date))
),

part_ends as (
    select
        part_key,
        age_days,
        entry_days,
        count(*) filter (is_event) as events,
        count(*) filter (not is_event) as censored
    from lives
    where entry_days <= age_days
    group by all
),

-- which group a part belongs to: trades asked for by name are groups of their own, so that a
-- trade can stand beside the group that holds it
members as (
    select
        dong_code as part_key,
        dong_code as group_key,
        name_ko,
        name_en
    from dong
    where $group_by = 'dong'
    union all
    select
        category.category_id as part_key,
        picked.category_id as group_key,
        picked.name_ko,
        picked.name_en
    from category
    inner join category as picked
        on
            category.category_id = picked.category_id
            or (category.parent_id = picked.category_id and $group_by = 'category')
    where
        $group_by in ('category', 'group')
        and (
            category.category_id = picked.category_id and ($group_by = 'group' or $category_ids is null)
            or ($group_by = 'category' and list_contains($category_ids, picked.category_id))
        )
    union all
    select distinct
        part_key,
        part_key as group_key,
        if(
            part_key = 'all', part_key, concat(part_key, '–', part_key::integer + 4)
        ) as name_ko,
        name_ko as name_en
    from part_ends
    where coalesce($group_by, 'none') in ('none', 'opened_year')
),

-- the groups with most shops, when there are more than asked for
chosen as (
    select
        members.group_key,
        members.name_ko,
        members.name_en,
        sum(part_ends.events + part_ends.censored) as n
    from part_ends
    inner join members on part_ends.part_key = members.part_key
    group by all
    order by n desc, members.group_key
    limit coalesce($max_groups, 5)
),

ends as (
    select
        members.group_key,
        part_ends.age_days,
        part_ends.entry_days,
        sum(part_ends.events) as events,
        sum(part_ends.censored) as censored
    from part_ends
    inner join members on part_ends.part_key = members.part_key
    group by all
),

-- who enters and who leaves the risk set at each age; entered at t or before means at risk at t
steps as (
    select
        group_key,
        age_days,
        events,
        censored,
        0 as entered
    from ends
    union all
    select
        group_key,
        entry_days as age_days,
        0 as events,
        0 as censored,
        events + censored as entered
    from ends
),

ages as (
    select
        group_key,
        age_days,
        sum(events) as events,
        sum(censored) as censored,
        sum(entered) as entered
    from steps
    group by group_key, age_days
),

risk_sets as (
    select
        group_key,
        age_days,
        events,
        censored,
        sum(entered) over by_age
        - sum(events + censored) over by_age
        + events + censored as at_risk
    from ages
    window by_age as (partition by group_key order by age_days)
),

products as (
    select
        group_key,
        age_days,
        at_risk,
        events,
        censored,
        product(if(events = 0, 1, 1 - events / at_risk)) over by_age as survival,
        sum(events / nullif(at_risk * (at_risk - events), 0)) over by_age as variance_sum
    from risk_sets
    window by_age as (
        partition by group_key order by age_days rows between unbounded preceding and current row
    )
),

thinned as (
    select
        *,
        (age_days + greatest(coalesce($every_days, 1), 1) - 1)
        // greatest(coalesce($every_days, 1), 1) as span
    from products
),

points as (
    select
        group_key,
        max(age_days) as age_days,
        arg_max(at_risk, age_days) as at_risk,
        sum(events) as events,
        sum(censored) as censored,
        arg_max(survival, age_days) as survival,
        arg_max(variance_sum, age_days) as variance_sum
    from thinned
    group by group_key, span
)

select
    chosen.group_key,
    chosen.name_ko as group_label,
    chosen.name_en as group_label_en,
    chosen.n::bigint as n,
    points.age_days::integer as age_days,
    points.at_risk::bigint as at_risk,
    points.events::bigint as events,
    points.censored::bigint as censored,
    points.survival,
    -- log–log limits; S = 1 and S = 0 have none and stand for themselves
    case
        when points.survival = 1 or points.survival = 0 then points.survival
        else pow(points.survival, exp(-1.959963984540054 * sqrt(points.variance_sum) / ln(points.survival)))
    end as ci_low,
    case
        when points.survival = 1 or points.survival = 0 then points.survival
        else pow(points.survival, exp(1.959963984540054 * sqrt(points.variance_sum) / ln(points.survival)))
    end as ci_high
from points
inner join chosen on points.group_key = chosen.group_key
order by chosen.n desc, chosen.group_key, points.age_days
