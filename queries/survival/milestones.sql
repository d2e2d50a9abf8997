-- What share of shops still stands 1, 2, 3, 5, 7 and 10 years after opening: Kaplan–Meier at
-- 365.25 days a year, with log–log limits.
-- grain: one row per group and milestone
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $to_month date: last month of opening, inclusive; null means up to S
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
--   $reliable_from date: records are reliable from this day on: a shop enters the risk set
--     then, not at its opening; null means from its opening
--   $group_by varchar: none (null), dong, group (of trades), category or opened_year
-- columns:
--   group_key varchar: code of the dong or trade, or the opening year; all without grouping
--   group_label varchar: its name in Korean
--   group_label_en varchar: its name in English
--   n bigint (permits): shops in the group
--   years integer (years): the milestone
--   survival double (ratio): share that stands beyond it; null when no shop is watched so long
--   ci_low double (ratio): lower 95 % limit, log–log
--   ci_high double (ratio): upper 95 % limit
--   at_risk bigint (permits): watched and standing just before the milestone
with

lives as (
    select
        case
            when $group_by = 'dong' then dong_code::varchar
            when $group_by = 'group' then group_id::varchar
            when $group_by = 'category' then category_id::varchar
            when $group_by = 'opened_year' then year(opened_on)::varchar
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
        part_key as name_ko,
        name_ko as name_en
    from part_ends
    where coalesce($group_by, 'none') in ('none', 'opened_year')
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

named as (
    select
        members.group_key,
        members.name_ko,
        members.name_en,
        sum(part_ends.events + part_ends.censored) as n
    from part_ends
    inner join members on part_ends.part_key = members.part_key
    group by all
),

milestones as (
    select unnest([1, 2, 3, 5, 7, 10]) as years
),

-- the curve just before each milestone, and who is at risk there
reached as (
    select
        products.group_key,
        milestones.years,
        arg_max(products.survival, products.age_days) as survival,
        arg_max(products.variance_sum, products.age_days) as variance_sum,
        arg_max(
            products.at_risk - products.events - products.censored, products.age_days
        ) as at_risk
    from products
    inner join milestones on products.age_days < milestones.years * 365.25
    group by products.group_key, milestones.years
),

known as (
    select
        group_key,
        years,
        at_risk,
        variance_sum,
        if(at_risk > 0 or survival = 0, survival, null) as survival
    from reached
)

select
    named.group_key,
    named.name_ko as group_label,
    named.name_en as group_label_en,
    named.n::bigint as n,
    known.years,
    known.survival,
    -- log–log limits; S = 1 and S = 0 have none and stand for themselves
    case
        when known.survival = 1 or known.survival = 0 then known.survival
        else pow(known.survival, exp(-1.959963984540054 * sqrt(known.variance_sum) / ln(known.survival)))
    end as ci_low,
    case
        when known.survival = 1 or known.survival = 0 then known.survival
        else pow(known.survival, exp(1.959963984540054 * sqrt(known.variance_sum) / ln(known.survival)))
    end as ci_high,
    known.at_risk::bigint as at_risk
from known
inner join named on known.group_key = named.group_key
order by named.group_key, known.years
