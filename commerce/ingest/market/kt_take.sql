-- The sums of a clean file go to their dongs; rows of other places are refused by dong.
create or replace temp table fast_dong as
with code as (
    select
        dong,
        cast(dong as varchar) || case when dong < 100000000 then '00' else '' end as code
    from (select distinct dong from fast)
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

-- all of it crossed would be seven times as many sums, of which nothing more is published
insert into market_presence by name
select
    $source_no as source_no,
    fast_dong.area_code,
    fast.period,
    fast.weekday,
    fast.hour,
    sum(fast.persons) as persons,
    bit_or(fast.days) as days,
    sum(fast.n) as n
from fast
join fast_dong using (dong)
where fast_dong.reason is null
group by all;

insert into market_presence by name
select
    $source_no as source_no,
    fast_dong.area_code,
    fast.period,
    fast.sex,
    market_age(cast(fast.age as varchar)) as age_group,
    sum(fast.persons) as persons,
    bit_or(fast.days) as days,
    0 as n
from fast
join fast_dong using (dong)
where fast_dong.reason is null
group by all;

drop table fast;
