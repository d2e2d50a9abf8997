-- Which addresses the permits name, cut into road or lot and number, so that one can be found by
-- any part of it. A building stands under its road address and under its lot.
-- grain: one row per building or lot and kind of address
-- columns:
--   building varchar: site without its floor, as in establishment.site_id
--   kind varchar: road or lot
--   street varchar: name of the road, or of the legal dong of the lot, without blanks
--   main integer: building or lot number
--   sub integer: what stands behind its dash; 0 where there is none
--   is_hill boolean: whether the lot is one of the hills (산), numbered on their own
--   dong_code varchar: administrative dong that it lies in; null where unknown
--   permits bigint (permits): permits ever given there
with

written as (
    select
        building_of(site_id) as building,
        unnest(['road', 'lot']) as kind,
        unnest([address_road, address_lot]) as address,
        dong_code
    from establishment
    where site_id is not null
),

-- one building may be spelt in several ways: the most frequent is read
spelt as (
    select
        building,
        kind,
        mode(split_part(address, ',', 1) order by split_part(address, ',', 1)) as address,
        mode(dong_code order by dong_code) as dong_code,
        count(address) as permits
    from written
    group by building, kind
),

cut as (
    select
        building,
        kind,
        dong_code,
        permits,
        if(
            kind = 'road',
            regexp_extract(
                address,
                '(\S*[로길](?:\s*\d+[가-힣]?번?[가-힣]?길)?)\s*(지하)?\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?',
                ['street', 'apart', 'main', 'sub']
            ),
            regexp_extract(
                address,
                '(\S*[동리가읍면])\s*(산)?\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?',
                ['street', 'apart', 'main', 'sub']
            )
        ) as part
    from spelt
    where address is not null
)

select
    cut.building,
    cut.kind,
    replace(cut.part.street, ' ', '') as street,
    cut.part.main::integer as main,
    coalesce(try_cast(cut.part.sub as integer), 0) as sub,
    cut.part.apart = '산' as is_hill,
    cut.dong_code,
    cut.permits
from cut
where cut.part.main <> ''
order by street, main, sub, cut.building
