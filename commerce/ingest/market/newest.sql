-- Where two files of a series hold the same cell, the newer file counts. Which is newer does
-- not depend on the order in which they were read.
create or replace temp table source_rank as
select
    source_id,
    row_number() over (
        order by snapshot_on nulls first, coverage_to nulls first, coverage_from desc, sha256,
        source_id
    ) as rank
from dataset;

create or replace table state_sale as
select state_sale.*
from state_sale
join source_rank using (source_id)
qualify row_number() over (
    partition by adapter, area_kind, period_months, period, day, area_code, trade_key
    order by source_rank.rank desc
) = 1;

create or replace table state_footfall as
select state_footfall.*
from state_footfall
join source_rank using (source_id)
qualify row_number() over (
    partition by
        adapter, unit, area_kind, period_months, period, area_code, dimension, bucket
    order by source_rank.rank desc
) = 1;

create or replace table state_indicator as
select state_indicator.*
from state_indicator
join source_rank using (source_id)
qualify row_number() over (
    partition by adapter, area_kind, period_months, period, area_code, trade_key, indicator
    order by source_rank.rank desc
) = 1;
