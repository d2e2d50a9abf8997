-- How many people, how much sales and how many permits each dong has, side by side.
-- People and sales come from different sources and may be of different months: the columns say
-- which. A figure is null where one of its parts is not known.
-- grain: one row per dong, also where nothing is known
-- parameters:
--   $series varchar: adapter of the footfall series; null means the main one
--   $sales_series varchar: adapter of the sales series; null means the main one
--   $area_codes varchar[]: named areas, which take the place of dongs; null means dongs
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades of sales and permits; a group means all its trades; null means
--     all
--   $from_month date: periods that begin in this month or later; null means twelve months in all
--   $to_month date: periods that begin in this month or earlier; null means up to the newest
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   persons double (unit): mean over the footfall periods
--   unit varchar: the publisher's unit, never compared with another
--   sales_krw double (KRW per month): mean over the sales periods, of known cells
--   merchants double (shops): mean over the sales periods, of all cells
--   sales_per_shop double (KRW per merchant and month): over cells whose sales are known
--   coverage double (ratio): merchants in cells whose sales are known / merchants in all cells
--   sales_period_from date: first day of the first period with known sales here
--   sales_period_to date: first day of the last one
--   footfall_period_from date: first day of the first period with a count here
--   footfall_period_to date: first day of the last one
--   permits bigint (permits): active at S; null for trades that need no permit
--   persons_per_permit double (unit per permit): persons / permits
with

people as (
    select
        visit.dong_code,
        any_value(scope.unit)::varchar as unit,
        sum(visit.persons) / nullif(count(distinct visit.period), 0) as persons,
        min(visit.period) as first_period,
        max(visit.period) as last_period
    from footfall_counts($series, $area_codes, $dong_codes) as visit
    inner join footfall_scope($series, $area_codes, $from_month, $to_month) as scope
        on visit.period between scope.first_month and scope.last_month
    where
        visit.dimension = 'total'
        and visit.persons is not null
    group by visit.dong_code
),

sales as (
    select
        cell.dong_code,
        sum(cell.sales_krw)
        / nullif(
            count(distinct cell.period) filter (cell.sales_krw is not null)
            * any_value(cell.period_months), 0
        ) as sales_krw,
        sum(cell.merchants)
        / nullif(count(distinct cell.period) filter (cell.merchants is not null), 0)
            as merchants,
        sum(cell.sales_krw) filter (cell.merchants > 0)
        / sum(cell.merchants * cell.period_months) filter (
            cell.sales_krw is not null and cell.merchants > 0
        ) as sales_per_shop,
        sum(if(cell.sales_krw is null, 0, cell.merchants))
        / nullif(sum(cell.merchants), 0) as coverage,
        min(cell.period) filter (cell.sales_krw is not null) as first_period,
        max(cell.period) filter (cell.sales_krw is not null) as last_period
    from sales_cells($sales_series, $area_codes, $dong_codes, $category_ids) as cell
    inner join sales_scope($sales_series, $area_codes, $from_month, $to_month) as scope
        on cell.period between scope.first_month and scope.last_month
    group by cell.dong_code
),

permits as (
    select
        dong_code,
        countif(not has_left)::bigint as active
    from permit
    where
        ($area_codes is null or list_has_any($area_codes, trade_area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
    group by dong_code
),

-- a trade that needs no permit has unknown shops, not 0
asked as (
    select coalesce(bool_or(has_permits), false) as has_permits
    from category
    where
        $category_ids is null
        or list_contains($category_ids, category_id)
        or list_contains($category_ids, parent_id)
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    people.persons,
    people.unit,
    sales.sales_krw,
    sales.merchants,
    sales.sales_per_shop,
    sales.coverage,
    sales.first_period as sales_period_from,
    sales.last_period as sales_period_to,
    people.first_period as footfall_period_from,
    people.last_period as footfall_period_to,
    if(asked.has_permits, coalesce(permits.active, 0), null) as permits,
    people.persons / nullif(permits.active, 0) as persons_per_permit
from dong
left join people on dong.dong_code = people.dong_code
left join sales on dong.dong_code = sales.dong_code
left join permits on dong.dong_code = permits.dong_code
cross join asked
where ($dong_codes is null or list_contains($dong_codes, dong.dong_code))
order by dong.dong_code
