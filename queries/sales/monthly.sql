-- How card sales went, period by period: their sum over the cells that are known, per shop, per
-- visit, against a year before and against a base year.
-- A cell is one trade of the publisher in one area. What is suppressed is in no sum: coverage says
-- how much of the merchants the sums speak for. A period without any row stands with nulls.
-- grain: one row per month or quarter, from the first to the last with a row in the scope
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means from the first on
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $base_year integer: year whose mean is 100; null means the first full calendar year
-- columns:
--   period date: first day of the period
--   period_months integer (months): its length
--   sales_krw bigint (KRW): card sales of the period in cells that are known
--   transactions bigint (transactions): of the period, in cells that are known
--   merchants bigint (shops): card merchants in all cells
--   sales_per_shop double (KRW per merchant and month): over cells whose sales are known
--   sales_per_visit double (KRW per transaction): over cells whose sales are known
--   yoy double (ratio): sales / sales of the same period a year before - 1, over the cells that are
--     known in both
--   yoy_cells bigint (cells): cells behind yoy
--   index double (mean of base year = 100): sales_krw; null unless that year is known whole
--   coverage double (ratio): merchants in cells whose sales are known / merchants in all cells
--   cells bigint (cells): cells with a row, known or suppressed
--   suppressed_cells bigint (cells): of those, with sales taken out
with

known as (
    select
        period,
        period_months,
        sum(sales_krw)::bigint as sales_krw,
        sum(transactions)::bigint as transactions,
        sum(merchants)::bigint as merchants,
        sum(sales_krw) filter (merchants > 0)
        / sum(merchants * period_months) filter (sales_krw is not null and merchants > 0)
            as sales_per_shop,
        sum(sales_krw) filter (transactions > 0)
        / sum(transactions) filter (sales_krw is not null and transactions > 0)
            as sales_per_visit,
        sum(sales_krw) filter (base_krw is not null)
        / nullif(sum(base_krw) filter (sales_krw is not null), 0) - 1 as yoy,
        countif(sales_krw is not null and base_krw is not null)::bigint as yoy_cells,
        sum(if(sales_krw is null, 0, merchants)) / nullif(sum(merchants), 0) as coverage,
        count(*) as cells,
        countif(suppressed)::bigint as suppressed_cells
    from sales_cells($series, $area_codes, $dong_codes, $category_ids)
    group by period, period_months
),

full_years as (
    select
        year(period) as calendar_year,
        avg(sales_krw) as mean_krw
    from known
    where sales_krw is not null
    group by calendar_year
    having sum(period_months) = 12
),

base as (
    select arg_min(mean_krw, calendar_year) as mean_krw
    from full_years
    where $base_year::integer is null or calendar_year = $base_year
),

span as (
    select
        min(period) as first_period,
        max(period) as last_period,
        any_value(period_months) as period_months
    from known
),

periods as (
    select
        period_months,
        unnest(
            generate_series(first_period, last_period, to_months(period_months))
        )::date as period
    from span
)

select
    periods.period,
    periods.period_months,
    known.sales_krw,
    known.transactions,
    known.merchants,
    known.sales_per_shop,
    known.sales_per_visit,
    known.yoy,
    coalesce(known.yoy_cells, 0) as yoy_cells,
    known.sales_krw / nullif(base.mean_krw, 0) * 100 as index,
    known.coverage,
    coalesce(known.cells, 0) as cells,
    coalesce(known.suppressed_cells, 0) as suppressed_cells
from periods
left join known on periods.period = known.period
cross join base
where
    periods.period >= period_start($from_month)
    and periods.period < period_end($to_month)
order by periods.period
