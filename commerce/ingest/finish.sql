-- What is known of each permit beyond its own row: S, its address's point.

-- Since when a permit with several numbers is known.
create table root as
select
    linked.root_pk,
    min(permit.first_s) as first_s
from linked
inner join permit on linked.pk = permit.pk
group by linked.root_pk;

-- Rows that are not published: older versions, and permits under a number that was replaced.
create table replaced as
select
    permit.row_no,
    linked.root_pk,
    linked.is_last
from linked
inner join permit on linked.pk = permit.pk;

-- One row per permit, under its last number. A view: nearly all rows of `seen` are in it, and a
-- copy of them would take the memory that sorting needs.
create view current as
select
    coalesce(linked.root_pk, permit.pk) as root_pk,
    permit.row_no,
    permit.source_no,
    permit.last_s,
    coalesce(root.first_s, permit.first_s) as first_s,
    permit.service_code,
    coalesce(authority.authority_code, permit.authority) as authority_code,
    permit.exit_on,
    permit.exit_kind,
    permit.lot_key,
    permit.road_key,
    permit.trade_name,
    permit.lon,
    permit.lat,
    permit.dong_code
from permit
left join linked on permit.pk = linked.pk
left join root on linked.root_pk = root.root_pk
left join authority on permit.authority = authority.authority
where coalesce(linked.is_last, true);

-- S of a service and authority, and of the last full file there: the file held at least 90 % of
-- the permits known by then.
create table watched as
with file as (
    select
        sighting.source_id,
        sighting.service_code,
        coalesce(authority.authority_code, sighting.authority) as authority_code,
        sighting.s,
        sum(sighting.held) as held
    from sighting
    left join authority on sighting.authority = authority.authority
    group by all
),

grown as (
    select
        service_code,
        authority_code,
        first_s as s,
        count(*) as permits
    from current
    group by all
),

known as (
    select
        file.*,
        (
            select sum(grown.permits)
            from grown
            where
                grown.service_code = file.service_code
                and grown.authority_code is not distinct from file.authority_code
                and grown.s <= file.s
        ) as permits
    from file
)

select
    service_code,
    authority_code,
    max(s) as observed_until,
    max(s) filter (where held >= 0.9 * permits) as full_s
from known
group by all;

-- Points of addresses, for rows without one.
create table wanted as
select
    row_no,
    lot_key,
    road_key
from current where lon is null;

create table known_point as
select
    lot_key,
    road_key,
    lon,
    lat,
    dong_code,
    s
from seen
where
    lon is not null
    and (
        lot_key in (select lot_key from wanted) or road_key in (select road_key from wanted)
    )
union
select
    older_point.lot_key,
    older_point.road_key,
    older_point.lon,
    older_point.lat,
    point.dong_code,
    older_point.s
from older_point
inner join point on older_point.lon = point.lon and older_point.lat = point.lat
where
    older_point.lot_key in (select lot_key from wanted)
    or older_point.road_key in (select road_key from wanted);

-- Certain only where all known points of the address lie in one dong; the point itself only
-- where they also lie close together (0.003 degrees are about 300 m).
create table address_point as
with each as (
    select
        'lot' as kind,
        lot_key as address_key,
        lon,
        lat,
        dong_code,
        s
    from known_point
    where lot_key in (select lot_key from wanted)
    union all
    select
        'road' as kind,
        road_key as address_key,
        lon,
        lat,
        dong_code,
        s
    from known_point
    where road_key in (select road_key from wanted)
)

select
    kind,
    address_key,
    min(dong_code) as dong_code,
    max(lon) - min(lon) < 0.003 and max(lat) - min(lat) < 0.003 as is_close,
    -- the newest point; among equals the most western
    min_by({ 'lon': lon, 'lat': lat }, (date '2200-01-01' - s, lon, lat)) as point
from each
group by kind, address_key
having count(distinct coalesce(dong_code, '')) = 1;

create table found as
select
    wanted.row_no,
    coalesce(by_lot.dong_code, by_road.dong_code) as dong_code,
    coalesce(
        if(by_lot.is_close, by_lot.point, null), if(by_road.is_close, by_road.point, null)
    ) as point
from wanted
left join address_point as by_lot
    on wanted.lot_key = by_lot.address_key and by_lot.kind = 'lot'
left join address_point as by_road
    on wanted.road_key = by_road.address_key and by_road.kind = 'road'
where by_lot.address_key is not null or by_road.address_key is not null;

create table found_cell as
select
    point.lon,
    point.lat,
    min(point.h3_9) as h3_9,
    min(point.h3_10) as h3_10
from point
where (point.lon, point.lat) in (select (found.point.lon, found.point.lat) from found)
group by point.lon, point.lat;
