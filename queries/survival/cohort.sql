-- Of the shops opened in a year, what share is active on the same date one to ten years later
-- (the way of Eurostat and 국가데이터처). A shop that moved away or vanished is not active. Bulk
-- clean-ups count: a shop closed by one was certainly gone by then.
-- grain: one row per opening year and number of years, one to ten
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $to_month date: last month of opening, inclusive; null means up to S
-- columns:
--   opened_year integer: calendar year of opening
--   years integer (years): how long after opening
--   born bigint (permits): opened in the year
--   survived bigint (permits): of born, active that long after opening; null unless complete
--   left_otherwise bigint (permits): of born, moved away or vanished by then; null unless complete
--   rate double (%): survived / born * 100; null unless complete
--   complete boolean: true when the years are over by S for every shop opened in the year
with

tally as (
    select
        year(opened_on) as opened_year,
        least(years_active, 10) as years_active,
        count(*) as shops,
        countif(has_left and not is_closure)::bigint as left_otherwise,
        min(observed_until) as known_until
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and opened_on >= period_start($from_month)
        and opened_on < period_end($to_month)
    group by all
),

spans as (
    select unnest(range(1, 11)) as years
),

cohorts as (
    select
        tally.opened_year,
        spans.years,
        sum(tally.shops) as born,
        sum(if(tally.years_active >= spans.years, tally.shops, 0)) as survived,
        sum(if(tally.years_active < spans.years, tally.left_otherwise, 0)) as left_otherwise,
        min(tally.known_until) >= make_date(tally.opened_year + spans.years, 12, 31) as complete
    from tally
    cross join spans
    group by tally.opened_year, spans.years
)

select
    opened_year::integer as opened_year,
    years::integer as years,
    born::bigint as born,
    if(complete, survived, null)::bigint as survived,
    if(complete, left_otherwise, null)::bigint as left_otherwise,
    if(complete, survived / born * 100, null) as rate,
    complete
from cohorts
order by opened_year, years
