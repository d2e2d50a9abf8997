-- At what age shops close: closures per shop-month at risk, by age.
-- grain: one row per band of age, up to 20 years
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $to_month date: last month of opening, inclusive; null means up to S
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
--   $reliable_from date: records are reliable from this day on: a shop enters the risk set
--     then, not at its opening; null means from its opening
--   $band_months integer: width of a band in months; null means 6
-- columns:
--   age_from integer (months): age at which the band begins (of 365.25 / 12 days each)
--   age_to integer (months): age at which it ends
--   at_risk bigint (permits): watched for some time in the band
--   events bigint (permits): closed in the band
--   shop_months double (months): time at risk in the band
--   hazard double (per shop-month): events / shop_months
--   ci_low double (per shop-month): lower 95 % limit, exact Poisson (Garwood)
--   ci_high double (per shop-month): upper 95 % limit
with

lives as (
    select
        watched_until - opened_on as age_days,
        greatest(coalesce($reliable_from::date - opened_on, 0), 0) as entry_days,
        is_closure and (coalesce($include_bulk, true) or not is_bulk) as is_event
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

ends as (
    select
        age_days,
        entry_days,
        count(*) as shops,
        count(*) filter (is_event) as events
    from lives
    where entry_days <= age_days
    group by age_days, entry_days
),

bands as (
    select
        age_from,
        age_from + greatest(coalesce($band_months, 6), 1) as age_to,
        age_from * 365.25 / 12 as from_days,
        (age_from + greatest(coalesce($band_months, 6), 1)) * 365.25 / 12 as to_days
    from (select unnest(range(0, 240, greatest(coalesce($band_months, 6), 1))) as age_from)
),

counted as (
    select
        bands.age_from,
        bands.age_to,
        sum(ends.shops) as at_risk,
        coalesce(sum(ends.events) filter (ends.age_days < bands.to_days), 0) as events,
        sum(
            ends.shops
            * (least(ends.age_days, bands.to_days) - greatest(ends.entry_days, bands.from_days))
        ) / (365.25 / 12) as shop_months
    from bands
    inner join ends
        on
            ends.age_days >= bands.from_days
            and ends.entry_days < bands.to_days
    group by all
)

select
    counted.age_from::integer as age_from,
    counted.age_to::integer as age_to,
    counted.at_risk::bigint as at_risk,
    counted.events::bigint as events,
    counted.shop_months,
    counted.events / nullif(counted.shop_months, 0) as hazard,
    coalesce(limits.lower, wilson_hilferty_lower(counted.events))
    / nullif(counted.shop_months, 0) as ci_low,
    coalesce(limits.upper, wilson_hilferty_upper(counted.events))
    / nullif(counted.shop_months, 0) as ci_high
from counted
left join poisson_limits as limits on counted.events = limits.events
order by counted.age_from
