-- What card sales are in each dong over a period: per month, per shop, per visit, and against the
-- year before.
-- Trade areas count in the dong in which their middle lies.
-- grain: one row per dong, also where nothing is known
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
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
        cell.dong_code,
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
    group by cell.dong_code
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    sums.sales_krw,
    sums.transactions,
    sums.merchants,
    sums.sales_per_shop,
    sums.sales_per_visit,
    sums.yoy,
    coalesce(sums.yoy_cells, 0) as yoy_cells,
    sums.coverage,
    coalesce(sums.periods, 0) as periods,
    coalesce(sums.cells, 0) as cells,
    coalesce(sums.suppressed_cells, 0) as suppressed_cells
from dong
left join sums on dong.dong_code = sums.dong_code
where ($dong_codes is null or list_contains($dong_codes, dong.dong_code))
order by dong.dong_code
