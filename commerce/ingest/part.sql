-- The parts of each row's addresses: the plain pattern first, the thorough one where it fails.
create or replace temp table part as
with plain as (
    select
        line,
        address_lot,
        address_road,
        plain_parts(address_lot) as lot,
        plain_parts(address_road) as road
    from (
        select
            line,
            nullif(trim(address_lot), '') as address_lot,
            nullif(trim(address_road), '') as address_road
        from given
    ) as trimmed
)

select
    plain.line,
    plain.address_lot,
    plain.address_road,
    if(
        plain.address_lot is null or right(lot.place, 1) in ('동', '리', '가'),
        as_parts(lot), lot_parts(plain.address_lot)
    ) as lot,
    if(
        plain.address_road is null or right(road.place, 1) in ('로', '길'),
        as_parts(road), road_parts(plain.address_road)
    ) as road
from plain
