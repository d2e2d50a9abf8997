-- One site by its id, or a whole building by the id without its floor: where it lies and what its
-- address is.
-- grain: one row, or none where there is no such site any more
-- parameters:
--   $site_id varchar: lot or building, and floor where one is meant
-- columns:
--   site_id varchar: as it was asked for
--   is_whole boolean: whether a building was asked for, without a floor
--   has_floor boolean: whether any permit names just what was asked for
--   address_road varchar: road address that most of its permits give
--   address_lot varchar: lot address that most of its permits give
--   lon double (degrees): longitude, WGS84; null where no permit has a point
--   lat double (degrees): latitude
--   dong_code varchar: dong that it lies in; null where unknown
--   permits bigint (permits): permits ever given in the building
with

building as (
    select
        site_id,
        address_road,
        address_lot,
        if(lon is null, null, struct_pack(lon := lon, lat := lat)) as point,
        dong_code
    from establishment
    where
        -- the building itself and its floors: - is followed by . in the order of letters
        site_id = building_of($site_id::varchar)
        or (
            site_id >= concat(building_of($site_id::varchar), '-')
            and site_id < concat(building_of($site_id::varchar), '.')
        )
)

select
    $site_id::varchar as site_id,
    building_of($site_id::varchar) = $site_id::varchar as is_whole,
    coalesce(bool_or(site_id = $site_id::varchar), false) as has_floor,
    mode(address_road order by address_road) as address_road,
    mode(address_lot order by address_lot) as address_lot,
    mode(point order by point).lon as lon,
    mode(point order by point).lat as lat,
    mode(dong_code order by dong_code) as dong_code,
    count(*) as permits
from building
having count(*) > 0 and building_of($site_id::varchar) <> ''
