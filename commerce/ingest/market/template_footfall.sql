-- Our own form, long: a row with dimension total is the whole, the others are its parts.
insert into market_row by name
select
    $source_no as source_no,
    line,
    market_month(period) as period,
    try_cast(trim(period_months) as integer) as period_months,
    lower(trim(area_kind)) as area_kind,
    market_code(area_code) as area_code,
    trim(dimension) || ':' || trim(bucket) as part,
    lower(trim(unit)) as unit,
    false as filled
from given;

insert into market_value by name
select
    $source_no as source_no,
    line,
    'persons' as measure,
    trim(dimension) as dimension,
    trim(bucket) as bucket,
    market_number(persons) as value,
    trim(persons) as text
from given
where not market_blank(persons);
