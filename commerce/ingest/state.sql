-- One row per permit id ever seen: its newest row, and what its oldest said if that is another.
-- What is published as it was read stands in `establishment` already and is null here.
select
    source.source_id,
    source.s,
    staged.line,
    staged.permit_id,
    staged.service_code,
    if(linked.is_last = false, staged.trade_name, null) as trade_name,
    if(linked.is_last = false, staged.name, null) as name,
    if(linked.is_last = false, staged.opened_on, null) as opened_on,
    staged.exit_on,
    staged.exit_kind,
    staged.exit_date_quality,
    staged.status,
    if(linked.is_last = false, staged.area_m2, null) as area_m2,
    if(linked.is_last = false, staged.address_road, null) as address_road,
    if(linked.is_last = false, staged.address_lot, null) as address_lot,
    staged.lot_key,
    staged.road_key,
    staged.floor,
    if(linked.is_last = false, permit.lon, null) as x,
    if(linked.is_last = false, permit.lat, null) as y,
    staged.authority,
    staged.is_inside,
    if(linked.is_last = false, staged.updated_at, null) as updated_at,
    staged.refreshed_at,
    if(permit.first_s < source.s, permit.first_s, null) as first_s,
    if(
        permit.oldest_row is null, staged.first_opened_on,
        coalesce(oldest.first_opened_on, oldest.opened_on)
    ) as first_opened_on,
    if(
        permit.oldest_row is null, staged.first_name_key,
        coalesce(oldest.first_name_key, name_key(oldest.name))
    ) as first_name_key,
    if(
        permit.oldest_row is null, staged.first_lot_key,
        coalesce(oldest.first_lot_key, oldest.lot_key)
    ) as first_lot_key,
    if(
        permit.oldest_row is null, staged.first_road_key,
        coalesce(oldest.first_road_key, oldest.road_key)
    ) as first_road_key
from permit
inner join staged on permit.row_no = staged.rowid
inner join source on staged.source_no = source.source_no
left join linked on permit.pk = linked.pk
left join staged as oldest on permit.oldest_row = oldest.rowid
