-- Openings of a trade around a point that are too young for shops like yours (reference_class):
-- they had no time to fail, so they are listed apart.
-- grain: one row per permit
-- parameters:
--   $lon double: longitude of the point, WGS84
--   $lat double: latitude of the point
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $radius_m integer: radius; null means 500
--   $years integer: opened within so many years up to S; null means 3
--   $max_rows integer: how many at most, the newest; null means 50
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
--   permit_id varchar: permit number as published
--   total_rows bigint (permits): how many there are in all
--   standing bigint (permits): of these, standing at S
--   closed bigint (permits): of these, closed or cancelled by S
with

scope as (
    select
        *,
        count(*) over () as total_rows,
        countif(not has_left) over () as standing,
        countif(is_closure) over () as closed
    from permits_near($lon, $lat, coalesce($radius_m, 500))
    where
        is_of_trade(category_id, group_id, $category_ids)
        and opened_on + to_years(coalesce($years, 3)) > observed_until
),

latest as (
    select * from scope
    order by opened_on desc, permit_id asc
    limit coalesce($max_rows, 50)
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
    latest.permit_id,
    latest.total_rows,
    latest.standing::bigint as standing,
    latest.closed::bigint as closed
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
