-- How card sales went in each dong, period by period.
-- grain: one row per dong with a cell in the scope and per period of the scope
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means from the first on
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   period date: first day of the period
--   sales_krw bigint (KRW): card sales of the period in cells that are known
--   sales_per_shop double (KRW per merchant and month): over cells whose sales are known
--   coverage double (ratio): merchants in cells whose sales are known / merchants in all cells
with

known as (
    select
        dong_code,
        period,
        any_value(period_months) as period_months,
        sum(sales_krw)::bigint as sales_krw,
        sum(sales_krw) filter (merchants > 0)
        / sum(merchants * period_months) filter (sales_krw is not null and merchants > 0)
            as sales_per_shop,
        sum(if(sales_krw is null, 0, merchants)) / nullif(sum(merchants), 0) as coverage
    from sales_cells($series, $area_codes, $dong_codes, $category_ids)
    group by dong_code, period
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
        unnest(
            generate_series(first_period, last_period, to_months(period_months))
        )::date as period
    from span
),

seen as (
    select distinct dong_code
    from known
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    periods.period,
    known.sales_krw,
    known.sales_per_shop,
    known.coverage
from seen
inner join dong on seen.dong_code = dong.dong_code
cross join periods
left join known on seen.dong_code = known.dong_code and periods.period = known.period
where
    periods.period >= period_start($from_month)
    and periods.period < period_end($to_month)
order by dong.dong_code, periods.period
