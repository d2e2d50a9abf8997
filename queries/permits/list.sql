-- Which permits there are: a page of the table, those opened or closed last first.
-- grain: one row per permit
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $area_codes varchar[]: named areas; null means all places
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening, or of leaving when ordered so; null means all
--   $to_month date: last month of it, inclusive; null means all
--   $status varchar: open, suspended, closed, cancelled, moved_out or unknown; null means all
--   $name_has varchar: part of the shop's name; null means all
--   $order_by varchar: opened (null) or left
--   $max_rows integer: how many at most; null means 50
--   $skip_rows integer: how many to skip; null means 0
-- columns:
--   name varchar: name of the shop
--   category_ko varchar: trade in Korean
--   category_en varchar: trade in English
--   service_name varchar: permit service
--   trade_name varchar: trade within the service, as published
--   dong_ko varchar: dong in Korean
--   dong_en varchar: dong in English
--   address varchar: road address, else lot address
--   status varchar: state at S
--   opened_on date: day the permit was given
--   exit_on date: day the shop left; null while it stands
--   exit_kind varchar: how it left: closed, cancelled, moved_out or vanished
--   exit_date_quality varchar: reported, imputed, bulk or unknown
--   days_open integer (days): days from opening to leaving, or to S; null when either is unknown
--   area_m2 double (m²): floor area
--   lon double (degrees): longitude
--   lat double (degrees): latitude
--   permit_id varchar: permit number as published
--   total_rows bigint (permits): how many there are on all pages together
with

-- not kept between its two readers: counting needs none of the wide columns
scope as not materialized (
    select
        establishment.*,
        category.name_ko as category_ko,
        category.name_en as category_en,
        if($order_by = 'left', establishment.exit_on, establishment.opened_on) as ordered_on
    from establishment
    left join category on establishment.category_id = category.category_id
    where
        ($dong_codes is null or list_contains($dong_codes, establishment.dong_code))
        and ($area_codes is null or list_has_any(establishment.trade_area_codes, $area_codes))
        and (
            $category_ids is null
            or list_contains($category_ids, establishment.category_id)
            or list_contains($category_ids, category.parent_id)
        )
        and ($status is null or establishment.status = $status)
        and ($name_has is null or contains(lower(establishment.name), lower($name_has)))
),

listed as not materialized (
    select *
    from scope
    where
        ($from_month::date is null or ordered_on >= date_trunc('month', $from_month::date))
        and ($to_month::date is null or ordered_on <= last_day($to_month::date))
        and ($order_by is distinct from 'left' or ordered_on is not null)
),

page as (
    select *
    from listed
    order by ordered_on desc nulls last, permit_id asc
    limit
        coalesce($max_rows, 50)
        offset coalesce($skip_rows, 0)
)

select
    page.name,
    page.category_ko,
    page.category_en,
    page.service_name,
    page.trade_name,
    dong.name_ko as dong_ko,
    dong.name_en as dong_en,
    coalesce(page.address_road, page.address_lot) as address,
    page.status,
    page.opened_on,
    page.exit_on,
    page.exit_kind,
    page.exit_date_quality,
    case
        when page.exit_date_quality = 'unknown' or page.opened_on > page.observed_until then null
        when page.exit_on < page.opened_on then null
        else coalesce(page.exit_on, page.observed_until) - page.opened_on
    end::integer as days_open,
    page.area_m2,
    page.lon,
    page.lat,
    page.permit_id,
    (select count(*) from listed) as total_rows
from page
left join dong on page.dong_code = dong.dong_code
order by page.ordered_on desc nulls last, page.permit_id asc
