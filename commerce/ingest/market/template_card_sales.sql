-- Our own form, long: a row with dimension total is a cell, the others are the parts of a cell.
insert into market_row by name
select
    $source_no as source_no,
    line,
    market_month(period) as period,
    try_cast(trim(period_months) as integer) as period_months,
    lower(trim(area_kind)) as area_kind,
    market_code(area_code) as area_code,
    market_code(trade_code) as trade_code,
    nullif(trim(trade_name), '') as trade_name,
    coalesce(market_code(trade_code), nullif(trim(trade_name), '')) as trade_key,
    trim(dimension) || ':' || trim(bucket) as part,
    false as filled
from given;

insert into market_value by name
select
    $source_no as source_no,
    line,
    figure.measure,
    trim(dimension) as dimension,
    trim(bucket) as bucket,
    market_number(figure.text) as value,
    trim(figure.text) as text
from given, unnest([
    {'measure': 'sales', 'text': sales},
    {'measure': 'count', 'text': count},
    {'measure': 'merchants', 'text': merchants}
]) as unnested (figure)
where not market_blank(figure.text);
