-- Shops like yours: the last openings of a trade around a point that had three years to show what
-- becomes of them. The radius grows until enough are found. Later openings are not among them,
-- since they had no time to fail.
-- grain: one row per permit
-- parameters:
--   $lon double: longitude of the point, WGS84
--   $lat double: latitude of the point
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $radius_m integer: radius to begin with; null means 500
--   $shops integer: how many are wanted; null means 20
--   $years integer: how many years they must have had; null means 3
-- columns:
--   name varchar: name of the shop
--   category_ko varchar: trade in Korean
--   category_en varchar: trade in English
--   address varchar: road address, else lot address
--   distance_m double (m): great-circle distance from the point
--   opened_on date: day the permit was given
--   left_on date: day it left, by S; null while it stands
--   how varchar: stands, closed, moved or vanished
--   days_open integer (days): from opening to leaving, or to S
--   outcome varchar: reached the anniversary, closed before it, or left otherwise before it (then
--     it is not known whether it would have)
--   lon double (degrees): longitude
--   lat double (degrees): latitude
--   permit_id varchar: permit number as published
--   radius_m integer (m): the radius that was needed, at most 5,000
--   found bigint (permits): openings in that radius that had those years; the rows are the last
with

-- 5 km around is more than any part of town
around as (
    select *
    from permits_near($lon, $lat, 5000)
    where
        is_of_trade(category_id, group_id, $category_ids)
        and opened_on + to_years(coalesce($years, 3)) <= observed_until
),

radii as (
    select
        unnest(list_distinct([coalesce($radius_m, 500), 500, 750, 1000, 1500, 2000, 3000, 5000]))
            as radius_m
),

reached as (
    select
        radii.radius_m,
        count(around.permit_id) as found
    from radii
    left join around on radii.radius_m >= around.distance_m
    where radii.radius_m >= coalesce($radius_m, 500)
    group by radii.radius_m
),

chosen as (
    select
        radius_m,
        found
    from reached
    -- the smallest radius that holds enough; where none does, the largest
    order by
        found < coalesce($shops, 20) asc,
        if(found < coalesce($shops, 20), -radius_m, radius_m) asc
    limit 1
),

latest as (
    select
        around.*,
        chosen.radius_m,
        chosen.found,
        around.opened_on + to_years(coalesce($years, 3)) as anniversary_on
    from around
    inner join chosen on around.distance_m <= chosen.radius_m
    order by around.opened_on desc, around.permit_id asc
    limit coalesce($shops, 20)
)

select
    establishment.name,
    category.name_ko as category_ko,
    category.name_en as category_en,
    coalesce(establishment.address_road, establishment.address_lot) as address,
    latest.distance_m,
    latest.opened_on,
    if(latest.has_left, latest.watched_until, null) as left_on,
    case
        when not latest.has_left then 'stands'
        when latest.is_closure then 'closed'
        when latest.is_move then 'moved'
        else 'vanished'
    end as how,
    latest.age_days as days_open,
    case
        when not latest.has_left or latest.watched_until > latest.anniversary_on then 'reached'
        when latest.is_closure then 'closed'
        else 'left'
    end as outcome,
    latest.lon,
    latest.lat,
    latest.permit_id,
    latest.radius_m::integer as radius_m,
    latest.found
from latest
inner join establishment
    on
        latest.permit_id = establishment.permit_id
        and latest.service_code = establishment.service_code
        -- the same row has the same point; told that, the scan skips other parts of town
        and latest.lon = establishment.lon
        and latest.lat = establishment.lat
left join category on latest.category_id::varchar = category.category_id
order by latest.opened_on desc, latest.permit_id asc
