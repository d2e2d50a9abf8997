"""The model's record: fitted to openings before a cut, scored on those after it.

The model beats Kaplan–Meier at a horizon when the 95 % interval of the paired difference of
their Brier scores lies below 0. Openings whose horizon is not over are not scored there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commerce.model import score
from commerce.model.score import Interval
from commerce.model.train import (
    HORIZONS,
    WINDOW_YEARS,
    Fitted,
    choose,
    is_over,
    lives,
    opened_between,
    predict,
    train,
    years_before,
)
from commerce.survival import YEAR, Estimate

Numbers = NDArray[np.float64]
#: Fewer openings or closures than this are not scored at a horizon.
MIN_OPENINGS, MIN_CLOSURES = 100, 10
#: Concordance looks at all pairs: of so many openings at most.
MAX_PAIRED = 4_000
_YEARS_AFTER = 6


@dataclass(frozen=True)
class Bin:
    """Openings of like expectation: what was expected of them, and Kaplan–Meier of what came."""

    expected: float
    observed: Interval
    openings: int
    closures: int


@dataclass(frozen=True)
class Score:
    """The record at one horizon, the model's and Kaplan–Meier's side by side.

    ``overall`` and ``overall_km`` hold the mean expectation of all scored beside what came.
    """

    years: int
    openings: int
    closures: int
    brier: Interval
    brier_km: Interval
    difference: Interval
    concordance: Interval
    concordance_km: Interval
    overall: Bin
    overall_km: Bin
    bins: tuple[Bin, ...]

    @property
    def beats(self) -> bool:
        """Whether the model's Brier score is lower, beyond chance."""
        return self.difference.high < 0


@dataclass(frozen=True)
class Record:
    """A backtest: the model of the day before the cut, and its scores by horizon."""

    fitted: Fitted
    tested: int
    scores: tuple[Score, ...]


def default_cut(last_day: date) -> date:
    """Return 1 January six years before, so that a year of openings has five years behind it."""
    return date(last_day.year - _YEARS_AFTER, 1, 1)


def first_day(cut: date) -> date:
    """Return from which opening on a backtest at ``cut`` reads."""
    return years_before(cut, WINDOW_YEARS + 4)


def backtest(frame: pd.DataFrame, cut: date) -> Record | None:
    """Fit to the openings of ``frame`` before ``cut`` and score on those from it on.

    Returns None when too few had closed by the cut.
    """
    fitted = train(frame, cut, choose(frame, cut))
    if fitted is None:
        return None
    test = opened_between(frame, cut, date.max.replace(year=2200))
    days, closed = lives(test, None)
    expected, plain = predict(fitted, test)
    scores = []
    for i, years in enumerate(HORIZONS):
        here = is_over(test, years, None) & ~np.isnan(expected[:, i])
        found = _score(years, expected[here, i], plain[here, i], days[here], closed[here])
        if found is not None:
            scores.append(found)
    return Record(fitted, len(test), tuple(scores))


def _score(
    years: int,
    expected: Numbers,
    plain: Numbers,
    days: Numbers,
    closed: NDArray[np.bool_],
) -> Score | None:
    age = years * YEAR
    closures = int((closed & (days <= age)).sum())
    if len(expected) < MIN_OPENINGS or closures < MIN_CLOSURES:
        return None
    mine = score.brier_parts(expected, days, closed, age)
    theirs = score.brier_parts(plain, days, closed, age)
    brier, brier_km, difference = score.means([mine, theirs, mine - theirs])
    few = slice(0, None, -(-len(days) // MAX_PAIRED))
    met = np.minimum(days, np.floor(age) + 1)[few]
    gone = (closed & (days <= age))[few]
    bins = max(min(10, len(days) // 100, closures // 10), 1)
    return Score(
        years,
        len(days),
        closures,
        brier,
        brier_km,
        difference,
        score.concordance(expected[few], met, gone),
        score.concordance(plain[few], met, gone),
        _bin(float(expected.mean()), score.observed(days, closed, age)),
        _bin(float(plain.mean()), score.observed(days, closed, age)),
        tuple(_bin(b[0], b[1:]) for b in score.calibration(expected, days, closed, age, bins)),
    )


def _bin(expected: float, came: tuple[Estimate, int, int]) -> Bin:
    estimate, openings, closures = came
    observed = Interval(estimate.value, estimate.low, estimate.high)
    return Bin(expected, observed, openings, closures)
