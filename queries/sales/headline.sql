-- What card sales were in the newest period, for the overview.
-- grain: one row
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
-- columns:
--   series varchar: adapter of the series; null where there are no card sales
--   area_kind varchar: dong or trade_area
--   last_period date: first day of its newest period
--   period_months integer (months): length of the period
--   sales_krw bigint (KRW): card sales of that period in cells that are known
--   sales_per_shop double (KRW per merchant and month): over cells whose sales are known
--   yoy double (ratio): sales / sales of the same period a year before - 1, over the cells that are
--     known in both
--   yoy_cells bigint (cells): cells behind yoy
--   coverage double (ratio): merchants in cells whose sales are known / merchants in all cells
--   merchants bigint (shops): card merchants in all cells
--   synthetic boolean: whether any of the series is invented
with

newest as (
    select
        sum(cell.sales_krw)::bigint as sales_krw,
        sum(cell.sales_krw) filter (cell.merchants > 0)
        / sum(cell.merchants * cell.period_months) filter (
            cell.sales_krw is not null and cell.merchants > 0
        ) as sales_per_shop,
        sum(cell.sales_krw) filter (cell.base_krw is not null)
        / nullif(sum(cell.base_krw) filter (cell.sales_krw is not null), 0) - 1 as yoy,
        countif(cell.sales_krw is not null and cell.base_krw is not null)::bigint as yoy_cells,
        sum(if(cell.sales_krw is null, 0, cell.merchants))
        / nullif(sum(cell.merchants), 0) as coverage,
        sum(cell.merchants)::bigint as merchants
    from sales_cells($series, $area_codes, $dong_codes, $category_ids) as cell
    inner join sales_scope($series, $area_codes, null, null) as scope
        on cell.period = scope.last_period
)

select
    scope.series::varchar as series,
    scope.area_kind::varchar as area_kind,
    scope.last_period,
    scope.period_months,
    newest.sales_krw,
    newest.sales_per_shop,
    newest.yoy,
    newest.yoy_cells,
    newest.coverage,
    newest.merchants,
    scope.synthetic
from newest
left join sales_scope($series, $area_codes, null, null) as scope on true
