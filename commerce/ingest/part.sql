-- What the addresses that are not plain say.
create or replace temp table part as
select
    line,
    lot_parts(nullif(address_lot, '')) as lot,
    road_parts(nullif(address_road, '')) as road
from given_odd;
