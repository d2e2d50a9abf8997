-- What every connection adds to the tables of a snapshot, so that queries stay short. Only public
-- tables are read here, so that the workbench can run the same statements.

-- One row per permit that figures may use, with what is known by the day S (observed_until).
-- Left out, and counted in data/quality: the day of leaving is unknown; opened after S; left
-- before it opened; no opening day. What happened after S is not known: such a permit still stands.
--   opened_on, opened_month   the day the permit was given, and the first day of its month
--   watched_until             the last day it was watched: the day it left, else S
--   watched_month             the first day of that month
--   age_days                  days from opened_on to watched_until
--   years_active              how many anniversaries of opening it was active on
--   has_left                  it left by S, in whatever way; watched_until is the day
--   is_closure                it left closed or cancelled
--   is_bulk                   it is a closure of a bulk clean-up day: gone before that day
--   is_move                   it left by moving away: an exit, never a closure
--   year_code, band_code, all_code   what else permits are grouped by, as a code like those of dong
--                             and trade: year of opening, first of its five years, and all of them
create or replace view permit as
with

flagged as (
    select
        *,
        coalesce(exit_on <= observed_until, false) as has_left,
        coalesce(least(exit_on, observed_until), observed_until) as watched_until,
        date_diff('year', opened_on, watched_until)::integer as calendar_years
    from establishment
    where
        opened_on <= observed_until
        and exit_date_quality is distinct from 'unknown'
        and (exit_on is not null or exit_kind is null)
        and (exit_on is null or exit_on >= opened_on)
)

select
    flagged.permit_id,
    flagged.service_code,
    flagged.authority_code,
    flagged.category_id,
    coalesce(category.parent_id, flagged.category_id) as group_id,
    flagged.dong_code,
    flagged.h3_9,
    flagged.h3_10,
    flagged.trade_area_codes,
    flagged.site_id,
    flagged.lon,
    flagged.lat,
    flagged.opened_on,
    date_trunc('month', flagged.opened_on)::date as opened_month,
    flagged.watched_until,
    date_trunc('month', flagged.watched_until)::date as watched_month,
    (flagged.watched_until - flagged.opened_on)::integer as age_days,
    greatest(
        flagged.calendar_years
        - (
            flagged.opened_on + to_years(flagged.calendar_years)
            > flagged.watched_until - flagged.has_left::integer
        )::integer,
        0
    ) as years_active,
    flagged.observed_until,
    flagged.has_left,
    flagged.has_left
    and coalesce(flagged.exit_kind in ('closed', 'cancelled'), false) as is_closure,
    flagged.has_left
    and coalesce(flagged.exit_kind in ('closed', 'cancelled'), false)
    and coalesce(flagged.exit_date_quality = 'bulk', false) as is_bulk,
    flagged.has_left and coalesce(flagged.exit_kind = 'moved_out', false) as is_move,
    year(flagged.opened_on)::varchar as year_code,
    (year(flagged.opened_on) // 5 * 5)::varchar as band_code,
    'all' as all_code
from flagged
left join category on flagged.category_id = category.category_id;

-- A period of whole months: its first day, and the first day after it. Null opens that side.
create or replace macro period_start(from_month) as
    coalesce(date_trunc('month', from_month::date)::date, date '0001-01-01');
create or replace macro period_end(to_month) as
    coalesce((date_trunc('month', to_month::date) + interval 1 month)::date, date '9999-01-01');

-- Limits of a Poisson count above the 10,000 of table poisson_limits (Wilson and Hilferty 1931).
create or replace macro wilson_hilferty_lower(events) as
    events * pow(1 - 1 / (9 * events) - 1.959963984540054 / (3 * sqrt(events)), 3);
create or replace macro wilson_hilferty_upper(events) as
    (events + 1)
    * pow(1 - 1 / (9 * (events + 1)) + 1.959963984540054 / (3 * sqrt(events + 1)), 3);

-- Log–log limits of a Kaplan–Meier estimate, from its Greenwood sum of d / (n (n - d)). An estimate
-- of 1 or 0 has none and stands for itself.
create or replace macro log_log_lower(survival, greenwood) as
    if(
        survival in (0, 1),
        survival,
        pow(survival, exp(-1.959963984540054 * sqrt(greenwood) / ln(survival)))
    );
create or replace macro log_log_upper(survival, greenwood) as
    if(
        survival in (0, 1),
        survival,
        pow(survival, exp(1.959963984540054 * sqrt(greenwood) / ln(survival)))
    );

-- One row per cell of card sales: a period, an area and a trade of its publisher.
--   series       what may be added up: the adapter of its source. Figures never add across series
--   group_id     the group of its trade
--   base_krw     sales of the same cell a year before; null where not known: figures of change are
--                over cells that are known in both years
--   synthetic    whether the data is invented
create or replace view sale as
with

cells as (
    select
        card_sales.*,
        coalesce(dataset.adapter, card_sales.source_id) as series,
        dataset.synthetic
    from card_sales
    left join dataset on card_sales.source_id = dataset.source_id
)

select
    cells.*,
    coalesce(category.parent_id, cells.category_id) as group_id,
    year_before.sales_krw as base_krw
from cells
left join category on cells.category_id = category.category_id
left join cells as year_before
    on
        cells.series = year_before.series
        and cells.area_kind = year_before.area_kind
        and cells.area_code = year_before.area_code
        and cells.trade_code is not distinct from year_before.trade_code
        and cells.period_months = year_before.period_months
        and (cells.period - interval 1 year)::date = year_before.period;

-- The same for the parts of a cell's sales: by hour, weekday, sex and age.
create or replace view sale_profile as
select
    card_sales_profile.*,
    coalesce(dataset.adapter, card_sales_profile.source_id) as series,
    coalesce(category.parent_id, card_sales_profile.category_id) as group_id
from card_sales_profile
left join dataset on card_sales_profile.source_id = dataset.source_id
left join category on card_sales_profile.category_id = category.category_id;

-- One row per count of people: a period, an area and a part of the day, week or people.
--   series         as in view sale; never added up across units either
--   base_persons   the same count a year before; null where not known
create or replace view visit as
with

counts as (
    select
        footfall.*,
        coalesce(dataset.adapter, footfall.source_id) as series,
        dataset.synthetic
    from footfall
    left join dataset on footfall.source_id = dataset.source_id
)

select
    counts.*,
    year_before.persons as base_persons
from counts
left join counts as year_before
    on
        counts.series = year_before.series
        and counts.unit is not distinct from year_before.unit
        and counts.area_kind = year_before.area_kind
        and counts.area_code = year_before.area_code
        and counts.dimension = year_before.dimension
        and counts.bucket = year_before.bucket
        and counts.period_months = year_before.period_months
        and (counts.period - interval 1 year)::date = year_before.period;

-- The series there are, the main one first (preference 1): the newest; of dongs before trade
-- areas; of most areas. Title and publisher are those of its newest source.
create or replace view sales_series as
with

sources as (
    select
        series,
        area_kind,
        period_months,
        source_id,
        min(period) as first_period,
        max(period) as last_period
    from sale
    group by all
),

areas as (
    select
        series,
        area_kind,
        period_months,
        count(distinct area_code) as areas
    from sale
    group by all
),

found as (
    select
        sources.series,
        sources.area_kind,
        sources.period_months,
        min(sources.first_period) as first_period,
        max(sources.last_period) as last_period,
        any_value(areas.areas) as areas,
        arg_max(dataset.title, (sources.last_period, sources.source_id)) as title,
        arg_max(dataset.publisher, (sources.last_period, sources.source_id)) as publisher,
        coalesce(bool_or(dataset.synthetic), false) as synthetic
    from sources
    inner join areas
        on
            sources.series = areas.series
            and sources.area_kind = areas.area_kind
            and sources.period_months = areas.period_months
    left join dataset on sources.source_id = dataset.source_id
    group by sources.series, sources.area_kind, sources.period_months
)

select
    *,
    row_number() over (
        order by
            last_period desc, area_kind asc, areas desc, series asc, period_months asc
    ) as preference,
    preference = 1 as is_main
from found;

create or replace view footfall_series as
with

sources as (
    select
        series,
        area_kind,
        period_months,
        unit,
        source_id,
        min(period) as first_period,
        max(period) as last_period
    from visit
    group by all
),

areas as (
    select
        series,
        area_kind,
        period_months,
        unit,
        count(distinct area_code) as areas
    from visit
    group by all
),

found as (
    select
        sources.series,
        sources.area_kind,
        sources.period_months,
        sources.unit,
        min(sources.first_period) as first_period,
        max(sources.last_period) as last_period,
        any_value(areas.areas) as areas,
        arg_max(dataset.title, (sources.last_period, sources.source_id)) as title,
        arg_max(dataset.publisher, (sources.last_period, sources.source_id)) as publisher,
        coalesce(bool_or(dataset.synthetic), false) as synthetic
    from sources
    inner join areas
        on
            sources.series = areas.series
            and sources.area_kind = areas.area_kind
            and sources.period_months = areas.period_months
            and sources.unit is not distinct from areas.unit
    left join dataset on sources.source_id = dataset.source_id
    group by sources.series, sources.area_kind, sources.period_months, sources.unit
)

select
    *,
    row_number() over (
        order by
            last_period desc,
            area_kind asc,
            areas desc,
            series asc,
            period_months asc,
            unit asc
    ) as preference,
    preference = 1 as is_main
from found;

-- The series that a figure is of: the one asked for, else the main one; where named areas are
-- asked for, one of trade areas; a series asked for by name is of dongs where it has any. Its
-- months: those asked for, else the last twelve that it knows.
create or replace macro sales_scope(asked_series, asked_areas, from_month, to_month) as table (
    select
        series,
        area_kind,
        period_months,
        first_period,
        last_period,
        synthetic,
        coalesce(
            date_trunc('month', to_month::date),
            last_period + to_months(period_months - 1)
        )::date as last_month,
        coalesce(
            date_trunc('month', from_month::date), last_month - interval 11 month
        )::date as first_month
    from sales_series
    where
        (asked_series is null or series = asked_series)
        and (asked_areas is null or area_kind = 'trade_area')
    order by
        (asked_series is not null and asked_areas is null and area_kind <> 'dong') asc,
        preference asc
    limit 1
);
create or replace macro footfall_scope(asked_series, asked_areas, from_month, to_month) as table (
    select
        series,
        area_kind,
        period_months,
        unit,
        first_period,
        last_period,
        synthetic,
        coalesce(
            date_trunc('month', to_month::date),
            last_period + to_months(period_months - 1)
        )::date as last_month,
        coalesce(
            date_trunc('month', from_month::date), last_month - interval 11 month
        )::date as first_month
    from footfall_series
    where
        (asked_series is null or series = asked_series)
        and (asked_areas is null or area_kind = 'trade_area')
    order by
        (asked_series is not null and asked_areas is null and area_kind <> 'dong') asc,
        preference asc
    limit 1
);

-- All cells of that series in the places and trades asked for, whatever their period. Named areas
-- take the place of dongs.
create or replace macro sales_cells(asked_series, asked_areas, asked_dongs, asked_trades) as table (
    select sale.*
    from sale
    inner join sales_scope(asked_series, asked_areas, null, null) as scope
        on
            sale.series = scope.series
            and sale.area_kind = scope.area_kind
            and sale.period_months = scope.period_months
    where
        (asked_areas is null or list_contains(asked_areas, sale.area_code))
        and (
            asked_areas is not null
            or asked_dongs is null
            or list_contains(asked_dongs, sale.dong_code)
        )
        and (
            asked_trades is null
            or list_contains(asked_trades, sale.category_id)
            or list_contains(asked_trades, sale.group_id)
        )
);
create or replace macro footfall_counts(asked_series, asked_areas, asked_dongs) as table (
    select visit.*
    from visit
    inner join footfall_scope(asked_series, asked_areas, null, null) as scope
        on
            visit.series = scope.series
            and visit.area_kind = scope.area_kind
            and visit.period_months = scope.period_months
            and visit.unit is not distinct from scope.unit
    where
        (asked_areas is null or list_contains(asked_areas, visit.area_code))
        and (
            asked_areas is not null
            or asked_dongs is null
            or list_contains(asked_dongs, visit.dong_code)
        )
);
