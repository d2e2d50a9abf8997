-- Pairs each permit of the snapshot before with the same permit of the proposal: by its number,
-- else by identity_key, which survives a new number. Variables: before, after, the files.

-- Publishers changed how they write lots (97-11번지, 97-11) and where they leave blanks.
create macro place_words(address) as regexp_replace(address, '번지|\s', '', 'g');

create view old_permit as
select
    file_row_number as row_no,
    permit_id,
    identity_key,
    service_code,
    service_name,
    trade_name,
    category_id,
    name,
    opened_on,
    exit_on,
    exit_kind,
    status,
    area_m2,
    address_road,
    address_lot,
    lon,
    lat,
    dong_code,
    authority_code
from read_parquet(getvariable('before'), file_row_number = true);

create view new_permit as
select
    file_row_number as row_no,
    permit_id,
    identity_key,
    service_code,
    service_name,
    trade_name,
    category_id,
    name,
    opened_on,
    exit_on,
    exit_kind,
    status,
    area_m2,
    address_road,
    address_lot,
    lon,
    lat,
    dong_code,
    authority_code
from read_parquet(getvariable('after'), file_row_number = true);

-- Rows by their place in the two files.
create table pair as
with

by_number as (
    select
        old_permit.row_no as old_row,
        new_permit.row_no as new_row,
        false as is_reissued
    from old_permit
    inner join new_permit
        on
            old_permit.service_code = new_permit.service_code
            and old_permit.permit_id = new_permit.permit_id
),

-- A row of before whose number is gone, and whose identity stands under another number.
by_identity as (
    select
        old_permit.row_no as old_row,
        min(new_permit.row_no) as new_row,
        true as is_reissued
    from old_permit
    anti join by_number on old_permit.row_no = by_number.old_row
    inner join new_permit
        on
            old_permit.service_code = new_permit.service_code
            and old_permit.identity_key = new_permit.identity_key
    group by old_permit.row_no
)

from by_number
union all by name
from by_identity;

-- What differs, for each pair: only pairs of which anything does.
create table differing as
with flags as (
    select
        pair.*,
        was.name is distinct from now.name as name,
        was.trade_name is distinct from now.trade_name as trade_name,
        was.category_id is distinct from now.category_id as category_id,
        was.status is distinct from now.status as status,
        was.opened_on is distinct from now.opened_on as opened_on,
        was.exit_on is distinct from now.exit_on as exit_on,
        was.exit_kind is distinct from now.exit_kind as exit_kind,
        case
            when was.address_road is not null and now.address_road is not null
                then place_words(was.address_road) <> place_words(now.address_road)
            when was.address_lot is not null and now.address_lot is not null
                then place_words(was.address_lot) <> place_words(now.address_lot)
            else coalesce(was.address_road, was.address_lot)
                is distinct from coalesce(now.address_road, now.address_lot)
        end as address,
        was.area_m2 is distinct from now.area_m2 as area_m2,
        -- Ten metres, on the flat: a degree of latitude is 111,320 m.
        coalesce(
            pow((now.lat - was.lat) * 111320, 2)
            + pow((now.lon - was.lon) * 111320 * cos(radians(was.lat)), 2) > 100,
            false
        ) as point_moved,
        was.lon is null and now.lon is not null as point_gained,
        was.lon is not null and now.lon is null as point_lost,
        was.dong_code is distinct from now.dong_code as dong_code,
        was.authority_code is distinct from now.authority_code as authority_code,
        was.dong_code is not null and now.dong_code is null as has_lost_dong,
        was.dong_code is null and now.dong_code is not null as has_found_dong,
        was.exit_kind is distinct from 'vanished'
        and coalesce(now.exit_kind = 'vanished', false) as has_vanished,
        coalesce(was.exit_kind = 'vanished', false)
        and now.exit_kind is distinct from 'vanished' as has_returned
    from pair
    inner join old_permit as was on pair.old_row = was.row_no
    inner join new_permit as now on pair.new_row = now.row_no
)

select *
from flags
where
    is_reissued or name or trade_name or category_id or status or opened_on or exit_on
    or exit_kind or address or area_m2 or point_moved or point_gained or point_lost
    or dong_code or authority_code;
