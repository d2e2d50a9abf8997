-- What the overview says first: how many shops stand, how many opened and closed in the last
-- twelve complete months and in the twelve before, and how many last three years.
-- Complete means not provisional: the three months up to the latest S are left out, since
-- closures arrive late. Survival is Kaplan–Meier over all shops ever opened in the scope.
-- grain: one row
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $to_month date: last of the months; null means the last complete one, the month before
--     the three provisional ones
--   $include_bulk boolean: false leaves closures of bulk clean-up days out; null means true
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

openings as (
    select
        opened_on as day,
        count(*) as opened,
        countif(
            is_closure and (coalesce($include_bulk, true) or not is_bulk)
        )::bigint as closed_since
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by opened_on
),

endings as (
    select
        watched_until as day,
        count(*) as ended,
        countif(has_left)::bigint as exited,
        countif(is_closure)::bigint as closures,
        countif(is_bulk)::bigint as bulk_closures
    from permit
    where
        ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by watched_until
),

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
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
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

-- shop-days at risk before a day t are the sum of t - opened_on over those opened before, less
-- the sum of t - watched_until over those watched no longer
opening_sums as (
    select
        sum(openings.opened) filter (openings.day <= period.active_on) as opened_so_far,
        sum(openings.opened) filter (openings.day <= period.active_before_on) as opened_year_ago,
        sum(openings.opened) filter (
            openings.day >= period.starts_on and openings.day < period.ends_before
        ) as opened,
        sum(openings.opened) filter (
            openings.day >= period.before_from and openings.day < period.starts_on
        ) as opened_before,
        sum(openings.opened) filter (
            openings.day >= period.three_years_from and openings.day < period.ends_before
        ) as opened_36m,
        sum(openings.closed_since) filter (
            openings.day >= period.three_years_from and openings.day < period.ends_before
        ) as closed_of_opened_36m,
        sum(openings.opened * greatest(period.ends_before - openings.day, 0)) as days_at_end,
        sum(openings.opened * greatest(period.starts_on - openings.day, 0)) as days_at_start,
        sum(openings.opened * greatest(period.before_from - openings.day, 0)) as days_at_before
    from openings
    cross join period
),

ending_sums as (
    select
        sum(endings.exited) filter (endings.day <= period.active_on) as exited_so_far,
        sum(
            if(endings.day = period.active_before_on, endings.exited, endings.ended)
        ) filter (endings.day <= period.active_before_on) as ended_year_ago,
        sum(
            endings.closures - if(coalesce($include_bulk, true), 0, endings.bulk_closures)
        ) filter (
            endings.day >= period.starts_on and endings.day < period.ends_before
        ) as closed,
        sum(if(coalesce($include_bulk, true), endings.bulk_closures, 0)) filter (
            endings.day >= period.starts_on and endings.day < period.ends_before
        ) as closed_bulk,
        sum(endings.exited - endings.closures) filter (
            endings.day >= period.starts_on and endings.day < period.ends_before
        ) as left_otherwise,
        sum(
            endings.closures - if(coalesce($include_bulk, true), 0, endings.bulk_closures)
        ) filter (
            endings.day >= period.before_from and endings.day < period.starts_on
        ) as closed_before,
        sum(endings.ended * greatest(period.ends_before - endings.day, 0)) as days_at_end,
        sum(endings.ended * greatest(period.starts_on - endings.day, 0)) as days_at_start,
        sum(endings.ended * greatest(period.before_from - endings.day, 0)) as days_at_before
    from endings
    cross join period
),

counts as (
    select
        coalesce(opening_sums.opened_so_far, 0)::bigint
        - coalesce(ending_sums.exited_so_far, 0)::bigint as active,
        coalesce(opening_sums.opened_year_ago, 0)::bigint
        - coalesce(ending_sums.ended_year_ago, 0)::bigint as active_before,
        coalesce(opening_sums.opened, 0)::bigint as opened,
        coalesce(opening_sums.opened_before, 0)::bigint as opened_before,
        coalesce(opening_sums.opened_36m, 0)::bigint as opened_36m,
        coalesce(opening_sums.closed_of_opened_36m, 0)::bigint as closed_of_opened_36m,
        coalesce(ending_sums.closed, 0)::bigint as closed,
        coalesce(ending_sums.closed_bulk, 0)::bigint as closed_bulk,
        coalesce(ending_sums.left_otherwise, 0)::bigint as left_otherwise,
        coalesce(ending_sums.closed_before, 0)::bigint as closed_before,
        coalesce(opening_sums.days_at_end - ending_sums.days_at_end, 0) / 365.25 as years_at_end,
        coalesce(
            opening_sums.days_at_start - ending_sums.days_at_start, 0
        ) / 365.25 as years_at_start,
        coalesce(
            opening_sums.days_at_before - ending_sums.days_at_before, 0
        ) / 365.25 as years_at_before,
        years_at_end - years_at_start as shop_years,
        years_at_start - years_at_before as shop_years_before
    from opening_sums
    cross join ending_sums
),

-- three years are 1095.75 days
ends as (
    select
        age_days,
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as events,
        count(*) as shops
    from permit
    where
        age_days < 1096
        and ($dong_codes is null or list_contains($dong_codes, dong_code))
        and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by age_days
),

-- every permit is watched to its end, so that the endings count all of them
watched as (
    select coalesce(sum(ended), 0)::bigint as shops
    from endings
),

risk_sets as (
    select
        ends.events,
        ends.shops,
        (watched.shops + ends.shops - sum(ends.shops) over (
            order by ends.age_days rows between unbounded preceding and current row
        ))::double as at_risk
    from ends
    cross join watched
),

survival as (
    select
        product(1 - events / at_risk) as survival_3y,
        coalesce(sum(events / nullif(at_risk * (at_risk - events), 0)), 0) as greenwood,
        coalesce(sum(shops), 0) as ended
    from risk_sets
),

survivors as (
    select
        watched.shops,
        (watched.shops - survival.ended)::bigint as at_risk,
        survival.greenwood,
        case
            when watched.shops > survival.ended then coalesce(survival.survival_3y, 1)
            when survival.survival_3y = 0 then 0
        end as survival_3y
    from survival
    cross join watched
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
    counts.opened_36m,
    counts.closed_of_opened_36m
from counts
cross join period
cross join survivors
left join poisson_limits as limits on counts.closed = limits.events
left join poisson_limits as limits_before on counts.closed_before = limits_before.events
