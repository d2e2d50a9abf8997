-- The sums of a clean file go to their dongs: by weekday and hour, by sex and age.
insert into market_presence by name
select
    $source_no as source_no,
    fast_dong.area_code,
    fast_hour.month as period,
    fast_hour.weekday,
    fast_hour.hour,
    fast_hour.persons,
    fast_hour.days,
    fast_hour.n
from fast_hour
join fast_dong using (dong)
where fast_dong.reason is null;

insert into market_presence by name
select
    $source_no as source_no,
    fast_dong.area_code,
    fast_person.month as period,
    fast_person.sex,
    market_age(fast_person.age) as age_group,
    fast_person.persons,
    fast_person.days,
    0 as n
from fast_person
join fast_dong using (dong)
where fast_dong.reason is null;
