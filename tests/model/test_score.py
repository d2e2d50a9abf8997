"""Scores against lifelines, against sums written out, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import concordance_index

from commerce.model import score

pytestmark = pytest.mark.filterwarnings("ignore::Warning:lifelines")
Sample = tuple[np.ndarray, np.ndarray, np.ndarray]
samples = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9])),
    min_size=2,
    max_size=40,
).map(
    lambda rows: (
        np.array([row[0] for row in rows], dtype=float),
        np.array([row[1] for row in rows], dtype=bool),
        np.array([row[2] for row in rows], dtype=float),
    )
)


def weights_one_by_one(days: np.ndarray, closed: np.ndarray, age: float) -> list[float]:
    """Graf's weights, from the curve of being censored, an opening at a time."""

    def not_censored(until: float, inclusive: bool) -> float:
        share = 1.0
        for time in sorted(set(days)):
            if time > until or (time == until and not inclusive):
                break
            lost = sum(1 for d, c in zip(days, closed, strict=True) if d == time and not c)
            there = sum(
                1 for d, c in zip(days, closed, strict=True) if d > time or (d == time and not c)
            )
            share *= 1 - lost / there if lost else 1.0
        return share

    found = []
    for day, is_closed in zip(days, closed, strict=True):
        if day > age:
            found.append(1 / not_censored(age, True))
        elif is_closed:
            found.append(1 / not_censored(day, False))
        else:
            found.append(0.0)
    return found


@settings(deadline=None)
@given(sample=samples, age=st.sampled_from([3.0, 6.5, 12.0]))
def test_weights_and_brier_as_written_out(sample: Sample, age: float) -> None:
    days, closed, predicted = sample
    expected = weights_one_by_one(days, closed, age)
    assert score.censoring_weights(days, closed, age) == pytest.approx(expected)
    squares = [
        w * ((day > age) - p) ** 2 for w, day, p in zip(expected, days, predicted, strict=True)
    ]
    assert score.brier_parts(predicted, days, closed, age).mean() == pytest.approx(
        sum(squares) / len(squares)
    )


def test_weights_are_those_of_lifelines_curve_of_censoring() -> None:
    rng = np.random.default_rng(0)
    days, closed = rng.permutation(400) + 1.0, rng.random(400) < 0.6
    curve = KaplanMeierFitter().fit(days, ~closed)
    found = score.censoring_weights(days, closed, 250.0)
    stands = days > 250
    assert found[stands] == pytest.approx(1 / float(curve.predict(250)))
    early = closed & ~stands
    assert found[early] == pytest.approx(1 / curve.predict(days[early] - 0.5).to_numpy())
    # the weights give back what censoring took: they add up to all openings
    assert found.sum() == pytest.approx(400, rel=1e-9)


def test_brier_without_censoring_by_hand() -> None:
    # at age 5 the first two have closed; expected 0.2, 0.6, 0.9, 0.5:
    # (0 − 0.2)² + (0 − 0.6)² + (1 − 0.9)² + (1 − 0.5)² = 0.04 + 0.36 + 0.01 + 0.25 = 0.66
    parts = score.brier_parts(
        np.array([0.2, 0.6, 0.9, 0.5]), np.array([2.0, 5, 6, 9]), np.ones(4, bool), 5.0
    )
    assert parts.mean() == pytest.approx(0.66 / 4)


@settings(deadline=None)
@given(sample=samples)
def test_concordance_is_that_of_lifelines(sample: Sample) -> None:
    days, closed, predicted = sample
    try:
        expected = concordance_index(days, predicted, closed)
    except ZeroDivisionError:
        assume(False)
        raise
    assert score.concordance(predicted, days, closed).value == pytest.approx(expected)


def test_the_interval_of_concordance_is_that_of_resampling() -> None:
    rng = np.random.default_rng(1)
    size = 300
    x = rng.normal(size=size)
    days = np.ceil(rng.exponential(500 / np.exp(0.7 * x)))
    closed, days = days < 900, np.minimum(days, 900)
    found = score.concordance(-x, days, closed)
    drawn = []
    for _ in range(200):
        at = rng.integers(0, size, size)
        drawn.append(concordance_index(days[at], -x[at], closed[at]))
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(np.std(drawn), rel=0.25)


def test_differences_are_compared_pairwise() -> None:
    rng = np.random.default_rng(2)
    noise = rng.random(500)
    worse, better = noise + 0.01, noise
    each, other, difference = score.means([better, worse, better - worse])
    assert difference.low == pytest.approx(-0.01)
    assert difference.high == pytest.approx(-0.01)
    # the two alone would not be told apart, and their intervals are those of a mean
    assert each.high > other.low
    assert (each.high - each.low) / 2 / 1.96 == pytest.approx(noise.std() / np.sqrt(500), rel=0.15)


def test_calibration_of_true_expectations() -> None:
    rng = np.random.default_rng(3)
    rate = np.exp(rng.normal(size=6000)) / 2000
    days = np.ceil(rng.exponential(1 / rate))
    closed = np.ones(6000, bool)
    moved = rng.random(6000) < 0.1
    days[moved], closed[moved] = np.ceil(days[moved] / 2), False
    bins = score.calibration(np.exp(-rate * 1000), days, closed, 1000, 10)
    assert len(bins) == 10
    assert sum(n for *_, n, _ in bins) == 6000
    inside = [low.low - 0.02 <= expected <= low.high + 0.02 for expected, low, *_ in bins]
    assert sum(inside) >= 9


def test_equal_expectations_share_a_bin() -> None:
    predicted = np.array([0.5] * 90 + [0.8] * 10)
    days, closed = np.arange(100) + 1.0, np.ones(100, bool)
    bins = score.calibration(predicted, days, closed, 50.0, 10)
    assert [(expected, n) for expected, _, n, _ in bins] == [
        (pytest.approx(0.5), 90),
        (pytest.approx(0.8), 10),
    ]
    # of the first ninety, days 1 to 50 have closed
    assert bins[0][1].value == pytest.approx(40 / 90)
