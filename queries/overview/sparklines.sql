-- How the four figures of the overview came to be: a point per month or per twelve months.
-- The twelve-month windows end with the month that overview/headline ends with, so that the last
-- point is the figure. survival_3y is of shops opened in the window: the share still active on
-- their third anniversary, where that is over for all of them.
-- grain: one row per figure and window
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
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

scope as (
    select
        opened_on,
        left_on,
        watched_until,
        observed_until,
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

known as (
    select
        coalesce(
            date_trunc('month', $to_month::date),
            date_trunc('month', max(observed_until)) - interval 3 month
        ) as period_to,
        min(observed_until) as observed_from,
        max(observed_until) as observed_until
    from scope
),

-- scans once, then counts by day
openings as (
    select
        opened_on as on_day,
        count(*) as opened,
        count(*) filter (watched_until >= opened_on + interval 3 year and (
            left_on is null or left_on > opened_on + interval 3 year
        )) as reached_3y
    from scope
    group by all
),

ends as (
    select
        watched_until as on_day,
        left_on is null as is_standing,
        count(*) as ended,
        count(*) filter (is_counted) as closed
    from scope
    group by all
),

months as (
    select (known.period_to - to_months(steps.step) + interval 1 month)::date as ends_before
    from known
    cross join (select unnest(range(0, 60)) as step) as steps
),

windows as (
    select
        (known.period_to - to_months(12 * steps.step + 11))::date as starts_on,
        (known.period_to - to_months(12 * steps.step - 1))::date as ends_before,
        known.observed_from
    from known
    cross join (select unnest(range(0, 13)) as step) as steps
),

stock as (
    select
        months.ends_before,
        coalesce((
            select sum(openings.opened)
            from openings
            where openings.on_day < months.ends_before
        ), 0) - coalesce((
            select sum(ends.ended)
            from ends
            where if(
                ends.is_standing,
                ends.on_day < months.ends_before - interval 1 month,
                ends.on_day < months.ends_before
            )
        ), 0) as active
    from months
),

opened as (
    select
        windows.starts_on,
        windows.ends_before,
        windows.observed_from,
        sum(openings.opened) filter (openings.on_day >= windows.starts_on) as opened,
        sum(openings.reached_3y) filter (openings.on_day >= windows.starts_on) as reached_3y,
        sum(
            openings.opened * (windows.ends_before - greatest(openings.on_day, windows.starts_on))
        ) as days
    from windows
    inner join openings on openings.on_day < windows.ends_before
    group by all
),

ended as (
    select
        windows.starts_on,
        sum(ends.closed) filter (ends.on_day >= windows.starts_on) as closed,
        -- days after the end, which are not at risk
        sum(
            ends.ended * (windows.ends_before - greatest(ends.on_day, windows.starts_on))
        ) as days
    from windows
    inner join ends on ends.on_day < windows.ends_before
    group by all
),

figures as (
    select
        opened.starts_on,
        opened.ends_before,
        opened.observed_from,
        coalesce(opened.opened, 0) as opened,
        opened.reached_3y,
        coalesce(ended.closed, 0) as closed,
        (opened.days - coalesce(ended.days, 0)) / 365.25 as shop_years
    from opened
    left join ended on opened.starts_on = ended.starts_on
)

select
    'active' as figure,
    (ends_before - interval 1 month)::date as month,
    active::double as value
from stock
union all
select
    'net' as figure,
    (ends_before - interval 1 month)::date as month,
    (opened - closed)::double as value
from figures
union all
select
    'closure_rate' as figure,
    (ends_before - interval 1 month)::date as month,
    closed / shop_years * 100 as value
from figures
where shop_years > 0
union all
select
    'survival_3y' as figure,
    (ends_before - interval 1 month)::date as month,
    reached_3y / opened * 100 as value
from figures
where opened > 0 and ends_before + interval 3 year <= observed_from + interval 1 day
order by figure, month
