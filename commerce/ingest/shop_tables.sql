-- The tables of the shops of one ingest, before any shop file is read.

-- One row per row of a shop file: of this run (source_no from 0), and of earlier runs (below 0).
create table shop_staged (
    source_no integer,
    line bigint,
    shop_id varchar,
    name varchar,
    branch varchar,
    trade_code varchar,
    trade_name varchar,
    district_code varchar,
    address_lot varchar,
    address_road varchar,
    floor varchar,
    lon double,
    lat double,
    reason varchar
);
-- One row per shop file, of this run and of earlier ones.
create table shop_source (source_no integer, source_id varchar, s date);
-- How many shops each file lists in each district, also those that newer files replaced.
create table shop_held (source_id varchar, s date, district_code varchar, held bigint);

create macro shop_text(value) as nullif(trim(regexp_replace(value, '\s+', ' ', 'g')), '');
-- Files that went through other tools say `nan` for what is unknown.
create macro shop_known(value) as if(
    lower(shop_text(value)) in ('nan', 'none', 'null', '<na>'), null, shop_text(value)
);
-- They also turn whole numbers into 123.0.
create macro shop_code(value) as regexp_replace(shop_known(value), '\.0+$', '');
-- And the city that is its own district stands twice.
create macro shop_address(value) as if(
    split_part(value, ' ', 1) = split_part(value, ' ', 2) and split_part(value, ' ', 1) <> '',
    substr(value, length(split_part(value, ' ', 1)) + 2),
    value
);
