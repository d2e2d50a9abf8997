-- The cells of areas and quarters in which something is suppressed and something adds up.
with cell as (
    select
        adapter,
        area_kind,
        area_code,
        cast(date_trunc('quarter', period) as date) as quarter,
        cell_no,
        cast(period as date) as period,
        period_months,
        trade_key,
        coalesce(parent_id, category_id) as group_id,
        total_of,
        sales,
        is_suppressed
    from published
),

doubtful as (
    select
        adapter,
        area_kind,
        area_code,
        quarter
    from cell
    group by all
    having
        bool_or(is_suppressed)
        and (bool_or(total_of is not null) or min(period_months) < max(period_months))
)

select cell.*
from cell
semi join doubtful using (adapter, area_kind, area_code, quarter)
order by all
