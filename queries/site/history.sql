-- What stood on this spot: every permit at one site and in its building, in order of opening, and
-- how long the same unit stood empty before each. Permits stand here with all their dirt, also
-- those that no rate uses.
-- grain: one row per permit
-- parameters:
--   $site_id varchar: lot or building and floor, as in establishment.site_id
--   $max_rows integer: how many at most, the newest; null means 200
-- columns:
--   opened_on date: day the permit was given
--   exit_on date: day it left; null while it stands, or where the day is not known
--   name varchar: name of the shop
--   category_id varchar: trade
--   category_ko varchar: trade in Korean
--   category_en varchar: trade in English
--   service_name varchar: permit service
--   floor varchar: floor as the address says; null where it does not
--   is_same_unit boolean: whether it is of the very site asked for, not elsewhere in the building
--   status varchar: state at S
--   exit_kind varchar: how it left: closed, cancelled, moved_out or vanished
--   exit_date_quality varchar: reported, imputed, bulk or unknown
--   days_open integer (days): from opening to leaving, or to S; null where that is not known
--   gap_days integer (days): how long the unit had stood empty; below 0 where the one before still
--     stood; null for the first one and where the one before left on an unknown day
--   area_m2 double (m²): floor area
--   permit_id varchar: permit number as published
--   address varchar: road address, else lot address
--   observed_until date: S of the permit
--   total_rows bigint (permits): how many there are in all
with

building as (
    select
        establishment.*,
        establishment.site_id = $site_id as is_same_unit,
        -- everything behind the first dash: -1 is a basement, 0 an address without a floor
        nullif(
            nullif(regexp_extract(establishment.site_id, '-(.*)$', 1), ''), '0'
        ) as floor,
        coalesce(establishment.exit_on > establishment.observed_until, false) as leaves_later
    from establishment
    -- a comparison of beginnings, where taking every site apart would take seconds
    where
        establishment.site_id = building_of($site_id)
        or starts_with(establishment.site_id, building_of($site_id) || '-')
),

lives as (
    select
        *,
        if(leaves_later, null, exit_on) as left_on,
        if(leaves_later, null, exit_kind) as left_how,
        left_how is not null and left_on is null as left_some_day
    from building
),

-- the unit was taken until the last of the earlier permits had left
gaps as (
    select
        *,
        max(
            coalesce(left_on, if(left_some_day, null, observed_until))
        ) over earlier as taken_until,
        coalesce(bool_or(left_some_day) over earlier, false) as is_gap_unknown
    from lives
    window earlier as (
        partition by site_id order by opened_on, permit_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    gaps.opened_on,
    gaps.left_on as exit_on,
    gaps.name,
    gaps.category_id,
    category.name_ko as category_ko,
    category.name_en as category_en,
    gaps.service_name,
    gaps.floor,
    gaps.is_same_unit,
    gaps.status,
    gaps.left_how as exit_kind,
    if(gaps.leaves_later, null, gaps.exit_date_quality) as exit_date_quality,
    if(
        gaps.left_some_day,
        null,
        coalesce(gaps.left_on, gaps.observed_until) - gaps.opened_on
    )::integer as days_open,
    if(gaps.is_gap_unknown, null, gaps.opened_on - gaps.taken_until)::integer as gap_days,
    gaps.area_m2,
    gaps.permit_id,
    coalesce(gaps.address_road, gaps.address_lot) as address,
    gaps.observed_until,
    count(*) over () as total_rows
from gaps
left join category on gaps.category_id = category.category_id
order by gaps.opened_on desc nulls last, gaps.permit_id asc
limit coalesce($max_rows, 200)
