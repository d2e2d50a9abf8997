"""Which series a page shows, and which of its periods.

A series is what may be added up: one publisher's way of counting, in one unit. Series
are never drawn together; where there are several, the reader chooses one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from commerce.i18n import month, number, t
from commerce.ui import source_words
from commerce.ui.choices import pick
from commerce.ui.figures import ask
from commerce.ui.kept import kept

SUBJECTS = ("sales", "footfall")
#: Windows of a series' periods that a reader can choose.
WINDOWS = ("last12", "last3", "before12", "all")


@dataclass(frozen=True)
class Series:
    """A series of ``sales/series`` or ``footfall/series``."""

    code: str
    title: str
    #: The title in Korean and in English: a link may have either.
    titles: tuple[str, str]
    publisher: str
    first: dt.date
    last: dt.date
    months: int
    unit: str
    areas: int
    of_dongs: bool
    synthetic: bool

    @property
    def until(self) -> dt.date:
        """Return the first day of the last month that the series knows."""
        return _shift(self.last, self.months - 1)


def choose(subject: str, named_areas: bool) -> Series | None:
    """Return the series to show, and draw the select where there are several.

    Args:
        subject: ``sales`` or ``footfall``.
        named_areas: whether named areas were chosen instead of dongs.
    """
    found = listed(subject, named_areas)
    if not found:
        return None
    if len(found) == 1:
        return next(iter(found.values()))
    titles = {code: series.title for code, series in found.items()}
    both = {code: series.titles for code, series in found.items()}
    with st.sidebar:
        return found[pick("source", t(f"{subject}.source"), titles, wide=True, also=both)]


def listed(subject: str, named_areas: bool) -> dict[str, Series]:
    """Return the series by code, the main one first.

    One code may count dongs and named areas: dongs go first, unless named areas were chosen.
    """
    return _listed(ask(f"{subject}/series").rows, named_areas)


@kept
def _listed(rows: pd.DataFrame, named_areas: bool) -> dict[str, Series]:
    ordered = rows.to_dict("records")
    if named_areas:
        ordered = [row for row in ordered if row["area_kind"] == "trade_area"]
    main = {row["series"] for row in ordered if row["is_main"]}
    ordered.sort(key=lambda row: (row["series"] not in main, row["area_kind"] != "dong"))
    found: dict[str, Series] = {}
    for row in ordered:
        found.setdefault(
            str(row["series"]),
            Series(
                code=str(row["series"]),
                titles=(str(row["title"]), source_words.english(str(row["title"]))),
                title=source_words.title(str(row["title"])),
                publisher=source_words.name(str(row["publisher"])),
                first=pd.Timestamp(row["first_period"]).date(),
                last=pd.Timestamp(row["last_period"]).date(),
                months=int(row["period_months"]),
                unit=str(row.get("unit") or ""),
                areas=int(row["areas"]),
                of_dongs=row["area_kind"] == "dong",
                synthetic=bool(row["synthetic"]),
            ),
        )
    return found


def main(subject: str) -> str | None:
    """Return the code of the series that stands for a subject where none is chosen."""
    return next(iter(listed(subject, False)), None)


def first(subject: str) -> Series | None:
    """Return the series that stands for a subject where none is chosen."""
    return next(iter(listed(subject, False).values()), None)


def partial(subject: str, named_areas: bool) -> str:
    """Return that the main series is not of whole neighbourhoods, or nothing where it is.

    Args:
        subject: ``sales`` or ``footfall``.
        named_areas: whether named areas were chosen, of which it is.
    """
    main_one = first(subject)
    if main_one is None or main_one.of_dongs or named_areas:
        return ""
    return t(f"overview.partial.{subject}", n=number(main_one.areas))


def window(series: Series, name: str) -> dict[str, object]:
    """Return ``from_month`` and ``to_month`` of a window of :data:`WINDOWS`."""
    last = series.until
    spans = {
        "last12": (_shift(last, -11), last),
        "last3": (_shift(last, -2), last),
        "before12": (_shift(last, -23), _shift(last, -12)),
        "all": (series.first, last),
    }
    start, end = spans[name]
    return {"from_month": start, "to_month": end}


def windows(series: Series) -> list[str]:
    """Return the windows that the series reaches back for."""
    months = (series.until.year - series.first.year) * 12 + series.until.month - series.first.month
    fits = {"last3": months >= 12, "before12": months >= 23, "all": months >= 24}
    return [name for name in WINDOWS if fits.get(name, True)]


def said(given: dict[str, object]) -> str:
    """Return a window in words."""
    start, end = given["from_month"], given["to_month"]
    assert isinstance(start, dt.date)
    assert isinstance(end, dt.date)
    return month(end) if start == end else f"{month(start)} – {month(end)}"


def counted(periods: int, months: int) -> str:
    """Return so many periods in words: months, or quarters where each has three ``months``."""
    return t(f"series.count.{3 if months == 3 else 1}", n=number(periods))


def _shift(day: dt.date, months: int) -> dt.date:
    count = day.year * 12 + day.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)
