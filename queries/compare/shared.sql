-- How many shops two places have in common. Each is a circle around a point, or dongs, or named
-- areas: the first of them that is given. Places that share shops are not independent of each
-- other, as the intervals of their differences take them to be.
-- grain: one row
-- parameters:
--   $lon double: longitude of the first point, WGS84; null means dongs or named areas
--   $lat double: latitude of the first point
--   $dong_codes varchar[]: the first place's 10-digit codes; null means the whole district
--   $area_codes varchar[]: the first place's named areas; null means all places
--   $other_lon double: longitude of the second point; null means dongs or named areas
--   $other_lat double: latitude of the second point
--   $other_dong_codes varchar[]: the second place's 10-digit codes; null means the whole district
--   $other_area_codes varchar[]: the second place's named areas; null means all places
--   $radius_m integer: radius of both circles; null means 300
--   $category_ids varchar[]: trades; a group means all its trades; null means all
-- columns:
--   shared bigint (permits): permits ever given in both places
--   of_first bigint (permits): permits ever given in the first
--   of_second bigint (permits): permits ever given in the second
with

flags as (
    select
        case
            when $lon::double is not null
                then is_within(lon, lat, $lon::double, $lat::double, coalesce($radius_m, 300))
            else
                ($dong_codes is null or list_contains($dong_codes, dong_code))
                and ($area_codes is null or list_has_any(trade_area_codes, $area_codes))
        end as in_first,
        case
            when $other_lon::double is not null
                then is_within(
                    lon, lat, $other_lon::double, $other_lat::double, coalesce($radius_m, 300)
                )
            else
                ($other_dong_codes is null or list_contains($other_dong_codes, dong_code))
                and (
                    $other_area_codes is null
                    or list_has_any(trade_area_codes, $other_area_codes)
                )
        end as in_second
    from permit
    where is_of_trade(category_id, group_id, $category_ids)
)

select
    countif(in_first and in_second)::bigint as shared,
    countif(in_first)::bigint as of_first,
    countif(in_second)::bigint as of_second
from flags
