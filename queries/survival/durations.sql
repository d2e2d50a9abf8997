-- How long shops lasted, counted: what log-rank test, restricted mean and Aalen–Johansen in
-- commerce/survival.py start from.
-- grain: one row per group, age at the end and age at entry
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
-- columns:
--   group_key varchar: code of the dong or trade, or first year of the band; all without grouping
--   group_label varchar: its name in Korean
--   group_label_en varchar: its name in English
--   duration_days integer (days): age when the shop closed or was last watched
--   entry_days integer (days): age from which it was watched; 0 without late entry
--   events bigint (permits): closed at that age
--   censored bigint (permits): left the risk set at that age for another reason
--   moved bigint (permits): of censored, moved away
with

counted as (
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
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as events,
        count(*) as shops,
        countif(is_move)::bigint as moved
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
    group by all
),

parts as (
    select
        part_code::varchar as part_key,
        age_days,
        entry_days,
        events,
        shops,
        moved
    from counted
    where part_code is not null
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

ends as (
    select
        coalesce(members.group_key, parts.part_key) as group_key,
        parts.age_days,
        parts.entry_days,
        parts.events,
        parts.shops,
        parts.moved
    from parts
    left join members on parts.part_key = members.category_id
),

-- the groups with most shops, when there are more than asked for
chosen as (
    select
        group_key,
        sum(shops)::bigint as n
    from ends
    group by group_key
    order by n desc, group_key asc
    limit coalesce($max_groups, 5)
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
    ends.age_days as duration_days,
    ends.entry_days::integer as entry_days,
    sum(ends.events)::bigint as events,
    sum(ends.shops - ends.events)::bigint as censored,
    sum(ends.moved)::bigint as moved
from ends
inner join labelled on ends.group_key = labelled.group_key
group by
    labelled.n,
    labelled.group_key,
    labelled.group_label,
    labelled.group_label_en,
    ends.age_days,
    ends.entry_days
order by labelled.n desc, labelled.group_key asc, ends.age_days asc, ends.entry_days asc
