-- How many groups of the sums hold rows that have to be looked at one by one; all rows.
select
    count(*) filter (
        where period is null
        or hour is null or hour not between 0 and 23
        or sex is null or age is null
        or dong is null or not regexp_full_match(cast(dong as varchar), '[0-9]{8}([0-9]{2})?')
        or known < n or lowest < 0 or not isfinite(persons)
        -- a key that repeats leaves fewer days than rows
        or n <> bit_count(days)
    ) as dirty,
    cast(coalesce(sum(n), 0) as bigint) as all_rows
from fast
