-- The dongs that the sums of a clean file name, by the code in force; some are of other places.
create or replace temp table fast_dong as
with code as (
    select
        dong,
        rpad(dong, 10, '0') as code
    from (select distinct dong from fast_person)
),

now as (
    select
        code.dong,
        coalesce(code_change.code_now, left(code.code, 5)) || right(code.code, -5) as area_code
    from code
    left join code_change on left(code.code, 5) = code_change.code_before
)

select
    now.dong,
    now.area_code,
    case
        when $keep_all or now.area_code in (select dong_code from outline_dong) then null
        when left(now.area_code, 5) in (select left(dong_code, 5) from outline_dong)
            then 'unknown_dong'
        else 'outside_district'
    end as reason
from now;

create or replace temp table refused_dong as
select
    dong,
    reason
from fast_dong
where reason is not null;
