-- Assembles `establishment_row` and marks bulk clean-ups.

-- A building's lot, for rows that only have the road address.
create table lot_of_road as
select road_key, min(lot_key) as lot_key
from current
where
    lot_key is not null
    and road_key in (select road_key from current where lot_key is null)
group by road_key
having count(distinct lot_key) = 1;

-- 20 or more closures of one service and authority on one day.
create table bulk_day as
select service_code, authority_code, exit_on
from current
where exit_kind in ('closed', 'cancelled') and exit_on is not null
group by all
having count(*) >= 20;

create view establishment_row as
with joined as (
    select
        current.*,
        watched.observed_until,
        watched.full_s,
        current.exit_kind is null
        and staged.status in ('open', 'suspended')
        and coalesce(current.last_s < watched.full_s, false) as has_vanished,
        bulk_day.exit_on is not null and current.exit_kind in ('closed', 'cancelled') as is_bulk,
        coalesce(by_trade.category_id, by_service.category_id, 'other') as category_id,
        found.dong_code as found_dong,
        found.point as found_point,
        legal.dong_code as legal_dong,
        coalesce(current.lot_key, lot_of_road.lot_key, current.road_key) as site_key,
        staged.permit_id,
        staged.name,
        staged.exit_date_quality,
        staged.floor,
        staged.opened_on,
        staged.status,
        staged.area_m2,
        staged.address_road,
        staged.address_lot,
        staged.updated_at,
        source.source_id
    from current
    inner join staged on current.row_no = staged.rowid
    inner join source on staged.source_no = source.source_no
    left join watched
        on
            current.service_code = watched.service_code
            and current.authority_code is not distinct from watched.authority_code
    left join bulk_day
        on
            current.service_code = bulk_day.service_code
            and current.authority_code is not distinct from bulk_day.authority_code
            and current.exit_on = bulk_day.exit_on
    left join trade as by_trade
        on
            current.service_code = by_trade.service_code
            and current.trade_name = by_trade.trade_name
    left join trade as by_service
        on current.service_code = by_service.service_code and by_service.trade_name = '*'
    left join found on current.root_pk = found.root_pk
    left join legal_found as legal on current.root_pk = legal.root_pk
    left join lot_of_road on current.road_key = lot_of_road.road_key
)
select
    joined.permit_id,
    lower(lpad(to_hex(joined.root_pk), 16, '0')) as identity_key,
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
    lpad(lower(to_hex(joined.site_key)), 16, '0')
    || coalesce('-' || joined.floor, '') as site_id,
    coalesce(joined.lon, joined.found_point.lon) as lon,
    coalesce(joined.lat, joined.found_point.lat) as lat,
    case
        when joined.lon is not null then 'reported'
        when joined.found_point is not null then 'from_address'
        else 'none'
    end as coordinate_quality,
    coalesce(joined.h3_9, near.h3_9) as h3_9,
    coalesce(joined.h3_10, near.h3_10) as h3_10,
    if(
        joined.lon is not null,
        joined.dong_code, coalesce(joined.found_dong, joined.legal_dong)
    ) as dong_code,
    joined.authority_code,
    joined.source_id,
    joined.updated_at
from joined
left join found_cell as near
    on joined.found_point.lon = near.lon and joined.found_point.lat = near.lat
left join service_name on joined.service_code = service_name.slug;
