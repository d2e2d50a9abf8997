-- When and by whom card sales are made: their parts by hour, weekday, sex and age over a period.
-- grain: one row per dimension and bucket
-- parameters:
--   $series varchar: adapter of the series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
--   $dimension varchar: hour_band, weekday, weekday_hour, sex, age_group or sex_age; null means all
-- columns:
--   dimension varchar: what sales are split by
--   bucket varchar: the part
--   share double (ratio): its sales / sales of all parts of the dimension
--   sales_krw bigint (KRW): card sales of the part, all periods together
--   transactions bigint (transactions): of the part, all periods together
--   cells bigint (cells): cells of all periods that have this part
--   coverage double (ratio): sales of all parts of the dimension / known sales of all cells in the
--     same periods; what no part holds is of unknown hour, sex or age, or of cells without parts
--   period_from date: first day of the first period behind it; a publisher may give parts by the
--     quarter and sums by the month
--   period_to date: last month of the last period behind it
with

scope as (
    select *
    from sales_scope($series, $area_codes, $from_month, $to_month)
),

given as (
    select part.*
    from sale_profile as part
    inner join scope
        on
            part.series = scope.series
            and part.area_kind = scope.area_kind
            and part.period between scope.first_month and scope.last_month
    where
        ($dimension is null or part.dimension = $dimension)
        and ($area_codes is null or list_contains($area_codes, part.area_code))
        and (
            $area_codes is not null
            or $dong_codes is null
            or list_contains($dong_codes, part.dong_code)
        )
        and (
            $category_ids is null
            or list_contains($category_ids, part.category_id)
            or list_contains($category_ids, part.group_id)
        )
),

sums as (
    select
        period,
        period_months,
        dimension,
        bucket,
        sum(sales_krw) as sales_krw,
        sum(transactions) as transactions,
        count(sales_krw) as cells
    from given
    group by all
),

-- parts of periods as long as those of the series where there are any, else the shortest
chosen as (
    select
        coalesce(
            min(sums.period_months) filter (sums.period_months = scope.period_months),
            min(sums.period_months)
        ) as period_months
    from sums
    cross join scope
),

parts as (
    select
        sums.dimension,
        sums.bucket,
        sum(sums.sales_krw)::bigint as sales_krw,
        sum(sums.transactions)::bigint as transactions,
        sum(sums.cells)::bigint as cells
    from sums
    inner join chosen on sums.period_months = chosen.period_months
    group by sums.dimension, sums.bucket
),

periods as (
    select
        sums.dimension,
        sums.period as starts_on,
        (sums.period + to_months(sums.period_months))::date as ends_before
    from sums
    inner join chosen on sums.period_months = chosen.period_months
    group by all
),

months as (
    select
        period,
        period_months,
        sum(sales_krw) as sales_krw
    from sales_cells($series, $area_codes, $dong_codes, $category_ids)
    group by period, period_months
),

totals as (
    select
        periods.dimension,
        min(periods.starts_on) as period_from,
        (max(periods.ends_before) - interval 1 month)::date as period_to,
        sum(months.sales_krw) as sales_krw
    from periods
    left join months
        on
            periods.starts_on <= months.period
            and periods.ends_before >= (months.period + to_months(months.period_months))::date
    group by periods.dimension
)

select
    parts.dimension::varchar as dimension,
    parts.bucket::varchar as bucket,
    parts.sales_krw / nullif(sum(parts.sales_krw) over by_dimension, 0) as share,
    parts.sales_krw,
    parts.transactions,
    parts.cells,
    sum(parts.sales_krw) over by_dimension / nullif(totals.sales_krw, 0) as coverage,
    totals.period_from,
    totals.period_to
from parts
inner join totals on parts.dimension = totals.dimension
window by_dimension as (partition by parts.dimension)
order by parts.dimension, parts.bucket
