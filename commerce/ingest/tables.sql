-- The tables of one ingest, before anything is read.

-- One row per file, of this run (source_no from 0) and of earlier runs (below 0).
create table source (
    source_no integer, source_id varchar, s date, is_new boolean
);
-- One row per row of a permit file that could be typed, and per permit id known from earlier runs.
create table staged (
    source_no integer,
    line bigint,
    permit_id varchar,
    service_code varchar,
    trade_name varchar,
    name varchar,
    opened_on date,
    exit_on date,
    exit_kind varchar,
    exit_date_quality varchar,
    status varchar,
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
-- One row per authority code: the code in force now, and its district where that is known.
create table authority (authority varchar, authority_code varchar, is_ours boolean);
create or replace macro name_key(name) as regexp_replace(
    regexp_replace(lower(name), '주식회사|\(주\)|㈜', '', 'g'), '[^0-9a-z가-힣]', '', 'g'
);
