-- How many people there were, period by period, in the publisher's unit.
-- grain: one row per month or quarter, from the first to the last with a count in the scope
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $from_month date: periods that begin in this month or later; null means from the first on
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $base_year integer: year whose mean is 100; null means the first full calendar year
-- columns:
--   period date: first day of the period
--   period_months integer (months): its length
--   persons double (unit): people, summed over the areas
--   unit varchar: the publisher's unit, never compared with another
--   yoy double (ratio): people / people in the same period a year before - 1, over the areas that
--     are known in both
--   yoy_areas bigint (areas): areas behind yoy
--   index double (mean of base year = 100): persons; null unless that year is known whole
--   areas bigint (areas): areas with a count
with

known as (
    select
        period,
        period_months,
        unit::varchar as unit,
        sum(persons) as persons,
        sum(persons) filter (base_persons is not null)
        / nullif(sum(base_persons) filter (persons is not null), 0) - 1 as yoy,
        countif(persons is not null and base_persons is not null)::bigint as yoy_areas,
        count(persons) as areas
    from footfall_counts($series, $area_codes, $dong_codes)
    where dimension = 'total'
    group by all
),

full_years as (
    select
        year(period) as calendar_year,
        avg(persons) as mean_persons
    from known
    where persons is not null
    group by calendar_year
    having sum(period_months) = 12
),

base as (
    select arg_min(mean_persons, calendar_year) as mean_persons
    from full_years
    where $base_year::integer is null or calendar_year = $base_year
),

span as (
    select
        min(period) as first_period,
        max(period) as last_period,
        any_value(period_months) as period_months,
        any_value(unit) as unit
    from known
),

periods as (
    select
        period_months,
        unit,
        unnest(
            generate_series(first_period, last_period, to_months(period_months))
        )::date as period
    from span
)

select
    periods.period,
    periods.period_months,
    known.persons,
    periods.unit,
    known.yoy,
    coalesce(known.yoy_areas, 0) as yoy_areas,
    known.persons / nullif(base.mean_persons, 0) * 100 as index,
    coalesce(known.areas, 0) as areas
from periods
left join known on periods.period = known.period
cross join base
where
    periods.period >= period_start($from_month)
    and periods.period < period_end($to_month)
order by periods.period
