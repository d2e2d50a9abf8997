-- What every connection adds to the tables of a snapshot, so that queries stay short. Only public
-- tables are read here, so that the workbench can run the same statements.

-- One row per permit that figures may use, with what is known by the day S (observed_until).
-- Left out, and counted in data/quality: the day of leaving is unknown; opened after S; left
-- before it opened; no opening day. What happened after S is not known: such a permit still stands.
create or replace view permit as
select
    establishment.service_code,
    establishment.authority_code,
    establishment.category_id,
    coalesce(category.parent_id, establishment.category_id) as group_id,
    establishment.dong_code,
    establishment.h3_9,
    establishment.h3_10,
    establishment.opened_on,
    -- the day it left; null while it stands at S
    if(
        establishment.exit_on <= establishment.observed_until, establishment.exit_on, null
    ) as left_on,
    -- the last day it was watched: the day it left, else S
    coalesce(
        least(establishment.exit_on, establishment.observed_until), establishment.observed_until
    ) as watched_until,
    establishment.observed_until,
    if(
        establishment.exit_on <= establishment.observed_until, establishment.exit_kind, null
    ) as exit_kind,
    -- closed or cancelled; moving away and vanishing are exits of their own, never closures
    coalesce(
        establishment.exit_on <= establishment.observed_until
        and establishment.exit_kind in ('closed', 'cancelled'), false
    ) as is_closure,
    -- a closure of a bulk clean-up day: the shop was gone before that day
    coalesce(
        establishment.exit_on <= establishment.observed_until
        and establishment.exit_kind in ('closed', 'cancelled')
        and establishment.exit_date_quality = 'bulk', false
    ) as is_bulk
from establishment
left join category on establishment.category_id = category.category_id
where
    establishment.opened_on <= establishment.observed_until
    and establishment.exit_date_quality is distinct from 'unknown'
    and (establishment.exit_on is not null or establishment.exit_kind is null)
    and (establishment.exit_on is null or establishment.exit_on >= establishment.opened_on);

-- Limits of a Poisson count above the 10,000 of table poisson_limits (Wilson and Hilferty 1931).
create or replace macro wilson_hilferty_lower(events) as
    events * pow(1 - 1 / (9 * events) - 1.959963984540054 / (3 * sqrt(events)), 3);
create or replace macro wilson_hilferty_upper(events) as
    (events + 1)
    * pow(1 - 1 / (9 * (events + 1)) + 1.959963984540054 / (3 * sqrt(events + 1)), 3);
