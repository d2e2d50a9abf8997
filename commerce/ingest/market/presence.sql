-- Hourly counts of days as means over a month: how many persons are there at a moment.
create or replace temp table presence_mean as
with hourly as (
    select
        adapter,
        area_code,
        period,
        weekday,
        hour,
        sum(persons) as persons,
        bit_count(bit_or(days)) as slots,
        max(source_id) as source_id
    from live_presence
    where weekday is not null
    group by all
),

month as (
    select
        adapter,
        area_code,
        period,
        sum(slots) as slots,
        max(source_id) as source_id
    from hourly group by all
),

by_hour as (
    select
        adapter,
        area_code,
        period,
        case
            when grouping(weekday, hour) = 3 then 'total'
            when grouping(weekday) = 1 then 'hour_band'
            when grouping(hour) = 1 then 'weekday'
            else 'weekday_hour'
        end as dimension,
        coalesce(
            nullif(concat_ws(' ', cast(weekday as varchar), lpad(cast(hour as varchar), 2, '0')), ''),
            'all'
        ) as bucket,
        sum(persons) / sum(slots) as persons
    from hourly
    group by grouping sets (
        (adapter, area_code, period), (adapter, area_code, period, hour),
        (adapter, area_code, period, weekday), (adapter, area_code, period, weekday, hour)
    )
),

person as (
    select
        adapter,
        area_code,
        period,
        sex,
        case when age_group in ('60-69', '70+') then '60+' else age_group end as age_group,
        persons
    from live_presence
    where sex is not null
),

by_person as (
    select
        adapter,
        area_code,
        period,
        case
            when grouping(sex) = 1 then 'age_group'
            when grouping(age_group) = 1 then 'sex'
            else 'sex_age'
        end as dimension,
        concat_ws(' ', sex, age_group) as bucket,
        sum(persons) as persons
    from person
    group by grouping sets (
        (adapter, area_code, period, sex), (adapter, area_code, period, age_group),
        (adapter, area_code, period, sex, age_group)
    )
)

select
    found.adapter,
    'persons_present' as unit,
    'dong' as area_kind,
    1 as period_months,
    found.period,
    found.area_code,
    found.dimension,
    found.bucket,
    found.persons,
    month.source_id,
    0 as n
from (
    from by_hour
    union all by name
    select by_person.* replace (by_person.persons / month.slots as persons)
    from by_person join month using (adapter, area_code, period)
) as found
join month using (adapter, area_code, period);
