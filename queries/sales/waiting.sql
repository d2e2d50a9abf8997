-- Months of card sales that wait for the rest of their days: some days are no month's sales.
-- grain: one row per series and month
-- parameters:
--   $series varchar: adapter of the series; null means all
-- columns:
--   series varchar: adapter of the sources
--   period date: first day of the month
--   days bigint (days): days of which sales are known in the area with the most
--   of_days bigint (days): days of the month
select
    dataset.adapter::varchar as series,
    area_indicator.period,
    max(area_indicator.value)::bigint as days,
    day(last_day(area_indicator.period)) as of_days
from area_indicator
inner join dataset on area_indicator.source_id = dataset.source_id
where
    area_indicator.indicator = 'card_sales_days'
    and ($series is null or dataset.adapter = $series)
group by dataset.adapter, area_indicator.period
order by dataset.adapter, area_indicator.period
