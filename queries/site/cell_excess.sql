-- Where more shops close than their trades and ages explain: closures in each H3 cell, and how many
-- there would be if shops of each trade and age closed as fast there as in all the data.
-- Permits without a point are in no cell, but count for the rates. Closures of bulk clean-up days
-- are left out: their true day is not known.
-- grain: one row per H3 cell with a permit at risk in the period
-- parameters:
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month; null means the last 36 months up to S
--   $to_month date: last month, inclusive; null means up to S
--   $resolution integer: 9 (null), cells of about 0.1 km², or 10, of about 0.015 km²
-- columns:
--   h3_cell varchar: index of the cell
--   dong_code varchar: dong in which most of its permits lie
--   shops bigint (permits): at risk in the period
--   shop_years double (years): shop-days at risk in the period / 365.25
--   observed bigint (permits): closed or cancelled in the period
--   expected double (permits): the sum over trades and ages of shop-years x rate in all the data
--   excess double (permits): observed - expected
with

bounds as (
    select
        coalesce(
            date_trunc('month', $from_month::date),
            max(observed_until) - interval 36 month + interval 1 day
        )::date as starts_on,
        least(period_end($to_month), max(observed_until) + interval 1 day)::date as ends_before
    from permit
),

-- ages in years: where a hazard bends, it bends early
bands as (
    select
        unnest([0, 1, 2, 3, 5, 10]) * 365.25 as starts_at,
        unnest([1, 2, 3, 5, 10, 1000]) * 365.25 as ends_at
),

scope as (
    select
        if($resolution = 10, permit.h3_10, permit.h3_9) as h3_cell,
        permit.dong_code,
        permit.category_id,
        permit.age_days,
        greatest(bounds.starts_on - permit.opened_on, 0) as enters_at,
        least(permit.watched_until, bounds.ends_before) - permit.opened_on as leaves_at,
        permit.is_closure and not permit.is_bulk
        and permit.watched_until >= bounds.starts_on
        and permit.watched_until < bounds.ends_before as is_event
    from permit
    inner join bounds
        on
            permit.opened_on < bounds.ends_before
            and permit.watched_until >= bounds.starts_on
    where is_of_trade(permit.category_id, permit.group_id, $category_ids)
),

pieces as (
    select
        scope.h3_cell,
        scope.dong_code,
        scope.category_id,
        bands.starts_at as band,
        count(*) filter (scope.enters_at >= bands.starts_at) as shops,
        sum(
            least(scope.leaves_at, bands.ends_at) - greatest(scope.enters_at, bands.starts_at)
        ) / 365.25 as shop_years,
        count(*) filter (
            scope.is_event and scope.age_days >= bands.starts_at and scope.age_days < bands.ends_at
        ) as events
    from scope
    inner join bands
        on scope.enters_at < bands.ends_at and scope.leaves_at >= bands.starts_at
    group by all
),

rates as (
    select
        category_id,
        band,
        sum(events) / nullif(sum(shop_years), 0) as rate
    from pieces
    group by category_id, band
),

cells as (
    select
        pieces.h3_cell,
        arg_max(pieces.dong_code, (pieces.shop_years, pieces.dong_code)) as dong_code,
        sum(pieces.shops) as shops,
        sum(pieces.shop_years) as shop_years,
        sum(pieces.events) as observed,
        sum(pieces.shop_years * coalesce(rates.rate, 0)) as expected
    from pieces
    inner join rates on pieces.category_id = rates.category_id and pieces.band = rates.band
    where pieces.h3_cell is not null
    group by pieces.h3_cell
)

select
    h3_cell::varchar as h3_cell,
    dong_code::varchar as dong_code,
    shops::bigint as shops,
    shop_years,
    observed::bigint as observed,
    expected,
    observed - expected as excess
from cells
order by h3_cell
