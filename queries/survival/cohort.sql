-- Of the shops opened in a year, what share is active on the same date one to ten years later
-- (the way of Eurostat and 국가데이터처). A shop that moved away or vanished is not active. Bulk
-- clean-ups count: a shop closed by one was certainly gone by then.
-- grain: one row per opening year and number of years that have begun by the latest S
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
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

-- how many whole years each shop lasted; a shop that leaves on the anniversary is not active on it
lives as (
    select
        year(opened_on) as opened_year,
        left_on is not null as has_left,
        left_on is not null and not is_closure as has_left_otherwise,
        least(datesub('year', opened_on, watched_until - if(left_on is null, 0, 1)), 10) as whole_years,
        observed_until
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and ($from_month::date is null or opened_on >= date_trunc('month', $from_month::date))
        and ($to_month::date is null or opened_on <= last_day($to_month::date))
),

tally as (
    select
        opened_year,
        whole_years,
        count(*) as shops,
        count(*) filter (has_left_otherwise) as shops_left_otherwise,
        min(observed_until) as known_until
    from lives
    group by opened_year, whole_years
),

cohorts as (
    select
        opened_year,
        sum(shops) as born,
        min(known_until) as known_until
    from tally
    group by opened_year
),

anniversaries as (
    select
        cohorts.opened_year,
        spans.years,
        cohorts.born,
        make_date(cohorts.opened_year + spans.years, 12, 31) <= cohorts.known_until as complete
    from cohorts
    cross join (select unnest(generate_series(1, 10)) as years) as spans
),

counted as (
    select
        anniversaries.opened_year,
        anniversaries.years,
        anniversaries.born,
        anniversaries.complete,
        sum(tally.shops) filter (tally.whole_years >= anniversaries.years) as survived,
        sum(tally.shops_left_otherwise) filter (
            tally.whole_years < anniversaries.years
        ) as left_otherwise
    from anniversaries
    inner join tally on anniversaries.opened_year = tally.opened_year
    group by all
)

select
    opened_year::integer as opened_year,
    years::integer as years,
    born::bigint as born,
    if(complete, coalesce(survived, 0), null)::bigint as survived,
    if(complete, coalesce(left_otherwise, 0), null)::bigint as left_otherwise,
    if(complete, coalesce(survived, 0) / born * 100, null) as rate,
    complete
from counted
order by opened_year, years
