-- Makes `opening_features`: openings with what was known of their place on the day of opening.
-- One row per opening from $from_on up to the day before $to_on; at most $max_rows, and so few
-- that at most $max_pairs pairs of openings and shops around are looked at. Which ones, a hash of
-- their numbers says, so that the same data gives the same sample. Of other shops only what
-- happened before that day is read: they opened before it; they stand unless they left before it.

-- Cells of at least 500 m (up to 41° north); points as unit vectors: two are within a distance
-- where the chord between them is short enough.
create temp table shops as
select
    permit.permit_id,
    permit.service_code,
    permit.category_id,
    permit.group_id,
    permit.dong_code,
    permit.site_id,
    permit.opened_on,
    permit.watched_until,
    permit.is_closure,
    permit.observed_until,
    if(permit.has_left, permit.watched_until, date '9999-01-01') as left_on,
    if(establishment.area_m2 > 0, establishment.area_m2, null) as area_m2,
    floor(permit.lon / 0.006)::bigint * 100000 + floor(permit.lat / 0.0045)::bigint as cell,
    cos(radians(permit.lat)) * cos(radians(permit.lon)) as x,
    cos(radians(permit.lat)) * sin(radians(permit.lon)) as y,
    sin(radians(permit.lat)) as z
from permit
inner join establishment
    on
        permit.service_code = establishment.service_code
        and permit.permit_id = establishment.permit_id
where permit.category_id is not null;

create temp table openings as
with

cells as (
    select
        cell,
        count(*) as shops
    from shops
    where cell is not null
    group by all
),

beside as (
    select
        cell,
        unnest([-100001, -100000, -99999, -1, 0, 1, 99999, 100000, 100001]) + cell as other
    from cells
),

around as (
    select
        beside.cell,
        sum(cells.shops) as pairs
    from beside
    inner join cells on beside.other = cells.cell
    group by all
),

drawn as (
    select
        shops.*,
        row_number() over by_draw as place_in_line,
        sum(coalesce(around.pairs, 0)) over by_draw as pairs_so_far,
        count(*) over () as openings
    from shops
    left join around on shops.cell = around.cell
    where shops.opened_on >= $from_on::date and shops.opened_on < $to_on::date
    window by_draw as (
        order by md5(concat(shops.service_code, '|', shops.permit_id)), shops.permit_id
        rows between unbounded preceding and current row
    )
)

select * from drawn
where place_in_line <= $max_rows and pairs_so_far <= $max_pairs;

create temp table near as
with

reached as (
    select
        service_code,
        permit_id,
        category_id,
        opened_on,
        opened_on - interval 24 month as closures_from,
        x,
        y,
        z,
        unnest([-100001, -100000, -99999, -1, 0, 1, 99999, 100000, 100001]) + cell as cell
    from openings
    where cell is not null
),

pairs as (
    select
        reached.service_code,
        reached.permit_id,
        shops.left_on >= reached.opened_on as stands,
        shops.category_id = reached.category_id as is_same,
        shops.is_closure,
        (shops.x - reached.x) * (shops.x - reached.x)
        + (shops.y - reached.y) * (shops.y - reached.y)
        + (shops.z - reached.z) * (shops.z - reached.z) as chord_2
    from reached
    inner join shops
        on
            reached.cell = shops.cell
            and reached.opened_on > shops.opened_on
            and reached.closures_from <= shops.left_on
)

select
    service_code,
    permit_id,
    countif(stands and is_same) as same_500,
    countif(stands and chord_2 <= pow(2 * sin(300 / 12742017.6), 2)) as all_300,
    countif(not stands and is_closure) as closed_500
from pairs
where chord_2 <= pow(2 * sin(500 / 12742017.6), 2)
group by all;

-- Every permit at the sites of these openings, with those that opened there before it.
create temp table sites as
select
    service_code,
    permit_id,
    count(*) over earlier as earlier,
    max(left_on) over earlier >= opened_on as is_shared,
    arg_max(opened_on, (opened_on, service_code, permit_id)) over earlier as last_opened_on,
    arg_max(left_on, (opened_on, service_code, permit_id)) over earlier as last_left_on
from shops
where site_id in (select openings.site_id from openings)
window earlier as (
    partition by site_id order by opened_on
    range between unbounded preceding and interval 1 day preceding
);

-- For the dong, the trade and all: shops that stand and closures so far, after each day on which
-- something changed.
create temp table ledger as
with

steps as (
    select
        dong_code,
        category_id,
        opened_on as day,
        count(*) as change,
        0 as closed
    from shops
    group by all
    union all
    select
        dong_code,
        category_id,
        left_on as day,
        -count(*) as change,
        countif(is_closure) as closed
    from shops
    where left_on < date '9999-01-01'
    group by all
),

flows as (
    select
        concat('dong ', dong_code) as scope,
        *
    from steps
    where dong_code is not null
    union all
    select
        concat('trade ', category_id) as scope,
        *
    from steps
    union all
    select
        'all' as scope,
        *
    from steps
),

days as (
    select
        scope,
        day,
        sum(change) as change,
        sum(closed) as closed
    from flows
    group by all
)

select
    scope,
    day,
    sum(change) over by_day as standing,
    sum(closed) over by_day as closed
from days
window by_day as (
    partition by scope order by day rows between unbounded preceding and current row
);

-- The same on the mornings asked for: shops that stand, and closures of the 24 months before.
create temp table asked as
with

mornings as (
    select
        concat('dong ', dong_code) as scope,
        opened_on
    from openings
    where dong_code is not null
    union
    select
        concat('trade ', category_id) as scope,
        opened_on
    from openings
    union
    select
        'all' as scope,
        opened_on
    from openings
)

select
    mornings.scope,
    mornings.opened_on,
    coalesce(now.standing, 0) as standing,
    coalesce(now.closed, 0) - coalesce(past.closed, 0) as closed
from mornings
asof left join ledger as now
    on mornings.scope = now.scope and mornings.opened_on > now.day
asof left join ledger as past
    on
        mornings.scope = past.scope
        and (mornings.opened_on - interval 24 month)::date > past.day;

-- Null where it cannot be known: without a point, a site, a dong or a floor area.
--   same_500, all_300   shops of the trade within 500 m, of all trades within 300 m, that stand
--   closed_500          closures of all trades within 500 m in the 24 months before
--   earlier             permits at the site before; last_years: how long the last one stood by
--                       then; is_shared: whether one of them still stands
--   dong_ratio          closures of the dong in 24 months over what the share of all shops gives,
--                       both with 10 added
--   trade_rate          the same closures of the trade, plus one, per shop of it that stands
create temp table opening_features as
select
    openings.permit_id,
    openings.service_code,
    openings.category_id,
    openings.group_id,
    openings.opened_on,
    openings.watched_until,
    openings.observed_until,
    openings.is_closure,
    openings.openings,
    openings.area_m2,
    if(openings.x is null, null, coalesce(near.same_500, 0))::double as same_500,
    if(openings.x is null, null, coalesce(near.all_300, 0))::double as all_300,
    if(openings.x is null, null, coalesce(near.closed_500, 0))::double as closed_500,
    if(openings.site_id is null, null, coalesce(sites.earlier, 0))::double as earlier,
    if(
        openings.site_id is null, null, coalesce(sites.is_shared, false)::integer
    )::double as is_shared,
    (least(sites.last_left_on, openings.opened_on) - sites.last_opened_on) / 365.25 as last_years,
    (dongs.closed + 10)
    / (dongs.standing * everywhere.closed / greatest(everywhere.standing, 1) + 10) as dong_ratio,
    (trades.closed + 1) / (trades.standing + 1) as trade_rate
from openings
left join near
    on openings.service_code = near.service_code and openings.permit_id = near.permit_id
left join sites
    on openings.service_code = sites.service_code and openings.permit_id = sites.permit_id
left join asked as dongs
    on concat('dong ', openings.dong_code) = dongs.scope and openings.opened_on = dongs.opened_on
left join asked as trades
    on
        concat('trade ', openings.category_id) = trades.scope
        and openings.opened_on = trades.opened_on
left join asked as everywhere
    on everywhere.scope = 'all' and openings.opened_on = everywhere.opened_on;
