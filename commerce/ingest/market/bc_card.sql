-- BC카드: one row per day, dong and trade.
insert into market_row by name
select
    $source_no as source_no,
    line,
    market_month(day) as period,
    1 as period_months,
    market_day(day) as day,
    'dong' as area_kind,
    market_code(dong) as area_code,
    market_code(trade_code) as trade_code,
    nullif(trim(trade_name), '') as trade_name,
    coalesce(market_code(trade_code), nullif(trim(trade_name), '')) as trade_key,
    false as filled,
    case when market_day(day) is null then 'bad_period' end as reason
from given;

insert into market_value by name
select
    $source_no as source_no,
    line,
    split_part(role, ':', 1) as measure,
    split_part(role, ':', 2) as dimension,
    split_part(role, ':', 3) as bucket,
    market_number(text) as value,
    trim(text) as text
from (unpivot given on columns('.*:.*') into name role value text)
where not market_blank(text);
