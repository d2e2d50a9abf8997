"""Who buys when in the demo: the sales of a quarter split by hour, weekday, sex and age."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from commerce.demo import days
from commerce.demo.days import FIRST_MONTH, MONTHS
from commerce.demo.sales import SOURCE, UNIT, Cells
from commerce.demo.tables import Floats, Ints, table

HOURS = ("00-06", "06-11", "11-14", "14-17", "17-21", "21-24")
AGES = ("10-19", "20-29", "30-39", "40-49", "50-59", "60+")
WEEKDAYS = tuple("1234567")
SEXES = ("F", "M")
#: Whole quarters at the end that are split, and how many of them by weekday and hour.
QUARTERS = 12
QUARTERS_BY_HOUR = 4
#: Share of sales whose buyer's sex and age are known.
KNOWN = 0.965
WEEKDAY_HOUR = tuple(f"{w} {h}" for w in WEEKDAYS for h in HOURS)
SEX_AGE = tuple(f"{s} {a}" for s in SEXES for a in AGES)


def quarters() -> list[int]:
    """Return the first month of each quarter that is split; a quarter that has not ended is not."""
    first = [m for m in range(0, MONTHS - 2) if m % 3 == 0]
    return first[-QUARTERS:]


def rows(rng: np.random.Generator, cells: Cells) -> Any:
    """Return the rows of table ``card_sales_profile``.

    A cell of a quarter is split when its sales are known in all three months; the parts
    of hours and weekdays add up to these three months, those of sex and age to a little less.
    """
    when, who = _hours_of_trades(), _people_of_trades()
    frames = []
    for number, month in enumerate(quarters()):
        three = slice(month, month + 3)
        place, trade = np.nonzero(cells.known[:, :, three].all(axis=2))
        totals = [v[place, trade, three].sum(axis=1) for v in (cells.sales, cells.transactions)]
        hours = when[trade] * _weekday_shares(month)[trade][:, :, None]
        hours = hours.reshape(len(trade), -1) * np.exp(
            0.05 * rng.standard_normal((len(trade), len(WEEKDAY_HOUR)))
        )
        people = who[trade] * np.exp(0.06 * rng.standard_normal((len(trade), len(SEX_AGE))))
        known = np.minimum(KNOWN + 0.01 * rng.standard_normal(len(trade)), 0.995)
        split = [
            (
                _split(total, hours, unit),
                _split(np.floor(total * known / unit) * unit, people, unit),
            )
            for total, unit in zip(totals, (UNIT, 1), strict=True)
        ]
        by_hour, by_people = ([s[i] for s in split] for i in (0, 1))
        parts = [
            ("hour_band", HOURS, [v.reshape(-1, 7, 6).sum(axis=1) for v in by_hour]),
            ("weekday", WEEKDAYS, [v.reshape(-1, 7, 6).sum(axis=2) for v in by_hour]),
            ("sex", SEXES, [v.reshape(-1, 2, 6).sum(axis=2) for v in by_people]),
            ("age_group", AGES, [v.reshape(-1, 2, 6).sum(axis=1) for v in by_people]),
            ("sex_age", SEX_AGE, by_people),
        ]
        if number >= QUARTERS - QUARTERS_BY_HOUR:
            parts.append(("weekday_hour", WEEKDAY_HOUR, by_hour))
        frames += [_frame(cells, month, place, trade, *part) for part in parts]
    return pd.concat(frames, ignore_index=True)


def _frame(
    cells: Cells,
    month: int,
    place: Ints,
    trade: Ints,
    dimension: str,
    buckets: tuple[str, ...],
    values: list[Ints],
) -> Any:
    trades = table("card_trades")
    n = len(buckets)
    return pd.DataFrame(
        {
            "period": np.repeat((FIRST_MONTH + month).astype("M8[s]"), n * len(place)),
            "period_months": 3,
            "area_kind": cells.area_kind,
            "area_code": np.repeat(np.array(cells.area_codes, dtype=object)[place], n),
            "dong_code": np.repeat(np.array(cells.dong_codes, dtype=object)[place], n),
            "category_id": np.repeat(trades["category_id"].to_numpy(dtype=object)[trade], n),
            "trade_code": np.repeat(trades["trade_code"].to_numpy(dtype=object)[trade], n),
            "dimension": dimension,
            "bucket": np.tile(np.array(buckets, dtype=object), len(place)),
            "sales_krw": values[0].ravel(),
            "transactions": values[1].ravel(),
            "source_id": SOURCE,
        }
    )


def _split(total: Any, weights: Floats, unit: int) -> Ints:
    """Split each total over its row of weights into multiples of ``unit`` that add up to it."""
    edges = np.cumsum(weights, axis=1)
    edges /= edges[:, -1:]
    units = np.round(np.asarray(total)[:, None] / unit * edges).astype(np.int64)
    return np.diff(units, axis=1, prepend=0) * unit


@cache
def _hours_of_trades() -> Floats:
    """Return trades × weekdays × bands: how a day's sales fall on its hours."""
    given = table("hours").set_index(["hours", "day"])
    found = []
    for name in table("card_trades")["hours"]:
        kinds = [
            np.array(given.loc[(name, day)], dtype=np.float64) for day in ("weekday", "weekend")
        ]
        found.append([kinds[day > 4] / kinds[day > 4].sum() for day in range(7)])
    return np.array(found)


def _weekday_shares(month: int) -> Floats:
    """Return trades × weekdays: shares of the quarter that begins with ``month``."""
    inside = (days.month_of_day() >= month) & (days.month_of_day() < month + 3)
    shares = {
        week: np.bincount(days.weekday_of_day()[inside], weights[inside], minlength=7)
        for week, weights in days.day_weights().items()
    }
    rows = np.array([shares[week] for week in table("card_trades")["week"]])
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


@cache
def _people_of_trades() -> Floats:
    """Return trades × 12: shares of women and men by age."""
    given = table("people").set_index("people").loc[table("card_trades")["people"]]
    women = given["women"].to_numpy(dtype=np.float64)[:, None] / 100
    ages = given[[f"a{a}" for a in range(10, 70, 10)]].to_numpy(dtype=np.float64)
    ages /= ages.sum(axis=1, keepdims=True)
    return np.concatenate([women * ages, (1 - women) * ages], axis=1)
