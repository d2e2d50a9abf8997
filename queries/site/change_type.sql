-- What kind of change each dong is in (상권변화지표, the four types of Seoul's service): the mean months
-- in business of shops still open, and of shops that closed, each against the district's mean. The
-- types are four names, not four grades. Longer open and longer closed than the mean is HH 정체;
-- shorter both is LL 다이나믹; open shorter and closed longer LH 상권확장; open longer and closed
-- shorter HL 상권축소.
-- grain: one row per dong
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of closing of the shops that closed; null means the last five
--     years up to S
--   $to_month date: last month of closing, inclusive; null means up to S
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   open_shops bigint (permits): standing at S
--   open_months double (months): mean months in business of these
--   open_mean double (months): the same of the whole district
--   closed_shops bigint (permits): closed in the period
--   closed_months double (months): mean months from opening to closing of these
--   closed_mean double (months): the same of the whole district
--   change_type varchar: LL, LH, HL or HH; null where either number of shops is below 10
with

scope as (
    select
        dong.district_code,
        permit.dong_code,
        permit.age_days / 30.4375 as months,
        not permit.has_left as is_open,
        permit.is_closure
        and not permit.is_bulk
        and permit.watched_until >= coalesce(
            date_trunc('month', $from_month::date), permit.observed_until - interval 5 year
        )
        and permit.watched_until < period_end($to_month) as is_closed
    from permit
    inner join dong on permit.dong_code::varchar = dong.dong_code
    where is_of_trade(permit.category_id, permit.group_id, $category_ids)
),

districts as (
    select
        district_code,
        avg(months) filter (is_open) as open_mean,
        avg(months) filter (is_closed) as closed_mean
    from scope
    group by district_code
),

dongs as (
    select
        dong_code,
        countif(is_open)::bigint as open_shops,
        avg(months) filter (is_open) as open_months,
        countif(is_closed)::bigint as closed_shops,
        avg(months) filter (is_closed) as closed_months
    from scope
    group by dong_code
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    coalesce(dongs.open_shops, 0) as open_shops,
    dongs.open_months,
    districts.open_mean,
    coalesce(dongs.closed_shops, 0) as closed_shops,
    dongs.closed_months,
    districts.closed_mean,
    if(
        dongs.open_shops >= 10 and dongs.closed_shops >= 10,
        if(dongs.open_months < districts.open_mean, 'L', 'H')
        || if(dongs.closed_months < districts.closed_mean, 'L', 'H'),
        null
    ) as change_type
from dong
left join dongs on dong.dong_code = dongs.dong_code::varchar
left join districts on dong.district_code = districts.district_code
where ($dong_codes is null or list_contains($dong_codes, dong.dong_code))
order by dong.dong_code
