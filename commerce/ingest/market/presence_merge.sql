-- The sums of one file go to the state: by weekday and hour, and by sex and age.
insert into state_presence by name
select
    $adapter as adapter,
    area_code,
    period,
    weekday,
    hour,
    -- a publisher's own total counts before the sum of its parts
    coalesce(sum(persons) filter (where sex is null), sum(persons)) as persons,
    bit_or(days) as days,
    $source_id as source_id,
    cast(sum(n) as bigint) as n
from market_presence
where source_no = $source_no and weekday is not null
group by all;

insert into state_presence by name
select
    $adapter as adapter,
    area_code,
    period,
    sex,
    age_group,
    sum(persons) as persons,
    bit_or(days) as days,
    $source_id as source_id,
    0 as n
from market_presence
where source_no = $source_no and sex is not null
group by all;
