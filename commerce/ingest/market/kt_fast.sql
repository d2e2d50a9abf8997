-- A clean file of hourly counts, summed by month while DuckDB reads it. The 1st, 8th, 15th … of a
-- month are one weekday: a column for each seventh day instead of seven times as many groups.
create or replace temp table fast as
select
    month,
    hour,
    sex,
    age,
    dong,
    sum(persons) filter (where slot % 7 = 0) as s0,
    sum(persons) filter (where slot % 7 = 1) as s1,
    sum(persons) filter (where slot % 7 = 2) as s2,
    sum(persons) filter (where slot % 7 = 3) as s3,
    sum(persons) filter (where slot % 7 = 4) as s4,
    sum(persons) filter (where slot % 7 = 5) as s5,
    sum(persons) filter (where slot % 7 = 6) as s6,
    bit_or(2::bigint << slot) as days,
    count(*) as n,
    min(coalesce(persons, -1)) as lowest
from (
    select
        enum_code(day) // 31 as month,
        enum_code(day) % 31 as slot,
        enum_code(hour) % 24 as hour,
        sex,
        age,
        dong,
        persons
    from read_csv(
        $file, auto_detect = false, header = false, skip = $skip, delim = $delimiter, quote = '"',
        escape = '"', columns = $columns, null_padding = false, strict_mode = true,
        compression = $compression
    )
) as given
group by all
