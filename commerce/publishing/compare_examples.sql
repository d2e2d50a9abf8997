-- A few permits of each kind of change, in the order of their numbers, with both versions.
with

kinds as (
    select
        case
            when is_reissued then 'reidentified'
            when has_vanished then 'vanished'
            when has_returned then 'returned'
            else 'changed'
        end as kind,
        old_row,
        new_row
    from differing
    union all
    select
        'new' as kind,
        null as old_row,
        row_no as new_row
    from new_permit
    where row_no not in (select new_row from pair)
    union all
    select
        'removed' as kind,
        row_no as old_row,
        null as new_row
    from old_permit
    where row_no not in (select old_row from pair)
),

shown as (
    select *
    from kinds
    qualify row_number() over (partition by kind order by new_row, old_row) <= $most
)

select
    shown.kind,
    coalesce(now.service_name, was.service_name) as service,
    was.permit_id as permit_before,
    now.permit_id as permit_after,
    coalesce(now.name, was.name) as name,
    [was.name, now.name] as name_pair,
    [was.trade_name, now.trade_name] as trade_name_pair,
    [was.category_id, now.category_id] as category_id_pair,
    [was.status, now.status] as status_pair,
    [was.opened_on::varchar, now.opened_on::varchar] as opened_on_pair,
    [was.exit_on::varchar, now.exit_on::varchar] as exit_on_pair,
    [was.exit_kind, now.exit_kind] as exit_kind_pair,
    if(
        was.address_road is not null and now.address_road is not null,
        [was.address_road, now.address_road],
        [coalesce(was.address_lot, was.address_road), coalesce(now.address_lot, now.address_road)]
    ) as address_pair,
    [was.area_m2::varchar, now.area_m2::varchar] as area_m2_pair,
    [was.dong_code, now.dong_code] as dong_code_pair,
    [was.authority_code, now.authority_code] as authority_code_pair
from shown
left join old_permit as was on shown.old_row = was.row_no
left join new_permit as now on shown.new_row = now.row_no
order by shown.kind, permit_after, permit_before
