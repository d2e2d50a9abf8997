-- How many establishments there are, and how many lack something or are not used in figures.
select
    count(*) as establishments,
    count(*) filter (where dong_code is null) as without_dong,
    count(*) filter (where coordinate_quality = 'none') as without_point,
    count(*) filter (where coordinate_quality = 'from_address') as point_from_address,
    count(*) filter (where exit_date_quality = 'imputed' and exit_kind <> 'vanished') as imputed,
    count(*) filter (where exit_date_quality = 'unknown') as exit_unknown,
    count(*) filter (where exit_date_quality = 'bulk') as bulk,
    count(*) filter (where exit_kind = 'vanished') as vanished,
    count(*) filter (where opened_on > observed_until) as opened_after,
    count(*) filter (where exit_on < opened_on) as closed_before,
    count(*) filter (where opened_on is null) as no_opening
from read_parquet($file)
