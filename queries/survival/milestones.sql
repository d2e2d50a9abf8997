-- What share of shops still stands 1, 2, 3, 5, 7 and 10 years after opening: Kaplan–Meier at
-- 365.25 days a year, with log–log limits.
-- grain: one row per group and milestone
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $to_month date: last month of opening, inclusive; null means up to S
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
--   $reliable_from date: records are reliable from this day on: a shop enters the risk set
--     then, not at its opening; null means from its opening
--   $group_by varchar: none (null), dong, group (of trades), category, opened_year
--     or opened_band (five years, named by the first)
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

shops as not materialized (
    select
        case
            when $group_by = 'dong' then dong_code
            when $group_by = 'group' then group_id
            when $group_by = 'category' then category_id
            when $group_by = 'opened_year' then year_code
            when $group_by = 'opened_band' then band_code
            else all_code
        end as part_code,
        age_days,
        greatest(coalesce($reliable_from::date - opened_on, 0), 0) as entry_days,
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_event
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and opened_on >= period_start($from_month)
        and opened_on < period_end($to_month)
        and ($reliable_from::date is null or watched_until >= $reliable_from::date)
),

-- who leaves and who enters the risk set, by age. A shop that enters at t counts in at_risk of t,
-- but takes no part in the closures of t, except where the curve begins (as in lifelines)
leaving as (
    select
        part_code,
        age_days,
        count(*) as shops,
        countif(is_event)::bigint as events
    from shops
    group by all
),

entering as (
    select
        part_code,
        0 as age_days,
        sum(shops)::bigint as shops
    from leaving
    where $reliable_from is null
    group by all
    union all
    select
        part_code,
        entry_days as age_days,
        count(*) as shops
    from shops
    where $reliable_from is not null
    group by all
),

parts as (
    select
        part_code::varchar as part_key,
        age_days,
        events,
        shops as leaving,
        0 as entering
    from leaving
    union all
    select
        part_code::varchar as part_key,
        age_days,
        0 as events,
        0 as leaving,
        shops as entering
    from entering
),

-- trades asked for by name are groups of their own, so that a trade can stand beside the group
-- that holds it
members as (
    select
        category.category_id,
        asked.category_id as group_key
    from category
    inner join category as asked
        on category.category_id = asked.category_id or category.parent_id = asked.category_id
    where $group_by = 'category' and list_contains($category_ids, asked.category_id)
),

steps as (
    select
        coalesce(members.group_key, parts.part_key) as group_key,
        parts.age_days,
        parts.events,
        parts.leaving,
        parts.entering
    from parts
    left join members on parts.part_key = members.category_id
    where parts.part_key is not null
),

totals as (
    select
        row_number() over (order by group_key) as group_number,
        group_key,
        sum(entering)::bigint as n
    from steps
    group by group_key
),

ages as (
    select
        totals.group_number,
        steps.age_days,
        sum(steps.events)::double as events,
        sum(steps.leaving)::double as leaving,
        sum(steps.entering)::double as entering
    from steps
    inner join totals on steps.group_key = totals.group_key
    group by totals.group_number, steps.age_days
    order by totals.group_number, steps.age_days
),

-- the sum runs over the groups one after another, as rows come in order: that takes a fifth of the
-- time of a window for each group. All who enter a group leave it, so that it is back at 0 where
-- the next group begins
standing as (
    select
        *,
        lag(group_number) over () as group_before,
        sum(entering - leaving) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as shops
    from ages
),

risk_sets as (
    select
        *,
        shops + leaving as at_risk,
        at_risk - if(group_before = group_number, entering, 0) as exposed
    from standing
),

-- the steps of the curve between two milestones taken together: the days are those of 1, 2, 3, 5,
-- 7 and 10 years of 365.25 days
spans as (
    select
        group_number,
        case
            when age_days <= 365 then 1
            when age_days <= 730 then 2
            when age_days <= 1095 then 3
            when age_days <= 1826 then 5
            when age_days <= 2556 then 7
            when age_days <= 3652 then 10
        end as years,
        product(if(events = 0 or events > exposed, 1, 1 - events / exposed)) as survival,
        sum(if(events < exposed, events / (exposed * (exposed - events)), 0)) as greenwood,
        arg_max(at_risk - leaving, age_days) as at_risk
    from risk_sets
    where age_days <= 3652
    group by all
),

milestones as (
    select unnest([1, 2, 3, 5, 7, 10]) as years
),

-- the curve up to each milestone, and who is at risk after it
reached as (
    select
        spans.group_number,
        milestones.years,
        product(spans.survival) as survival,
        sum(spans.greenwood) as greenwood,
        arg_max(spans.at_risk, spans.years) as at_risk
    from spans
    inner join milestones on spans.years <= milestones.years
    group by spans.group_number, milestones.years
),

known as (
    select
        group_number,
        years,
        at_risk,
        greenwood,
        if(at_risk > 0 or survival = 0, survival, null) as survival
    from reached
),

names as (
    select
        dong_code as key,
        name_ko,
        name_en
    from dong
    where $group_by = 'dong'
    union all
    select
        category_id as key,
        name_ko,
        name_en
    from category
    where $group_by in ('group', 'category')
),

named as (
    select
        totals.group_number,
        totals.group_key,
        totals.n,
        coalesce(names.name_ko, totals.group_key) as group_label,
        coalesce(names.name_en, totals.group_key) as group_label_en
    from totals
    left join names on totals.group_key = names.key
)

select
    named.group_key,
    named.group_label,
    named.group_label_en,
    named.n,
    known.years,
    known.survival,
    log_log_lower(known.survival, known.greenwood) as ci_low,
    log_log_upper(known.survival, known.greenwood) as ci_high,
    known.at_risk::bigint as at_risk
from known
inner join named on known.group_number = named.group_number
order by named.group_number, known.years
