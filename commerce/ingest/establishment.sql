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

-- Reads `staged` in one pass; everything that it is joined with is small, but for the points.
create view establishment_row as
with known as (
    select
        staged.*,
        staged.rowid as row_no,
        coalesce(
            replaced.root_pk,
            cast(
                md5_number(staged.service_code || '|' || staged.permit_id) >> 64 as ubigint
            )
        ) as root_pk,
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
    printf('%016x', joined.root_pk) as identity_key,
    joined.service_code,
    service_name.name_ko as service_name,
    joined.trade_name,
    joined.category_id,
    joined.name,
    joined.opened_on,
    if(joined.has_vanished, joined.last_s, joined.exit_on) as exit_on,
    if(joined.has_vanished, 'vanished', joined.exit_kind) as exit_kind,
    case
        when joined.has_vanished then 'imputed'
        when joined.is_bulk then 'bulk'
        else joined.exit_date_quality
    end as exit_date_quality,
    if(joined.has_vanished, 'unknown', joined.status) as status,
    coalesce(joined.observed_until, joined.last_s) as observed_until,
    joined.area_m2,
    joined.address_road,
    joined.address_lot,
    printf('%016x', joined.site_key) || coalesce('-' || joined.floor, '') as site_id,
    coalesce(joined.lon, joined.found_point.lon) as lon,
    coalesce(joined.lat, joined.found_point.lat) as lat,
    case
        when joined.lon is not null then 'reported'
        when joined.found_point is not null then 'from_address'
        else 'none'
    end as coordinate_quality,
    coalesce(joined.point_h3_9, near.h3_9) as h3_9,
    coalesce(joined.point_h3_10, near.h3_10) as h3_10,
    if(
        joined.lon is not null,
        joined.point_dong, coalesce(joined.found_dong, joined.legal_dong)
    ) as dong_code,
    null as trade_area_codes,
    joined.authority_code,
    joined.source_id,
    joined.updated_at
from joined
left join found_cell as near
    on joined.found_point.lon = near.lon and joined.found_point.lat = near.lat
left join service_name on joined.service_code = service_name.slug;
