-- What card sales are in each trade over a period: per month, per shop, per visit, and against the
-- year before.
-- grain: one row per trade, or per group of trades, with a cell in the period
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $group_by varchar: category (null) or group
-- columns:
--   category_id varchar: trade or group; null where the publisher's trade has no place in ours
--   group_id varchar: group of the trade, or itself
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   sales_krw double (KRW per month): mean over the periods that are known, of known cells
--   transactions double (transactions per month): the same
--   merchants double (shops): mean over the periods, of all cells
--   sales_per_shop double (KRW per merchant and month): over cells whose sales are known
--   sales_per_visit double (KRW per transaction): over cells whose sales are known
--   yoy double (ratio): sales / sales of the same period a year before - 1, over the cells that are
--     known in both
--   yoy_cells bigint (cells): cells behind yoy
--   coverage double (ratio): merchants in cells whose sales are known / merchants in all cells
--   periods bigint (periods): periods with known sales behind the means
--   cells bigint (cells): cells of all periods with a row, known or suppressed
--   suppressed_cells bigint (cells): of those, with sales taken out
with

sums as (
    select
        if($group_by = 'group', cell.group_id, cell.category_id) as trade_id,
        sum(cell.sales_krw)
        / nullif(
            count(distinct cell.period) filter (cell.sales_krw is not null)
            * any_value(cell.period_months), 0
        ) as sales_krw,
        sum(cell.transactions)
        / nullif(
            count(distinct cell.period) filter (cell.transactions is not null)
            * any_value(cell.period_months), 0
        ) as transactions,
        sum(cell.merchants)
        / nullif(count(distinct cell.period) filter (cell.merchants is not null), 0)
            as merchants,
        sum(cell.sales_krw) filter (cell.merchants > 0)
        / sum(cell.merchants * cell.period_months) filter (
            cell.sales_krw is not null and cell.merchants > 0
        ) as sales_per_shop,
        sum(cell.sales_krw) filter (cell.transactions > 0)
        / sum(cell.transactions) filter (
            cell.sales_krw is not null and cell.transactions > 0
        ) as sales_per_visit,
        sum(cell.sales_krw) filter (cell.base_krw is not null)
        / nullif(sum(cell.base_krw) filter (cell.sales_krw is not null), 0) - 1 as yoy,
        countif(cell.sales_krw is not null and cell.base_krw is not null)::bigint as yoy_cells,
        sum(if(cell.sales_krw is null, 0, cell.merchants))
        / nullif(sum(cell.merchants), 0) as coverage,
        count(distinct cell.period) filter (cell.sales_krw is not null) as periods,
        count(*) as cells,
        countif(cell.suppressed)::bigint as suppressed_cells
    from sales_cells($series, $area_codes, $dong_codes, $category_ids) as cell
    inner join sales_scope($series, $area_codes, $from_month, $to_month) as scope
        on cell.period between scope.first_month and scope.last_month
    group by trade_id
)

select
    sums.trade_id::varchar as category_id,
    coalesce(category.parent_id, sums.trade_id) as group_id,
    category.name_ko,
    category.name_en,
    sums.sales_krw,
    sums.transactions,
    sums.merchants,
    sums.sales_per_shop,
    sums.sales_per_visit,
    sums.yoy,
    sums.yoy_cells,
    sums.coverage,
    sums.periods,
    sums.cells,
    sums.suppressed_cells
from sums
left join category on sums.trade_id = category.category_id
order by sums.sales_krw desc nulls last, sums.trade_id asc
