"""Who passes in the demo: people a day by month and hour, and who lives and works there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from commerce.demo import days
from commerce.demo.days import FIRST_MONTH, MONTHS
from commerce.demo.profiles import AGES, HOURS, SEX_AGE, SEXES, WEEKDAY_HOUR, WEEKDAYS
from commerce.demo.tables import Floats, Ints, table

SOURCE = "demo-footfall"
INDICATORS = "demo-indicators"
UNIT = "persons_per_day"
#: How often a resident and a worker pass a counted street on a day.
OF_RESIDENTS, OF_WORKERS = 0.62, 0.80
MONTH_OF_YEAR = (95, 95, 100, 103, 104, 101, 98, 98, 101, 104, 101, 100)
#: The epidemic kept fewer people at home than away from shops.
SHOCK = 0.55
#: Spread of the logs of a month, an hour of the week, a group of people.
MONTH, HOUR, GROUP = 0.015, 0.03, 0.02
#: Months at the end that are also told by weekday and hour.
MONTHS_BY_HOUR = 12
#: A named area's share of its dong's passers-by.
AREA_SHARE = 0.24


def residents() -> Floats:
    """Return dongs × months."""
    people = _people()
    known = people[["residents_2019", "residents_2023", "residents_2026"]].to_numpy(np.float64)
    at = (0, 54, MONTHS - 1)
    return np.array([np.interp(np.arange(MONTHS), at, row) for row in known])


def _people() -> Any:
    return table("people_of_dongs").set_index("dong_code").loc[table("dongs")["dong_code"]]


def rows(rng: np.random.Generator, shops: Ints) -> Any:
    """Return the rows of table ``footfall``: persons a day.

    The parts by hour, sex and age add up to the total. A weekday's value is that of
    one such day, so that the mean over the days of the month is the total.

    Args:
        rng: the generator.
        shops: dongs × months, shops that stand: more of them draw more people.
    """
    people = _people()
    base = (
        OF_RESIDENTS * residents()
        + OF_WORKERS * people["workers"].to_numpy(dtype=np.float64)[:, None]
        + people["visitors"].to_numpy(dtype=np.float64)[:, None] * (shops / shops[:, 83:84]) ** 0.6
    )
    season = np.array(MONTH_OF_YEAR)[np.arange(MONTHS) % 12] / 100
    total = base * season * days.shock("cafe") ** SHOCK
    codes = table("dongs")["dong_code"].to_list()
    total = total * _changes(codes) * np.exp(MONTH * rng.standard_normal(total.shape))
    named = table("named_areas")
    at = np.array([codes.index(code) for code in named["dong_code"]])
    part = total[at] * AREA_SHARE * named["premium"].to_numpy(dtype=np.float64)[:, None]
    part = part * _changes(named["area_code"].to_list())
    part = part * np.exp(MONTH * rng.standard_normal(part.shape))
    everyone = np.arange(len(codes))
    return pd.concat(
        [
            _of_kind(rng, "dong", codes, everyone, total),
            _of_kind(rng, "trade_area", named["area_code"].to_list(), at, part),
        ],
        ignore_index=True,
    )


def _changes(places: list[str]) -> Floats:
    """Return places × months: where people stay away, and where they come."""
    factor = np.ones((len(places), MONTHS))
    for row in table("walk_changes").itertuples():
        if row.place in places:
            factor[places.index(row.place)] *= days.slope(row.since, row.until, row.per_year)
    return factor


def _of_kind(
    rng: np.random.Generator, kind: str, codes: list[str], dong: Ints, total: Floats
) -> Any:
    """Return the rows of one kind of area: places × months of persons a day, and their parts."""
    walks = table("walks").set_index("kind").loc[table("dongs")["kind"]].to_numpy(np.float64)[dong]
    bands = np.stack([walks[:, :6]] * 5 + [walks[:, 6:12]] * 2, axis=1)
    bands /= bands.sum(axis=2, keepdims=True)
    week = walks[:, 12:] / walks[:, 12:].mean(axis=1, keepdims=True)
    joint = (week[:, :, None] * bands).reshape(len(codes), 1, 42)
    joint = joint * np.exp(HOUR * rng.standard_normal((len(codes), MONTHS, 42)))
    joint = joint.reshape(len(codes), MONTHS, 7, 6)
    count = _weekdays()[None, :, :, None] / _weekdays().sum(axis=1)[None, :, None, None]
    joint = joint / (joint * count).sum(axis=(2, 3), keepdims=True)
    joint = np.round(joint * total[:, :, None, None])
    by_hour = np.round((joint * count).sum(axis=2))
    whole = by_hour.sum(axis=2, keepdims=True)
    people = table("ages").set_index("age_shape").loc[_people()["age_shape"]].to_numpy(np.float64)
    women = people[dong, :1] / 100
    ages = people[dong, 1:] / people[dong, 1:].sum(axis=1, keepdims=True)
    share = np.concatenate([women * ages, (1 - women) * ages], axis=1)[:, None, :]
    share = share * np.exp(GROUP * rng.standard_normal((len(codes), MONTHS, 12)))
    edges = np.round(np.cumsum(share / share.sum(axis=2, keepdims=True), axis=2) * whole)
    by_people = np.diff(edges, axis=2, prepend=0.0)
    both = by_people.reshape(len(codes), MONTHS, 2, 6)
    parts = [
        ("total", ("all",), whole, 0),
        ("hour_band", HOURS, by_hour, 0),
        ("weekday", WEEKDAYS, joint.sum(axis=3), 0),
        ("sex", SEXES, both.sum(axis=3), 0),
        ("age_group", AGES, both.sum(axis=2), 0),
        ("sex_age", SEX_AGE, by_people, 0),
        (
            "weekday_hour",
            WEEKDAY_HOUR,
            joint.reshape(len(codes), MONTHS, 42),
            MONTHS - MONTHS_BY_HOUR,
        ),
    ]
    homes = np.array(table("dongs")["dong_code"], dtype=object)[dong]
    return pd.concat([_frame(kind, codes, homes, *part) for part in parts], ignore_index=True)


def _weekdays() -> Floats:
    """Return months × weekdays: how many of each a month has."""
    cell = days.month_of_day() * 7 + days.weekday_of_day()
    return np.bincount(cell, minlength=MONTHS * 7).reshape(MONTHS, 7).astype(np.float64)


def _frame(
    kind: str,
    codes: list[str],
    homes: Any,
    dimension: str,
    buckets: tuple[str, ...],
    values: Floats,
    since: int,
) -> Any:
    kept = values[:, since:]
    places, months, n = kept.shape
    return pd.DataFrame(
        {
            "period": np.tile(np.repeat(days.months()[since:].astype("M8[s]"), n), places),
            "period_months": 1,
            "area_kind": kind,
            "area_code": np.repeat(np.array(codes, dtype=object), months * n),
            "dong_code": np.repeat(homes, months * n),
            "dimension": dimension,
            "bucket": np.tile(np.array(buckets, dtype=object), places * months),
            "persons": kept.ravel(),
            "unit": UNIT,
            "source_id": SOURCE,
        }
    )


def indicators(rng: np.random.Generator, shops: Ints) -> Any:
    """Return the rows of table ``area_indicator``: who lives and works there, shops, by quarter."""
    people = _people()
    lived = residents()
    size = people["per_household"].to_numpy(dtype=np.float64)[:, None]
    size = size * (1 - 0.012 * (np.arange(MONTHS) - 83) / 12)
    worked = people["workers"].to_numpy(dtype=np.float64)[:, None]
    worked = worked * np.exp(0.006 * (np.arange(MONTHS) - 83) / 12)
    worked = worked * np.exp(0.01 * rng.standard_normal(worked.shape))
    codes = table("dongs")["dong_code"].to_list()
    frames = []
    for indicator, unit, values in (
        ("residents", "persons", lived),
        ("workers", "persons", worked),
        ("households", "households", lived / size),
        ("stores", "shops", shops),
    ):
        for month in range(0, MONTHS - 2, 3):
            frames.append(
                pd.DataFrame(
                    {
                        "period": (FIRST_MONTH + month).astype("M8[s]"),
                        "period_months": 3,
                        "area_kind": "dong",
                        "area_code": codes,
                        "dong_code": codes,
                        "category_id": None,
                        "trade_code": None,
                        "indicator": indicator,
                        "value": np.round(values[:, month + 2]),
                        "text_value": None,
                        "unit": unit,
                        "source_id": INDICATORS,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)
