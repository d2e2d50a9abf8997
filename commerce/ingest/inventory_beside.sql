-- How many shops and named areas there are, and how many shops have only an older trade code.
select
    (select count(*) from read_parquet($shop)) as shops,
    (
        select count(*) from read_parquet($shop) where category_id = 'other'
    ) as shops_other,
    (
        select count(*) from read_parquet($shop)
        where regexp_full_match(trade_code, '[A-Z][0-9]{2}[A-Z][0-9]{2}')
    ) as shops_older,
    (select count(*) from read_parquet($area)) as areas,
    (select count(boundary) from read_parquet($area)) as areas_drawn
