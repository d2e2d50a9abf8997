-- What shops are called and where they stand or stood: those of the permits, and those of the list
-- of standing shops that have no permit of that name nearby.
-- grain: one row per name and site; of the list of standing shops, per name and point
-- parameters:
--   $max_rows integer: how many sites at most per name, standing ones first; null means 4
-- columns:
--   name varchar: name of the shop
--   site_id varchar: lot or building and floor; null for a shop of the list of standing shops
--   lon double (degrees): longitude, WGS84; null where unknown
--   lat double (degrees): latitude
--   address varchar: road address, else lot address
--   dong_code varchar: dong that it lies in; null where unknown
--   stands boolean: whether it stands at S
--   sites bigint (sites): how many sites bear or bore the name
with

sites as (
    select
        trim(name) as name,
        site_id,
        any_value(lon) as lon,
        any_value(lat) as lat,
        arg_max(coalesce(address_road, address_lot), opened_on) as address,
        any_value(dong_code) as dong_code,
        bool_or(exit_kind is null) as stands,
        max(exit_on) as left_on
    from establishment
    where site_id is not null and trim(name) <> ''
    group by trim(name), site_id
),

listed as (
    select
        trim(concat_ws(' ', name, branch)) as name,
        null::varchar as site_id,
        lon,
        lat,
        coalesce(address_road, address_lot) as address,
        dong_code,
        true as stands,
        null::date as left_on
    from shop
    where lon is not null and trim(concat_ws(' ', name, branch)) <> ''
),

-- a shop that stands in the list and has a permit nearby is one shop
alone as (
    select listed.*
    from listed
    where not exists (
        select 1
        from sites
        where
            sites.name = listed.name
            and sites.stands
            and is_within(sites.lon, sites.lat, listed.lon, listed.lat, 60)
    )
),

together as (
    select * from sites
    union all
    select * from alone
),

counted as (
    select
        name,
        site_id,
        lon,
        lat,
        address,
        dong_code,
        stands,
        count(*) over (partition by name) as sites,
        count_if(stands) over (partition by name) as standing,
        row_number() over (
            partition by name
            order by stands desc, left_on desc, site_id asc, lon asc, lat asc
        ) as turn
    from together
)

select
    name,
    site_id,
    lon,
    lat,
    address,
    dong_code,
    stands,
    sites
from counted
where turn <= coalesce($max_rows, 4)
order by standing desc, sites desc, name asc, turn asc
