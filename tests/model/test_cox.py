"""The fit against lifelines, against hazards that are known, and its intervals by resampling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from commerce.model import cox

pytestmark = pytest.mark.filterwarnings("ignore::Warning:lifelines")
NAMES = ["a", "b", "c"]


def sample(
    seed: int, size: int, beta: tuple[float, ...] = (0.6, -0.3, 0.0), ties: int = 1
) -> pd.DataFrame:
    """Openings in three strata with hazards of 1/400, 1/800 and 1/1200 a day."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, len(beta)))
    stratum = rng.integers(0, 3, size)
    rate = np.array([1 / 400, 1 / 800, 1 / 1200])[stratum] * np.exp(x @ np.array(beta))
    days = np.ceil(rng.exponential(1 / rate) / ties) * ties
    watched = np.ceil(rng.uniform(200, 2000, size) / ties) * ties
    frame = pd.DataFrame(x, columns=NAMES[: len(beta)])
    return frame.assign(stratum=stratum, days=np.minimum(days, watched), closed=days <= watched)


def risk_sets(frame: pd.DataFrame) -> cox.RiskSets:
    names = [name for name in NAMES if name in frame]
    return cox.RiskSets(
        frame[names].to_numpy(),
        frame["days"].to_numpy(float),
        frame["closed"].to_numpy(bool),
        frame["stratum"].to_numpy(np.intp),
    )


@pytest.mark.parametrize("ties", [1, 90])
@pytest.mark.parametrize("penalty", [0.0, 0.05])
def test_as_lifelines(ties: int, penalty: float) -> None:
    frame = sample(1, 900, ties=ties)
    # lifelines puts the ridge on columns of unit spread
    frame[NAMES] = (frame[NAMES] - frame[NAMES].mean()) / frame[NAMES].std(ddof=1)
    found = cox.fit(risk_sets(frame), penalty)
    expected = CoxPHFitter(penalizer=penalty).fit(
        frame, "days", "closed", strata=["stratum"], fit_options={"precision": 1e-10}
    )
    np.testing.assert_allclose(found.values, expected.params_, atol=1e-4 if penalty else 1e-6)
    np.testing.assert_allclose(
        np.sqrt(np.diag(found.covariance)), expected.standard_errors_, atol=1e-5
    )
    ages = np.array([90.0, 365.25, 1095.75])
    lines = cox.baselines(risk_sets(frame), expected.params_.to_numpy(), ages)
    for stratum, line in lines.items():
        table = expected.baseline_cumulative_hazard_.iloc[:, stratum].dropna()
        steps = [table[table.index <= age].iloc[-1] for age in ages]
        np.testing.assert_allclose(line.hazard, steps, rtol=1e-6)


def test_known_hazards_are_found() -> None:
    found = cox.fit(risk_sets(sample(2, 20_000)), 0.0)
    error = np.sqrt(np.diag(found.covariance))
    assert (error < 0.02).all()
    assert (np.abs(found.values - [0.6, -0.3, 0.0]) < 3 * error).all()
    line = cox.baselines(risk_sets(sample(2, 20_000)), found.values, np.array([365.25]))
    for stratum, mean in enumerate((400, 800, 1200)):
        assert line[stratum].hazard[0] == pytest.approx(365.25 / mean, rel=0.06)


def test_the_spread_of_a_curve_is_that_of_resampling() -> None:
    """Var ln Λ = (V₀ + qᵀCq) / Λ₀² beside what 300 resamples give."""
    frame, ages = sample(3, 600, (0.6, -0.3)), np.array([365.25, 1095.75])
    point = np.array([1.0, -0.5])

    def fitted(rows: pd.DataFrame) -> tuple[cox.Coefficients, cox.Baseline]:
        found = cox.fit(risk_sets(rows), 0.0)
        return found, cox.baselines(risk_sets(rows), found.values, ages)[0]

    found, line = fitted(frame)
    q = point[None, :] * line.hazard[:, None] - line.drift
    spread = np.sqrt(
        (line.variance + np.einsum("ti,ij,tj->t", q, found.covariance, q)) / line.hazard**2
    )
    rng = np.random.default_rng(4)
    logs = []
    for _ in range(300):
        again, other = fitted(frame.iloc[rng.integers(0, len(frame), len(frame))])
        logs.append(np.log(other.hazard) + point @ again.values)
    np.testing.assert_allclose(spread, np.std(logs, axis=0), rtol=0.2)


def test_what_cannot_settle_says_so() -> None:
    # all with a = 1 close first, one by one, and no other: the ratio has no upper end
    frame = pd.DataFrame(
        {"a": [1.0, 1, 1, 0, 0], "stratum": 0, "days": [1.0, 2, 3, 9, 9],
         "closed": [True, True, True, False, False]}
    )  # fmt: skip
    with pytest.raises(ArithmeticError):
        cox.fit(risk_sets(frame), 0.0)
    assert np.isfinite(cox.fit(risk_sets(frame), 0.1).values).all()
