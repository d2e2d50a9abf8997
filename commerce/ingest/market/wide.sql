-- A table with one row per period, area and perhaps trade, and one column per figure: the
-- roles of its columns say measure:dimension:bucket.
insert into market_row by name
select
    $source_no as source_no,
    line,
    coalesce(market_quarter(quarter), market_month(month)) as period,
    case when trim(quarter) = '' then 1 else 3 end as period_months,
    case when trim(dong) = '' then 'trade_area' else 'dong' end as area_kind,
    coalesce(market_code(dong), market_code(trade_area)) as area_code,
    market_code(trade_code) as trade_code,
    nullif(trim(trade_name), '') as trade_name,
    coalesce(market_code(trade_code), nullif(trim(trade_name), '')) as trade_key,
    false as filled
from given;

insert into market_value by name
select
    $source_no as source_no,
    line,
    split_part(role, ':', 1) as measure,
    split_part(role, ':', 2) as dimension,
    split_part(role, ':', 3) as bucket,
    case when split_part(role, ':', 1) <> 'text' then market_number(text) end as value,
    trim(text) as text
from (unpivot given on columns('.*:.*') into name role value text)
where not market_blank(text);
