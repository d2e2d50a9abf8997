-- Why rows of one file are refused, once all of it is read. The first reason that fits counts.

-- Codes of before a reform become those in force; 8 digits gain 00.
update market_row set area_code = coalesce(code_change.code_now, left(market_row.area_code, 5))
    || right(market_row.area_code, -5) || case length(market_row.area_code) when 8 then '00' else '' end
from (select distinct left(area_code, 5) as district from market_row where source_no = $source_no)
    as seen
left join code_change on seen.district = code_change.code_before
where
    market_row.source_no = $source_no
    and market_row.area_kind = 'dong'
    and left(market_row.area_code, 5) = seen.district
    and regexp_full_match(market_row.area_code, '[0-9]{8}([0-9]{2})?');

create or replace temp table value_reason as
select
    market_row.line,
    case
        when bool_or(market_value.value is null and market_value.measure <> 'text')
            then 'bad_number'
        when bool_or(market_value.value < 0) then 'negative_amount'
        when bool_or(market_value.value > 9e15 or not isfinite(market_value.value))
            then 'bad_number'
    end as reason,
    count(market_value.line) = 0 as is_empty
from market_row
left join market_value using (source_no, line)
where market_row.source_no = $source_no
group by market_row.line;

update market_row set reason = coalesce(market_row.reason, case
    when market_row.period is null or coalesce(market_row.period_months, 0) not in (1, 3)
        or market_row.period_months = 3 and month(market_row.period) not in (1, 4, 7, 10)
        then 'bad_period'
    when market_row.area_kind not in ('dong', 'trade_area') or market_row.area_code is null
        then 'bad_code'
    when market_row.area_kind = 'dong' and not regexp_full_match(market_row.area_code, '[0-9]{10}')
        then 'bad_code'
    when market_row.part is not null and not regexp_full_match(
        market_row.part,
        'total:all|hour_band:[0-9]{2}(-[0-9]{2})?|weekday:[1-7]'
        || '|weekday_hour:[1-7] [0-9]{2}(-[0-9]{2})?|sex:[FM]'
        || '|age_group:[0-9]+(-[0-9]+|[+])|sex_age:[FM] [0-9]+(-[0-9]+|[+])'
    ) then 'bad_bucket'
    when $is_footfall and market_row.unit is not null and not list_contains([
        'persons_per_day', 'person_hours_per_day', 'persons_present', 'persons_per_quarter',
        'persons_per_month'
    ], market_row.unit) then 'bad_unit'
    when $is_sales and market_row.trade_key is null then 'unknown_trade'
    when
        $trade_pattern <> '' and market_row.trade_code is not null
        and not regexp_full_match(market_row.trade_code, $trade_pattern) then 'unknown_trade'
    when value_reason.reason is not null then value_reason.reason
    when $is_footfall and value_reason.is_empty then 'no_value'
end)
from value_reason
where market_row.source_no = $source_no and market_row.line = value_reason.line;

-- Places that are not in the outlines. What is about a region is refused where none of its
-- districts is ingested.
update market_row set reason = case
    when market_row.area_kind = 'trade_area' then 'outside_district'
    when left(market_row.area_code, 5) in (select left(dong_code, 5) from outline_dong)
        then 'unknown_dong'
    else 'outside_district'
end
where
    source_no = $source_no
    and reason is null
    and not $keep_all
    and case area_kind
        when 'dong' then area_code not in (select dong_code from outline_dong)
        else $sido <> '' and $sido not in (select left(dong_code, 2) from outline_dong)
    end;

-- A key that repeats: every copy after the first.
update market_row set reason = 'repeated_key'
from (
    select line from market_row
    where source_no = $source_no and reason is null
    qualify row_number() over (
        partition by
            period, period_months, day, area_kind, area_code, trade_key, part, unit
        order by line
    ) > 1
) as again
where market_row.source_no = $source_no and market_row.line = again.line;

-- A whole that is less than its parts: nobody knows which of them is wrong. Parts may stand
-- in the row itself or, in our own form, in rows of their own.
create or replace temp table below as
with figure as (
    select
        market_row.line,
        market_value.measure,
        market_value.dimension,
        market_value.value,
        case
            when market_row.part is null then 'line ' || market_row.line
            else concat_ws(
                '|', market_row.period, market_row.period_months, market_row.area_kind,
                market_row.area_code, market_row.trade_key, market_row.unit
            )
        end as cell
    from market_row
    join market_value using (source_no, line)
    where
        market_row.source_no = $source_no
        and market_row.reason is null
        and market_value.measure in ('sales', 'count', 'persons')
),

parted as (
    select
        cell,
        measure,
        dimension,
        sum(value) as parts,
        count(*) as n
    from figure
    where dimension <> 'total' group by all
),

wrong as (
    select distinct parted.cell
    from parted
    join figure on parted.cell = figure.cell and parted.measure = figure.measure
        and figure.dimension = 'total'
    -- each part may be rounded, in the last digit or to a tenth of a percent
    where parted.parts > figure.value * 1.005 + parted.n
)

select distinct figure.line from figure join wrong using (cell);

update market_row set reason = 'total_below_parts'
from below
where market_row.source_no = $source_no and market_row.line = below.line;

-- A part whose whole is not there.
update market_row set reason = 'no_total'
where
    source_no = $source_no
    and reason is null
    and part <> 'total:all'
    and not exists (
        select 1 from market_row as whole
        where
            whole.source_no = $source_no
            and whole.reason is null
            and whole.part = 'total:all'
            and whole.period = market_row.period
            and whole.period_months = market_row.period_months
            and whole.area_kind = market_row.area_kind
            and whole.area_code = market_row.area_code
            and whole.trade_key is not distinct from market_row.trade_key
            and whole.unit is not distinct from market_row.unit
    );

insert into market_refusal
select
    source_no,
    line,
    reason
from market_row
where source_no = $source_no and reason is not null;

-- The values of refused rows go nowhere.
delete from market_value
where
    source_no = $source_no
    and line in (select line from market_refusal where source_no = $source_no);

delete from market_row where source_no = $source_no and reason is not null;
