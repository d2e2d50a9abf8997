-- Which dongs there are, where they lie, and how many permits each has.
-- grain: one row per dong
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   district_code varchar: 5-digit code of the district (시군구)
--   district_name_ko varchar: name of the district in Korean
--   district_name_en varchar: name of the district in English
--   area_km2 double (km²): area
--   label_lon double (degrees): longitude for the label
--   label_lat double (degrees): latitude for the label
--   boundary varchar: coarse boundary for drawing, GeoJSON
--   permits bigint (permits): permits that figures may use
--   active bigint (permits): of those, standing at S
with

counts as (
    select
        dong_code,
        count(*) as permits,
        countif(not has_left)::bigint as active
    from permit
    group by dong_code
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    dong.district_code,
    dong.district_name_ko,
    dong.district_name_en,
    dong.area_km2,
    dong.label_lon,
    dong.label_lat,
    dong.boundary,
    coalesce(counts.permits, 0) as permits,
    coalesce(counts.active, 0) as active
from dong
left join counts on dong.dong_code = counts.dong_code
order by dong.dong_code
