"""What a report holds, without any form: text, charts, tables and the queries behind them.

All text is plain text; what comes from files is never markup of any kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, TypeVar

import pandas as pd

from commerce.i18n import set_language

T = TypeVar("T")
#: Text, and whether it is stressed.
Run = tuple[str, bool]


@dataclass(frozen=True)
class Table:
    """A table as people read it: all cells are text, the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Asked:
    """A query, what it was asked with, and its rows."""

    name: str
    title: str
    params: dict[str, object]
    rows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart: its Vega-Lite specification without data, its rows, and its description."""

    spec: dict[str, Any]
    rows: pd.DataFrame
    alt: str


@dataclass(frozen=True, eq=False)
class Map:
    """A small map: outlines, filled cells, a circle, shops and the spot itself.

    Args:
        outlines: GeoJSON texts of the dongs.
        cells: rings of longitudes and latitudes with their colour.
        circle: ring that is drawn as a line; may be empty.
        shops: longitude, latitude, and whether it stands.
        spot: longitude and latitude, or None.
        bounds: west, south, east and north in degrees.
        opened, closed, ink, muted, paper: colours.
        alt: what it shows, in words.
    """

    outlines: tuple[str, ...]
    cells: tuple[tuple[list[list[float]], str], ...]
    circle: list[list[float]]
    shops: tuple[tuple[float, float, bool], ...]
    spot: tuple[float, float] | None
    bounds: tuple[float, float, float, float]
    opened: str
    closed: str
    ink: str
    muted: str
    paper: str
    alt: str


@dataclass(frozen=True)
class Figure:
    """A figure: the finding as its title, drawings, a table, and where all that is from.

    ``key`` is unique in the report and names its file in the bundle.
    """

    key: str
    title: str
    asked: Asked
    note: str = ""
    definition: str = ""
    method: str = ""
    drawings: tuple[Chart | Map, ...] = ()
    table: Table | None = None
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of the report: its heading (the first has none), plain lines, then its figures."""

    heading: str
    lines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole report.

    Args:
        language: ``ko`` or ``en``; words of the form itself follow it.
        place, trade: what it is about.
        eyebrow: place, trade and radius in one line.
        headline, basis, sentences: the finding and what else the figures say.
        parts: in the order of the page.
        facts: filters, dates, snapshot and link, by label.
        sources: the files behind the figures.
        notes: attribution and the like.
        synthetic: says that the data is invented, or is empty.
        snapshot: id of the snapshot.
        known_until: last day that the data knows.
        made_on: day on which the report was made.
    """

    language: str
    place: str
    trade: str
    eyebrow: str
    headline: tuple[Run, ...]
    basis: tuple[Run, ...]
    sentences: tuple[tuple[Run, ...], ...]
    parts: tuple[Part, ...]
    facts: tuple[tuple[str, str], ...]
    sources: Table
    notes: tuple[str, ...]
    synthetic: str
    snapshot: str
    known_until: dt.date
    made_on: dt.date
    link: str = ""
    asked: tuple[Asked, ...] = field(default=())

    def figures(self) -> list[Figure]:
        """Return all figures in order."""
        return [figure for part in self.parts for figure in part.figures]

    def definitions(self) -> list[str]:
        """Return the catalogue keys of the definitions used, each once."""
        return list(dict.fromkeys(f.definition for f in self.figures() if f.definition))


def spoken(language: str, make: Callable[..., T], *args: Any) -> T:
    """Return ``make(*args)``, its words in ``language``; the caller's language stays."""

    def speaking() -> T:
        set_language(language)
        return make(*args)

    return copy_context().run(speaking)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Run] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag in ("em", "strong")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag in ("em", "strong")

    def handle_data(self, data: str) -> None:
        self.found.append((data, self._depth > 0))


def runs(html: str) -> tuple[Run, ...]:
    """Return a sentence (HTML of our own catalogue, its values escaped) as plain runs of text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(reader.found)


def text_of(parts: tuple[Run, ...]) -> str:
    """Return runs as one plain text."""
    return "".join(text for text, _ in parts)
