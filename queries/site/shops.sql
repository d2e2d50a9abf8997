-- The shops of a trade around a point, for a map with rings: those that stand, and those that
-- closed in the last 36 months; the nearest first.
-- grain: one row per permit
-- parameters:
--   $lon double: longitude of the point, WGS84
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 300
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $max_rows integer: how many at most; null means 300
-- columns:
--   name varchar: name of the shop
--   category_ko varchar: trade in Korean
--   category_en varchar: trade in English
--   address varchar: road address, else lot address
--   is_open boolean: whether it stands at S
--   opened_on date: day the permit was given
--   left_on date: day it closed; null while it stands
--   distance_m double (m): great-circle distance from the point
--   lon double (degrees): longitude
--   lat double (degrees): latitude
--   site_id varchar: lot or building and floor
--   total_rows bigint (permits): how many there are in all
with

scope as (
    select
        *,
        count(*) over () as total_rows
    from permits_near($lon, $lat, coalesce($radius_m, 300))
    where
        is_of_trade(category_id, group_id, $category_ids)
        and (
            not has_left
            or (is_closure and watched_until > observed_until - interval 36 month)
        )
),

nearest as (
    select * from scope
    order by distance_m, permit_id
    limit coalesce($max_rows, 300)
)

select
    establishment.name,
    category.name_ko as category_ko,
    category.name_en as category_en,
    coalesce(establishment.address_road, establishment.address_lot) as address,
    not nearest.has_left as is_open,
    nearest.opened_on,
    if(nearest.has_left, nearest.watched_until, null) as left_on,
    nearest.distance_m,
    nearest.lon,
    nearest.lat,
    nearest.site_id,
    nearest.total_rows
from nearest
inner join establishment
    on
        nearest.permit_id = establishment.permit_id
        and nearest.service_code = establishment.service_code
        -- the same row has the same point; told that, the scan skips other parts of town
        and nearest.lon = establishment.lon
        and nearest.lat = establishment.lat
left join category on nearest.category_id::varchar = category.category_id
order by nearest.distance_m, nearest.permit_id
