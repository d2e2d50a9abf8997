-- How soon a spot is taken again after a shop closes: Kaplan–Meier of the days until the next
-- permit at the same site. Sites not taken by S are censored there. Left out: closures while
-- another permit stood at the site, and those of bulk clean-up days, whose true day is not known.
-- grain: one row per milestone
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades of the shop that closed; null means all
--   $from_month date: first month of closing; null means the last five years up to S
--   $to_month date: last month of closing, inclusive; null means up to S
-- columns:
--   months integer (months): how long after the closure
--   refilled double (ratio): share of the spots that are taken again by then
--   ci_low double (ratio): lower 95 % limit, log–log
--   ci_high double (ratio): upper 95 % limit
--   at_risk bigint (sites): empty and watched just after that
--   n bigint (sites): spots that a closure emptied
with

closures as (
    select
        site_id,
        watched_until as closed_on,
        max(observed_until) as observed_until
    from permit
    where
        is_closure
        and not is_bulk
        and site_id is not null
        and ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and is_of_trade(category_id, group_id, $category_ids)
        and watched_until >= coalesce(
            date_trunc('month', $from_month::date), observed_until - interval 5 year
        )
        and watched_until < period_end($to_month)
    group by all
),

lives as (
    select
        site_id,
        opened_on,
        if(has_left, watched_until, date '9999-12-31') as stood_until
    from permit
    where
        site_id in (select closures.site_id from closures)
        -- what left before the first of these closures neither stood then nor came after
        and (not has_left or watched_until >= (select min(closures.closed_on) from closures))
),

emptied as (
    select *
    from closures
    where not exists (
        select 1
        from lives
        where
            lives.site_id = closures.site_id
            and lives.opened_on < closures.closed_on
            and lives.stood_until > closures.closed_on
    )
),

-- the next permit, given on the day of closing or later
waits as (
    select
        next_one.opened_on is not null as is_refilled,
        coalesce(next_one.opened_on, emptied.observed_until) - emptied.closed_on as days
    from emptied
    asof left join lives as next_one
        on emptied.site_id = next_one.site_id and emptied.closed_on <= next_one.opened_on
),

steps as (
    select
        days,
        countif(is_refilled)::bigint as events,
        sum(count(*)) over (
            order by days desc rows between unbounded preceding and current row
        )::double as at_risk
    from waits
    group by days
),

milestones as (
    select unnest([1, 3, 6, 12, 24]) as months
),

reached as (
    select
        milestones.months,
        product(1 - steps.events / steps.at_risk) filter (
            steps.days <= milestones.months * 30.4375
        ) as empty_share,
        sum(
            steps.events / nullif(steps.at_risk * (steps.at_risk - steps.events), 0)
        ) filter (steps.days <= milestones.months * 30.4375) as greenwood,
        max(steps.at_risk) filter (steps.days > milestones.months * 30.4375) as at_risk,
        max(steps.at_risk) as n
    from milestones
    cross join steps
    group by milestones.months
),

known as (
    select
        months,
        coalesce(greenwood, 0) as greenwood,
        coalesce(at_risk, 0)::bigint as at_risk,
        n::bigint as n,
        if(at_risk > 0 or empty_share = 0, coalesce(empty_share, 1), null) as empty_share
    from reached
)

select
    months,
    1 - empty_share as refilled,
    1 - log_log_upper(empty_share, greenwood) as ci_low,
    1 - log_log_lower(empty_share, greenwood) as ci_high,
    at_risk,
    n
from known
order by months
