-- The sums of a clean file go to their dongs: by weekday and hour, by sex and age.
-- all of it crossed would be seven times as many sums, of which nothing more is published
create or replace temp table fast_hour as
select
    fast_dong.area_code,
    fast.month,
    fast.hour,
    [sum(s0), sum(s1), sum(s2), sum(s3), sum(s4), sum(s5), sum(s6)] as persons,
    bit_or(fast.days) as days,
    [
        sum(bit_count(fast.days & 541098242)),
        sum(bit_count(fast.days & 1082196484)),
        sum(bit_count(fast.days & 2164392968)),
        sum(bit_count(fast.days & 33818640)),
        sum(bit_count(fast.days & 67637280)),
        sum(bit_count(fast.days & 135274560)),
        sum(bit_count(fast.days & 270549120))
    ] as n
from fast
join fast_dong using (dong)
where fast_dong.reason is null
group by all;

insert into market_presence by name
select
    $source_no as source_no,
    area_code,
    make_date(1990 + month // 12, 1 + month % 12, 1) as period,
    isodow(make_date(1990 + month // 12, 1 + month % 12, 1 + seventh)) as weekday,
    hour,
    persons[1 + seventh] as persons,
    days & seventh_day as days,
    n[1 + seventh] as n
from fast_hour, (
    values
    (0, 541098242),
    (1, 1082196484),
    (2, 2164392968),
    (3, 33818640),
    (4, 67637280),
    (5, 135274560),
    (6, 270549120)
) as sevenths (seventh, seventh_day)
where n[1 + seventh] > 0;

insert into market_presence by name
select
    $source_no as source_no,
    fast_dong.area_code,
    make_date(1990 + fast.month // 12, 1 + fast.month % 12, 1) as period,
    fast.sex,
    market_age(cast(fast.age as varchar)) as age_group,
    sum(list_sum([s0, s1, s2, s3, s4, s5, s6])) as persons,
    bit_or(fast.days) as days,
    0 as n
from fast
join fast_dong using (dong)
where fast_dong.reason is null
group by all;

drop table fast_hour;
