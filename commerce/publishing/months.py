"""Openings and closures month by month: what was revised, and which month stands out."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commerce.db import Database

_MOST = 24


@dataclass(frozen=True)
class Month:
    """The openings or closures of one month, beside what they are held against.

    Args:
        figure: ``opened`` or ``closed``; closures of bulk clean-up days are left out.
        month: first day of the month.
        before: the count of the snapshot before, or the median of the two years before.
        after: the count in the proposal.
    """

    figure: str
    month: dt.date
    before: float
    after: float

    @property
    def revision(self) -> float:
        """Return the change in % of ``before``."""
        return abs(self.after - self.before) * 100 / self.before if self.before else math.inf

    @property
    def times(self) -> float:
        """Return how many times as many, or as few, as ``before``; at least 1."""
        low, high = sorted((max(self.before, 1.0), max(self.after, 1.0)))
        return high / low


def revised(was_database: Database, now_database: Database) -> tuple[Month, ...]:
    """Return the months that both know whole and count differently, the largest change first."""
    was, now = _months_of(was_database), _months_of(now_database)
    found = [Month(*key, was[key], now.get(key, 0.0)) for key in was]
    changed = [month for month in found if month.before != month.after]
    return tuple(sorted(changed, key=lambda month: -month.revision)[:_MOST])


def jumps(database: Database) -> tuple[Month, ...]:
    """Return the last twelve whole months beside the median of the two years before them."""
    found = []
    months = pd.Series(_months_of(database))
    for figure in ("opened", "closed") if len(months) else ():
        series = months[figure].sort_index()
        if len(series) >= 36:
            median = float(series.iloc[-36:-12].median())
            found += [Month(figure, day, median, count) for day, count in series[-12:].items()]
    return tuple(sorted(found, key=lambda month: -month.times)[:_MOST])


def _months_of(database: Database) -> dict[tuple[str, dt.date], float]:
    """Return the counts of months that are not provisional, by figure and month."""
    rows = database.run("openings/monthly")
    found = {}
    for row in rows[~rows["provisional"].astype(bool)].to_dict("records"):
        month = pd.Timestamp(row["month"]).date()
        found["opened", month] = float(row["opened"])
        found["closed", month] = float(row["closed"] - row["closed_bulk"])
    return found


def from_record(found: dict[str, Any]) -> Month:
    """Return what was written as JSON."""
    return Month(**found | {"month": dt.date.fromisoformat(found["month"])})
