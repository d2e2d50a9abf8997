"""What each day of the demo's years is worth: weekdays, holidays, seasons, shocks and prices."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from commerce.demo.draw import HOLIDAYS, SNAPSHOT_ON
from commerce.demo.tables import Floats, Ints, table

FIRST_MONTH = np.datetime64("2019-01", "M")
MONTHS = int((np.datetime64(SNAPSHOT_ON, "M") - FIRST_MONTH).astype(int)) + 1
#: Days before Seol and Chuseok on which people buy for them.
BEFORE = 10


@cache
def days() -> Any:
    """Return all days of the sales, first to last."""
    return np.arange(
        FIRST_MONTH.astype("M8[D]"), (FIRST_MONTH + MONTHS).astype("M8[D]"), dtype="M8[D]"
    )


@cache
def month_of_day() -> Ints:
    """Return for each day the number of its month, the first is 0."""
    return np.asarray((days().astype("M8[M]") - FIRST_MONTH).astype(np.int64))


@cache
def weekday_of_day() -> Ints:
    """Return for each day its weekday, Monday is 0."""
    return np.asarray((days().astype(np.int64) + 3) % 7)


@cache
def day_weights() -> dict[str, Floats]:
    """Return for each kind of week what each day is worth; an ordinary day is worth 1.

    Public holidays count as Sundays. The ten days before Seol and Chuseok and the
    three days of the feast have a factor of their own.
    """
    feasts, other = np.zeros(len(days())), np.zeros(len(days()), dtype=np.bool_)
    first = days()[0].astype(int)
    for row in table("holidays").itertuples():
        at = int(np.datetime64(row.day, "D").astype(int) - first)
        if row.holiday == "buddha":
            other[at] = True
        else:
            feasts[max(0, at - 1 - BEFORE) : at - 1] = 1
            feasts[at - 1 : at + 2] = 2
    dates = np.datetime_as_string(days())
    fixed = np.isin([text[5:] for text in dates], HOLIDAYS)
    found = {}
    for row in table("weeks").itertuples():
        weights = np.array([getattr(row, f"d{d}") for d in range(1, 8)], dtype=np.float64)
        weights /= weights.mean()
        day = np.where(fixed | other, weights[6], weights[weekday_of_day()])
        during = np.where(feasts == 2, row.during, 1.0)
        base = np.where(feasts == 2, 1.0, day)
        found[row.week] = base * during * np.where(feasts == 1, row.before, 1.0)
    return found


def by_month(week: str) -> Floats:
    """Return what each month's days are worth together, in ordinary months."""
    total = np.bincount(month_of_day(), day_weights()[week], minlength=MONTHS)
    return np.asarray(total / 30.4375)


def season(name: str) -> Floats:
    """Return the factor of each month by the time of the year; a year's mean is 1."""
    row = table("seasons").set_index("season").loc[name].to_numpy(dtype=np.float64)
    return np.asarray((row / row.mean())[np.arange(MONTHS) % 12])


def shock(name: str) -> Floats:
    """Return the factor of each month by the epidemic and what the state did about demand."""
    given = table("shocks")
    factor = np.ones(MONTHS)
    at = (given["month"].to_numpy(dtype="M8[M]") - FIRST_MONTH).astype(np.int64)
    factor[at] = 1 + given[name].to_numpy(dtype=np.float64) / 100
    return factor


def prices() -> Floats:
    """Return the price level of each month, 1 in December 2025."""
    given = table("prices")
    middles = 12 * (given["year"].to_numpy() - 2019) + 5.5
    level = np.interp(np.arange(MONTHS), middles, given["level"].to_numpy(dtype=np.float64))
    return np.asarray(level / level[83])


def slope(since: str, until: str, per_year: float) -> Floats:
    """Return the factor of each month where something changes by ``per_year`` between months."""
    begin, end = (
        int((np.datetime64(month, "M") - FIRST_MONTH).astype(int)) for month in (since, until)
    )
    years = np.clip(np.arange(MONTHS) - begin, 0, end - begin) / 12
    return np.asarray((1 + per_year) ** years)


def months() -> Any:
    """Return the first day of each month."""
    return (FIRST_MONTH + np.arange(MONTHS)).astype("M8[D]")
