-- The published tables, without what is suppressed.

create or replace temp table place as
select
    seen.area_kind,
    seen.area_code,
    coalesce(outline_dong.dong_code, trade_area_dong.dong_code) as dong_code
from (
    select area_kind, area_code from state_sale
    union
    select area_kind, area_code from state_footfall
    union
    select area_kind, area_code from state_indicator
    union
    select 'dong' as area_kind, area_code from live_presence
) as seen
left join outline_dong on seen.area_kind = 'dong' and seen.area_code = outline_dong.dong_code
left join trade_area_dong
    on seen.area_kind = 'trade_area' and seen.area_code = trade_area_dong.area_code;

create or replace temp table card_sales as
select
    published.period,
    published.period_months,
    published.area_kind,
    published.area_code,
    place.dong_code,
    published.category_id,
    coalesce(trade_of.trade_code, published.trade_key) as trade_code,
    trade_of.trade_name,
    case when not published.is_suppressed then published.sales end as sales_krw,
    case when not published.is_suppressed then published.transactions end as transactions,
    published.merchants,
    published.is_suppressed as suppressed,
    published.source_id
from published
join place using (area_kind, area_code)
left join trade_of using (adapter, trade_key)
where published.total_of is null;

create or replace temp table card_sales_profile as
with part as (
    select
        published.cell_no,
        unnest(published.profile, max_depth := 2)
    from published
    where published.total_of is null and not published.is_suppressed
    union all by name
    select
        published.cell_no,
        weekday_part.dimension,
        weekday_part.bucket,
        weekday_part.sales,
        weekday_part.transactions
    from published
    join weekday_part using (adapter, area_kind, period_months, period, area_code, trade_key)
    where published.total_of is null and not published.is_suppressed
)

select
    published.period,
    published.period_months,
    published.area_kind,
    published.area_code,
    place.dong_code,
    published.category_id,
    coalesce(trade_of.trade_code, published.trade_key) as trade_code,
    part.dimension,
    part.bucket,
    part.sales as sales_krw,
    part.transactions,
    published.source_id
from part
join published using (cell_no)
join place using (area_kind, area_code)
left join trade_of using (adapter, trade_key);

create or replace temp table footfall as
select
    found.period,
    found.period_months,
    found.area_kind,
    found.area_code,
    place.dong_code,
    found.dimension,
    found.bucket,
    found.persons,
    found.unit,
    found.source_id
from (
    from state_footfall
    union all by name
    from presence_mean
) as found
join place using (area_kind, area_code);

-- A total of trades that stand beside it is an indicator: sums over trades must not count twice.
create or replace temp table area_indicator as
select
    found.period,
    found.period_months,
    found.area_kind,
    found.area_code,
    place.dong_code,
    case when found.trade_key is not null then coalesce(trade_category.category_id, 'other') end
        as category_id,
    coalesce(trade_of.trade_code, found.trade_key) as trade_code,
    found.indicator,
    found.value,
    found.text_value,
    found.unit,
    found.source_id
from state_indicator as found
join place using (area_kind, area_code)
left join trade_of using (adapter, trade_key)
left join trade_category using (adapter, trade_key)
union all by name
select
    published.period,
    published.period_months,
    published.area_kind,
    published.area_code,
    place.dong_code,
    case when published.total_of = 'group' then published.category_id end as category_id,
    published.trade_key as trade_code,
    'card_sales_total' as indicator,
    published.sales as value,
    'KRW' as unit,
    published.source_id
from published
join place using (area_kind, area_code)
where published.total_of is not null and not published.is_suppressed
union all by name
select
    state_sale.period,
    state_sale.period_months,
    state_sale.area_kind,
    state_sale.area_code,
    place.dong_code,
    'card_sales_days' as indicator,
    count(distinct state_sale.day) as value,
    'days' as unit,
    max(state_sale.source_id) as source_id
from state_sale
semi join waiting_month using (adapter, area_kind, period_months, period)
join place using (area_kind, area_code)
where state_sale.day is not null
group by all;
