-- The cells of card sales as they could be published, with what is to be suppressed.

create or replace temp table trade_of as
select
    adapter,
    trade_key,
    max(trade_code) as trade_code,
    arg_max(trade_name, period) as trade_name
from (
    select adapter, trade_key, trade_code, trade_name, period from state_sale
    union all
    select adapter, trade_key, trade_code, trade_name, period from state_indicator
)
where trade_key is not null
group by all;

-- Months of which days are missing: their sum is no month's sales, so they wait for the rest.
create or replace temp table waiting_month as
select
    adapter,
    area_kind,
    period_months,
    period,
    count(distinct day) as days,
    day(last_day(period)) as of_days
from state_sale
where day is not null
group by all
having count(distinct day) < day(last_day(period));

-- Days are summed to months; their weekdays are a profile.
create or replace temp table cell as
select
    adapter,
    area_kind,
    period_months,
    period,
    area_code,
    trade_key,
    cast(sum(sales) as bigint) as sales,
    cast(sum(transactions) as bigint) as transactions,
    cast(max(merchants) as bigint) as merchants,
    bool_or(filled) as filled,
    case when count(day) = 0 then any_value(profile) end as profile,
    max_by(source_id, coalesce(day, period)) as source_id
from state_sale
anti join waiting_month using (adapter, area_kind, period_months, period)
group by all;

create or replace temp table weekday_part as
select
    adapter,
    area_kind,
    period_months,
    period,
    area_code,
    trade_key,
    'weekday' as dimension,
    cast(isodow(day) as varchar) as bucket,
    sum(sales) as sales,
    sum(transactions) as transactions
from state_sale
where day is not null and sales is not null
group by all;

-- A row for a group of trades, or for all of them, is a total where its trades stand beside it.
create or replace temp table published as
with named as (
    select
        cell.*,
        coalesce(trade_category.category_id, 'other') as category_id,
        category_tree.parent_id,
        coalesce(trade_category.is_all, false) as is_all,
        coalesce(trade_category.is_group, false) as is_group
    from cell
    left join trade_category using (adapter, trade_key)
    left join category_tree on trade_category.category_id = category_tree.category_id
),

series as (
    select
        adapter,
        area_kind,
        period_months,
        bool_or(not is_all) as has_trades,
        list(distinct parent_id) filter (where not is_all and not is_group) as groups
    from named group by all
)

select
    row_number() over () as cell_no,
    named.*,
    case
        when named.is_all and series.has_trades then 'all'
        when named.is_group and list_contains(series.groups, named.category_id) then 'group'
    end as total_of,
    named.filled or named.sales is null
    or coalesce(named.merchants < adapter_k.k, false) as is_suppressed
from named
join series using (adapter, area_kind, period_months)
left join adapter_k using (adapter);
