-- When people are there and who they are: counts by hour, weekday, sex and age over a period.
-- grain: one row per dimension and bucket
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $dimension varchar: hour_band, weekday, weekday_hour, sex, age_group or sex_age; null means all
-- columns:
--   dimension varchar: what people are split by
--   bucket varchar: the part
--   persons double (unit): mean over the periods of the people in the areas
--   share double (ratio): its people / people of all parts of the dimension
--   unit varchar: the publisher's unit, never compared with another
--   areas bigint (areas): areas with a count
--   periods bigint (periods): periods behind persons
with

parts as (
    select
        visit.dimension::varchar as dimension,
        visit.bucket::varchar as bucket,
        any_value(scope.unit)::varchar as unit,
        sum(visit.persons)
        / nullif(count(distinct visit.period) filter (visit.persons is not null), 0) as persons,
        count(distinct visit.area_code) filter (visit.persons is not null) as areas,
        count(distinct visit.period) filter (visit.persons is not null) as periods
    from footfall_counts($series, $area_codes, $dong_codes) as visit
    inner join footfall_scope($series, $area_codes, $from_month, $to_month) as scope
        on visit.period between scope.first_month and scope.last_month
    where
        visit.dimension != 'total'
        and ($dimension is null or visit.dimension = $dimension)
    group by visit.dimension, visit.bucket
)

select
    dimension,
    bucket,
    persons,
    persons / nullif(sum(persons) over (partition by dimension), 0) as share,
    unit,
    areas,
    periods
from parts
order by dimension, bucket
