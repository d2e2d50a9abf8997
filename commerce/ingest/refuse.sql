-- Rows of this run that are refused only now that the whole file is known.
insert into refusal
select
    staged.source_no,
    staged.line,
    'impossible_date' as reason
from staged
inner join source on staged.source_no = source.source_no
where
    source.is_new
    and (
        staged.opened_on > source.s + interval 1 year
        or (staged.exit_date_quality = 'reported' and staged.exit_on > source.s + interval 1 year)
    );

-- Where no table knows an authority's district, the points of its rows in the file tell.
create table outside as
with learned as (
    select
        staged.source_no,
        staged.authority
    from staged
    inner join point on staged.x = point.x and staged.y = point.y
    where point.lon is not null
    group by all
    having avg(if(point.dong_code is null, 0, 1)) > 0.5
)

select
    staged.rowid as row_no,
    staged.source_no,
    staged.line,
    source.is_new,
    source.source_id
from staged
inner join source on staged.source_no = source.source_no
left join point on staged.x = point.x and staged.y = point.y
left join authority on staged.authority = authority.authority
left join learned
    on staged.source_no = learned.source_no and staged.authority = learned.authority
where
    not $keep_all
    and if(
        point.lon is not null,
        point.dong_code is null,
        not coalesce(staged.is_inside, false)
        and not coalesce(authority.is_ours, learned.authority is not null)
    );

insert into refusal
select
    source_no,
    line,
    'outside_district' as reason
from outside
where is_new and (source_no, line) not in (select (source_no, line) from refusal);

delete from staged
where source_no >= 0 and (source_no, line) in (select (source_no, line) from refusal);

-- Rows of earlier runs that new boundaries leave outside.
create table moved_out_of_bounds as
select
    outside.row_no,
    outside.source_id,
    outside.line,
    concat_ws(
        ',', staged.authority, staged.permit_id, staged.opened_on, staged.status, staged.name,
        staged.address_road, staged.address_lot
    ) as raw
from outside
inner join staged on outside.row_no = staged.rowid
where not outside.is_new and $drop_known;

delete from staged where rowid in (select row_no from moved_out_of_bounds);
