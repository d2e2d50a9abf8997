-- Which files the figures come from, who published them, up to which day they know, and what
-- became of their rows.
-- grain: one row per source file
-- columns:
--   source_id varchar: source
--   title varchar: title
--   publisher varchar: publisher
--   licence varchar: terms of use
--   snapshot_on date: S, the last day the source knows
--   coverage_from date: earliest date in it
--   coverage_to date: latest date in it
--   rows_in bigint (rows): rows read
--   rows_kept bigint (rows): rows kept
--   rows_refused bigint (rows): rows refused
--   rows_superseded bigint (rows): of rows kept, replaced by newer or repeated rows
--   adapter varchar: how it was read
--   tested_on_real_files boolean: whether that adapter was tested on real files
--   ingested_at timestamp: when it was ingested
--   synthetic boolean: whether the data is invented
--   sha256 varchar: SHA-256 of the file
--   unit varchar: unit of its values; null where they have none
--   min_merchants integer (shops): sales of fewer merchants are suppressed (k); null without sales
select
    source_id,
    title,
    publisher,
    licence,
    snapshot_on,
    coverage_from,
    coverage_to,
    rows_in,
    rows_kept,
    rows_refused,
    rows_superseded,
    adapter,
    tested_on_real_files,
    ingested_at,
    synthetic,
    sha256,
    unit,
    min_merchants
from dataset
order by snapshot_on desc, source_id asc
