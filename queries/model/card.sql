-- What the model of expected survival was fitted to, and how. No row where there is no model: too
-- few permits had closed.
-- grain: one row per model
-- columns:
--   model_id varchar: number of the model
--   method varchar: method
--   fitted_on date: S, the last day that the records it was fitted to know
--   from_on date: openings from this day on were learnt from
--   openings bigint (permits): openings learnt from
--   closures bigint (permits): of these closed within five years
--   share double (%): openings that were drawn out of all of the years looked at
--   penalty double (per unit): ridge penalty, chosen inside the training years
--   terms bigint (terms): terms in it
--   software varchar: versions of the method and its libraries
--   cut_on date: day that parts learning from scoring in the backtest
--   record_openings bigint (permits): openings learnt from in the backtest
--   record_closures bigint (permits): closures learnt from in the backtest
--   record_tested bigint (permits): openings after the cut
--   beats_years varchar: horizons in years at which it beats Kaplan–Meier, with commas; null means
--     none
select
    model.model_id,
    model.method,
    model.fitted_on,
    model.from_on,
    model.openings,
    model.closures,
    model.sampled_openings / nullif(model.all_openings, 0) * 100 as share,
    model.penalty,
    (
        select count(*) from model_term
        where model_term.model_id = model.model_id
    ) as terms,
    model.software,
    model.cut_on,
    model.record_openings,
    model.record_closures,
    model.record_tested,
    (
        select string_agg(model_record.years::varchar, ', ' order by model_record.years)
        from model_record
        where model_record.model_id = model.model_id and model_record.beats
    ) as beats_years
from model
order by model.model_id
