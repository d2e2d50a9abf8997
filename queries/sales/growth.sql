-- Where card sales fell or grew most against the year before: each trade of each dong.
-- Both years are means per month over the same cells and periods: those known in both. A pair with
-- a small base is listed but has no rank: a few shops more or less make large changes of it.
-- grain: one row per dong and trade with a cell in the period
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $min_base_krw integer: below this base (KRW per month) a pair is small; null means 30,000,000
--   $min_merchants integer: below this number of merchants a pair is small, since its sum swings
--     with one shop; null means 10
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   dong_ko varchar: its name in Korean
--   dong_en varchar: its name in English
--   category_id varchar: trade
--   category_ko varchar: its name in Korean
--   category_en varchar: its name in English
--   merchants double (shops): mean over the periods, of the cells known in both years
--   base_krw double (KRW per month): sales of the year before
--   sales_krw double (KRW per month): sales of the period
--   change double (ratio): sales_krw / base_krw - 1
--   change_krw double (KRW per month): sales_krw - base_krw
--   yoy_cells bigint (cells): cells known in both years
--   is_small boolean: whether the base or the number of merchants is too small to rank
--   rank bigint: 1 is the fastest fall among those that are not small; null for the others
with

cells as (
    select
        cell.dong_code,
        cell.category_id,
        cell.period_months,
        cell.sales_krw is not null and cell.base_krw is not null as in_both,
        if(in_both, cell.period, null) as period,
        if(in_both, cell.sales_krw, null) as sales_krw,
        if(in_both, cell.base_krw, null) as base_krw,
        if(in_both, cell.merchants, null) as merchants
    from sales_cells($series, $area_codes, $dong_codes, $category_ids) as cell
    inner join sales_scope($series, $area_codes, $from_month, $to_month) as scope
        on cell.period between scope.first_month and scope.last_month
),

sums as (
    select
        dong_code,
        category_id,
        nullif(count(distinct period), 0) as periods,
        periods * any_value(period_months) as months,
        sum(sales_krw) / months as sales_krw,
        sum(base_krw) / months as base_krw,
        sum(merchants) / periods as merchants,
        countif(in_both)::bigint as yoy_cells
    from cells
    group by dong_code, category_id
),

changes as (
    select
        *,
        sales_krw / nullif(base_krw, 0) - 1 as change,
        -- where a source does not count merchants the base alone has to do
        coalesce(
            base_krw < coalesce($min_base_krw, 30000000)
            or coalesce(merchants < coalesce($min_merchants, 10), false),
            true
        ) as is_small
    from sums
)

select
    changes.dong_code::varchar as dong_code,
    dong.name_ko as dong_ko,
    dong.name_en as dong_en,
    changes.category_id::varchar as category_id,
    category.name_ko as category_ko,
    category.name_en as category_en,
    changes.merchants,
    changes.base_krw,
    changes.sales_krw,
    changes.change,
    changes.sales_krw - changes.base_krw as change_krw,
    changes.yoy_cells,
    changes.is_small,
    if(
        changes.is_small or changes.change is null,
        null,
        rank() over (
            partition by changes.is_small or changes.change is null order by changes.change asc
        )
    ) as rank
from changes
left join dong on changes.dong_code = dong.dong_code
left join category on changes.category_id = category.category_id
order by rank asc nulls last, changes.dong_code asc, changes.category_id asc
