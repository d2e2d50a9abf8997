"""The figures of a comparison: what each place is, and how each differs from the first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from commerce.comparison import Rate, rate_difference
from commerce.i18n import number, t
from commerce.survival import (
    YEAR,
    Difference,
    Estimate,
    difference,
    log_rank,
    restricted_mean,
    survival_at,
)
from commerce.ui.compare_side import Side
from commerce.ui.figures import Answer, ask
from commerce.ui.kept import kept
from commerce.ui.shape import DRAWN, MARKED

MONTH = YEAR / 12
#: What places are held against each other by, and how a difference is scaled to be read.
MEASURES = {"rate": 1.0, "s3": 100.0, "mean": 1 / MONTH}
_UNKNOWN = Difference(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Measured:
    """What is known of the shops of one side.

    ``summary`` and ``standing`` are the rows of ``site/summary`` and ``compare/standing``;
    ``opened`` counts the shops behind ``s3`` (S at three years) and ``mean`` (days in the
    first five years).
    """

    side: Side
    summary: pd.Series
    standing: pd.Series
    durations: pd.DataFrame
    opened: int
    s3: Estimate
    mean: Estimate

    def support(self, measure: str) -> float:
        """Return how much a measure rests on: shops at risk, or shop-years."""
        if measure == "rate":
            return float(self.summary["shop_years"])
        return (self.s3 if measure == "s3" else self.mean).at_risk

    def quoted(self, measure: str) -> bool:
        """Return whether a measure rests on enough to be quoted."""
        return self.support(measure) >= DRAWN

    def rate(self) -> Rate:
        """Return the closure rate with its exact limits."""
        row = self.summary
        return Rate(row["closure_rate"], row["ci_low"], row["ci_high"])


@dataclass(frozen=True)
class Against:
    """How one side differs from the first by one measure; unknown where one is not quoted."""

    measure: str
    side: Side
    found: Difference
    few: bool

    @property
    def known(self) -> bool:
        """Whether both sides rest on enough for a difference."""
        return self.found.value == self.found.value

    @property
    def verdict(self) -> str:
        """Return ``higher``, ``lower``, ``same`` or ``unknown``."""
        if not self.known:
            return "unknown"
        if not self.found.distinguishable:
            return "same"
        return "higher" if self.found.value > 0 else "lower"


def measured(side: Side) -> tuple[Measured, Answer]:
    """Return the figures of one side, and the answer of ``site/summary`` behind them."""
    summary = ask("site/summary", **side.params())
    standing = ask("compare/standing", **side.params()).rows.iloc[0]
    durations = ask("site/durations", **side.params()).rows
    opened, s3, mean = _lasted(durations)
    row = summary.rows.iloc[0]
    return Measured(side, row, standing, durations, opened, s3, mean), summary


@kept
def _lasted(durations: pd.DataFrame) -> tuple[int, Estimate, Estimate]:
    opened = int(durations["events"].sum() + durations["censored"].sum())
    return opened, survival_at(durations, 3 * YEAR), restricted_mean(durations, 5 * YEAR)


def against(first: Measured, other: Measured, measure: str) -> Against:
    """Return ``other`` − ``first`` by a measure, with its 95 % interval."""
    supports = [part.support(measure) for part in (first, other)]
    few = not min(supports) >= MARKED
    if not (first.quoted(measure) and other.quoted(measure)):
        return Against(measure, other.side, _UNKNOWN, few)
    if measure == "rate":
        found = rate_difference(other.rate(), first.rate())
    elif measure == "s3":
        found = difference(other.s3, first.s3)
    else:
        found = difference(other.mean, first.mean)
    return Against(measure, other.side, found, few)


def lead(parts: list[Measured]) -> str:
    """Return the measure that the page's sentence is about: survival, where it is known."""
    for measure in ("s3", "rate"):
        if parts[0].quoted(measure) and any(part.quoted(measure) for part in parts[1:]):
            return measure
    return ""


def interval(found: Difference, measure: str) -> str:
    """Return a difference with its limits as text, in the unit of the measure."""
    scale = MEASURES[measure]
    value, low, high = (_signed(v * scale) for v in (found.value, found.low, found.high))
    return f"{value} ({low} … {high})"


def _signed(value: float) -> str:
    shown = round(value, 1)
    sign = "+" if shown > 0 else "−" if shown < 0 else ""
    return f"{sign}{number(abs(value), 1)}"


def log_rank_of_all(parts: list[Measured], share_shops: bool) -> str:
    """Return what the log-rank test over all sides says, or why there is none."""
    if share_shops:
        return t("compare.logrank.shared")
    enough = [part for part in parts if part.opened >= DRAWN]
    if len(enough) < 2:
        return ""
    together = pd.concat(
        [part.durations.assign(group_key=str(part.side.order)) for part in enough],
        ignore_index=True,
    )
    result = log_rank(together)
    if result.p_value != result.p_value:
        return ""
    p = "< 0.001" if result.p_value < 0.001 else f"= {number(result.p_value, 3)}"
    return t(
        "survival.diff.logrank",
        statistic=number(result.statistic, 1),
        df=result.degrees_of_freedom,
        p=p,
    )
