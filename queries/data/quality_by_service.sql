-- What is missing in the permits, service by service: where to begin mending.
-- grain: one row per service
-- columns:
--   service_code varchar: service
--   service_name varchar: its name
--   observed_until date: S, the last day that any of its permits is known of
--   permits bigint (permits): permits of the service
--   no_coordinates bigint (permits): of these, without a point on the map
--   no_coordinates_share double (%): no_coordinates / permits * 100
--   exits bigint (permits): of permits, those that left
--   exit_unsure bigint (permits): of exits, those whose day is imputed or unknown
--   exit_unsure_share double (%): exit_unsure / exits * 100; null without exits
--   unmapped bigint (permits): of permits, those whose trade none of our trades fits
--   unmapped_share double (%): unmapped / permits * 100
with

counts as (
    select
        service_code,
        any_value(service_name) as service_name,
        max(observed_until) as observed_until,
        count(*) as permits,
        count(*) filter (lon is null) as no_coordinates,
        count(*) filter (exit_kind is not null) as exits,
        count(*) filter (
            exit_kind is not null
            and (exit_date_quality in ('imputed', 'unknown') or exit_on is null)
        ) as exit_unsure,
        count(*) filter (category_id = 'other' or category_id is null) as unmapped
    from establishment
    group by service_code
)

select
    service_code,
    service_name,
    observed_until,
    permits,
    no_coordinates,
    no_coordinates / permits * 100 as no_coordinates_share,
    exits,
    exit_unsure,
    exit_unsure / nullif(exits, 0) * 100 as exit_unsure_share,
    unmapped,
    unmapped / permits * 100 as unmapped_share
from counts
order by permits desc, service_code asc
