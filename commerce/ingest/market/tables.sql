-- The tables of one ingest of tables about places, before anything is read.

-- One row per file: the rank decides which of two files of one series is the newer.
create table market_source (
    source_no integer,
    source_id varchar,
    adapter varchar,
    trade_pattern varchar,
    sido varchar,
    trade_scheme varchar
);
-- One row per row of a file. A row of a profile belongs to the cell that its key names.
create table market_row (
    source_no integer,
    line bigint,
    period date,
    period_months integer,
    day date,
    area_kind varchar,
    area_code varchar,
    trade_code varchar,
    trade_name varchar,
    trade_key varchar,
    part varchar,
    unit varchar,
    filled boolean,
    reason varchar
);
-- One row per row of a file and figure in it. A text that is no number has a null value.
create table market_value (
    source_no integer,
    line bigint,
    measure varchar,
    dimension varchar,
    bucket varchar,
    value double,
    text varchar
);
-- Hourly counts, summed over days: bit n of days says that day n of the month is in.
create table market_presence (
    source_no integer,
    area_code varchar,
    period date,
    weekday tinyint,
    hour tinyint,
    sex varchar,
    age_group varchar,
    persons double,
    days bigint,
    n bigint
);
create table market_refusal (source_no integer, line bigint, reason varchar);

-- What is known of each cell, suppressed or not; the published tables come from these.
create table state_sale (
    adapter varchar,
    area_kind varchar,
    period_months integer,
    period date,
    day date,
    area_code varchar,
    trade_key varchar,
    trade_code varchar,
    trade_name varchar,
    sales double,
    transactions double,
    merchants double,
    filled boolean,
    profile struct(dimension varchar, bucket varchar, sales double, transactions double)[],
    source_id varchar,
    n bigint
);
create table state_footfall (
    adapter varchar,
    unit varchar,
    area_kind varchar,
    period_months integer,
    period date,
    area_code varchar,
    dimension varchar,
    bucket varchar,
    persons double,
    source_id varchar,
    n bigint
);
create table state_presence (
    adapter varchar,
    area_code varchar,
    period date,
    weekday tinyint,
    hour tinyint,
    sex varchar,
    age_group varchar,
    persons double,
    days bigint,
    source_id varchar,
    n bigint
);
create table state_indicator (
    adapter varchar,
    area_kind varchar,
    period_months integer,
    period date,
    area_code varchar,
    trade_key varchar,
    trade_code varchar,
    trade_name varchar,
    indicator varchar,
    value double,
    text_value varchar,
    unit varchar,
    source_id varchar,
    n bigint
);
-- A number as people write it, with thousands separators and a unit; null where it is none.
create macro market_number(t) as case
    when regexp_full_match(
        trim(t),
        '[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?([.][0-9]*)?([eE][-+]?[0-9]{1,2})? ?(만원|원|명|개|건|%)?'
    ) then try_cast(regexp_replace(replace(trim(t), ',', ''), ' ?(만원|원|명|개|건|%)$', '') as double)
end;
create macro market_blank(t) as trim(t) in ('', '-');
create macro market_code(t) as nullif(regexp_replace(trim(t), '[.]0$', ''), '');
-- 20241, 2024Q1, 2024-1분기: the first day of the quarter.
create macro market_quarter(t) as case
    when regexp_full_match(trim(t), '(19|20)[0-9]{2}[-./ ]?[Qq]?[1-4](분기|[.]0)?') then make_date(
        cast(left(trim(t), 4) as bigint),
        3 * cast(regexp_extract(trim(t), '([1-4])(분기|[.]0)?$', 1) as bigint) - 2, 1
    )
end;
create macro market_digits(t) as regexp_replace(regexp_replace(trim(t), '[.]0$', ''), '[^0-9]', '', 'g');
-- 202401, 2024-01, 2024.01, 2024-01-31, 20240131: the first day of the month.
create macro market_month(t) as case
    when regexp_full_match(trim(t), '(19|20)[0-9]{2}[-./]?[0-9]{2}([-./]?[0-9]{2})?([.]0)?( .*)?')
        then cast(try_strptime(left(market_digits(t), 6) || '01', '%Y%m%d') as date)
end;
create macro market_day(t) as case
    when regexp_full_match(trim(t), '(19|20)[0-9]{2}[-./]?[0-9]{2}[-./]?[0-9]{2}([.]0)?( .*)?')
        then cast(try_strptime(left(market_digits(t), 8), '%Y%m%d') as date)
end;
-- Ages of ten years as KT writes them: age_00 to age_70.
create macro market_age(t) as case t
    when 'age_70' then '70+'
    else case when regexp_full_match(t, 'age_[0-6]0') then right(t, 2) || '-' || left(right(t, 2), 1) || '9' end
end;
create table presence_row (
    source_no integer,
    line bigint,
    day date,
    hour tinyint,
    sex varchar,
    age_group varchar,
    is_key boolean,
    area_code varchar,
    persons double,
    reason varchar
);
