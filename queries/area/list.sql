-- Which named areas there are: trade areas as published, shopping streets and markets that staff
-- loaded, with what is known of each.
-- grain: one row per named area
-- parameters:
--   $max_rows integer: how many at most, those with most permits first; null means all
-- columns:
--   area_code varchar: code of the area
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   kind varchar: what it is, as published or given
--   dong_code varchar: dong in which its middle lies
--   lon double (degrees): longitude of its middle
--   lat double (degrees): latitude of its middle
--   area_m2 double (m²): its size
--   boundary varchar: its outline as GeoJSON text; null where only a point is known
--   permits bigint (permits): permits in it that stand at S; null where no outline is known
--   shops bigint (shops): shops in it on the day of their list; null where no outline is known
--   has_sales boolean: whether card sales of it are known
--   has_footfall boolean: whether its footfall is known
with

permit_areas as (
    select unnest(trade_area_codes) as area_code
    from permit
    where trade_area_codes is not null and not has_left
),

permit_counts as (
    select
        area_code,
        count(*) as permits
    from permit_areas
    group by area_code
),

shop_areas as (
    select unnest(trade_area_codes) as area_code
    from shop
    where trade_area_codes is not null
),

shop_counts as (
    select
        area_code,
        count(*) as shops
    from shop_areas
    group by area_code
)

select
    trade_area.area_code,
    trade_area.name_ko,
    trade_area.name_en,
    trade_area.kind,
    trade_area.dong_code,
    trade_area.lon,
    trade_area.lat,
    trade_area.area_m2,
    trade_area.boundary,
    if(trade_area.boundary is null, null, coalesce(permit_counts.permits, 0))::bigint as permits,
    if(trade_area.boundary is null, null, coalesce(shop_counts.shops, 0))::bigint as shops,
    trade_area.area_code in (
        select card_sales.area_code from card_sales where card_sales.area_kind = 'trade_area'
    ) as has_sales,
    trade_area.area_code in (
        select footfall.area_code from footfall where footfall.area_kind = 'trade_area'
    ) as has_footfall
from trade_area
left join permit_counts on trade_area.area_code = permit_counts.area_code
left join shop_counts on trade_area.area_code = shop_counts.area_code
order by permit_counts.permits desc nulls last, trade_area.area_code asc
limit coalesce($max_rows, 100000)
