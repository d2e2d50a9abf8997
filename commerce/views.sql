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
    flagged.service_code,
    flagged.authority_code,
    flagged.category_id,
    coalesce(category.parent_id, flagged.category_id) as group_id,
    flagged.dong_code,
    flagged.h3_9,
    flagged.h3_10,
    flagged.trade_area_codes,
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
    flagged.has_left and coalesce(flagged.exit_kind = 'moved_out', false) as is_move
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
