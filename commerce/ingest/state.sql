-- One row per permit id ever seen: its newest row, and what its oldest said if that is another.
select
    source.source_id,
    source.s,
    staged.line,
    staged.permit_id,
    staged.service_code,
    staged.trade_name,
    staged.name,
    staged.opened_on,
    staged.exit_on,
    staged.exit_kind,
    staged.exit_date_quality,
    staged.status,
    staged.area_m2,
    staged.address_road,
    staged.address_lot,
    staged.lot_key,
    staged.road_key,
    staged.floor,
    seen.lon as x,
    seen.lat as y,
    staged.authority,
    staged.is_inside,
    staged.updated_at,
    staged.refreshed_at,
    if(chain.first_s < source.s, chain.first_s, null) as first_s,
    if(
        chain.oldest_row is null, staged.first_opened_on,
        coalesce(oldest.first_opened_on, oldest.opened_on)
    ) as first_opened_on,
    if(
        chain.oldest_row is null, staged.first_name_key,
        coalesce(oldest.first_name_key, name_key(oldest.name))
    ) as first_name_key,
    if(
        chain.oldest_row is null, staged.first_lot_key,
        coalesce(oldest.first_lot_key, oldest.lot_key)
    ) as first_lot_key,
    if(
        chain.oldest_row is null, staged.first_road_key,
        coalesce(oldest.first_road_key, oldest.road_key)
    ) as first_road_key
from chain
inner join staged on chain.row_no = staged.rowid
inner join seen on chain.row_no = seen.row_no
inner join source on staged.source_no = source.source_no
left join staged as oldest on chain.oldest_row = oldest.rowid
