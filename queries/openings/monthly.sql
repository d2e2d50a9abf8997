-- How many permits opened, closed and stood, month by month.
-- grain: one row per month
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
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

openings as (
    select
        opened_month as month,
        count(*) as opened
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by opened_month
),

ends as (
    select
        watched_month as month,
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as closed,
        countif(is_bulk and coalesce($include_bulk, true))::bigint as closed_bulk,
        countif(has_left and not is_closure)::bigint as left_otherwise,
        countif(has_left)::bigint as exited,
        -- they stand at their S; in the month after it nothing is known of them
        countif(not has_left)::bigint as last_seen,
        max(observed_until) as observed_until
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by watched_month
),

bounds as (
    select
        (select min(month) from openings) as first_month,
        date_trunc('month', max(observed_until)) as last_month
    from ends
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
        coalesce(ends.closed, 0) as closed,
        coalesce(ends.closed_bulk, 0) as closed_bulk,
        coalesce(ends.left_otherwise, 0) as left_otherwise,
        sum(coalesce(openings.opened, 0) - coalesce(ends.exited, 0)) over by_month
        - coalesce(sum(ends.last_seen) over before, 0) as active,
        months.month > months.last_month - interval 3 month as provisional
    from months
    left join openings on months.month = openings.month
    left join ends on months.month = ends.month
    window
        by_month as (order by months.month),
        before as (order by months.month rows between unbounded preceding and 1 preceding)
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
    month >= period_start($from_month)
    and month < period_end($to_month)
order by month
