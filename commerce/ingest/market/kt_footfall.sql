-- KT: one row per day, hour, sex, age and dong.
insert into presence_row by name
select
    $source_no as source_no,
    line,
    market_day(day) as day,
    try_cast(trim(hour) as tinyint) as hour,
    upper(trim(sex)) as sex,
    market_age(trim(age)) as age_group,
    true as is_key,
    market_code(dong) as area_code,
    market_number(persons) as persons,
    case
        when market_day(day) is null then 'bad_period'
        when try_cast(trim(hour) as tinyint) is null or cast(trim(hour) as tinyint) not between 0 and 23
            or upper(trim(sex)) not in ('F', 'M') or market_age(trim(age)) is null then 'bad_bucket'
        when not regexp_full_match(coalesce(market_code(dong), ''), '[0-9]{8}([0-9]{2})?') then 'bad_code'
        when market_number(persons) is null or market_number(persons) > 9e15 then 'bad_number'
        when market_number(persons) < 0 then 'negative_amount'
    end as reason
from given;
