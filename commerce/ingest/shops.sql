-- Takes the rows of one piece of a shop file, `shop_given`, into `shop_staged`.
insert into shop_staged by name
with plain as (
    select
        line,
        shop_code(shop_id) as shop_id,
        shop_text(name) as name,
        shop_known(branch) as branch,
        upper(shop_code(trade_code)) as trade_code,
        shop_known(trade_name) as trade_name,
        shop_code(district_code) as district_code,
        shop_address(shop_known(address_lot)) as address_lot,
        shop_address(shop_known(address_road)) as address_road,
        shop_code(floor) as floor,
        try_cast(trim(lon) as double) as lon,
        try_cast(trim(lat) as double) as lat
    from shop_given
),

placed as (
    select
        plain.* exclude (lon, lat, district_code),
        coalesce(changed.code_now, plain.district_code) as district_code,
        if(plain.lon between 124 and 132 and plain.lat between 33 and 39, plain.lon, null) as lon,
        if(plain.lon between 124 and 132 and plain.lat between 33 and 39, plain.lat, null) as lat
    from plain
    left join district_change as changed on plain.district_code = changed.code_before
)

select
    cast($source_no as integer) as source_no,
    *,
    case
        when shop_id is null then 'no_id'
        when name is null then 'no_name'
        when
            not coalesce(
                regexp_full_match(trade_code, '[A-Z][0-9]{5}|[A-Z][0-9]{2}[A-Z][0-9]{2}'), false
            )
            then 'bad_code'
        when not coalesce(regexp_full_match(district_code, '[0-9]{5}'), false) then 'bad_code'
    end as reason
from placed;
