-- How many permits opened, closed and stood, month by month.
-- grain: one row per month
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means from the first permit on
--   $to_month date: last month, inclusive; null means up to S
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
-- columns:
--   month date: first day of the month; none after the month of the latest S
--   opened bigint (permits): permits given in the month
--   closed bigint (permits): closed or cancelled in the month
--   closed_bulk bigint (permits): of closed, on a bulk clean-up day
--   left_otherwise bigint (permits): moved out or vanished in the month; not closures
--   net bigint (permits): opened - closed
--   active bigint (permits): standing at the end of the month, or at S in the month of S
--   provisional boolean: the last three months up to the latest S, since closures arrive late
with

scope as (
    select
        opened_on,
        left_on,
        observed_until,
        is_closure,
        is_bulk,
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_counted
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
),

openings as (
    select
        date_trunc('month', opened_on) as month,
        count(*) as opened
    from scope
    group by all
),

exits as (
    select
        date_trunc('month', left_on) as month,
        count(*) filter (is_counted) as closed,
        count(*) filter (is_counted and is_bulk) as closed_bulk,
        count(*) filter (not is_closure) as left_otherwise,
        count(*) as exited
    from scope
    where left_on is not null
    group by all
),

-- permits that stand at their S; in the month after it nothing is known of them
last_seen as (
    select
        date_trunc('month', observed_until) + interval 1 month as month,
        count(*) as unseen
    from scope
    where left_on is null
    group by all
),

bounds as (
    select
        date_trunc('month', min(opened_on)) as first_month,
        date_trunc('month', max(observed_until)) as last_month
    from scope
),

months as (
    select
        last_month,
        unnest(generate_series(first_month, last_month, interval 1 month)) as month
    from bounds
),

totals as (
    select
        months.month,
        coalesce(openings.opened, 0) as opened,
        coalesce(exits.closed, 0) as closed,
        coalesce(exits.closed_bulk, 0) as closed_bulk,
        coalesce(exits.left_otherwise, 0) as left_otherwise,
        sum(
            coalesce(openings.opened, 0)
            - coalesce(exits.exited, 0)
            - coalesce(last_seen.unseen, 0)
        ) over (order by months.month) as active,
        months.month > months.last_month - interval 3 month as provisional
    from months
    left join openings on months.month = openings.month
    left join exits on months.month = exits.month
    left join last_seen on months.month = last_seen.month
)

select
    month::date as month,
    opened,
    closed,
    closed_bulk,
    left_otherwise,
    opened - closed as net,
    active::bigint as active,
    provisional
from totals
where
    ($from_month::date is null or month >= date_trunc('month', $from_month::date))
    and ($to_month::date is null or month <= $to_month::date)
order by month
