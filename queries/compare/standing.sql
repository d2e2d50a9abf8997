-- How many shops stand in a place, and how close to each other. A place is a circle around a
-- point, or dongs, or named areas: the first of them that is given.
-- grain: one row
-- parameters:
--   $lon double: longitude of the point, WGS84; null means dongs or named areas
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 300
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
-- columns:
--   active bigint (permits): standing at S
--   area_km2 double (km²): of the circle, the dongs or the named areas; null where an outline is
--     not known
--   density double (permits per km²): active / area_km2
with

scope as (
    select countif(not has_left)::bigint as active
    from permit
    where
        is_of_trade(category_id, group_id, $category_ids)
        and (
            $lon::double is null
            or is_within(lon, lat, $lon::double, $lat::double, coalesce($radius_m, 300))
        )
        and (
            $lon::double is not null
            or $dong_codes is null
            or list_contains($dong_codes, dong_code)
        )
        and (
            $lon::double is not null
            or $area_codes is null
            or list_has_any(trade_area_codes, $area_codes)
        )
),

dongs as (
    select if(count(area_km2) = count(*), sum(area_km2), null) as area_km2
    from dong
    where $dong_codes is null or list_contains($dong_codes, dong_code)
),

areas as (
    select if(count(area_m2) = count(*), sum(area_m2), null) / 1e6 as area_km2
    from trade_area
    where list_contains($area_codes, area_code)
),

sized as (
    select
        scope.active,
        case
            when $lon::double is not null
                then pi() * pow(coalesce($radius_m, 300) / 1000.0, 2)
            when $dong_codes is null and $area_codes is not null then areas.area_km2
            else dongs.area_km2
        end as area_km2
    from scope
    cross join dongs
    cross join areas
)

select
    active,
    area_km2,
    active / nullif(area_km2, 0) as density
from sized
