-- Which series of card sales there are: what may be added up, and is never added across.
-- grain: one row per adapter, kind of area and length of period
-- columns:
--   series varchar: adapter of its sources
--   area_kind varchar: dong or trade_area
--   period_months integer (months): length of its periods
--   first_period date: first day of its first period
--   last_period date: first day of its newest period
--   areas bigint (areas): areas with a row in it
--   title varchar: title of its newest source
--   publisher varchar: publisher of its newest source
--   synthetic boolean: whether any of it is invented
--   is_main boolean: the one that figures show unless asked otherwise: the newest, of dongs before
--     trade areas, of most areas
select
    series::varchar as series,
    area_kind::varchar as area_kind,
    period_months,
    first_period,
    last_period,
    areas,
    title,
    publisher,
    synthetic,
    is_main
from sales_series
order by preference
