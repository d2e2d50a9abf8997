-- What is missing in the permits altogether, and how many rows of the files were refused: the
-- measure by which one snapshot is compared with the next. Rows that newer ones supersede count no
-- more, nor does a file of which no other row was kept: an old fault does not stay for ever.
-- grain: one row
-- columns:
--   permits bigint (permits): permits
--   no_coordinates bigint (permits): of these, without a point on the map
--   no_coordinates_share double (%): no_coordinates / permits * 100
--   exits bigint (permits): of permits, those that left: closed, cancelled, moved away or vanished
--   exit_unsure bigint (permits): of exits, those whose day is imputed or unknown
--   exit_unsure_share double (%): exit_unsure / exits * 100; null without exits
--   unmapped bigint (permits): of permits, those whose trade none of our trades fits
--   unmapped_share double (%): unmapped / permits * 100
--   rows_local bigint (rows): rows read, without those of other districts and those superseded
--   rows_refused bigint (rows): of rows_local, those refused
--   rows_refused_share double (%): rows_refused / rows_local * 100
with

permits as (
    select
        count(*) as permits,
        count(*) filter (lon is null) as no_coordinates,
        count(*) filter (exit_kind is not null) as exits,
        count(*) filter (
            exit_kind is not null
            and (exit_date_quality in ('imputed', 'unknown') or exit_on is null)
        ) as exit_unsure,
        count(*) filter (category_id = 'other' or category_id is null) as unmapped
    from establishment
),

standing as (
    select
        source_id,
        rows_in - coalesce(rows_superseded, 0) as rows_left,
        rows_refused
    from dataset
    where coalesce(rows_superseded, 0) = 0 or rows_kept > rows_superseded
),

elsewhere as (
    select count(*) as rows_elsewhere
    from refused
    inner join standing on refused.source_id = standing.source_id
    where refused.reason = 'outside_district'
),

files as (
    select
        coalesce(sum(rows_left), 0)::bigint as rows_left,
        coalesce(sum(rows_refused), 0)::bigint as rows_refused
    from standing
),

counts as (
    select
        permits.*,
        files.rows_left - elsewhere.rows_elsewhere as rows_local,
        files.rows_refused - elsewhere.rows_elsewhere as rows_refused
    from permits
    cross join files
    cross join elsewhere
)

select
    permits,
    no_coordinates,
    no_coordinates / nullif(permits, 0) * 100 as no_coordinates_share,
    exits,
    exit_unsure,
    exit_unsure / nullif(exits, 0) * 100 as exit_unsure_share,
    unmapped,
    unmapped / nullif(permits, 0) * 100 as unmapped_share,
    rows_local,
    rows_refused,
    rows_refused / nullif(rows_local, 0) * 100 as rows_refused_share
from counts
