-- How long shops of one place lasted, counted: what commerce/survival.py compares places by. A
-- place is a circle around a point, or dongs, or named areas: the first of them that is given.
-- grain: one row per age at the end
-- parameters:
--   $lon double: longitude of the point, WGS84; null means dongs or named areas
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 500
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
-- columns:
--   duration_days integer (days): age when the shop closed or was last watched
--   entry_days integer (days): age from which it was watched: 0
--   events bigint (permits): closed at that age
--   censored bigint (permits): left the risk set at that age for another reason
--   moved bigint (permits): of censored, moved away
select
    age_days as duration_days,
    0 as entry_days,
    countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as events,
    countif(
        not (is_closure and (coalesce($include_bulk, true) or not is_bulk))
    )::bigint as censored,
    countif(is_move)::bigint as moved
from permit
where
    is_of_trade(category_id, group_id, $category_ids)
    and opened_on >= period_start($from_month)
    and (
        $lon::double is null
        or is_within(lon, lat, $lon::double, $lat::double, coalesce($radius_m, 500))
    )
    and ($lon::double is not null or $dong_codes is null or list_contains($dong_codes, dong_code))
    and (
        $lon::double is not null
        or $area_codes is null
        or list_has_any(trade_area_codes, $area_codes)
    )
group by age_days
order by age_days
