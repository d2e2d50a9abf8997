-- What official statistics say of firms, to stand beside the permits. Another kind of figure: they
-- count firms with turnover or staff, in all trades, and a permit outlives a firm.
-- grain: one row per region and number of years
-- columns:
--   region varchar: gwangju or nation
--   region_name_ko varchar: its name in Korean
--   region_name_en varchar: its name in English
--   reference_year bigint: year in which survival was measured
--   years bigint (years): years since the firm was new
--   survival double (ratio): share of new firms that is still active
--   source varchar: publication
select
    region,
    region_name_ko,
    region_name_en,
    reference_year,
    years,
    survival,
    source
from official_survival
order by region, years
