-- Months in which a dong had many more or fewer openings or closures than it used to: an event in
-- the streets, or a fault in the data. A month stands out when its count lies more than four
-- standard deviations from the mean of the 24 months before it, and more than five permits; the
-- deviation is that of those months, at least that of a Poisson count. Looked at are the last 36
-- months up to S; months before the data begins have no 24 months before them and are not.
-- grain: one row per dong, month and kind that stands out
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   month date: first day of the month
--   kind varchar: opened or closed
--   permits bigint (permits): count of the month
--   usual double (permits): mean of the 24 months before
--   deviations double (standard deviations): (permits - usual) / standard deviation
--   bulk bigint (permits): of closures, those of a bulk clean-up day
with

events as (
    select
        dong_code::varchar as dong_code,
        opened_month as month,
        'opened' as kind,
        0 as is_bulk
    from permit
    where dong_code is not null
    union all
    select
        dong_code::varchar as dong_code,
        watched_month as month,
        'closed' as kind,
        is_bulk::integer as is_bulk
    from permit
    where dong_code is not null and is_closure
),

bounds as (
    select
        min(opened_month) as first_month,
        date_trunc('month', max(observed_until) + interval 1 day) - interval 1 month as last_month
    from permit
),

grid as (
    select
        dong.dong_code,
        dong.name_ko,
        dong.name_en,
        kinds.kind,
        unnest(
            generate_series(bounds.first_month, bounds.last_month, interval 1 month)
        )::date as month
    from dong
    cross join bounds
    cross join (values ('opened'), ('closed')) as kinds (kind)
),

counts as (
    select
        dong_code,
        kind,
        month,
        count(*) as permits,
        sum(is_bulk)::bigint as bulk
    from events
    group by dong_code, kind, month
),

series as (
    select
        grid.*,
        coalesce(counts.permits, 0) as permits,
        coalesce(counts.bulk, 0) as bulk
    from grid
    left join counts
        on
            grid.dong_code = counts.dong_code
            and grid.kind = counts.kind
            and grid.month = counts.month
),

usual as (
    select
        *,
        avg(permits) over before as usual,
        greatest(stddev_samp(permits) over before, sqrt(avg(permits) over before), 1) as deviation,
        count(*) over before as months_before
    from series
    window
        before as (
            partition by dong_code, kind order by month
            rows between 24 preceding and 1 preceding
        )
)

select
    usual.dong_code,
    usual.name_ko,
    usual.name_en,
    usual.month,
    usual.kind,
    usual.permits,
    usual.usual,
    (usual.permits - usual.usual) / usual.deviation as deviations,
    usual.bulk
from usual
cross join bounds
where
    usual.months_before = 24
    and usual.month > bounds.last_month - interval 36 month
    and abs(usual.permits - usual.usual) > 4 * usual.deviation
    and abs(usual.permits - usual.usual) > 5
order by usual.month, usual.dong_code, usual.kind
