-- How the sources agree on the number of shops: permits, card merchants and listed shops of each
-- trade in each dong. Ratios far from 1 show where a source sees other shops than the permits.
-- grain: one row per dong and trade that any of the three knows
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   dong_ko varchar: its name in Korean
--   dong_en varchar: its name in English
--   category_id varchar: trade
--   category_ko varchar: its name in Korean
--   category_en varchar: its name in English
--   permits bigint (permits): active at S; null for a trade that needs no permit, or of which no
--     permit is loaded anywhere: unknown, not zero
--   merchants bigint (shops): card merchants in the newest period of the main series of card sales;
--     null where that series is not of dongs or has no such cell
--   shops bigint (shops): shops listed; null where no list is loaded, or for a trade that it lists
--     nowhere
--   merchants_per_permit double (ratio): merchants / permits
--   shops_per_permit double (ratio): shops / permits
with

permits as (
    select
        dong_code::varchar as dong_code,
        category_id::varchar as category_id,
        countif(not has_left)::bigint as permits
    from permit
    where ($dong_codes is null or list_contains($dong_codes, dong_code))
    group by all
),

merchants as (
    select
        sale.dong_code::varchar as dong_code,
        sale.category_id::varchar as category_id,
        sum(sale.merchants)::bigint as merchants
    from sale
    inner join sales_series as main
        on
            sale.series = main.series
            and sale.area_kind = main.area_kind
            and sale.period_months = main.period_months
            and sale.period = main.last_period
    where
        main.is_main
        and main.area_kind = 'dong'
        and ($dong_codes is null or list_contains($dong_codes, sale.dong_code))
    group by all
),

shops as (
    select
        dong_code,
        category_id,
        count(*) as shops
    from shop
    where ($dong_codes is null or list_contains($dong_codes, dong_code))
    group by all
),

-- What a source has nowhere, not even outside the selection, it may not cover at all.
with_permits as (
    select distinct category_id
    from establishment
),

with_shops as (
    select distinct category_id
    from shop
),

pairs as (
    select
        dong_code,
        category_id
    from permits
    union
    select
        dong_code,
        category_id
    from merchants
    union
    select
        dong_code,
        category_id
    from shops
),

counts as (
    select
        dong.dong_code,
        dong.name_ko as dong_ko,
        dong.name_en as dong_en,
        category.category_id,
        category.name_ko as category_ko,
        category.name_en as category_en,
        if(
            category.has_permits and with_permits.category_id is not null,
            coalesce(permits.permits, 0),
            null
        ) as permits,
        merchants.merchants,
        if(with_shops.category_id is not null, coalesce(shops.shops, 0), null) as shops
    from pairs
    inner join dong on pairs.dong_code = dong.dong_code
    inner join category on pairs.category_id = category.category_id
    left join permits
        on pairs.dong_code = permits.dong_code and pairs.category_id = permits.category_id
    left join merchants
        on pairs.dong_code = merchants.dong_code and pairs.category_id = merchants.category_id
    left join shops
        on pairs.dong_code = shops.dong_code and pairs.category_id = shops.category_id
    left join with_permits on pairs.category_id = with_permits.category_id
    left join with_shops on pairs.category_id = with_shops.category_id
    where
        $category_ids is null
        or list_contains($category_ids, category.category_id)
        or list_contains($category_ids, category.parent_id)
)

select
    *,
    merchants / nullif(permits, 0) as merchants_per_permit,
    shops / nullif(permits, 0) as shops_per_permit
from counts
order by dong_code, category_id
