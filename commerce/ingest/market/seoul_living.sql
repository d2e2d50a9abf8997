-- Seoul's living population: one row per day, hour and dong; a masked count (*) is unknown.
create or replace temp table living as
select
    line,
    market_day(day) as day,
    try_cast(trim(hour) as tinyint) as hour,
    market_code(dong) as area_code,
    split_part(role, ':', 2) as part,
    market_number(text) as persons,
    text
from (unpivot given on columns('persons:.*') into name role value text)
where not market_blank(text) and trim(text) <> '*';

create or replace temp table living_row as
select
    given.line,
    case
        when any_value(market_day(given.day)) is null then 'bad_period'
        when any_value(try_cast(trim(given.hour) as tinyint)) is null
            or any_value(try_cast(trim(given.hour) as tinyint)) not between 0 and 23
            then 'bad_bucket'
        when not regexp_full_match(coalesce(any_value(market_code(given.dong)), ''), '[0-9]{8}([0-9]{2})?')
            then 'bad_code'
        when count(*) filter (where living.part = 'total') = 0 then 'no_value'
        when bool_or(living.persons is null or living.persons > 9e15) then 'bad_number'
        when bool_or(living.persons < 0) then 'negative_amount'
        when sum(living.persons) filter (where living.part <> 'total')
            > 1.005 * any_value(living.persons) filter (where living.part = 'total') + 28
            then 'total_below_parts'
    end as reason
from given
left join living using (line)
group by given.line;

insert into presence_row by name
select
    $source_no as source_no,
    line,
    living.day,
    living.hour,
    nullif(split_part(living.part, ' ', 1), 'total') as sex,
    nullif(split_part(living.part, ' ', 2), '') as age_group,
    coalesce(living.part, 'total') = 'total' as is_key,
    living.area_code,
    sum(living.persons) as persons,
    any_value(living_row.reason) as reason
from living_row
left join living using (line)
group by all;
