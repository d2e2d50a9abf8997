-- What to take card sales apart by: their logarithm, and how many days of the Seol and Chuseok
-- seasons fall in each period. The method takes the holidays' effect out and splits the rest into
-- trend, season and remainder (STL); it wants 24 periods without a gap.
-- The season of a holiday is the seven days from five days before it to the day after it.
-- grain: one row per month or quarter, from the first to the last with a row in the scope
-- method: commerce.decomposition:decompose
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means from the first on
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
-- columns:
--   period date: first day of the period
--   period_months integer (months): its length
--   sales_krw bigint (KRW): card sales of the period in cells that are known
--   log_sales double (log KRW): natural logarithm of sales_krw; null where not known or 0
--   seol_days integer (days): days of the Seol season in the period; null outside 2005 to 2040
--   chuseok_days integer (days): days of the Chuseok season in the period
--   coverage double (ratio): merchants in cells whose sales are known / merchants in all cells
--   n_periods bigint (periods): periods of the result whose sales are known
with

known as (
    select
        period,
        period_months,
        sum(sales_krw)::bigint as sales_krw,
        sum(if(sales_krw is null, 0, merchants)) / nullif(sum(merchants), 0) as coverage
    from sales_cells($series, $area_codes, $dong_codes, $category_ids)
    where
        period >= period_start($from_month)
        and period < period_end($to_month)
    group by period, period_months
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
        )::date as period,
        (period + to_months(period_months))::date as ends_before
    from span
),

seasons as (
    select
        holiday,
        year(holiday_on) as calendar_year,
        holiday_on - 5 as starts_on,
        holiday_on + 2 as ends_before
    from holidays
),

days as (
    select
        periods.period,
        seasons.holiday,
        sum(
            greatest(
                least(seasons.ends_before, periods.ends_before)
                - greatest(seasons.starts_on, periods.period),
                0
            )
        )::integer as days
    from periods
    inner join seasons on year(periods.period) = seasons.calendar_year
    group by periods.period, seasons.holiday
)

select
    periods.period,
    periods.period_months,
    known.sales_krw,
    if(known.sales_krw > 0, ln(known.sales_krw), null) as log_sales,
    seol.days as seol_days,
    chuseok.days as chuseok_days,
    known.coverage,
    count(known.sales_krw) over () as n_periods
from periods
left join known on periods.period = known.period
left join days as seol on periods.period = seol.period and seol.holiday = 'seol'
left join days as chuseok on periods.period = chuseok.period and chuseok.holiday = 'chuseok'
order by periods.period
