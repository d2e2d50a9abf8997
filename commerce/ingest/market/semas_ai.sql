-- 소상공인365: the mean sales of a shop of the dong, in 10,000 KRW, and how many shops there are.
-- A cell without sales of the dong was filled with the district's: the dong's are unknown.
insert into market_row by name
select
    $source_no as source_no,
    line,
    market_month(month) as period,
    1 as period_months,
    'dong' as area_kind,
    market_code(dong) as area_code,
    market_code(trade_code) as trade_code,
    nullif(trim(trade_name), '') as trade_name,
    -- the table without trade codes is of the same series
    coalesce(nullif(trim(trade_name), ''), market_code(trade_code)) as trade_key,
    'persons_per_month' as unit,
    trim(status) = 'sgg_sub' or market_blank(amount_dong) as filled
from given;

insert into market_value by name
select
    $source_no as source_no,
    line,
    'sales' as measure,
    'total' as dimension,
    'all' as bucket,
    market_number(amount_dong) * 10000 * market_number(shops_dong) as value,
    trim(amount_dong) as text
from given
where not market_blank(amount_dong) and trim(status) <> 'sgg_sub'
union all by name
select
    $source_no as source_no,
    line,
    'merchants' as measure,
    'total' as dimension,
    'all' as bucket,
    market_number(shops_dong) as value,
    trim(shops_dong) as text
from given
where not market_blank(shops_dong)
union all by name
select
    $source_no as source_no,
    line,
    'persons' as measure,
    'total' as dimension,
    'all' as bucket,
    market_number(people) as value,
    trim(people) as text
from given
where not market_blank(people);

-- The shares of weekdays and hours, in percent, are of the people, not of the sales.
insert into market_value by name
select
    $source_no as source_no,
    line,
    'persons' as measure,
    split_part(role, ':', 2) as dimension,
    split_part(role, ':', 3) as bucket,
    market_number(people) * market_number(text) / 100 as value,
    trim(text) as text
from (unpivot given on columns('share:.*') into name role value text)
where not market_blank(text) and not market_blank(people);
