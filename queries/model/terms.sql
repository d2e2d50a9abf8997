-- What the model learnt: how each term raises or lowers the hazard of closing, within a trade.
-- grain: one row per term
-- columns:
--   position integer: order of the terms
--   term varchar: log_area (ln m²), log_same_500, log_all_300, log_closed_500 (ln of 1 + shops of
--     the trade within 500 m, shops within 300 m, closures within 500 m in 24 months), has_earlier,
--     log_earlier (ln of 1 + permits at the site before), log_last_years (ln of 1 + years that the
--     last of them stood), is_shared (one of them stands), log_dong_ratio (ln of the dong's
--     closures over what the share of all gives), log_trade_rate (ln of the trade's closures in 24
--     months per shop), and …_missing (not in the record)
--   is_told boolean: whether predictions use it; terms of missing entries are held at their mean
--   coefficient double (per unit): log hazard ratio, drawn towards 0 by the ridge
--   standard_error double (per unit): its standard error
--   hazard_ratio double (ratio): exp(coefficient): above 1 closes sooner
--   ci_low double (ratio): lower 95 % limit
--   ci_high double (ratio): upper 95 % limit
select
    position,
    term,
    is_told,
    coefficient,
    standard_error,
    exp(coefficient) as hazard_ratio,
    exp(coefficient - 1.959963984540054 * standard_error) as ci_low,
    exp(coefficient + 1.959963984540054 * standard_error) as ci_high
from model_term
order by model_id, position
