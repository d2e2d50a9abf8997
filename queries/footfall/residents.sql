-- How many people pass in each dong, beside how many live and work there.
-- Residents and workers are those of the newest period that each is known of. Footfall stands in
-- its publisher's unit: the ratio tells dongs of one series apart, and is not a count of visits.
-- grain: one row per dong, also where nothing is known
-- parameters:
--   $series varchar: adapter of the footfall series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $from_month date: periods of footfall that begin in this month or later; null means twelve
--     months in all
--   $to_month date: periods of footfall that begin in this month or earlier; null means up to the
--     newest
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   residents double (persons): who live there; null where not known
--   workers double (persons): who work there; null where not known
--   residents_period date: first day of the period that residents are of
--   persons double (unit): mean over the periods of the people in its areas
--   unit varchar: the publisher's unit, never compared with another
--   persons_per_resident double (unit per resident): persons / residents
with

people as (
    select
        dong_code,
        indicator,
        period,
        sum(value) as value,
        row_number() over (partition by dong_code, indicator order by period desc) as age
    from area_indicator
    where
        indicator in ('residents', 'workers')
        and area_kind = if($area_codes is null, 'dong', 'trade_area')
        and ($area_codes is null or list_contains($area_codes, area_code))
    group by dong_code, indicator, period
),

newest as (
    select
        dong_code,
        any_value(value) filter (indicator = 'residents') as residents,
        any_value(value) filter (indicator = 'workers') as workers,
        any_value(period) filter (indicator = 'residents') as residents_period
    from people
    where age = 1
    group by dong_code
),

counts as (
    select
        visit.dong_code,
        any_value(scope.unit)::varchar as unit,
        sum(visit.persons)
        / nullif(count(distinct visit.period) filter (visit.persons is not null), 0) as persons
    from footfall_counts($series, $area_codes, $dong_codes) as visit
    inner join footfall_scope($series, $area_codes, $from_month, $to_month) as scope
        on visit.period between scope.first_month and scope.last_month
    where visit.dimension = 'total'
    group by visit.dong_code
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    newest.residents,
    newest.workers,
    newest.residents_period,
    counts.persons,
    counts.unit,
    counts.persons / nullif(newest.residents, 0) as persons_per_resident
from dong
left join newest on dong.dong_code = newest.dong_code
left join counts on dong.dong_code = counts.dong_code
where ($dong_codes is null or list_contains($dong_codes, dong.dong_code))
order by dong.dong_code
