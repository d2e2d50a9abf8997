-- How many people there are in each dong over a period, in all or in one part of the day, the week
-- or the people.
-- Trade areas count in the dong in which their middle lies.
-- grain: one row per dong, also where nothing is known
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $dimension varchar: hour_band, weekday, weekday_hour, sex, age_group or sex_age; null means the
--     total
--   $bucket varchar: part of that dimension; null means all its parts together
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   persons double (unit): mean over the periods of the people in its areas
--   unit varchar: the publisher's unit, never compared with another
--   per_km2 double (unit per km²): persons / area of the dong; null for trade areas
--   yoy double (ratio): people / people in the same periods a year before - 1, over the areas and
--     periods that are known in both
--   yoy_periods bigint (periods): periods behind yoy
--   periods bigint (periods): periods behind persons
with

sums as (
    select
        visit.dong_code,
        any_value(scope.area_kind) as area_kind,
        any_value(scope.unit)::varchar as unit,
        sum(visit.persons)
        / nullif(count(distinct visit.period) filter (visit.persons is not null), 0) as persons,
        sum(visit.persons) filter (visit.base_persons is not null)
        / nullif(sum(visit.base_persons) filter (visit.persons is not null), 0) - 1 as yoy,
        count(distinct visit.period) filter (
            visit.persons is not null and visit.base_persons is not null
        ) as yoy_periods,
        count(distinct visit.period) filter (visit.persons is not null) as periods
    from footfall_counts($series, $area_codes, $dong_codes) as visit
    inner join footfall_scope($series, $area_codes, $from_month, $to_month) as scope
        on visit.period between scope.first_month and scope.last_month
    where
        visit.dimension = coalesce($dimension, 'total')
        and ($bucket is null or visit.bucket = $bucket)
    group by visit.dong_code
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    sums.persons,
    sums.unit,
    if(sums.area_kind = 'dong', sums.persons / nullif(dong.area_km2, 0), null) as per_km2,
    sums.yoy,
    coalesce(sums.yoy_periods, 0) as yoy_periods,
    coalesce(sums.periods, 0) as periods
from dong
left join sums on dong.dong_code = sums.dong_code
where ($dong_codes is null or list_contains($dong_codes, dong.dong_code))
order by dong.dong_code
