-- The first few rows of a source that were refused for each reason, with their text.
select
    reason,
    line,
    raw
from read_parquet($file)
where source_id = $source_id
qualify row_number() over (partition by reason order by line) <= $most
order by reason, line
