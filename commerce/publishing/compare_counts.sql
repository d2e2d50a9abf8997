-- How many permits are new, changed (by field), re-identified and removed. One row.
select
    (select count(*) filter (not is_reissued) from pair)
    - (select count(*) filter (not is_reissued) from differing) as same,
    count(*) filter (not is_reissued) as changed,
    (select count(*) from new_permit)
    - (select count(distinct new_row) from pair) as new,
    (
        select count(*)
        from new_permit
        where
            row_no not in (select new_row from pair)
            and (service_code, coalesce(authority_code, '')) not in (
                select (service_code, coalesce(authority_code, '')) from old_permit
            )
    ) as new_elsewhere,
    count(*) filter (not is_reissued and has_vanished) as vanished,
    count(*) filter (not is_reissued and has_returned) as returned,
    count(*) filter (not is_reissued and has_lost_dong) as dong_lost,
    count(*) filter (not is_reissued and has_found_dong) as dong_gained,
    count(*) filter (is_reissued) as reidentified,
    (select count(*) from old_permit) - (select count(*) from pair) as removed,
    [
        count(*) filter (not is_reissued and name),
        count(*) filter (not is_reissued and trade_name),
        count(*) filter (not is_reissued and category_id),
        count(*) filter (not is_reissued and status),
        count(*) filter (not is_reissued and opened_on),
        count(*) filter (not is_reissued and exit_on),
        count(*) filter (not is_reissued and exit_kind),
        count(*) filter (not is_reissued and address),
        count(*) filter (not is_reissued and area_m2),
        count(*) filter (not is_reissued and point_moved),
        count(*) filter (not is_reissued and point_gained),
        count(*) filter (not is_reissued and point_lost),
        count(*) filter (not is_reissued and dong_code),
        count(*) filter (not is_reissued and authority_code)
    ] as fields,
    [
        count(*) filter (is_reissued and name),
        count(*) filter (is_reissued and trade_name),
        count(*) filter (is_reissued and category_id),
        count(*) filter (is_reissued and status),
        count(*) filter (is_reissued and opened_on),
        count(*) filter (is_reissued and exit_on),
        count(*) filter (is_reissued and exit_kind),
        count(*) filter (is_reissued and address),
        count(*) filter (is_reissued and area_m2),
        count(*) filter (is_reissued and point_moved),
        count(*) filter (is_reissued and point_gained),
        count(*) filter (is_reissued and point_lost),
        count(*) filter (is_reissued and dong_code),
        count(*) filter (is_reissued and authority_code)
    ] as reissued_fields
from differing
