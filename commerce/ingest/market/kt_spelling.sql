-- How many dongs are written in two ways, with 8 and 10 digits or with an old code and a new one:
-- rows that repeat would stand in two groups then.
select count(*) - count(distinct area_code) as spelt_twice from fast_dong
