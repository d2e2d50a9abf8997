-- Which trades there are, in which group, and how many permits each has. A trade that needs no
-- permit has null: there is no permit data, which is not 0.
-- grain: one row per trade and per group of trades
-- columns:
--   category_id varchar: trade or group
--   parent_id varchar: group of the trade; null for a group
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   parent_name_ko varchar: name of the group in Korean
--   parent_name_en varchar: name of the group in English
--   has_permits boolean: whether the trade, or any trade of the group, needs a permit
--   permits bigint (permits): permits that figures may use
--   active bigint (permits): of those, standing at S
with

counts as (
    select
        group_id,
        category_id,
        count(*) as permits,
        countif(not has_left)::bigint as active
    from permit
    group by group_id, category_id
),

totals as (
    select
        category.category_id,
        category.parent_id,
        category.name_ko,
        category.name_en,
        category.has_permits,
        coalesce(sum(counts.permits), 0) as permits,
        coalesce(sum(counts.active), 0) as active
    from category
    left join counts
        on
            category.category_id = counts.category_id
            or category.category_id = counts.group_id
    group by all
),

need_permits as (
    select
        coalesce(parent_id, category_id) as group_id,
        coalesce(
            bool_or(has_permits) filter (parent_id is not null), bool_or(has_permits)
        ) as has_permits
    from category
    group by all
),

named as (
    select
        totals.category_id,
        totals.parent_id,
        totals.name_ko,
        totals.name_en,
        parent.name_ko as parent_name_ko,
        parent.name_en as parent_name_en,
        totals.permits,
        totals.active,
        if(
            totals.parent_id is null, need_permits.has_permits, totals.has_permits
        ) as has_permits
    from totals
    left join category as parent on totals.parent_id = parent.category_id
    left join need_permits on totals.category_id = need_permits.group_id
)

select
    category_id,
    parent_id,
    name_ko,
    name_en,
    parent_name_ko,
    parent_name_en,
    has_permits,
    if(has_permits, permits, null)::bigint as permits,
    if(has_permits, active, null)::bigint as active
from named
order by parent_id nulls first, category_id
