-- What is missing in the permits, by the year in which they were given.
-- grain: one row per year of opening; permits without an opening day are in no row
-- columns:
--   opened_year integer: year of opening
--   permits bigint (permits): permits given in the year
--   no_coordinates bigint (permits): of these, without a point on the map
--   no_coordinates_share double (%): no_coordinates / permits * 100
--   exits bigint (permits): of permits, those that left: closed, cancelled, moved away or vanished
--   exit_imputed bigint (permits): of exits, those whose day is the day of the last change
--   exit_unknown bigint (permits): of exits, those whose day nobody knows: out of all rates
--   exit_unsure_share double (%): (exit_imputed + exit_unknown) / exits * 100; null without exits
--   unmapped bigint (permits): of permits, those whose trade none of our trades fits
--   unmapped_share double (%): unmapped / permits * 100
with

counts as (
    select
        year(opened_on)::integer as opened_year,
        count(*) as permits,
        count(*) filter (lon is null) as no_coordinates,
        count(*) filter (exit_kind is not null) as exits,
        count(*) filter (exit_kind is not null and exit_date_quality = 'imputed') as exit_imputed,
        count(*) filter (
            exit_kind is not null and (exit_date_quality = 'unknown' or exit_on is null)
        ) as exit_unknown,
        count(*) filter (category_id = 'other' or category_id is null) as unmapped
    from establishment
    where opened_on is not null
    group by opened_year
)

select
    opened_year,
    permits,
    no_coordinates,
    no_coordinates / permits * 100 as no_coordinates_share,
    exits,
    exit_imputed,
    exit_unknown,
    (exit_imputed + exit_unknown) / nullif(exits, 0) * 100 as exit_unsure_share,
    unmapped,
    unmapped / permits * 100 as unmapped_share
from counts
order by opened_year
