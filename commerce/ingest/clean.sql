-- One row per row of the file, typed: what it says, before other files are known.
-- Reads `given` (text columns by role, and what its plain addresses say), `part` (the parts of the
-- other addresses), `place` (the places in these), `service`, `status_name` and `status_meaning`.

-- Addresses that are not plain.
create or replace temp table odd as
with placed as (
    select
        part.line,
        part.lot,
        part.road,
        lot_place.hash as lot_place,
        road_place.hash as road_place,
        coalesce(lot_place.is_inside, road_place.is_inside) as is_inside,
        storey(part.road.rest) as road_storey,
        room(part.road.rest) as road_room,
        storey(part.lot.rest) as lot_storey,
        room(part.lot.rest) as lot_room
    from part
    left join place as lot_place on part.lot.place = lot_place.place
    left join place as road_place on part.road.place = road_place.place
)

select
    placed.line,
    placed.is_inside,
    address_key(
        placed.lot_place, placed.lot.hill, placed.lot.main,
        -- 691번지 3호 is lot 691-3, 691번지 105호 a room
        if(
            placed.lot.sub <> '' or strlen(placed.lot.ho) > 2,
            placed.lot.sub, placed.lot.ho
        )
    ) as lot_key,
    address_key(
        placed.road_place, placed.road.hill, placed.road.main, placed.road.sub
    ) as road_key,
    coalesce(
        floor_text(placed.road_storey), floor_text(placed.road_room),
        floor_text(placed.lot_storey), floor_text(placed.lot_room),
        if(strlen(placed.lot.ho) between 3 and 4, placed.lot.ho[:-3], null)
    ) as floor
from placed;

insert into staged by name
with dated as (
    select
        given.*,
        day_of(given.opened_on) as opening,
        day_of(given.closed_on) as closing,
        day_of(given.cancelled_on) as cancelling,
        moment_of(given.updated_at) as updated,
        moment_of(given.refreshed_at) as refreshed,
        if(
            strlen(given.status_code) = 2, given.status_code, lpad(given.status_code, 2, '0')
        ) as digits,
        try_cast(given.x as double) as east,
        try_cast(given.y as double) as north,
        try_cast(
            if(contains(given.area, ','), replace(given.area, ',', ''), given.area) as double
        ) as square_metres,
        storey(given.road_rest) as road_storey,
        room(given.road_rest) as road_room,
        storey(given.lot_rest) as lot_storey,
        room(given.lot_rest) as lot_room
    from given
),

coded as (
    select
        dated.*,
        coalesce(
            if(dated.digits in ('01', '02', '03', '04', '05', '06'), dated.digits, null),
            by_name.code, by_detail.code, ''
        ) as code
    from dated
    left join status_name as by_name on dated.status_name = by_name.name
    left join status_name as by_detail on dated.detail_name = by_detail.name
),

left_on as (
    select
        *,
        case code
            when '03' then closing
            when '04' then coalesce(cancelling, closing)
            when '05' then closing
        end as reported_on,
        case code
            when '03' then closed_on
            when '04' then if(is_blank_date(cancelled_on), closed_on, cancelled_on)
            when '05' then closed_on
            else ''
        end as reported_text
    from coded
)

select
    cast($source_no as integer) as source_no,
    left_on.line,
    permit_key(service.slug, nullif(left_on.permit_id, '')) as pk,
    nullif(left_on.permit_id, '') as permit_id,
    coalesce(service.slug, '') as service_code,
    nullif(left_on.trade, '') as trade_name,
    nullif(left_on.name, '') as name,
    left_on.opening as opened_on,
    if(
        meaning.exit_kind is null, null,
        coalesce(left_on.reported_on, cast(left_on.updated as date))
    ) as exit_on,
    meaning.exit_kind,
    case
        when meaning.status is null then cast('unknown' as date_quality)
        when meaning.exit_kind is null then null
        when left_on.reported_on is not null then cast('reported' as date_quality)
        when left_on.updated is not null then cast('imputed' as date_quality)
        else cast('unknown' as date_quality)
    end as exit_date_quality,
    coalesce(meaning.status, cast('unknown' as status)) as status,
    if(
        left_on.square_metres > 0 and left_on.square_metres < 1e9, left_on.square_metres, null
    ) as area_m2,
    nullif(left_on.address_road, '') as address_road,
    nullif(left_on.address_lot, '') as address_lot,
    if(odd.line is null, left_on.lot_key, odd.lot_key) as lot_key,
    if(odd.line is null, left_on.road_key, odd.road_key) as road_key,
    if(
        odd.line is null,
        coalesce(
            floor_text(left_on.road_storey), floor_text(left_on.road_room),
            floor_text(left_on.lot_storey), floor_text(left_on.lot_room)
        ),
        odd.floor
    ) as floor,
    if(is_point(left_on.east, left_on.north), left_on.east, null) as x,
    if(is_point(left_on.east, left_on.north), left_on.north, null) as y,
    nullif(left_on.authority, '') as authority,
    if(odd.line is null, left_on.is_inside, odd.is_inside) as is_inside,
    left_on.updated as updated_at,
    left_on.refreshed as refreshed_at,
    case
        when left_on.permit_id = '' then 'no_permit_id'
        when service.slug is null then 'unknown_service'
        when
            if(left_on.opening is null, not is_blank_date(left_on.opened_on), false)
            or if(left_on.reported_on is null, not is_blank_date(left_on.reported_text), false)
            then 'bad_date'
        when
            left_on.opening < date '1900-01-01' or left_on.reported_on < date '1900-01-01'
            then 'impossible_date'
        when
            strlen(left_on.permit_id) > 200
            or strlen(left_on.name) > 4000
            or strlen(left_on.address_lot) > 4000
            or strlen(left_on.address_road) > 4000
            or strlen(left_on.trade) > 4000
            then 'too_long'
    end as reason
from left_on
left join status_meaning as meaning on left_on.code = meaning.code
left join odd on left_on.line = odd.line
left join service
    on left_on.service_id = service.service_id and left_on.service_name = service.service_name;
