-- On which days an authority closed 20 or more permits of one service at once: clean-ups, after
-- which the true day of closing is unknown.
-- grain: one row per day, service and authority
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means from the first permit on
--   $to_month date: last month, inclusive; null means up to S
-- columns:
--   closed_on date: the day of the clean-up
--   service_code varchar: slug of the permit service
--   service_name varchar: its name
--   authority_code varchar: 7-digit code of the authority
--   closures bigint (permits): closed that day and marked bulk, in the dongs and trades asked for
with

bulk_days as (
    select
        watched_until as closed_on,
        service_code,
        authority_code,
        count(*) as closures
    from permit
    where
        is_bulk
        and ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and watched_until >= period_start($from_month)
        and watched_until < period_end($to_month)
    group by watched_until, service_code, authority_code
),

services as (
    select
        service_code,
        any_value(service_name) as service_name
    from establishment
    group by service_code
)

select
    bulk_days.closed_on,
    bulk_days.service_code::varchar as service_code,
    services.service_name,
    bulk_days.authority_code::varchar as authority_code,
    bulk_days.closures
from bulk_days
left join services on bulk_days.service_code = services.service_code
order by bulk_days.closed_on, bulk_days.service_code, bulk_days.authority_code
