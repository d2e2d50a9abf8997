-- What the overview says first: how many shops stand, how many opened and closed in the last
-- twelve complete months and in the twelve before, and how many last three years.
-- Complete means not provisional: the three months up to the latest S are left out, since
-- closures arrive late. Survival is Kaplan–Meier over all shops ever opened in the scope.
-- grain: one row
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $to_month date: last of the months; null means the last complete one, the month before
--     the three provisional ones
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
--   $reliable_from date: records are reliable from this day on: a shop enters the risk set
--     then, not at its opening; null means from its opening
-- columns:
--   observed_from date: earliest S of the services and authorities in the scope
--   observed_until date: latest S of them
--   period_from date: first of the twelve months
--   period_to date: last of the twelve months
--   provisional_from date: first of the three provisional months
--   active_on date: the day active counts: the latest S, or the end of $to_month
--   active bigint (permits): standing on that day, or at their S if that is earlier
--   active_before bigint (permits): standing on the same day a year before
--   opened bigint (permits): permits given in the twelve months
--   closed bigint (permits): closed or cancelled in the twelve months
--   closed_bulk bigint (permits): of closed, on a bulk clean-up day
--   left_otherwise bigint (permits): moved out or vanished in the twelve months
--   net bigint (permits): opened - closed
--   shop_years double (years): shop-days at risk in the twelve months / 365.25
--   closure_rate double (per 100 shop-years): closed / shop_years * 100
--   closure_rate_low double (per 100 shop-years): lower 95 % limit, exact Poisson (Garwood)
--   closure_rate_high double (per 100 shop-years): upper 95 % limit
--   opened_before bigint (permits): permits given in the twelve months before
--   closed_before bigint (permits): closed or cancelled in the twelve months before
--   shop_years_before double (years): shop-days at risk in the twelve months before / 365.25
--   closure_rate_before double (per 100 shop-years): rate of the twelve months before
--   closure_rate_before_low double (per 100 shop-years): its lower 95 % limit
--   closure_rate_before_high double (per 100 shop-years): its upper 95 % limit
--   survival_n bigint (permits): shops behind the survival figure
--   survival_3y double (ratio): share that stands beyond three years; null when none is watched so
--     long
--   survival_3y_low double (ratio): lower 95 % limit, log–log
--   survival_3y_high double (ratio): upper 95 % limit
--   survival_3y_at_risk bigint (permits): watched and standing at three years
--   opened_36m bigint (permits): opened in the 36 months up to period_to
--   closed_of_opened_36m bigint (permits): of those, closed by S
with

known as (
    select
        min(observed_until) as observed_from,
        max(observed_until) as observed_until,
        coalesce(
            date_trunc('month', $to_month::date),
            date_trunc('month', max(observed_until)) - interval 3 month
        ) as period_to
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
),

period as (
    select
        observed_from,
        observed_until,
        (period_to - interval 35 month)::date as three_years_from,
        (period_to - interval 23 month)::date as before_from,
        (period_to - interval 11 month)::date as starts_on,
        (period_to + interval 1 month)::date as ends_before,
        coalesce(last_day($to_month::date), observed_until) as active_on,
        (active_on - interval 1 year)::date as active_before_on
    from known
),

-- a permit that left or reached S before these dates is in no figure of the period
recent as (
    select
        permit.opened_on,
        permit.watched_until,
        permit.has_left,
        permit.is_bulk,
        permit.is_closure,
        permit.is_closure and (coalesce($include_bulk, true) or not permit.is_bulk) as is_counted
    from permit
    cross join period
    where
        permit.watched_until >= least(period.before_from, period.active_before_on)
        and ($dong_codes is null or list_contains($dong_codes, permit.dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, permit.category_id)
            or list_contains($category_ids, permit.group_id)
        )
),

counts as (
    select
        countif(
            recent.opened_on <= period.active_on
            and (not recent.has_left or recent.watched_until > period.active_on)
        )::bigint as active,
        countif(
            recent.opened_on <= period.active_before_on
            and (
                recent.watched_until > period.active_before_on
                or (not recent.has_left and recent.watched_until = period.active_before_on)
            )
        )::bigint as active_before,
        countif(
            recent.opened_on >= period.starts_on and recent.opened_on < period.ends_before
        )::bigint as opened,
        countif(
            recent.is_counted
            and recent.watched_until >= period.starts_on
            and recent.watched_until < period.ends_before
        )::bigint as closed,
        countif(
            recent.is_counted
            and recent.is_bulk
            and recent.watched_until >= period.starts_on
            and recent.watched_until < period.ends_before
        )::bigint as closed_bulk,
        countif(
            recent.has_left
            and not recent.is_closure
            and recent.watched_until >= period.starts_on
            and recent.watched_until < period.ends_before
        )::bigint as left_otherwise,
        sum(greatest(
            least(recent.watched_until, period.ends_before)
            - greatest(recent.opened_on, period.starts_on), 0
        )) / 365.25 as shop_years,
        countif(
            recent.opened_on >= period.before_from and recent.opened_on < period.starts_on
        )::bigint as opened_before,
        countif(
            recent.is_counted
            and recent.watched_until >= period.before_from
            and recent.watched_until < period.starts_on
        )::bigint as closed_before,
        sum(greatest(
            least(recent.watched_until, period.starts_on)
            - greatest(recent.opened_on, period.before_from), 0
        )) / 365.25 as shop_years_before
    from recent
    cross join period
),

newcomers as (
    select
        count(*) as opened_36m,
        countif(
            permit.is_closure and (coalesce($include_bulk, true) or not permit.is_bulk)
        )::bigint as closed_of_opened_36m
    from permit
    cross join period
    where
        permit.opened_on >= period.three_years_from
        and permit.opened_on < period.ends_before
        and ($dong_codes is null or list_contains($dong_codes, permit.dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, permit.category_id)
            or list_contains($category_ids, permit.group_id)
        )
),

ends as (
    select
        least(age_days, 1096) as age_days,
        greatest(coalesce($reliable_from::date - opened_on, 0), 0) as entry_days,
        countif(
            age_days < 1096
            and is_closure
            and (coalesce($include_bulk, true) or not is_bulk)
        )::bigint as events,
        count(*) as shops
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and ($reliable_from::date is null or watched_until >= $reliable_from::date)
    group by all
),

-- who enters and who leaves the risk set at each age; what comes after three years, 1095.75
-- days, is counted on day 1096
steps as (
    select
        age_days,
        events,
        shops as leaving,
        0 as entering
    from ends
    union all
    select
        entry_days as age_days,
        0 as events,
        0 as leaving,
        shops as entering
    from ends
),

ages as (
    select
        age_days,
        sum(events)::double as events,
        sum(leaving)::double as leaving,
        sum(entering)::double as entering
    from steps
    group by age_days
),

risk_sets as (
    select
        age_days,
        events,
        leaving,
        sum(entering - leaving) over (order by age_days) + leaving as at_risk
    from ages
),

survival as (
    select
        product(1 - events / at_risk) as survival_3y,
        sum(events / nullif(at_risk * (at_risk - events), 0)) as greenwood,
        arg_max(at_risk - leaving, age_days) as at_risk
    from risk_sets
    where age_days < 1096 and at_risk > 0
),

survivors as (
    select
        if(at_risk > 0 or survival_3y = 0, survival_3y, null) as survival_3y,
        greenwood,
        coalesce(at_risk, 0)::bigint as at_risk,
        (select coalesce(sum(shops), 0)::bigint from ends) as shops
    from survival
)

select
    period.observed_from,
    period.observed_until,
    period.starts_on as period_from,
    (period.ends_before - interval 1 month)::date as period_to,
    (date_trunc('month', period.observed_until) - interval 2 month)::date as provisional_from,
    period.active_on,
    counts.active,
    counts.active_before,
    counts.opened,
    counts.closed,
    counts.closed_bulk,
    counts.left_otherwise,
    counts.opened - counts.closed as net,
    counts.shop_years,
    counts.closed / nullif(counts.shop_years, 0) * 100 as closure_rate,
    coalesce(limits.lower, wilson_hilferty_lower(counts.closed))
    / nullif(counts.shop_years, 0) * 100 as closure_rate_low,
    coalesce(limits.upper, wilson_hilferty_upper(counts.closed))
    / nullif(counts.shop_years, 0) * 100 as closure_rate_high,
    counts.opened_before,
    counts.closed_before,
    counts.shop_years_before,
    counts.closed_before / nullif(counts.shop_years_before, 0) * 100 as closure_rate_before,
    coalesce(limits_before.lower, wilson_hilferty_lower(counts.closed_before))
    / nullif(counts.shop_years_before, 0) * 100 as closure_rate_before_low,
    coalesce(limits_before.upper, wilson_hilferty_upper(counts.closed_before))
    / nullif(counts.shop_years_before, 0) * 100 as closure_rate_before_high,
    survivors.shops as survival_n,
    survivors.survival_3y,
    log_log_lower(survivors.survival_3y, survivors.greenwood) as survival_3y_low,
    log_log_upper(survivors.survival_3y, survivors.greenwood) as survival_3y_high,
    survivors.at_risk as survival_3y_at_risk,
    newcomers.opened_36m,
    newcomers.closed_of_opened_36m
from counts
cross join period
cross join survivors
cross join newcomers
left join poisson_limits as limits on counts.closed = limits.events
left join poisson_limits as limits_before on counts.closed_before = limits_before.events
