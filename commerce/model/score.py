"""How good predictions of survival were: Brier score, concordance, calibration.

Openings are scored at an age t only when t is over for all of them by the last day known,
so that the end of the data censors nobody; what is left to weigh are the shops that moved
away or vanished before t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commerce.survival import Estimate, Z, survival_at

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
RESAMPLES = 1000
_CHUNK = 500


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


def censoring_weights(days: Numbers, closed: Flags, age: float) -> Numbers:
    """Return each opening's weight in the Brier score at ``age`` (Graf and others 1999).

    1 / G(T−) for those that closed at T ≤ age, 1 / G(age) for those that stood beyond, 0 for
    those censored before: G is the Kaplan–Meier curve of not being censored, which takes
    those closed at the same age as gone before.
    """
    times = np.unique(days)
    ended = np.searchsorted(times, days)
    size = len(times)
    gone = np.bincount(ended, minlength=size).astype(np.float64)
    censored = np.bincount(ended, weights=~closed, minlength=size)
    at_risk = gone[::-1].cumsum()[::-1] - (gone - censored)
    steps = np.where(censored > 0, 1 - censored / np.maximum(at_risk, 1), 1.0)
    after = np.concatenate([np.ones(1), np.cumprod(steps)])
    before = after[np.searchsorted(times, days)]
    beyond = after[np.searchsorted(times, age, side="right")]
    stands = days > age
    with np.errstate(divide="ignore"):
        weights = np.where(stands, 1 / beyond, np.where(closed, 1 / before, 0.0))
    return np.asarray(weights, dtype=np.float64)


def brier_parts(predicted: Numbers, days: Numbers, closed: Flags, age: float) -> Numbers:
    """Return each opening's part of the Brier score at ``age``: the score is their mean."""
    stands = (days > age).astype(np.float64)
    return np.asarray(censoring_weights(days, closed, age) * (stands - predicted) ** 2)


def means(parts: list[Numbers], seed: int = 0, resamples: int = RESAMPLES) -> list[Interval]:
    """Return the mean of each list of parts with its bootstrap interval (percentiles).

    The same openings are drawn for all lists, so that a list of differences is compared
    pairwise. The weights are taken as known.
    """
    table = np.column_stack(parts)
    rng = np.random.default_rng(seed)
    size = len(table)
    drawn = np.empty((resamples, table.shape[1]))
    for i in range(resamples):
        times = np.bincount(rng.integers(0, size, size), minlength=size)
        drawn[i] = times @ table / size
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return [
        Interval(float(value), float(low[i]), float(high[i]))
        for i, value in enumerate(table.mean(axis=0))
    ]


def concordance(predicted: Numbers, days: Numbers, closed: Flags) -> Interval:
    """Return Harrell's C: of two openings, how often the one that lasted longer was expected to.

    Pairs of equal expectation count half; pairs in which it is not known who lasted longer
    do not count. The interval is from the infinitesimal jackknife, as in R's survival.
    """
    right, pairs = np.zeros(len(days)), np.zeros(len(days))
    for start in range(0, len(days), _CHUNK):
        one = slice(start, start + _CHUNK)
        shorter = closed[one, None] & (
            (days[one, None] < days) | ((days[one, None] == days) & ~closed)
        )
        ranks = (predicted[one, None] < predicted) + 0.5 * (predicted[one, None] == predicted)
        good = shorter * ranks
        right += good.sum(axis=0)
        pairs += shorter.sum(axis=0)
        right[one] += good.sum(axis=1)
        pairs[one] += shorter.sum(axis=1)
    total = pairs.sum() / 2
    if total == 0:
        return Interval(np.nan, np.nan, np.nan)
    value = float(right.sum() / 2 / total)
    error = float(np.sqrt((((right - value * pairs) / total) ** 2).sum()))
    return Interval(value, max(value - Z * error, 0.0), min(value + Z * error, 1.0))


def calibration(
    predicted: Numbers, days: Numbers, closed: Flags, age: float, bins: int
) -> list[tuple[float, Estimate, int, int]]:
    """Return, for bins of like size by expected survival, what was expected and what came.

    Each is (mean expected, Kaplan–Meier at ``age`` with its log–log interval, openings,
    closures). Openings of equal expectation stay together.
    """
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1]))
    at = np.searchsorted(edges, predicted, side="left")
    found = []
    for number in np.unique(at):
        here = at == number
        found.append((float(predicted[here].mean()), *observed(days[here], closed[here], age)))
    return found


def observed(days: Numbers, closed: Flags, age: float) -> tuple[Estimate, int, int]:
    """Return Kaplan–Meier at ``age``, openings and closures until then."""
    # who stands beyond is counted one day later: nobody is left at risk otherwise
    ends = np.minimum(days, np.floor(age) + 1)
    is_event = closed & (days <= age)
    rows = pd.DataFrame(
        {
            "duration_days": ends,
            "entry_days": 0,
            "events": is_event.astype(int),
            "censored": (~is_event).astype(int),
            "moved": 0,
        }
    )
    return survival_at(rows, age), len(days), int(is_event.sum())
