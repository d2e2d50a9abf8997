-- Trades in the permits that none of our trades fits, so that they are counted as other.
-- grain: one row per service and trade as published
-- columns:
--   service_name varchar: service
--   trade_name varchar: the trade as its publisher writes it; null where it writes none
--   permits bigint (permits): permits of this trade
--   share double (%): of all permits
select
    any_value(service_name) as service_name,
    trade_name,
    count(*) as permits,
    count(*) / (select count(*) from establishment as every) * 100 as share
from establishment
where category_id = 'other' or category_id is null
group by service_code, trade_name
order by permits desc, service_name asc, trade_name asc
