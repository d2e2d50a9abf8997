-- Assembles `establishment_row` and marks bulk clean-ups.

-- A building's lot, for rows that only have the road address.
create table lot_of_road as
select
    road_key,
    min(lot_key) as lot_key
from current
where
    lot_key is not null
    and road_key in (select bare.road_key from current as bare where bare.lot_key is null)
group by road_key
having count(distinct lot_key) = 1;

-- 20 or more closures of one service and authority on one day.
create table bulk_day as
select
    service_code,
    authority_code,
    exit_on
from current
where exit_kind in ('closed', 'cancelled') and exit_on is not null
group by all
having count(*) >= 20;

-- Words that many rows share, in the order of their letters: rows with numbers in their place sort
-- in half the time, and the Parquet writer takes them for its dictionaries as they are.
-- noqa: disable=CV07,LT01
create type service_code as enum (select slug from service_name order by slug);
create type service_word as enum (select distinct name_ko from service_name order by name_ko);
create type trade_word as enum (
    select distinct trade_name from staged where trade_name is not null order by trade_name
);
create type category_id as enum (
    select category_id from trade
    union
    select 'other' as category_id
    order by category_id
);
create type coordinate_quality as enum ('reported', 'from_address', 'none');
create type dong_code as enum (select dong_code from dong_row order by dong_code);
create type authority_code as enum (
    select distinct authority_code from authority where authority_code is not null
    order by authority_code
);
create type source_id as enum (select distinct source_id from source order by source_id);
-- noqa: enable=CV07,LT01

-- Reads `staged` in one pass; everything that it is joined with is small, but for the points.
-- Keys and cells are numbers still: rows are sorted before tables.py writes them as texts.
create view establishment_row as
with known as (
    select
        staged.*,
        staged.rowid as row_no,
        coalesce(replaced.root_pk, staged.pk) as root_pk,
        source.s as last_s,
        source.source_id,
        coalesce(authority.authority_code, staged.authority) as authority_code,
        point.lon,
        point.lat,
        point.dong_code as point_dong,
        point.h3_9 as point_h3_9,
        point.h3_10 as point_h3_10
    from staged
    inner join source on staged.source_no = source.source_no
    left join replaced on staged.rowid = replaced.row_no
    left join authority on staged.authority = authority.authority
    left join point on staged.x = point.x and staged.y = point.y
    where
        coalesce(replaced.is_last, true)
        and staged.rowid not in (select older.row_no from older)
),

joined as (
    select
        known.*,
        watched.observed_until,
        known.exit_kind is null
        and known.status in ('open', 'suspended')
        and coalesce(known.last_s < watched.full_s, false) as has_vanished,
        bulk_day.exit_on is not null and known.exit_kind in ('closed', 'cancelled') as is_bulk,
        coalesce(by_trade.category_id, by_service.category_id, 'other') as category_id,
        found.dong_code as found_dong,
        found.point as found_point,
        legal_found.dong_code as legal_dong,
        coalesce(known.lot_key, lot_of_road.lot_key, known.road_key) as site_key
    from known
    left join watched
        on
            known.service_code = watched.service_code
            and known.authority_code is not distinct from watched.authority_code
    left join bulk_day
        on
            known.service_code = bulk_day.service_code
            and known.authority_code is not distinct from bulk_day.authority_code
            and known.exit_on = bulk_day.exit_on
    left join trade as by_trade
        on
            known.service_code = by_trade.service_code
            and known.trade_name = by_trade.trade_name
    left join trade as by_service
        on known.service_code = by_service.service_code and by_service.trade_name = '*'
    left join found on known.row_no = found.row_no
    left join legal_found on known.row_no = legal_found.row_no
    left join lot_of_road on known.road_key = lot_of_road.road_key
)

select
    joined.permit_id,
    joined.root_pk as identity_key,
    cast(joined.service_code as service_code) as service_code,
    cast(service_name.name_ko as service_word) as service_name,
    cast(joined.trade_name as trade_word) as trade_name,
    cast(joined.category_id as category_id) as category_id,
    joined.name,
    joined.opened_on,
    if(joined.has_vanished, joined.last_s, joined.exit_on) as exit_on,
    if(joined.has_vanished, cast('vanished' as exit_kind), joined.exit_kind) as exit_kind,
    case
        when joined.has_vanished then cast('imputed' as date_quality)
        when joined.is_bulk then cast('bulk' as date_quality)
        else joined.exit_date_quality
    end as exit_date_quality,
    if(joined.has_vanished, cast('unknown' as status), joined.status) as status,
    coalesce(joined.observed_until, joined.last_s) as observed_until,
    joined.area_m2,
    joined.address_road,
    joined.address_lot,
    joined.site_key as site_id,
    joined.floor,
    coalesce(joined.lon, joined.found_point.lon) as lon,
    coalesce(joined.lat, joined.found_point.lat) as lat,
    case
        when joined.lon is not null then cast('reported' as coordinate_quality)
        when joined.found_point is not null then cast('from_address' as coordinate_quality)
        else cast('none' as coordinate_quality)
    end as coordinate_quality,
    coalesce(joined.point_h3_9, near.h3_9) as h3_9,
    coalesce(joined.point_h3_10, near.h3_10) as h3_10,
    cast(
        if(
            joined.lon is not null,
            joined.point_dong, coalesce(joined.found_dong, joined.legal_dong)
        ) as dong_code
    ) as dong_code,
    held.trade_area_codes,
    cast(joined.authority_code as authority_code) as authority_code,
    cast(joined.source_id as source_id) as source_id,
    joined.updated_at
from joined
left join found_cell as near
    on joined.found_point.lon = near.lon and joined.found_point.lat = near.lat
left join area_of_point as held
    on
        coalesce(joined.lon, joined.found_point.lon) = held.lon
        and coalesce(joined.lat, joined.found_point.lat) = held.lat
left join service_name on joined.service_code = service_name.slug;
