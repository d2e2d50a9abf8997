-- The model's record: fitted to openings before the cut with what was known then, scored on those
-- after it, against Kaplan–Meier of the same openings. Horizons that are not over are not scored.
-- grain: one row per horizon and metric, and per bin of like expectation (metric calibration)
-- parameters:
--   $years integer: horizon in years; null means all
--   $metric varchar: brier, brier_km, brier_difference, concordance, concordance_km, overall,
--     overall_km or calibration; null means all
-- columns:
--   years integer (years): the horizon
--   metric varchar: brier and brier_km: mean squared error with inverse-censoring weights, lower is
--     better; brier_difference: the first less the second, opening by opening; concordance: of two
--     openings, how often the one that lasted longer was expected to, 0.5 is chance; overall and
--     calibration: survival that came, beside what was expected
--   bin integer: number of the bin, the lowest expectation first; null but for calibration
--   openings bigint (permits): openings scored
--   closures bigint (permits): of these closed by the horizon
--   expected double (ratio): mean expected survival; null but for overall and calibration
--   value double: the value; for overall and calibration Kaplan–Meier of what came
--   ci_low double (as value): lower 95 % limit: bootstrap of openings (Brier), infinitesimal
--     jackknife (concordance), log–log (survival)
--   ci_high double (as value): upper 95 % limit
--   beats boolean: for brier_difference: whether the whole interval lies below 0; else false
select
    years,
    metric,
    bin,
    openings,
    closures,
    expected,
    value,
    ci_low,
    ci_high,
    coalesce(beats, false) as beats
from model_record
where
    ($years is null or years = $years)
    and ($metric is null or metric = $metric)
order by
    years,
    list_position(
        [
            'brier', 'brier_km', 'brier_difference', 'concordance', 'concordance_km', 'overall',
            'overall_km', 'calibration'
        ],
        metric
    ),
    bin nulls first
