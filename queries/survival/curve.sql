-- What share of shops still stands at each age: Kaplan–Meier with log–log limits.
-- An event is a closure; moving away, vanishing and reaching S censor.
-- grain: one row per group and age at which a shop entered or left the risk set
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
--   $group_by varchar: none (null), dong, group (of trades), category or opened_year (in bands of
--     five years)
--   $max_groups integer: how many groups, those with most shops first; null means 5
--   $every_days integer: thin the curve to its last age in each span of so many days; null means
--     every age
-- columns:
--   group_key varchar: code of the dong or trade, or first year of the band; all without grouping
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

shops as not materialized (
    select
        case
            when $group_by = 'dong' then dong_code
            when $group_by = 'group' then group_id
            when $group_by = 'category' then category_id
            when $group_by = 'opened_year' then band_code
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

-- the groups with most shops, when there are more than asked for
chosen as (
    select
        row_number() over (order by sum(entering) desc, group_key asc) as group_number,
        group_key,
        sum(entering)::bigint as n
    from steps
    group by group_key
    order by group_number
    limit coalesce($max_groups, 5)
),

ages as (
    select
        chosen.group_number,
        steps.age_days,
        sum(steps.events)::double as events,
        sum(steps.leaving)::double as leaving,
        sum(steps.entering)::double as entering
    from steps
    inner join chosen on steps.group_key = chosen.group_key
    group by chosen.group_number, steps.age_days
    order by chosen.group_number, steps.age_days
),

-- sums run over the groups one after another, as rows come in order (which the linter cannot read):
-- that takes a fifth of the time of a window for each group. All who enter a group leave it, so
-- that the first of these sums is back at 0 where the next group begins
standing as (
    select
        *,
        lag(group_number) over () as group_before,
        lead(group_number) over () as group_after,
        lead(age_days) over () as age_after,
        sum(entering - leaving) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as shops
    from ages
),

risk_sets as (
    select
        *,
        group_before is null or group_before < group_number as is_first,
        if(group_after = group_number, age_after, null) as next_age,
        shops + leaving as at_risk,
        at_risk - if(is_first, 0, entering) as exposed
    from standing
),

running as (
    select
        *,
        sum(if(events < exposed, ln(1 - events / exposed), 0)) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as log_survival,
        sum((events > 0 and events = exposed)::integer) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as ends_at_zero,
        sum(if(events < exposed, events / (exposed * (exposed - events)), 0)) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as greenwood
    from risk_sets
),

before_group as (
    select
        group_number,
        lag(log_survival, 1, 0) over () as log_survival,
        lag(ends_at_zero, 1, 0) over () as ends_at_zero,
        lag(greenwood, 1, 0) over () as greenwood
    from running
    qualify is_first
),

products as (
    select
        running.group_number,
        running.age_days,
        running.at_risk,
        running.events,
        running.leaving,
        running.next_age,
        if(
            running.ends_at_zero > before_group.ends_at_zero,
            0,
            exp(running.log_survival - before_group.log_survival)
        ) as survival,
        running.greenwood - before_group.greenwood as greenwood
    from running
    inner join before_group on running.group_number = before_group.group_number
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

labelled as (
    select
        chosen.group_number,
        chosen.group_key,
        chosen.n,
        coalesce(
            names.name_ko,
            if(
                $group_by = 'opened_year',
                concat(chosen.group_key, '–', (chosen.group_key::integer + 4)::varchar),
                chosen.group_key
            )
        ) as group_label,
        coalesce(
            names.name_en,
            if(
                $group_by = 'opened_year',
                concat(chosen.group_key, '–', (chosen.group_key::integer + 4)::varchar),
                chosen.group_key
            )
        ) as group_label_en
    from chosen
    left join names on chosen.group_key = names.key
)

select
    labelled.group_key,
    labelled.group_label,
    labelled.group_label_en,
    labelled.n,
    products.age_days::integer as age_days,
    products.at_risk::bigint as at_risk,
    products.events::bigint as events,
    (products.leaving - products.events)::bigint as censored,
    products.survival,
    log_log_lower(products.survival, products.greenwood) as ci_low,
    log_log_upper(products.survival, products.greenwood) as ci_high
from products
inner join labelled on products.group_number = labelled.group_number
where
    $every_days is null
    or products.next_age is null
    or (products.age_days + $every_days - 1) // $every_days
    < (products.next_age + $every_days - 1) // $every_days
order by labelled.group_number, products.age_days
