-- Which trades and which dongs grow and shrink: net change over the last twelve complete months.
-- grain: one row per trade and one per dong with a permit at risk in the period
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means eleven months before $to_month
--   $to_month date: last of the months; null means the last complete one, the month before
--     the three provisional ones
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
--   $min_active integer: fewer at the start is a small base; null means 30
-- columns:
--   kind varchar: category or dong
--   key varchar: category_id or dong_code
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   active_start bigint (permits): active on the day before the period
--   active_end bigint (permits): active on the last day of the period, or at S
--   opened bigint (permits): permits given in the period
--   closed bigint (permits): closed or cancelled in the period
--   net bigint (permits): opened - closed
--   net_rate double (%): net / active_start * 100
--   small_base boolean: true when active_start is below $min_active; not to be ranked
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

cells as (
    select
        permit.dong_code,
        permit.category_id,
        countif(permit.opened_on >= period.starts_on)::bigint as opened,
        countif(
            permit.watched_until < period.ends_before
            and permit.is_closure
            and (coalesce($include_bulk, true) or not permit.is_bulk)
        )::bigint as closed,
        countif(permit.opened_on < period.starts_on)::bigint as active_start,
        countif(
            not permit.has_left or permit.watched_until >= period.ends_before
        )::bigint as active_end
    from permit
    cross join period
    where
        permit.opened_on < period.ends_before
        and permit.watched_until >= period.starts_on
        and ($dong_codes is null or list_contains($dong_codes, permit.dong_code))
        and ($area_codes is null or list_has_any(permit.trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, permit.category_id)
            or list_contains($category_ids, permit.group_id)
        )
    group by permit.dong_code, permit.category_id
),

movers as (
    select
        'category' as kind,
        category.category_id as key,
        category.name_ko,
        category.name_en,
        sum(cells.active_start)::bigint as active_start,
        sum(cells.active_end)::bigint as active_end,
        sum(cells.opened)::bigint as opened,
        sum(cells.closed)::bigint as closed
    from cells
    inner join category on cells.category_id = category.category_id
    group by all
    union all
    select
        'dong' as kind,
        dong.dong_code as key,
        dong.name_ko,
        dong.name_en,
        sum(cells.active_start)::bigint as active_start,
        sum(cells.active_end)::bigint as active_end,
        sum(cells.opened)::bigint as opened,
        sum(cells.closed)::bigint as closed
    from cells
    inner join dong on cells.dong_code = dong.dong_code
    group by all
)

select
    kind,
    key,
    name_ko,
    name_en,
    active_start,
    active_end,
    opened,
    closed,
    opened - closed as net,
    (opened - closed) / nullif(active_start, 0) * 100 as net_rate,
    active_start < coalesce($min_active, 30) as small_base
from movers
order by kind asc, net desc, key asc
