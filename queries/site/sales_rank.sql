-- Where a monthly sum of sales lies among the sales per shop of a trade in the district's dongs,
-- over the last twelve months. Each of these is the mean of a dong's shops, not a shop: single
-- shops spread far wider.
-- grain: one row
-- parameters:
--   $needed_krw double: sales that one shop needs per month, KRW; null gives no percentile
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $series varchar: adapter; null means the main series
-- columns:
--   cells bigint (cells): dongs and trades with known sales
--   merchants bigint (shops): card merchants in them, mean per month
--   percentile double (ratio): share of the cells that sell less than needed_krw per shop
--   lowest double (KRW): the least sales per shop and month among them
--   quarter double (KRW): a quarter of the cells sell less per shop
--   median double (KRW): the middle one
--   three_quarters double (KRW): three quarters of the cells sell less per shop
--   highest double (KRW): the most
--   from_month date: first month
--   to_month date: last month
with

scope as (
    select * from sales_scope($series, null, null, null)
),

cells as (
    select
        cell.dong_code,
        cell.category_id,
        sum(cell.sales_krw) / sum(cell.merchants * cell.period_months) as sales_per_shop,
        sum(cell.merchants) / count(distinct cell.period) as merchants
    from sales_cells($series, null, null, $category_ids) as cell
    inner join scope on cell.period between scope.first_month and scope.last_month
    where cell.sales_krw is not null and cell.merchants > 0
    group by all
),

ranked as (
    select
        count(*) as cells,
        sum(merchants)::bigint as merchants,
        countif(sales_per_shop < $needed_krw) / count(*) as percentile,
        min(sales_per_shop) as lowest,
        quantile_cont(sales_per_shop, 0.25) as quarter,
        median(sales_per_shop) as median,
        quantile_cont(sales_per_shop, 0.75) as three_quarters,
        max(sales_per_shop) as highest
    from cells
)

select
    ranked.cells,
    ranked.merchants,
    if($needed_krw::double is null, null, ranked.percentile) as percentile,
    ranked.lowest,
    ranked.quarter,
    ranked.median,
    ranked.three_quarters,
    ranked.highest,
    scope.first_month as from_month,
    scope.last_month as to_month
from ranked
left join scope on ranked.cells > 0
