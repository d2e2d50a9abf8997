-- Which rows are kept, and which version of each permit id is the newest.

-- One row per kept row, narrow: names and addresses stay in `staged`.
create table seen as
select
    staged.rowid as row_no,
    staged.pk,
    staged.source_no,
    source.s,
    staged.first_s,
    staged.updated_at,
    staged.refreshed_at,
    staged.line,
    staged.service_code,
    staged.authority,
    staged.trade_name,
    staged.exit_on,
    staged.exit_kind,
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
    seen.row_no,
    seen.pk,
    seen.s,
    coalesce(seen.first_s, seen.s) as first_s,
    seen.lot_key,
    seen.road_key,
    seen.lon,
    seen.lat,
    row_number() over (
        partition by seen.pk
        order by
            seen.s desc, seen.updated_at desc nulls last, seen.refreshed_at desc nulls last,
            source.source_id desc, seen.line desc, source.is_new desc
    ) as from_newest,
    row_number() over (
        partition by seen.pk
        order by
            coalesce(seen.first_s, seen.s),
            coalesce(staged.first_opened_on, staged.opened_on) nulls last,
            coalesce(staged.first_name_key, name_key(staged.name)) nulls last,
            coalesce(staged.first_lot_key, staged.lot_key) nulls last,
            coalesce(staged.first_road_key, staged.road_key) nulls last
    ) as from_oldest
from seen
inner join source on seen.source_no = source.source_no
inner join staged on seen.row_no = staged.rowid
where seen.pk in (from repeated);

-- One row per permit id with several rows: since when it is known, and its oldest row.
create table aged as
select
    pk,
    min(first_s) as first_s,
    max(row_no) filter (where from_oldest = 1) as oldest_row
from ranked
group by pk;

create table older as
select row_no from ranked where from_newest > 1;

-- One row per permit id: its newest row.
create view permit as
select
    seen.* exclude (first_s),
    seen.s as last_s,
    coalesce(aged.first_s, seen.first_s, seen.s) as first_s,
    aged.oldest_row
from seen
left join aged on seen.pk = aged.pk
where seen.row_no not in (select row_no from older);

-- Points that only an older version has are known points of their address.
insert into older_point
select distinct
    lot_key,
    road_key,
    lon,
    lat,
    s
from ranked
where from_newest > 1 and lon is not null and (lot_key is not null or road_key is not null);

insert into sighting
select
    source.source_id,
    seen.service_code,
    seen.authority,
    seen.s,
    count(distinct seen.pk) as held
from seen
inner join source on seen.source_no = source.source_no
where source.is_new
group by all;

-- What the first version of a permit id said, by the row of its newest version.
create table oldest as
select
    permit.row_no,
    aged.first_s,
    coalesce(first.first_opened_on, first.opened_on) as first_opened_on,
    coalesce(first.first_name_key, name_key(first.name)) as first_name_key,
    coalesce(first.first_lot_key, first.lot_key) as first_lot_key,
    coalesce(first.first_road_key, first.road_key) as first_road_key
from aged
inner join permit on aged.pk = permit.pk
inner join staged as first on aged.oldest_row = first.rowid;
