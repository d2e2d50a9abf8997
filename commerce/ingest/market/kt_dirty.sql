-- How many groups of the sums hold rows that have to be looked at one by one; all rows.
select
    count(*) filter (
        where month is null or hour is null or sex is null or age is null
        or not regexp_full_match(coalesce(dong, ''), '[0-9]{8}([0-9]{2})?')
        -- unknown or negative
        or lowest < 0
        -- infinite, not a number, or more than a count of people can be
        or not coalesce(list_sum([s0, s1, s2, s3, s4, s5, s6]) <= 9e15, false)
        -- a key that repeats leaves fewer days than rows
        or n <> bit_count(days)
    ) as dirty,
    cast(coalesce(sum(n), 0) as bigint) as all_rows
from fast
