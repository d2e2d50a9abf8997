-- The rows of one file that were kept become cells of its series.
create or replace temp table part_value as
select
    market_row.period,
    market_row.period_months,
    market_row.day,
    market_row.area_kind,
    market_row.area_code,
    market_row.trade_key,
    market_row.unit,
    market_value.dimension,
    market_value.bucket,
    sum(market_value.value) filter (where market_value.measure = 'sales') as sales,
    sum(market_value.value) filter (where market_value.measure = 'count') as transactions
from market_row
join market_value using (source_no, line)
where
    market_row.source_no = $source_no
    and market_value.dimension <> 'total'
    and market_value.measure in ('sales', 'count')
group by all;

create or replace temp table parts as
select
    period,
    period_months,
    day,
    area_kind,
    area_code,
    trade_key,
    list(
        {
            'dimension': dimension, 'bucket': bucket, 'sales': sales, 'transactions': transactions
        }
        order by dimension, bucket
    ) as profile,
    count(*) as n
from part_value
where sales is not null
group by all;

create or replace temp table whole as
select
    line,
    any_value(value) filter (where measure = 'sales') as sales,
    any_value(value) filter (where measure = 'count') as transactions,
    any_value(value) filter (where measure = 'merchants') as merchants
from market_value
where source_no = $source_no and dimension = 'total'
group by line;

insert into state_sale by name
select
    $adapter as adapter,
    cell.area_kind,
    cell.period_months,
    cell.period,
    cell.day,
    cell.area_code,
    cell.trade_key,
    cell.trade_code,
    cell.trade_name,
    case when not cell.filled then whole.sales end as sales,
    case when not cell.filled then whole.transactions end as transactions,
    whole.merchants,
    cell.filled,
    parts.profile,
    $source_id as source_id,
    -- in our own form each part is a row of its own
    1 + case when cell.part is null then 0 else coalesce(parts.n, 0) end as n
from market_row as cell
left join whole using (line)
left join parts
    on
        cell.period = parts.period
        and cell.period_months = parts.period_months
        and cell.day is not distinct from parts.day
        and cell.area_kind = parts.area_kind
        and cell.area_code = parts.area_code
        and cell.trade_key is not distinct from parts.trade_key
where
    $is_sales
    and cell.source_no = $source_no
    and coalesce(cell.part, 'total:all') = 'total:all';

-- People: of a table that repeats them for every trade, those of the first row count.
insert into state_footfall by name
select
    $adapter as adapter,
    coalesce(market_row.unit, $unit) as unit,
    market_row.area_kind,
    market_row.period_months,
    market_row.period,
    market_row.area_code,
    market_value.dimension,
    market_value.bucket,
    market_value.value as persons,
    $source_id as source_id,
    case
        when $is_sales then 0
        when market_row.part is not null or market_value.dimension = 'total' then 1
        else 0
    end as n
from market_row
join market_value using (source_no, line)
where market_row.source_no = $source_no and market_value.measure = 'persons'
qualify row_number() over (
    partition by
        market_row.unit, market_row.area_kind, market_row.period_months, market_row.period,
        market_row.area_code, market_value.dimension, market_value.bucket
    order by market_row.line
) = 1;

insert into state_indicator by name
select
    $adapter as adapter,
    market_row.area_kind,
    market_row.period_months,
    market_row.period,
    market_row.area_code,
    market_row.trade_key,
    market_row.trade_code,
    market_row.trade_name,
    market_value.dimension as indicator,
    market_value.value,
    case when market_value.measure = 'text' then market_value.text end as text_value,
    nullif(market_value.bucket, '') as unit,
    $source_id as source_id,
    case
        when row_number() over (partition by market_row.line order by market_value.dimension) = 1
            then 1
        else 0
    end as n
from market_row
join market_value using (source_no, line)
where
    market_row.source_no = $source_no
    and market_value.measure in ('indicator', 'text');

delete from market_row where source_no = $source_no;

delete from market_value where source_no = $source_no;
