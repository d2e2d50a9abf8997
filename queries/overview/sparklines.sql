-- How the four figures of the overview came to be: a point per month or per twelve months.
-- The windows end with the month that overview/headline's twelve months end with. survival_3y is of
-- another kind than the headline's: of shops opened in the window, the share still active on their
-- third anniversary, where that is over for all of them.
-- grain: one row per figure and window
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $to_month date: last of the months; null means the last complete one, the month before
--     the three provisional ones
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
-- columns:
--   figure varchar: active (permits), net (permits), closure_rate (per 100 shop-years) or
--     survival_3y (%)
--   month date: last month of the window; windows are twelve months, for active one month
--   value double: the figure
with

openings as (
    select
        opened_month as month,
        count(*) as opened,
        countif(years_active >= 3)::bigint as reached_3y,
        sum(opened_on - date '1970-01-01')::bigint as days_to_opening
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
        countif(has_left)::bigint as exited,
        count(*) as ended,
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as closed,
        sum(watched_until - date '1970-01-01')::bigint as days_to_end,
        min(observed_until) as observed_from,
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
        coalesce(
            date_trunc('month', $to_month::date),
            date_trunc('month', max(observed_until)) - interval 3 month
        ) as period_to,
        min(observed_from) as observed_from
    from ends
),

months as (
    select
        unnest(
            generate_series(
                (select min(month) from openings), period_to, interval 1 month
            )
        )::date as month
    from bounds
),

-- everything up to the end of each month. Shop-days at risk before a day t are the sum of
-- t - opened_on over those opened, less the sum of t - watched_until over those no longer watched
running as (
    select
        months.month,
        (months.month + interval 1 month)::date - date '1970-01-01' as next_day,
        sum(coalesce(openings.opened, 0)) over so_far as opened,
        sum(coalesce(openings.reached_3y, 0)) over so_far as reached_3y,
        sum(coalesce(openings.days_to_opening, 0)) over so_far as days_to_opening,
        sum(coalesce(ends.exited, 0)) over so_far as exited,
        sum(coalesce(ends.ended, 0)) over so_far as ended,
        sum(coalesce(ends.closed, 0)) over so_far as closed,
        sum(coalesce(ends.days_to_end, 0)) over so_far as days_to_end
    from months
    left join openings on months.month = openings.month
    left join ends on months.month = ends.month
    window so_far as (order by months.month)
),

totals as (
    select
        month,
        opened,
        reached_3y,
        closed,
        opened - exited
        - coalesce(lag(ended - exited) over (order by month), 0) as active,
        opened * next_day - days_to_opening - (ended * next_day - days_to_end) as days_at_risk
    from running
),

windows as (
    select
        later.month,
        later.opened - coalesce(earlier.opened, 0) as opened,
        later.reached_3y - coalesce(earlier.reached_3y, 0) as reached_3y,
        later.closed - coalesce(earlier.closed, 0) as closed,
        (later.days_at_risk - coalesce(earlier.days_at_risk, 0)) / 365.25 as shop_years,
        later.month + interval 37 month <= bounds.observed_from + 1 as is_over
    from totals as later
    cross join bounds
    left join totals as earlier on later.month = earlier.month + interval 12 month
    where
        month(later.month) = month(bounds.period_to)
        and later.month > bounds.period_to - interval 13 year
)

select
    'active' as figure,
    totals.month,
    totals.active::double as value
from totals
cross join bounds
where totals.month > bounds.period_to - interval 60 month
union all
select
    'net' as figure,
    month,
    (opened - closed)::double as value
from windows
union all
select
    'closure_rate' as figure,
    month,
    closed / shop_years * 100 as value
from windows
where shop_years > 0
union all
select
    'survival_3y' as figure,
    month,
    reached_3y / opened * 100 as value
from windows
where opened > 0 and is_over
order by figure, month
