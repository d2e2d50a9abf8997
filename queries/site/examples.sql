-- Places to begin with: in each of the busiest dongs the site where most permits came and went,
-- with the trade that stood there most often.
-- grain: one row per dong, the busiest first
-- parameters:
--   $max_rows integer: how many at most; null means 3
-- columns:
--   site_id varchar: lot or building and floor
--   dong_code varchar: dong that it lies in
--   category_id varchar: trade that stood there most often
--   permits bigint (permits): permits ever given there
with

dongs as (
    select
        dong_code,
        count(*) as active
    from permit
    where not has_left and dong_code is not null
    group by dong_code
    order by active desc, dong_code asc
    limit coalesce($max_rows, 3)
),

sites as (
    select
        permit.site_id,
        dongs.dong_code,
        dongs.active,
        count(*) as permits,
        mode(permit.category_id order by permit.category_id) as category_id
    from permit
    inner join dongs on permit.dong_code = dongs.dong_code
    where permit.site_id is not null and permit.lon is not null
    group by all
),

busiest as (
    select * from sites
    qualify row_number() over (partition by dong_code order by permits desc, site_id asc) = 1
)

select
    site_id,
    dong_code::varchar as dong_code,
    category_id::varchar as category_id,
    permits
from busiest
order by active desc, dong_code asc
