-- Whether a point has many shops of a trade around it: the number within a radius, and its place
-- among the same number around every H3 cell (resolution 9, about 0.1 km²) where any shop stands.
-- grain: one row
-- parameters:
--   $lon double: longitude of the point, WGS84
--   $lat double: latitude of the point
--   $radius_m integer: radius; null means 300
--   $category_ids varchar[]: trades; a group means all its trades; null means all
-- columns:
--   active bigint (permits): standing within the radius at S
--   density double (permits per km²): active / area of the circle
--   percentile double (ratio): share of the cells with fewer around them, ties counted half
--   median_active double (permits): the number around the middle one of the cells
--   cells bigint (cells): cells compared with
with

-- the middle of a cell is the mean of its shops: a cell may be half a lake
cells as (
    select
        h3_9,
        avg(lon) as lon,
        avg(lat) as lat
    from permit
    where not has_left and h3_9 is not null
    group by h3_9
),

points as (
    select
        null as h3_9,
        $lon::double as lon,
        $lat::double as lat
    union all
    select
        h3_9::varchar as h3_9,
        lon,
        lat
    from cells
),

-- points meet only the shops of the nine boxes around them, each as wide as the radius
boxed as (
    select
        *,
        floor(lat * 111000 / greatest(coalesce($radius_m, 300), 1))::bigint as box_y,
        floor(
            lon * 111000 * cos(radians($lat)) * 0.98 / greatest(coalesce($radius_m, 300), 1)
        )::bigint as box_x
    from points
),

steps as (
    select unnest([-1, 0, 1]) as step
),

spread as (
    select
        boxed.h3_9,
        boxed.lon,
        boxed.lat,
        boxed.box_y + up.step as box_y,
        boxed.box_x + aside.step as box_x
    from boxed
    cross join steps as up
    cross join steps as aside
),

-- shops of one building share its point
shops as (
    select
        lon,
        lat,
        count(*) as shops,
        floor(lat * 111000 / greatest(coalesce($radius_m, 300), 1))::bigint as box_y,
        floor(
            lon * 111000 * cos(radians($lat)) * 0.98 / greatest(coalesce($radius_m, 300), 1)
        )::bigint as box_x
    from permit
    where
        not has_left
        and lon is not null
        and is_of_trade(category_id, group_id, $category_ids)
    group by lon, lat
),

counts as (
    select
        spread.h3_9,
        coalesce(sum(shops.shops), 0)::bigint as active
    from spread
    left join shops
        on
            spread.box_y = shops.box_y
            and spread.box_x = shops.box_x
            and is_within(
                shops.lon,
                shops.lat,
                spread.lon,
                spread.lat,
                greatest(coalesce($radius_m, 300), 1)
            )
    group by spread.h3_9, spread.lon, spread.lat
),

here as (
    select active from counts
    where h3_9 is null
)

select
    here.active,
    here.active / (pi() * pow(greatest(coalesce($radius_m, 300), 1) / 1000.0, 2)) as density,
    (
        countif(counts.active < here.active) + countif(counts.active = here.active) / 2
    ) / nullif(count(counts.h3_9), 0) as percentile,
    median(counts.active) as median_active,
    count(counts.h3_9) as cells
from here
left join counts on counts.h3_9 is not null
group by here.active
