-- Where shops last: the share that still stands three years after opening, dong by dong, and the
-- same drawn towards the district's mean, so that a small dong does not lead a ranking by chance.
-- Kaplan–Meier at 365.25 days a year. The mean comes from all dongs, also when some are asked for.
-- grain: one row per dong
-- parameters:
--   $dong_codes varchar[]: 10-digit codes; null means the whole district
--   $category_ids varchar[]: trades; a group means all its trades; null means all
--   $from_month date: first month of opening; null means from the first permit on
--   $to_month date: last month of opening, inclusive; null means up to S
--   $include_bulk boolean: false censors shops closed on a bulk clean-up day on that day;
--     null means true
--   $years integer: how long after opening; null means 3
-- columns:
--   dong_code varchar: 10-digit code of the administrative dong
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   n bigint (permits): shops opened there
--   at_risk bigint (permits): watched and standing at that age
--   survival double (ratio): share that stands beyond it; null when none is watched so long
--   ci_low double (ratio): lower 95 % limit, log–log
--   ci_high double (ratio): upper 95 % limit
--   shrunken double (ratio): survival drawn towards the district's mean where its interval is wide
--   mean_survival double (ratio): the mean it is drawn towards
with

totals as (
    select
        dong_code,
        count(*) as n,
        countif(age_days >= ceil(coalesce($years, 3) * 365.25)::integer)::bigint as at_risk
    from permit
    where
        dong_code is not null
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and opened_on >= period_start($from_month)
        and opened_on < period_end($to_month)
    group by dong_code
),

ages as (
    select
        dong_code,
        age_days,
        count(*) as leavers,
        countif(is_closure and (coalesce($include_bulk, true) or not is_bulk))::bigint as events
    from permit
    where
        dong_code is not null
        and age_days < ceil(coalesce($years, 3) * 365.25)::integer
        and (
            $category_ids is null
            or list_contains($category_ids, category_id)
            or list_contains($category_ids, group_id)
        )
        and opened_on >= period_start($from_month)
        and opened_on < period_end($to_month)
    group by dong_code, age_days
),

-- all shops of a dong enter before its first age. Those that are watched to the end of the curve
-- leave there, so that the sum of entering less leaving is back at 0 where the next dong begins
steps as (
    select
        dong_code,
        -1 as age_days,
        0 as events,
        0 as leavers,
        n as entering
    from totals
    union all
    select
        dong_code,
        ceil(coalesce($years, 3) * 365.25)::integer as age_days,
        0 as events,
        at_risk as leavers,
        0 as entering
    from totals
    union all
    select
        dong_code,
        age_days,
        events,
        leavers,
        0 as entering
    from ages
    order by dong_code, age_days
),

-- sums that run over rows as they come take a fifth of the time of a window with an order
standing as (
    select
        *,
        sum(entering - leavers) over (
            rows between unbounded preceding and current row -- noqa: PRS
        ) as shops
    from steps
),

risk_sets as (
    select
        dong_code,
        events,
        shops + leavers as at_risk
    from standing
    where events > 0
),

products as (
    select
        dong_code,
        product(1 - events / at_risk) as survival,
        sum(events / nullif(at_risk * (at_risk - events), 0)) as variance_sum
    from risk_sets
    group by dong_code
),

curves as (
    select
        totals.dong_code,
        totals.n,
        totals.at_risk,
        products.survival,
        products.variance_sum
    from totals
    left join products on totals.dong_code = products.dong_code
),

-- on the scale ln(-ln S), where the Greenwood variance is variance_sum / ln(S)^2
scores as (
    select
        dong_code,
        n,
        at_risk,
        coalesce(survival, 1) as survival,
        variance_sum,
        if(survival > 0 and survival < 1, ln(-ln(survival)), null) as score,
        if(survival > 0 and survival < 1, variance_sum / pow(ln(survival), 2), null) as variance
    from curves
    where at_risk > 0 or survival = 0
),

-- the spread between dongs by moments (DerSimonian and Laird 1986)
spreads as (
    select
        sum(score / variance) / sum(1 / variance) as mean_score,
        greatest(
            (
                sum(pow(score, 2) / variance) - pow(sum(score / variance), 2) / sum(1 / variance)
                - (count(score) - 1)
            )
            / nullif(sum(1 / variance) - sum(1 / pow(variance, 2)) / sum(1 / variance), 0), 0
        ) as between_variance
    from scores
),

means as (
    select
        spreads.between_variance,
        sum(scores.score / (scores.variance + spreads.between_variance))
        / sum(1 / (scores.variance + spreads.between_variance)) as mean_score
    from scores
    cross join spreads
    group by spreads.between_variance
)

select
    dong.dong_code,
    dong.name_ko,
    dong.name_en,
    coalesce(scores.n, 0)::bigint as n,
    coalesce(scores.at_risk, 0)::bigint as at_risk,
    scores.survival,
    -- log–log limits; S = 1 and S = 0 have none and stand for themselves
    if(
        scores.score is null, scores.survival,
        exp(-exp(scores.score + 1.959963984540054 * sqrt(scores.variance)))
    ) as ci_low,
    if(
        scores.score is null, scores.survival,
        exp(-exp(scores.score - 1.959963984540054 * sqrt(scores.variance)))
    ) as ci_high,
    -- the posterior mean of a normal score; S = 1 and S = 0 carry no variance and take the mean
    exp(-exp(
        if(
            scores.score is null or means.between_variance is null or means.between_variance = 0,
            means.mean_score,
            (scores.score * means.between_variance + means.mean_score * scores.variance)
            / (means.between_variance + scores.variance)
        )
    )) as shrunken,
    exp(-exp(means.mean_score)) as mean_survival
from dong
left join scores on dong.dong_code = scores.dong_code
left join means on scores.dong_code is not null
where ($dong_codes is null or list_contains($dong_codes, dong.dong_code))
order by dong.dong_code
