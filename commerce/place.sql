-- What queries about one place read: distances, and the permits around a point.

-- Great-circle distance in metres between two points (haversine; mean radius 6,371,008.8 m).
create or replace macro distance_m(lon, lat, at_lon, at_lat) as
    12742017.6 * asin(sqrt(
        pow(sin(radians(lat - at_lat) / 2), 2)
        + cos(radians(lat)) * cos(radians(at_lat)) * pow(sin(radians(lon - at_lon) / 2), 2)
    ));

-- Whether a point lies within a radius. The box comes first: it is a comparison of two columns,
-- a little wider than the circle (a degree of latitude is 111,195 m).
create or replace macro is_within(lon, lat, at_lon, at_lat, radius_m) as
    lat between at_lat - radius_m / 111000.0 and at_lat + radius_m / 111000.0
    and lon between at_lon - radius_m / (111000.0 * cos(radians(at_lat)))
    and at_lon + radius_m / (111000.0 * cos(radians(at_lat)))
    and distance_m(lon, lat, at_lon, at_lat) <= radius_m;

-- The lot or building of a site, without its floor.
create or replace macro building_of(site_id) as split_part(site_id, '-', 1);

-- Whether a permit is of the trades asked for; a group means all its trades, null means all.
create or replace macro is_of_trade(category_id, group_id, asked) as
    asked is null or list_contains(asked, category_id) or list_contains(asked, group_id);

-- Permits within a radius of a point, with their distance from it.
create or replace macro permits_near(at_lon, at_lat, radius_m) as table (
    select
        *,
        distance_m(lon, lat, at_lon, at_lat) as distance_m
    from permit
    where is_within(lon, lat, at_lon, at_lat, radius_m)
);
