"""From openings to a model: who is in it, strata, what is chosen inside the training years.

The baseline is that of the trade where at least 50 of its openings closed, else of its
group's small trades together, else of all that is left. The same strata give the
Kaplan–Meier curves that the model must beat: a trade of few openings is not held against
its own noise, but against the steadier curve of its group, which is harder to beat.

Columns are centred on the mean of the stratum, and what is not known stands at that mean.
The baseline is then raised or lowered until the mean expectation of the openings learnt from
is their Kaplan–Meier curve, at every age: without that, holding columns at their mean makes
all expectations too high (exp(−Λ) is convex), and a model that only says more than
Kaplan–Meier wins whenever times get better.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commerce.model import cox, features, score
from commerce.survival import YEAR

Numbers = NDArray[np.float64]
HORIZONS = (1, 3, 5)
#: Ages at which baselines are kept, in months of 365.25 / 12 days.
MONTHS = tuple(range(3, 61, 3))
AGES = np.array(MONTHS) * YEAR / 12
#: Openings of so many years before the cut are learnt from.
WINDOW_YEARS = 10
#: Fewer closures than this, and there is no model.
MIN_EVENTS = 200
STRATUM_EVENTS = 50
PENALTIES = (0.001, 0.01, 0.1)
#: So many years before the cut the choice among recipes is cut once more.
INNER_YEARS = 4
#: Left out unless they prove themselves inside the training years: they follow the times.
OPTIONAL = ("log_trade_rate",)
REST = "all"


@dataclass(frozen=True)
class Recipe:
    """What is chosen before the coefficients: the ridge and the terms."""

    penalty: float
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """One stratum: its baseline and plain Kaplan–Meier (Greenwood sum) at ``AGES``."""

    baseline: cox.Baseline
    survival: Numbers
    greenwood: Numbers
    openings: int
    closures: int


@dataclass(frozen=True)
class Fitted:
    """A model, in units of its terms.

    Attributes:
        centres: stratum × term, the means that the terms are counted from.
        coefficients: log hazard ratio per unit of each term, with their covariance.
        strata: the stratum of each trade; of each group, where it has one; ``all``.
    """

    recipe: Recipe
    cut: date
    from_on: date
    openings: int
    closures: int
    centres: pd.DataFrame
    coefficients: cox.Coefficients
    curves: dict[str, Curve]
    strata: dict[str, str]


def years_before(day: date, years: int) -> date:
    """Return the same day so many years before; 28 February for the 29th."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def lives(frame: pd.DataFrame, cut: date | None) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return days and whether it closed, as known on the morning of ``cut``; None: all there is."""
    until, closed = frame["watched_until"], frame["is_closure"].to_numpy(bool)
    if cut is not None:
        day = pd.Timestamp(cut)
        closed = closed & (until < day).to_numpy()
        until = until.clip(upper=day)
    days = (until - frame["opened_on"]).dt.days.to_numpy(dtype=np.float64)
    return days, closed


def opened_between(frame: pd.DataFrame, from_on: date, to_on: date) -> pd.DataFrame:
    """Return the openings from ``from_on`` up to the day before ``to_on``."""
    opened = frame["opened_on"]
    return frame[(opened >= pd.Timestamp(from_on)) & (opened < pd.Timestamp(to_on))]


def train(frame: pd.DataFrame, cut: date, recipe: Recipe) -> Fitted | None:
    """Fit to the openings of the ten years before ``cut``, with what was known by then.

    Returns None when fewer than ``MIN_EVENTS`` of them had closed.
    """
    from_on = years_before(cut, WINDOW_YEARS)
    known = opened_between(frame, from_on, cut)
    days, closed = lives(known, cut)
    closed = closed & (days <= AGES[-1])
    days = np.minimum(days, np.floor(AGES[-1]) + 1)
    if closed.sum() < MIN_EVENTS:
        return None
    strata = _strata(known, closed)
    stratum = _stratum_of(known, strata)
    made = features.columns(known)
    names = [name for name in features.varied(made) if name in recipe.terms]
    made = made[names]
    centres = made.groupby(stratum.to_numpy()).mean().fillna(made.mean())
    centred = _centred(made, centres, stratum)
    scale = np.maximum(centred.std(axis=0), 1e-9)
    labels = sorted(centres.index)
    numbers = stratum.map({label: i for i, label in enumerate(labels)}).to_numpy(dtype=np.intp)
    sets = cox.RiskSets(centred / scale, days, closed, numbers)
    found = cox.fit(sets, recipe.penalty)
    natural = cox.Coefficients(found.values / scale, found.covariance / np.outer(scale, scale))
    lines = cox.baselines(sets, found.values, AGES)
    risk = np.exp(_held(centred, names) @ natural.values)
    curves = {}
    for i, label in enumerate(labels):
        here = numbers == i
        survival, greenwood = _kaplan_meier(days[here], closed[here])
        times = cox.adjustment(lines[i].hazard, risk[here], survival)
        line = cox.Baseline(
            lines[i].hazard * times,
            lines[i].variance * times**2,
            lines[i].drift * scale * times[:, None],
        )
        curves[label] = Curve(line, survival, greenwood, int(here.sum()), int(closed[here].sum()))
    return Fitted(
        Recipe(recipe.penalty, tuple(names)),
        cut,
        from_on,
        len(known),
        int(closed.sum()),
        centres.loc[labels, names],
        natural,
        curves,
        strata,
    )


def predict(fitted: Fitted, frame: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """Return openings × ``HORIZONS`` twice: the model's survival, and Kaplan–Meier's.

    nan for openings whose trade, group and the rest had none to learn from.
    """
    stratum = _stratum_of(frame, fitted.strata)
    made = features.columns(frame)[list(fitted.recipe.terms)]
    centred = _held(_centred(made, fitted.centres, stratum), list(fitted.recipe.terms))
    risk = np.exp(centred @ fitted.coefficients.values)
    at = [MONTHS.index(12 * years) for years in HORIZONS]
    expected = np.full((len(frame), len(HORIZONS)), np.nan)
    plain = expected.copy()
    for label, curve in fitted.curves.items():
        here = (stratum == label).to_numpy()
        expected[here] = np.exp(-risk[here, None] * curve.baseline.hazard[at])
        plain[here] = curve.survival[at]
    return expected, plain


def choose(frame: pd.DataFrame, cut: date) -> Recipe:
    """Choose ridge and terms by openings of the last years before ``cut``, as known by then.

    What is fitted to the openings before ``cut`` − 4 years is scored by the Brier score at
    one and three years on those after. Nothing that happened from ``cut`` on is read.
    """
    every = tuple(term.name for term in features.TERMS)
    plain = tuple(name for name in every if name not in OPTIONAL)
    inner = years_before(cut, INNER_YEARS)
    later = opened_between(frame, inner, cut)
    days, closed = lives(later, cut)
    best = (np.inf, Recipe(PENALTIES[1], plain))
    for terms in (plain, every):
        for penalty in PENALTIES:
            recipe = Recipe(penalty, terms)
            fitted = train(frame, inner, recipe)
            if fitted is None:
                return best[1]
            loss = _loss(predict(fitted, later)[0], later, days, closed, cut)
            if loss < best[0]:
                best = (loss, recipe)
    return best[1]


def is_over(frame: pd.DataFrame, years: int, cut: date | None) -> NDArray[np.bool_]:
    """Return whether the opening's first ``years`` are over by the last day known of it."""
    last = frame["observed_until"]
    if cut is not None:
        last = last.clip(upper=pd.Timestamp(cut) - pd.Timedelta(days=1))
    reached = (last - frame["opened_on"]).dt.days
    return np.asarray(reached > years * YEAR, dtype=bool)


def _loss(
    expected: Numbers,
    frame: pd.DataFrame,
    days: Numbers,
    closed: NDArray[np.bool_],
    cut: date,
) -> float:
    total = 0.0
    for i, years in enumerate(HORIZONS[:2]):
        here = is_over(frame, years, cut) & ~np.isnan(expected[:, i])
        if here.any():
            parts = score.brier_parts(expected[here, i], days[here], closed[here], years * YEAR)
            total += float(parts.mean())
    return total


def _strata(known: pd.DataFrame, closed: NDArray[np.bool_]) -> dict[str, str]:
    """Return the stratum of each trade and group, by name, and of what is left."""
    events = pd.Series(closed.astype(int), index=known.index)
    by_trade = events.groupby([known["group_id"], known["category_id"]]).sum().reset_index(name="n")
    small = by_trade[by_trade["n"] < STRATUM_EVENTS]
    by_group = small.groupby("group_id")["n"].sum()
    groups = {str(group) for group, n in by_group.items() if n >= STRATUM_EVENTS}
    found = {}
    for row in by_trade.itertuples():
        group = str(row.group_id)
        own = row.n >= STRATUM_EVENTS
        found[str(row.category_id)] = (
            str(row.category_id) if own else group if group in groups else REST
        )
    rest = {REST: REST} if REST in found.values() else {}
    return {group: group for group in groups} | found | rest


def _stratum_of(frame: pd.DataFrame, strata: dict[str, str]) -> pd.Series:
    found = frame["category_id"].astype(str).map(strata)
    found = found.fillna(frame["group_id"].astype(str).map(strata))
    return found.fillna(strata.get(REST, "")).astype(str)


def _centred(made: pd.DataFrame, centres: pd.DataFrame, stratum: pd.Series) -> Numbers:
    middle = centres.reindex(stratum.to_numpy()).to_numpy()
    return np.asarray(np.nan_to_num(made.to_numpy() - middle), dtype=np.float64)


def _held(centred: Numbers, names: list[str]) -> Numbers:
    """Return the columns with those of missing entries held at their mean."""
    told = {term.name for term in features.TERMS if term.is_told}
    return np.where([name in told for name in names], centred, 0.0)


def _kaplan_meier(days: Numbers, closed: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return survival and Greenwood's sum at ``AGES``."""
    ages, at = np.unique(days, return_inverse=True)
    ended = np.bincount(at)
    events = np.bincount(at, weights=closed)
    at_risk = ended[::-1].cumsum()[::-1]
    survival = np.concatenate([np.ones(1), np.cumprod(1 - events / at_risk)])
    rest = at_risk - events
    steps = np.divide(events, at_risk * rest, out=np.zeros(len(ages)), where=rest > 0)
    greenwood = np.concatenate([np.zeros(1), np.cumsum(steps)])
    upto = np.searchsorted(ages, AGES, side="right")
    return survival[upto], greenwood[upto]
