-- One row per permit id ever seen: its newest row, and what its oldest said if that is another.
-- What is published as it was read stands in `establishment` already and is null here.
select
    source.source_id,
    source.s,
    staged.line,
    staged.permit_id,
    staged.service_code,
    if(replaced.is_last = false, staged.trade_name, null) as trade_name,
    if(replaced.is_last = false, staged.name, null) as name,
    if(replaced.is_last = false, staged.opened_on, null) as opened_on,
    staged.exit_on,
    staged.exit_kind,
    staged.exit_date_quality,
    staged.status,
    if(replaced.is_last = false, staged.area_m2, null) as area_m2,
    if(replaced.is_last = false, staged.address_road, null) as address_road,
    if(replaced.is_last = false, staged.address_lot, null) as address_lot,
    staged.lot_key,
    staged.road_key,
    staged.floor,
    if(replaced.is_last = false, point.lon, null) as x,
    if(replaced.is_last = false, point.lat, null) as y,
    staged.authority,
    staged.is_inside,
    if(replaced.is_last = false, staged.updated_at, null) as updated_at,
    staged.refreshed_at,
    if(
        coalesce(oldest.first_s, staged.first_s) < source.s,
        coalesce(oldest.first_s, staged.first_s), null
    ) as first_s,
    if(
        oldest.row_no is null, staged.first_opened_on,
        oldest.first_opened_on
    ) as first_opened_on,
    if(
        oldest.row_no is null, staged.first_name_key,
        oldest.first_name_key
    ) as first_name_key,
    if(
        oldest.row_no is null, staged.first_lot_key,
        oldest.first_lot_key
    ) as first_lot_key,
    if(
        oldest.row_no is null, staged.first_road_key,
        oldest.first_road_key
    ) as first_road_key
from staged
inner join source on staged.source_no = source.source_no
left join replaced on staged.rowid = replaced.row_no
left join point on staged.x = point.x and staged.y = point.y
left join oldest on staged.rowid = oldest.row_no
where staged.rowid not in (select older.row_no from older)
