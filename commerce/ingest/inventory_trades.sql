-- The publishers' trades that no category takes, with how many cells and values they have.
select
    trade_code,
    any_value(trade_name) as trade_name,
    count(*) as cells
from (
    select trade_code, trade_name, category_id from read_parquet($sales)
    union all
    select trade_code, null as trade_name, category_id from read_parquet($areas)
) as found
where category_id = 'other' and trade_code is not null
group by trade_code
order by cells desc, trade_code
