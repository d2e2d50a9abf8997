-- A clean file of hourly counts, summed over days by DuckDB while it reads.
create or replace temp table fast as
select
    day_info.period,
    day_info.weekday,
    given.hour,
    given.sex,
    given.age,
    given.dong,
    sum(given.persons) as persons,
    bit_or(day_info.bit) as days,
    count(*) as n,
    count(given.persons) as known,
    min(given.persons) as lowest
from read_csv(
    $file, auto_detect = false, header = false, skip = $skip, delim = $delimiter, quote = '"',
    escape = '"', columns = $columns, null_padding = false, strict_mode = true,
    compression = $compression
) as given
left join day_info on given.day = day_info.ymd
group by all
