-- Why rows were refused, source by source.
-- grain: one row per source and reason
-- columns:
--   source_id varchar: source
--   title varchar: its title
--   reason varchar: reason
--   refused_rows bigint (rows): rows refused for it
--   share double (%): of the rows read from the source
with

counts as (
    select
        source_id,
        reason,
        count(*) as refused_rows
    from refused
    group by source_id, reason
)

select
    counts.source_id,
    dataset.title,
    counts.reason,
    counts.refused_rows,
    counts.refused_rows / nullif(dataset.rows_in, 0) * 100 as share
from counts
left join dataset on counts.source_id = dataset.source_id
order by counts.refused_rows desc, counts.source_id asc, counts.reason asc
