-- How long shops lasted, counted: what log-rank test, restricted mean and Aalen–Johansen in
-- commerce/survival.py start from.
-- grain: one row per group, age at the end and age at entry
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
-- columns:
--   group_key varchar: code of the dong, trade, or first year of the band; all without grouping
--   group_label varchar: its name in Korean
--   group_label_en varchar: its name in English
--   duration_days integer (days): age when the shop closed or was last watched
--   entry_days integer (days): age from which it was watched; 0 without late entry
--   events bigint (permits): closed at that age
--   censored bigint (permits): left the risk set at that age for another reason
--   moved bigint (permits): of censored, moved away
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
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_event,
        coalesce(exit_kind = 'moved_out', false) as is_moved
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
        count(*) filter (not is_event) as censored,
        count(*) filter (is_moved) as moved
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
        sum(part_ends.censored) as censored,
        sum(part_ends.moved) as moved
    from part_ends
    inner join members on part_ends.part_key = members.part_key
    group by all
)

select
    chosen.group_key,
    chosen.name_ko as group_label,
    chosen.name_en as group_label_en,
    ends.age_days::integer as duration_days,
    ends.entry_days::integer as entry_days,
    ends.events::bigint as events,
    ends.censored::bigint as censored,
    ends.moved::bigint as moved
from ends
inner join chosen on ends.group_key = chosen.group_key
order by chosen.n desc, chosen.group_key, ends.age_days, ends.entry_days
