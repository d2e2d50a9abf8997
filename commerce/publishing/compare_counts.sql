-- How many permits are new, changed (by field), re-identified and removed. One row.
select
    (select countif(not is_reissued) from pair)
    - (select countif(not is_reissued) from differing) as same,
    countif(not is_reissued) as changed,
    (select count(*) from new_permit)
    - (select count(distinct new_row) from pair) as new,
    countif(not is_reissued and has_vanished) as vanished,
    countif(not is_reissued and has_returned) as returned,
    countif(is_reissued) as reidentified,
    (select count(*) from old_permit) - (select count(*) from pair) as removed,
    [
        countif(not is_reissued and name),
        countif(not is_reissued and trade_name),
        countif(not is_reissued and category_id),
        countif(not is_reissued and status),
        countif(not is_reissued and opened_on),
        countif(not is_reissued and exit_on),
        countif(not is_reissued and exit_kind),
        countif(not is_reissued and address),
        countif(not is_reissued and area_m2),
        countif(not is_reissued and point_moved),
        countif(not is_reissued and point_gained),
        countif(not is_reissued and point_lost),
        countif(not is_reissued and dong_code),
        countif(not is_reissued and authority_code)
    ] as fields,
    [
        countif(is_reissued and name),
        countif(is_reissued and trade_name),
        countif(is_reissued and category_id),
        countif(is_reissued and status),
        countif(is_reissued and opened_on),
        countif(is_reissued and exit_on),
        countif(is_reissued and exit_kind),
        countif(is_reissued and address),
        countif(is_reissued and area_m2),
        countif(is_reissued and point_moved),
        countif(is_reissued and point_gained),
        countif(is_reissued and point_lost),
        countif(is_reissued and dong_code),
        countif(is_reissued and authority_code)
    ] as reissued_fields
from differing
