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

scope as (
    select
        opened_on,
        left_on,
        watched_until,
        observed_until,
        is_closure,
        is_bulk,
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_counted
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
),

known as (
    select
        min(observed_until) as observed_from,
        max(observed_until) as observed_until,
        coalesce(
            date_trunc('month', $to_month::date),
            date_trunc('month', max(observed_until)) - interval 3 month
        ) as period_to
    from scope
),

period as (
    select
        observed_from,
        observed_until,
        (period_to - interval 35 month)::date as three_years_from,
        (period_to - interval 23 month)::date as before_from,
        (period_to - interval 11 month)::date as starts_on,
        (period_to + interval 1 month)::date as ends_before,
        coalesce(last_day($to_month::date), observed_until) as active_on
    from known
),

counts as (
    select
        period.*,
        count(*) filter (
            scope.opened_on <= period.active_on
            and (scope.left_on is null or scope.left_on > period.active_on)
        ) as active,
        count(*) filter (
            scope.opened_on <= period.active_on - interval 1 year
            and scope.watched_until > period.active_on - interval 1 year
        ) as active_before,
        count(*) filter (
            scope.opened_on >= period.starts_on and scope.opened_on < period.ends_before
        ) as opened,
        count(*) filter (
            scope.is_counted
            and scope.left_on >= period.starts_on
            and scope.left_on < period.ends_before
        ) as closed,
        count(*) filter (
            scope.is_counted
            and scope.is_bulk
            and scope.left_on >= period.starts_on
            and scope.left_on < period.ends_before
        ) as closed_bulk,
        count(*) filter (
            not scope.is_closure
            and scope.left_on >= period.starts_on
            and scope.left_on < period.ends_before
        ) as left_otherwise,
        sum(
            greatest(
                least(scope.watched_until, period.ends_before)
                - greatest(scope.opened_on, period.starts_on), 0
            )
        ) / 365.25 as shop_years,
        count(*) filter (
            scope.opened_on >= period.before_from and scope.opened_on < period.starts_on
        ) as opened_before,
        count(*) filter (
            scope.is_counted
            and scope.left_on >= period.before_from
            and scope.left_on < period.starts_on
        ) as closed_before,
        sum(
            greatest(
                least(scope.watched_until, period.starts_on)
                - greatest(scope.opened_on, period.before_from), 0
            )
        ) / 365.25 as shop_years_before,
        count(*) filter (
            scope.opened_on >= period.three_years_from and scope.opened_on < period.ends_before
        ) as opened_36m,
        count(*) filter (
            scope.opened_on >= period.three_years_from
            and scope.opened_on < period.ends_before
            and scope.is_counted
        ) as closed_of_opened_36m
    from scope
    cross join period
    group by all
),

ends as (
    select
        watched_until - opened_on as age_days,
        greatest(coalesce($reliable_from::date - opened_on, 0), 0) as entry_days,
        count(*) filter (is_counted) as events,
        count(*) as shops
    from scope
    where entry_days <= age_days
    group by all
),

-- who enters and who leaves the risk set at each age
ages as (
    select
        age_days,
        sum(events) as events,
        sum(leaving) as leaving,
        sum(entering) as entering
    from (
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
    )
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
        sum(events / nullif(at_risk * (at_risk - events), 0)) as variance_sum,
        coalesce(arg_max(at_risk - leaving, age_days), 0) as at_risk
    from risk_sets
    where age_days <= 3 * 365.25 and at_risk > 0
),

survivors as (
    select
        if(at_risk > 0 or survival_3y = 0, survival_3y, null) as survival_3y,
        variance_sum,
        at_risk,
        (select sum(shops) from ends) as shops
    from survival
)

select
    counts.observed_from,
    counts.observed_until,
    counts.starts_on as period_from,
    (counts.ends_before - interval 1 month)::date as period_to,
    (date_trunc('month', counts.observed_until) - interval 2 month)::date as provisional_from,
    counts.active_on,
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
    coalesce(survivors.shops, 0)::bigint as survival_n,
    survivors.survival_3y,
    -- log–log limits; S = 1 and S = 0 have none and stand for themselves
    case
        when survivors.survival_3y = 1 or survivors.survival_3y = 0 then survivors.survival_3y
        else pow(survivors.survival_3y, exp(-1.959963984540054 * sqrt(survivors.variance_sum) / ln(survivors.survival_3y)))
    end as survival_3y_low,
    case
        when survivors.survival_3y = 1 or survivors.survival_3y = 0 then survivors.survival_3y
        else pow(survivors.survival_3y, exp(1.959963984540054 * sqrt(survivors.variance_sum) / ln(survivors.survival_3y)))
    end as survival_3y_high,
    survivors.at_risk::bigint as survival_3y_at_risk,
    counts.opened_36m,
    counts.closed_of_opened_36m
from counts
cross join survivors
left join poisson_limits as limits on counts.closed = limits.events
left join poisson_limits as limits_before on counts.closed_before = limits_before.events
