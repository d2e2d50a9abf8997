-- Hourly rows of one file: codes in force, places, keys that repeat; then their sums.
update presence_row set area_code = coalesce(code_change.code_now, seen.district)
    || right(area_code, -5) || case length(area_code) when 8 then '00' else '' end
from (select distinct left(area_code, 5) as district from presence_row where reason is null) as seen
left join code_change on seen.district = code_change.code_before
where presence_row.reason is null and left(presence_row.area_code, 5) = seen.district;

update presence_row set reason = case
    when left(area_code, 5) in (select left(dong_code, 5) from outline_dong) then 'unknown_dong'
    else 'outside_district'
end
where reason is null and not $keep_all and area_code not in (select dong_code from outline_dong);

-- A temporary table hides any other of its name: settle.sql has one called repeated.
create or replace temp table repeated_presence as
with doubtful as (
    select
        area_code,
        date_trunc('month', day) as period,
        hour,
        sex,
        age_group
    from presence_row
    where reason is null and is_key
    group by all
    having count(*) <> bit_count(bit_or(1::bigint << day(day)))
)

select presence_row.line
from presence_row
join doubtful
    on
        presence_row.area_code = doubtful.area_code
        and date_trunc('month', presence_row.day) = doubtful.period
        and presence_row.hour = doubtful.hour
        and presence_row.sex is not distinct from doubtful.sex
        and presence_row.age_group is not distinct from doubtful.age_group
where presence_row.reason is null and presence_row.is_key
qualify row_number() over (
    partition by
        presence_row.area_code, presence_row.day, presence_row.hour, presence_row.sex,
        presence_row.age_group
    order by presence_row.line
) > 1;

update presence_row set reason = 'repeated_key'
where reason is null and line in (select line from repeated_presence);

insert into market_refusal
select
    $source_no,
    line,
    reason
from presence_row
where reason is not null and is_key;

insert into market_presence by name
select
    $source_no as source_no,
    area_code,
    cast(date_trunc('month', day) as date) as period,
    cast(isodow(day) as tinyint) as weekday,
    hour,
    sex,
    age_group,
    sum(persons) as persons,
    bit_or(1::bigint << day(day)) as days,
    count(*) filter (where is_key) as n
from presence_row
where reason is null
group by all;

truncate presence_row;
