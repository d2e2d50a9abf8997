-- What earlier runs knew, as rows of `staged`.
insert into staged by name
select
    kept.* exclude (
        source_id, s, trade_name, name, address_road, address_lot, opened_on, area_m2,
        updated_at, x, y
    ),
    source.source_no,
    permit_key(kept.service_code, kept.permit_id) as pk,
    coalesce(kept.trade_name, published.trade_name) as trade_name,
    coalesce(kept.name, published.name) as name,
    coalesce(kept.address_road, published.address_road) as address_road,
    coalesce(kept.address_lot, published.address_lot) as address_lot,
    coalesce(kept.opened_on, published.opened_on) as opened_on,
    coalesce(kept.area_m2, published.area_m2) as area_m2,
    coalesce(kept.updated_at, published.updated_at) as updated_at,
    coalesce(
        kept.x, if(published.coordinate_quality = 'reported', published.lon, null)
    ) as x,
    coalesce(
        kept.y, if(published.coordinate_quality = 'reported', published.lat, null)
    ) as y
from read_parquet($file) as kept
inner join source on kept.source_id = source.source_id and kept.s = source.s
left join read_parquet($published) as published
    on kept.service_code = published.service_code and kept.permit_id = published.permit_id
