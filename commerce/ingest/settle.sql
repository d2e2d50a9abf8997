-- Which rows are kept, and which version of each permit id is the newest.

-- One row per kept row, narrow: payload stays in `staged`.
create table seen as
select
    staged.rowid as row_no,
    md5_number_lower(staged.service_code || '|' || staged.permit_id) as pk,
    source.s,
    coalesce(staged.first_s, source.s) as first_s,
    staged.updated_at,
    staged.refreshed_at,
    source.source_id,
    source.is_new,
    staged.line,
    staged.service_code,
    staged.authority,
    staged.lot_key,
    staged.road_key,
    point.lon,
    point.lat,
    point.dong_code
from staged
inner join source on staged.source_no = source.source_no
left join point on staged.x = point.x and staged.y = point.y;

create table repeated as
select pk from seen group by pk having count(*) > 1;

-- Equal rows order by what is in them, never by which was given first.
create table ranked as
select
    seen.*,
    row_number() over (
        partition by seen.pk
        order by
            seen.s desc, seen.updated_at desc nulls last, seen.refreshed_at desc nulls last,
            seen.source_id desc, seen.line desc, seen.is_new desc
    ) as from_newest,
    row_number() over (
        partition by seen.pk
        order by
            seen.first_s,
            coalesce(staged.first_opened_on, staged.opened_on) nulls last,
            coalesce(staged.first_name_key, name_key(staged.name)) nulls last,
            coalesce(staged.first_lot_key, staged.lot_key) nulls last,
            coalesce(staged.first_road_key, staged.road_key) nulls last
    ) as from_oldest
from seen
inner join staged on seen.row_no = staged.rowid
where seen.pk in (from repeated);

-- One row per permit id: its newest row, and its oldest where that is another.
create table permit as
select
    row_no,
    pk,
    s as last_s,
    first_s,
    null::bigint as oldest_row
from seen
where pk not in (from repeated)
union all
select
    max(row_no) filter (where from_newest = 1) as row_no,
    pk,
    max(s) as last_s,
    min(first_s) as first_s,
    max(row_no) filter (where from_oldest = 1) as oldest_row
from ranked
group by pk;

-- Points that only an older version has are known points of their address.
insert into older_point
select distinct lot_key, road_key, lon, lat, s
from ranked
where from_newest > 1 and lon is not null and (lot_key is not null or road_key is not null);

insert into sighting
select source_id, service_code, authority, s, count(distinct pk)
from seen
where is_new
group by all;
