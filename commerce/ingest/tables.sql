-- The tables of one ingest, before anything is read.

-- Words that many rows share are stored as numbers: such columns take a sixteenth of the memory,
-- sort faster and are written as dictionaries.
create type status as enum('open', 'suspended', 'closed', 'cancelled', 'moved_out', 'unknown');
create type exit_kind as enum('closed', 'cancelled', 'moved_out', 'vanished');
create type date_quality as enum('reported', 'imputed', 'bulk', 'unknown');

-- One row per file, of this run (source_no from 0) and of earlier runs (below 0).
create table source (
    source_no integer, source_id varchar, s date, is_new boolean
);
-- One row per row of a permit file that could be typed, and per permit id known from earlier runs.
create table staged (
    source_no integer,
    line bigint,
    pk ubigint,
    permit_id varchar,
    service_code varchar,
    trade_name varchar,
    name varchar,
    opened_on date,
    exit_on date,
    exit_kind exit_kind,
    exit_date_quality date_quality,
    status status,
    area_m2 double,
    address_road varchar,
    address_lot varchar,
    lot_key bigint,
    road_key bigint,
    floor varchar,
    x double,
    y double,
    authority varchar,
    is_inside boolean,
    updated_at timestamp,
    refreshed_at timestamp,
    -- why the row itself is refused; such rows are set apart when the file is read
    reason varchar,
    -- for permit ids of earlier runs: their first version, where it is not this one
    first_s date,
    first_opened_on date,
    first_name_key varchar,
    first_lot_key bigint,
    first_road_key bigint
);
-- What a status code means.
create table status_meaning (code varchar, status status, exit_kind exit_kind);
insert into status_meaning values
('01', 'open', null),
('02', 'suspended', null),
('03', 'closed', 'closed'),
('04', 'cancelled', 'cancelled'),
('05', 'moved_out', 'moved_out');
-- What a status name means, for layouts without a code.
create table status_name (name varchar, code varchar);
-- One row per refused row of this run.
create table refusal (source_no integer, line bigint, reason varchar);
-- One row per file, service and authority: how many permit ids it holds there.
create table sighting (
    source_id varchar, service_code varchar, authority varchar, s date, held bigint
);
-- One row per point that only an older version of a permit had.
create table older_point (lot_key bigint, road_key bigint, lon double, lat double, s date);
-- One row per point that lies in named areas, with their codes in order.
create table area_of_point (lon double, lat double, trade_area_codes varchar[]);
-- One row per authority code: the code in force now, and its district where that is known.
create table authority (authority varchar, authority_code varchar, is_ours boolean);
create or replace macro name_key(name) as regexp_replace(
    regexp_replace(lower(name), '주식회사|\(주\)|㈜', '', 'g'), '[^0-9a-z가-힣]', '', 'g'
);
-- The number of a permit id. Two ids of 10 million share one once in 370,000 such files.
create or replace macro permit_key(service_code, permit_id) as
cast(md5_number(service_code || '|' || permit_id) >> 64 as ubigint);
