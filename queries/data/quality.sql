-- What is wrong or missing in the permits, and what that keeps out of the figures.
-- grain: one row per check
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
-- columns:
--   check_name varchar: used_in_figures, no_dong, no_coordinates, address_coordinates,
--     exit_date_unknown, exit_date_imputed, exit_date_bulk, no_opening_date, opened_after_s,
--     left_after_s, closed_before_opened, left_same_day, moved_out, vanished, suspended or
--     category_other
--   permits bigint (permits): permits it holds for
--   of_permits bigint (permits): permits looked at
--   share double (%): permits / of_permits * 100
--   is_left_out boolean: true when such permits are out of active counts, rates and survival
with

scope as (
    select establishment.*
    from establishment
    left join category on establishment.category_id = category.category_id
    where
        ($dong_codes is null or list_contains($dong_codes, establishment.dong_code))
        and ($area_codes is null or list_has_any(establishment.trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, establishment.category_id)
            or list_contains($category_ids, category.parent_id)
        )
),

counts as (
    select
        count(*) as of_permits,
        count(*) filter (
            opened_on <= observed_until
            and exit_date_quality is distinct from 'unknown'
            and (exit_on is not null or exit_kind is null)
            and (exit_on is null or exit_on >= opened_on)
        ) as used_in_figures,
        count(*) filter (dong_code is null) as no_dong,
        count(*) filter (lon is null) as no_coordinates,
        count(*) filter (coordinate_quality = 'from_address') as address_coordinates,
        count(*) filter (
            exit_date_quality = 'unknown' or (exit_on is null and exit_kind is not null)
        ) as exit_date_unknown,
        count(*) filter (exit_date_quality = 'imputed') as exit_date_imputed,
        count(*) filter (exit_date_quality = 'bulk') as exit_date_bulk,
        count(*) filter (opened_on is null) as no_opening_date,
        count(*) filter (opened_on > observed_until) as opened_after_s,
        count(*) filter (exit_on > observed_until) as left_after_s,
        count(*) filter (exit_on < opened_on) as closed_before_opened,
        count(*) filter (exit_on = opened_on) as left_same_day,
        count(*) filter (exit_kind = 'moved_out') as moved_out,
        count(*) filter (exit_kind = 'vanished') as vanished,
        count(*) filter (status = 'suspended') as suspended,
        count(*) filter (category_id = 'other' or category_id is null) as category_other
    from scope
),

listed as (
    unpivot counts
    on columns(* exclude (of_permits))
    into name check_name value permits
)

select
    check_name,
    permits,
    of_permits,
    permits / nullif(of_permits, 0) * 100 as share,
    check_name in (
        'exit_date_unknown', 'no_opening_date', 'opened_after_s', 'closed_before_opened'
    ) as is_left_out
from listed
