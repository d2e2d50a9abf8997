-- Who else is around a point, trade by trade: shops that stand, what opened and closed there in the
-- last 36 months, and whether the trade is more at home here than in the district as a whole.
-- grain: one row per trade with a permit around the point
-- parameters:
--   $lon double: longitude of the point, WGS84
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 300
--   $category_ids varchar[]: trades asked for, marked by is_asked; a group means all its trades
-- columns:
--   category_id varchar: trade
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   is_asked boolean: whether it is a trade asked for
--   active bigint (permits): standing within the radius at S
--   nearest_m double (m): distance of the nearest that stands
--   density double (permits per km²): active / area of the circle
--   opened_36m bigint (permits): permits given within the radius in the last 36 months up to S
--   closed_36m bigint (permits): closed or cancelled within the radius in these months
--   active_district bigint (permits): standing in all the data
--   share double (ratio): active / all that stands within the radius
--   location_quotient double (ratio): share here / share in all the data; above 1: more than usual
--   all_active bigint (permits): of all trades, standing within the radius
with

scope as (
    select
        category_id,
        has_left,
        is_closure,
        opened_on,
        watched_until,
        distance_m,
        observed_until - interval 36 month as since
    from permits_near($lon, $lat, coalesce($radius_m, 300))
),

here as (
    select
        category_id,
        countif(not has_left)::bigint as active,
        min(distance_m) filter (not has_left) as nearest_m,
        countif(opened_on > since)::bigint as opened_36m,
        countif(is_closure and watched_until > since)::bigint as closed_36m
    from scope
    group by category_id
),

everywhere as (
    select
        category_id,
        count(*) as active
    from permit
    where not has_left
    group by category_id
),

shares as (
    select
        here.*,
        coalesce(everywhere.active, 0) as active_district,
        sum(here.active) over ()::bigint as all_active,
        (select count(*) from permit where not permit.has_left) as all_district
    from here
    left join everywhere on here.category_id = everywhere.category_id
)

select
    shares.category_id::varchar as category_id,
    category.name_ko,
    category.name_en,
    coalesce(
        list_contains($category_ids, category.category_id)
        or list_contains($category_ids, category.parent_id),
        false
    ) as is_asked,
    shares.active,
    shares.nearest_m,
    shares.active / (pi() * pow(coalesce($radius_m, 300) / 1000.0, 2)) as density,
    shares.opened_36m,
    shares.closed_36m,
    shares.active_district,
    shares.active / nullif(shares.all_active, 0) as share,
    shares.active / nullif(shares.all_active, 0)
    / nullif(shares.active_district / shares.all_district, 0) as location_quotient,
    shares.all_active
from shares
left join category on shares.category_id::varchar = category.category_id
order by is_asked desc, shares.active desc, shares.category_id asc
