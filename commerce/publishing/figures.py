"""Figures before and after, and how far each has moved in the past.

The usual is a prediction interval for the next change, 99 % for the district and 99.9 % for
each of its many dongs, from the past changes over as many years: mean ± t · s · √(1 + 1/n)
(Student's t, n − 1 degrees of freedom), s no smaller than the counting error of the figure
itself. Of survival it is the interval of Kaplan–Meier, widened from 95 %.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from scipy.special import ndtri, stdtrit

from commerce.db import Database
from commerce.publishing.record import day_from

_INSIDE, _INSIDE_DONG = 0.99, 0.999
#: Past changes that are looked at, and how few are too few.
_MOST_PAST, _LEAST_PAST = 8, 3
#: Figures of dongs that are kept, those that moved most first.
_MOST = 200
#: As everywhere: survival of fewer is not told.
_FEWEST_AT_RISK = 10
_FLOWS = ("sales", "footfall")


@dataclass(frozen=True)
class Moved:
    """One figure before and after, and how far it has moved in the past.

    Args:
        figure: ``active`` (permits), ``opened``, ``closed`` (permits in the last twelve complete
            months), ``closure_rate`` (per 100 shop-years), ``survival_3y`` (%), ``sales`` (KRW)
            or ``footfall`` (publisher's unit); words under ``changes.figure.<figure>``.
        group: None for the whole district, else a 10-digit dong code.
        group_ko: the name of the dong in Korean; None for the district.
        group_en: the same in English.
        period: the last day, or the first day of the last month, that ``after`` counts.
        before: the figure in the snapshot before, over its own last period; None if unknown.
        after: the figure in the proposal; None if unknown.
        usual_low: ``before`` and the largest fall over as long a time in the past of the
            snapshot before; None where there is too little past.
        usual_high: the same for the largest rise.
        unusual: whether ``after`` lies outside.
    """

    figure: str
    group: str | None
    group_ko: str | None
    group_en: str | None
    period: dt.date | None
    before: float | None
    after: float | None
    usual_low: float | None
    usual_high: float | None
    unusual: bool


@dataclass
class _Figures:
    """Figures of one snapshot by (figure, dong or None); past values by years ago, from 0."""

    period: dt.date | None
    value: dict[tuple[str, str | None], float] = field(default_factory=dict)
    on: dict[str, dt.date | None] = field(default_factory=dict)
    past: dict[tuple[str, str | None], list[float]] = field(default_factory=dict)
    noise: dict[tuple[str, str | None], float] = field(default_factory=dict)
    limits: dict[tuple[str, str | None], tuple[float, float]] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)


def moved(was_database: Database, now_database: Database) -> tuple[Moved, ...]:
    """Return the figures of two snapshots of the same dongs, unusual moves first.

    Figures come from the queries of the pages; the snapshot before alone tells what is usual.
    """
    now = _read(now_database, 0)
    first = _read(was_database, 0)
    months = {
        figure: _months(first.on.get(figure), now.on.get(figure)) for figure in now.on | first.on
    }
    years = {figure: max(1, math.ceil(abs(count) / 12)) for figure, count in months.items()}
    was = _read(was_database, _MOST_PAST + max(years.values(), default=1))
    found = [
        _moved(figure, group, was, now, years.get(figure, 1))
        for figure, group in was.value | now.value
    ]
    found.sort(key=lambda m: (not m.unusual, m.group is not None, -_size(m)))
    return tuple(m for at, m in enumerate(found) if at < _MOST or m.group is None)


def from_record(found: dict[str, Any]) -> Moved:
    """Return what was written as JSON."""
    return Moved(**found | {"period": day_from(found["period"])})


def _moved(figure: str, group: str | None, was: _Figures, now: _Figures, years: int) -> Moved:
    key = (figure, group)
    before, after = was.value.get(key), now.value.get(key)
    low, high = _usual(key, was, years)
    name_ko, name_en = now.names.get(group or "", (None, None))
    outside = (
        after is not None
        and low is not None
        and high is not None
        and not (_at_most(low, after) and _at_most(after, high))
    )
    return Moved(
        figure, group, name_ko, name_en, now.on.get(figure), before, after, low, high, outside
    )


def _at_most(a: float, b: float) -> bool:
    return a <= b + 1e-9 * max(abs(a), abs(b))


def _usual(
    key: tuple[str, str | None], was: _Figures, years: int
) -> tuple[float | None, float | None]:
    before = was.value.get(key)
    if before is None:
        return None, None
    inside = _INSIDE if key[1] is None else _INSIDE_DONG
    if key in was.limits:
        low, high = was.limits[key]
        wider = float(ndtri(0.5 + inside / 2) / ndtri(0.975))
        return before - (before - low) * wider, before + (high - before) * wider
    past = was.past.get(key, [])
    if key[0] in _FLOWS:  # they grow by shares
        past = [math.log(value) if value > 0 else math.nan for value in past]
    steps = [past[at] - past[at + years] for at in range(len(past) - years)]
    steps = [step for step in steps if step == step][:_MOST_PAST]
    if len(steps) < _LEAST_PAST:
        return None, None
    series = pd.Series(steps)
    spread = max(float(series.std()), was.noise.get(key, 0.0))
    width = float(stdtrit(len(steps) - 1, 0.5 + inside / 2))
    width *= spread * math.sqrt(1 + 1 / len(steps))
    low, high = float(series.mean()) - width, float(series.mean()) + width
    if key[0] in _FLOWS:
        return before * math.exp(low), before * math.exp(min(high, 50.0))
    return max(0.0, before + low), before + high


def _size(moved: Moved) -> float:
    if moved.before is None or moved.after is None:
        return 0.0
    return abs(moved.after - moved.before) / max(abs(moved.before), 1.0)


def _months(first: dt.date | None, second: dt.date | None) -> int:
    if first is None or second is None:
        return 0
    return (second.year - first.year) * 12 + second.month - first.month


def _read(database: Database, years: int) -> _Figures:
    """Read the figures of a snapshot, and their past over so many years."""
    (head,) = database.run("overview/headline").to_dict("records")
    found = _Figures(_day(head["period_to"]))
    found.on = dict.fromkeys(("opened", "closed", "closure_rate"), found.period)
    found.on |= dict.fromkeys(("active", "survival_3y"), _day(head["observed_until"]))
    if found.period is not None:
        _read_permits(database, found, head, years)
    _read_flow(database, found, "sales", "sales_krw", years)
    _read_flow(database, found, "footfall", "persons", years)
    return found


def _read_permits(database: Database, found: _Figures, head: dict[str, Any], years: int) -> None:
    assert found.period is not None
    for ago in range(years + 1):
        to_month = _back(found.period, 12 * ago)
        total = head
        if ago:
            (total,) = database.run("overview/headline", to_month=to_month).to_dict("records")
            if not total["active"] and not total["opened"]:
                break  # before the first permit there is nothing to learn
        for figure in ("active", "opened", "closed", "closure_rate"):
            _put(found, figure, None, total[figure], ago)
        from_month = _back(to_month, 11)
        rows = database.run("openings/by_dong", from_month=from_month, to_month=to_month)
        for row in rows.to_dict("records"):
            group = row["dong_code"]
            found.names[group] = (row["name_ko"], row["name_en"])
            for figure, column in (
                ("active", "active_end"),
                ("opened", "opened"),
                ("closed", "closed"),
            ):
                _put(found, figure, group, row[column], ago)
    for figure, group in list(found.value):
        if figure == "closure_rate":
            half = (head["closure_rate_high"] - head["closure_rate_low"]) / 2
            found.noise[figure, group] = half / float(ndtri(0.975)) * math.sqrt(2)
        elif figure == "active":
            flows = found.value.get(("opened", group), 0) + found.value.get(("closed", group), 0)
            found.noise[figure, group] = math.sqrt(max(flows, 1.0))
        else:
            found.noise[figure, group] = math.sqrt(2 * max(found.value[figure, group], 1.0))
    survival = [(None, *(head[f"survival_3y{part}"] for part in ("", "_low", "_high", "_at_risk")))]
    rows = database.run("survival/by_dong")[
        ["dong_code", "survival", "ci_low", "ci_high", "at_risk"]
    ]
    for group, value, low, high, at_risk in survival + list(rows.itertuples(index=False)):
        if at_risk >= _FEWEST_AT_RISK:
            found.value["survival_3y", group] = value * 100
            if low < high:  # none or all of them left: no interval
                found.limits["survival_3y", group] = (low * 100, high * 100)


def _read_flow(database: Database, found: _Figures, figure: str, column: str, years: int) -> None:
    """Read sales or footfall: of the district the newest period, of dongs twelve months."""
    series = database.run(f"{figure}/monthly").dropna(subset=[column])
    if series.empty:
        return
    values = {_day(row["period"]): row[column] for row in series.to_dict("records")}
    last = max(day for day in values if day is not None)
    found.on[figure] = last
    for ago in range(years + 1):
        period = _back(last, 12 * ago)
        _put(found, figure, None, values.get(period), ago)
        rows = database.run(f"{figure}/by_dong", from_month=_back(period, 11), to_month=period)
        for row in rows.to_dict("records"):
            found.names[row["dong_code"]] = (row["name_ko"], row["name_en"])
            _put(found, figure, row["dong_code"], row[column], ago)


def _put(found: _Figures, figure: str, group: str | None, value: Any, ago: int) -> None:
    known = value is not None and value == value
    if ago == 0 and known:
        found.value[figure, group] = float(value)
    found.past.setdefault((figure, group), []).append(float(value) if known else math.nan)


def _back(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return dt.date(count // 12, count % 12 + 1, 1)


def _day(value: Any) -> dt.date | None:
    if value is None or value != value:
        return None
    return value.date() if isinstance(value, dt.datetime) else value
