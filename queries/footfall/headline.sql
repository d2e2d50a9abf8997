-- How many people there were in the newest period, for the overview.
-- grain: one row
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
-- columns:
--   series varchar: adapter of the series; null where there is no footfall
--   area_kind varchar: dong or trade_area
--   last_period date: first day of its newest period
--   period_months integer (months): length of the period
--   persons double (unit): people, summed over the areas
--   unit varchar: the publisher's unit, never compared with another
--   yoy double (ratio): people / people in the same period a year before - 1, over the areas that
--     are known in both
--   yoy_areas bigint (areas): areas behind yoy
--   areas bigint (areas): areas with a count
--   synthetic boolean: whether any of the series is invented
with

newest as (
    select
        sum(visit.persons) as persons,
        sum(visit.persons) filter (visit.base_persons is not null)
        / nullif(sum(visit.base_persons) filter (visit.persons is not null), 0) - 1 as yoy,
        countif(visit.persons is not null and visit.base_persons is not null)::bigint
            as yoy_areas,
        count(visit.persons) as areas
    from footfall_counts($series, $area_codes, $dong_codes) as visit
    inner join footfall_scope($series, $area_codes, null, null) as scope
        on visit.period = scope.last_period
    where visit.dimension = 'total'
)

select
    scope.series::varchar as series,
    scope.area_kind::varchar as area_kind,
    scope.last_period,
    scope.period_months,
    newest.persons,
    scope.unit::varchar as unit,
    newest.yoy,
    newest.yoy_areas,
    newest.areas,
    scope.synthetic
from newest
left join footfall_scope($series, $area_codes, null, null) as scope on true
