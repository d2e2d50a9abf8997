-- One row per row of the file, typed: what it says, before other files are known.
-- Reads `given` (text columns by role), `part` (parts of the addresses), `place` (hashes of
-- places), `service` and `status_name`.
insert into staged by name
with trimmed as (
    select
        line,
        nullif(trim(permit_id), '') as permit_id,
        opened_on as opened_text,
        cancelled_on as cancelled_text,
        closed_on as closed_text,
        if(
            status_code in ('01', '03'), status_code, lpad(trim(status_code), 2, '0')
        ) as status_code,
        status_name,
        detail_name,
        try_cast(replace(area, ',', '') as double) as area,
        nullif(trim(name), '') as name,
        nullif(trim(trade), '') as trade_name,
        updated_at as updated_text,
        refreshed_at as refreshed_text,
        try_cast(x as double) as x,
        try_cast(y as double) as y,
        nullif(trim(authority), '') as authority,
        service_id,
        service_name
    from given
),

dated as (
    select
        *,
        day_of(opened_text) as opened_on,
        day_of(cancelled_text) as cancelled_on,
        day_of(closed_text) as closed_on,
        moment_of(updated_text) as updated_at,
        moment_of(refreshed_text) as refreshed_at
    from trimmed
),

coded as (
    select
        dated.*,
        coalesce(
            if(dated.status_code in ('01', '02', '03', '04', '05', '06'), dated.status_code, null),
            by_name.code, by_detail.code, ''
        ) as code
    from dated
    left join status_name as by_name on trim(dated.status_name) = by_name.name
    left join status_name as by_detail on trim(dated.detail_name) = by_detail.name
),

left_on as (
    select
        *,
        case code
            when '03' then closed_on
            when '04' then coalesce(cancelled_on, closed_on)
            when '05' then closed_on
        end as reported_on,
        case code
            when '03' then closed_text
            when '04' then if(is_blank_date(cancelled_text), closed_text, cancelled_text)
            when '05' then closed_text
            else ''
        end as reported_text
    from coded
),

placed as (
    select
        left_on.*,
        part.address_lot,
        part.address_road,
        part.lot,
        part.road,
        lot_place.hash as lot_place,
        road_place.hash as road_place,
        coalesce(lot_place.is_inside, road_place.is_inside) as is_inside,
        nullif(part.road.rest, '') as road_detail,
        nullif(part.lot.rest, '') as lot_detail
    from left_on
    inner join part on left_on.line = part.line
    left join place as lot_place on part.lot.place = lot_place.place
    left join place as road_place on part.road.place = road_place.place
),

storeyed as (
    select
        *,
        storey(road_detail) as road_storey,
        room(road_detail) as road_room,
        storey(lot_detail) as lot_storey,
        room(lot_detail) as lot_room
    from placed
)

select
    cast($source_no as integer) as source_no,
    storeyed.line,
    storeyed.permit_id,
    coalesce(service.slug, '') as service_code,
    storeyed.trade_name,
    storeyed.name,
    storeyed.opened_on,
    case
        when storeyed.code in ('03', '04', '05')
            then coalesce(storeyed.reported_on, cast(storeyed.updated_at as date))
    end as exit_on,
    case storeyed.code
        when '03' then 'closed' when '04' then 'cancelled' when '05' then 'moved_out'
    end as exit_kind,
    case
        when storeyed.code in ('01', '02') then null
        when storeyed.code not in ('03', '04', '05') then 'unknown'
        when storeyed.reported_on is not null then 'reported'
        when storeyed.updated_at is not null then 'imputed'
        else 'unknown'
    end as exit_date_quality,
    case storeyed.code
        when '01' then 'open' when '02' then 'suspended' when '03' then 'closed'
        when '04' then 'cancelled' when '05' then 'moved_out' else 'unknown'
    end as status,
    if(storeyed.area > 0 and storeyed.area < 1e9, storeyed.area, null) as area_m2,
    storeyed.address_road,
    storeyed.address_lot,
    address_key(
        storeyed.lot_place, storeyed.lot.hill, storeyed.lot.main,
        -- 691번지 3호 is lot 691-3, 691번지 105호 a room
        if(
            storeyed.lot.sub <> '' or strlen(storeyed.lot.ho) > 2,
            storeyed.lot.sub, storeyed.lot.ho
        )
    ) as lot_key,
    address_key(
        storeyed.road_place, storeyed.road.hill, storeyed.road.main, storeyed.road.sub
    ) as road_key,
    coalesce(
        floor_text(storeyed.road_storey), floor_text(storeyed.road_room),
        floor_text(storeyed.lot_storey), floor_text(storeyed.lot_room),
        if(strlen(storeyed.lot.ho) between 3 and 4, storeyed.lot.ho[:-3], null)
    ) as floor,
    if(is_point(storeyed.x, storeyed.y), storeyed.x, null) as x,
    if(is_point(storeyed.x, storeyed.y), storeyed.y, null) as y,
    storeyed.authority,
    storeyed.is_inside,
    storeyed.updated_at,
    storeyed.refreshed_at,
    case
        when storeyed.permit_id is null then 'no_permit_id'
        when service.slug is null then 'unknown_service'
        when
            (storeyed.opened_on is null and not is_blank_date(storeyed.opened_text))
            or (storeyed.reported_on is null and not is_blank_date(storeyed.reported_text))
            then 'bad_date'
        when
            storeyed.opened_on < date '1900-01-01' or storeyed.reported_on < date '1900-01-01'
            then 'impossible_date'
        when
            strlen(storeyed.permit_id) > 200
            or strlen(storeyed.name) > 4000
            or strlen(storeyed.address_lot) > 4000
            or strlen(storeyed.address_road) > 4000
            or strlen(storeyed.trade_name) > 4000
            then 'too_long'
    end as reason
from storeyed
left join service
    on storeyed.service_id = service.service_id and storeyed.service_name = service.service_name;
