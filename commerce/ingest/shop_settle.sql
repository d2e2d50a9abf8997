-- Chooses the shops to publish, out of `shop_staged` without its refused rows.

-- The files that list shops of a district, oldest first; a file is full where it lists at
-- least half of what any older one did: trades and extracts do not replace whole lists.
create table shop_file as
with known as (
    select
        source_id,
        s,
        district_code,
        held,
        max(held) over (
            partition by district_code order by s, source_id
            rows between unbounded preceding and 1 preceding
        ) as most_before
    from shop_held
)

select
    source_id,
    s,
    district_code,
    coalesce(held * 2 >= most_before, true) as is_full,
    row_number() over (partition by district_code order by s, source_id) as age
from known;

create table shop_row as
with last_full as (
    select
        district_code,
        max(age) as age
    from shop_file
    where is_full
    group by district_code
),

listed as (
    select
        shop_staged.*,
        shop_source.source_id
    from shop_staged
    inner join shop_source on shop_staged.source_no = shop_source.source_no
    inner join shop_file
        on
            shop_source.source_id = shop_file.source_id
            and shop_staged.district_code = shop_file.district_code
    inner join last_full
        on shop_staged.district_code = last_full.district_code and shop_file.age >= last_full.age
    qualify
        row_number() over (
            partition by shop_staged.shop_id
            order by shop_source.s desc, shop_source.source_id desc, shop_staged.line asc
        ) = 1
)

select
    listed.*,
    lower(hex(place.h3_9)) as h3_9,
    lower(hex(place.h3_10)) as h3_10,
    place.dong_code,
    coalesce(trade.category_id, 'other') as category_id,
    held.trade_area_codes
from listed
left join shop_point as place on listed.lon = place.x and listed.lat = place.y
left join shop_trade as trade
    on
        listed.trade_code = trade.trade_code
        and listed.trade_name is not distinct from trade.trade_name
left join area_of_point as held on listed.lon = held.lon and listed.lat = held.lat;
