-- What is measured over whole tables, for rules of kind `measure`. Variables: the files.
-- grain: one row per measure: measure, value, n (rows looked at), detail (the worst case)
with

permits as (
    from read_parquet(getvariable('establishment'))
),

sales as (
    from read_parquet(getvariable('card_sales'))
),

visits as (
    from read_parquet(getvariable('footfall'))
),

twins as (
    select count(*) as permits
    from permits
    where status = 'open' and name is not null
    group by service_code, name, opened_on, address_road, address_lot
    having count(*) > 1 and (any_value(address_road) is not null or any_value(address_lot) is not null)
),

-- Cells whose publisher suppresses cells of fewer than k merchants.
exposed as (
    select count(*) as cells
    from sales
    left join read_parquet(getvariable('dataset')) as dataset
        on sales.source_id = dataset.source_id
    where
        (sales.suppressed or coalesce(sales.merchants < dataset.min_merchants, false))
        and (sales.sales_krw is not null or sales.transactions is not null)
),

-- Files that were read for this proposal: new, or read anew.
read_now as (
    select dataset.*
    from read_parquet(getvariable('dataset')) as dataset
    where not list_contains(
        getvariable('known_sources'), dataset.source_id || '@' || dataset.ingested_at::varchar
    )
),

refusals as (
    select
        read_now.title,
        read_now.rows_in,
        count(refused.source_id) as rows_refused
    from read_now
    left join read_parquet(getvariable('refused')) as refused
        on
            read_now.source_id = refused.source_id
            and refused.reason not in ('outside_district', 'unknown_dong')
    group by read_now.source_id, read_now.title, read_now.rows_in
    having read_now.rows_in >= getvariable('min_rows_refused')
)

select
    'permits_repeated' as measure,
    (count(*) - count(distinct (service_code, permit_id)))::double as value,
    count(*) as n,
    null as detail
from permits
union all
select
    'left_before_opening' as measure,
    count(*) filter (exit_on < opened_on) * 100.0 / count(*) as value,
    count(*) as n,
    null as detail
from permits
union all
select
    'permit_twins' as measure,
    coalesce((select sum(permits - 1) from twins), 0) * 100.0 / nullif(count(*) filter (status = 'open'), 0)
    as value,
    count(*) filter (status = 'open') as n,
    null as detail
from permits
union all
select
    'rows_refused' as measure,
    max(rows_refused * 100.0 / rows_in) as value,
    coalesce(arg_max(rows_in, rows_refused * 1.0 / rows_in), 0) as n,
    arg_max(title, rows_refused * 1.0 / rows_in) as detail
from refusals
union all
select
    'sales_exposed' as measure,
    (select cells from exposed)::double as value,
    count(*) as n,
    null as detail
from sales
union all
select
    'sales_repeated' as measure,
    (
        count(*) - count(distinct (
            source_id, period, period_months, area_kind, area_code, category_id, trade_code
        ))
    )::double as value,
    count(*) as n,
    null as detail
from sales
union all
select
    'footfall_repeated' as measure,
    (
        count(*) - count(distinct (
            source_id, period, period_months, area_kind, area_code, dimension, bucket, unit
        ))
    )::double as value,
    count(*) as n,
    null as detail
from visits
