-- Pairs of permit ids that may be one permit under an old and a new number.
-- An id begins with the code of the authority that issued it. Where that differs the town, checked
-- afterwards, is enough: two authorities do not serve one town at a time. Where it is the same, a
-- full file must no longer have the old id.
with grown as (
    -- how many ids were known of a service and authority by each day
    select
        staged.service_code,
        staged.authority,
        permit.first_s as s,
        count(*) as ids
    from permit
    inner join staged on permit.row_no = staged.rowid
    group by all
),

full_file as (
    select
        sighting.service_code,
        sighting.authority,
        max(sighting.s) as last_s
    from sighting
    where
        sighting.held >= 0.9 * (
            select sum(grown.ids)
            from grown
            where
                grown.service_code = sighting.service_code
                and grown.authority is not distinct from sighting.authority
                and grown.s <= sighting.s
        )
    group by all
),

gone as (
    select
        permit.pk,
        permit.last_s,
        staged.service_code,
        left(staged.permit_id, 7) as issuer,
        staged.opened_on,
        name_key(staged.name) as name_key,
        staged.lot_key,
        staged.road_key,
        staged.address_lot,
        staged.address_road,
        full_file.last_s as full_s
    from permit
    inner join staged on permit.row_no = staged.rowid
    left join full_file
        on
            staged.service_code = full_file.service_code
            and staged.authority is not distinct from full_file.authority
    where permit.last_s < (select max(s) from sighting) and staged.opened_on is not null
),

come as (
    select
        permit.pk,
        permit.first_s,
        staged.service_code,
        left(staged.permit_id, 7) as issuer,
        coalesce(oldest.first_opened_on, oldest.opened_on) as opened_on,
        coalesce(oldest.first_name_key, name_key(oldest.name)) as name_key,
        coalesce(oldest.first_lot_key, oldest.lot_key) as lot_key,
        coalesce(oldest.first_road_key, oldest.road_key) as road_key,
        oldest.address_lot,
        oldest.address_road
    from permit
    inner join staged on permit.row_no = staged.rowid
    inner join staged as oldest on coalesce(permit.oldest_row, permit.row_no) = oldest.rowid
    where permit.first_s > (select min(s) from sighting)
)

select
    gone.pk as old_pk,
    come.pk as new_pk,
    gone.last_s as old_s,
    come.first_s as new_s,
    coalesce(gone.name_key <> '' and gone.name_key = come.name_key, false) as same_name,
    coalesce(gone.lot_key = come.lot_key, false)
    or coalesce(gone.road_key = come.road_key, false) as same_address,
    coalesce(gone.address_lot, gone.address_road) as old_address,
    coalesce(come.address_lot, come.address_road) as new_address
from gone
inner join come
    on
        gone.service_code = come.service_code
        and gone.opened_on = come.opened_on
        and gone.last_s < come.first_s
        and gone.pk <> come.pk
where
    (
        gone.name_key = come.name_key
        or gone.lot_key = come.lot_key
        or gone.road_key = come.road_key
    )
    and (
        gone.last_s < gone.full_s
        or gone.issuer <> come.issuer
    )
order by 1, 2
