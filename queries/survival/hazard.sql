-- At what age shops close: closures per shop-month at risk, by age.
-- grain: one row per band of age, up to 20 years
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
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

ends as (
    select
        age_days,
        greatest(coalesce($reliable_from::date - opened_on, 0), 0) as entry_days,
        count(*) as shops,
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as events
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
        and ($reliable_from::date is null or watched_until >= $reliable_from::date)
    group by all
),

bands as (
    select
        starts.age_from,
        starts.age_from + greatest(coalesce($band_months, 6), 1) as age_to,
        starts.age_from * 365.25 / 12 as from_days,
        age_to * 365.25 / 12 as to_days
    from (
        select unnest(range(0, 240, greatest(coalesce($band_months, 6), 1))) as age_from
    ) as starts
),

counted as (
    select
        bands.age_from,
        bands.age_to,
        sum(ends.shops)::bigint as at_risk,
        sum(if(ends.age_days < bands.to_days, ends.events, 0))::bigint as events,
        sum(
            ends.shops
            * (least(ends.age_days, bands.to_days) - greatest(ends.entry_days, bands.from_days))
        ) / (365.25 / 12) as shop_months
    from bands
    inner join ends
        on
            bands.from_days <= ends.age_days
            and bands.to_days > ends.entry_days
    group by bands.age_from, bands.age_to
)

select
    counted.age_from::integer as age_from,
    counted.age_to::integer as age_to,
    counted.at_risk,
    counted.events,
    counted.shop_months,
    counted.events / nullif(counted.shop_months, 0) as hazard,
    coalesce(limits.lower, wilson_hilferty_lower(counted.events))
    / nullif(counted.shop_months, 0) as ci_low,
    coalesce(limits.upper, wilson_hilferty_upper(counted.events))
    / nullif(counted.shop_months, 0) as ci_high
from counted
left join poisson_limits as limits on counted.events = limits.events
order by counted.age_from
