"""The places' footfall and card sales: of each place's dong, or of the named areas themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from commerce.i18n import briefly, money, number, percent, t
from commerce.ui import compare_charts, footfall_shape, profile_shape, series
from commerce.ui.compare_side import Side, told_of_areas
from commerce.ui.figures import Answer, ahead, ask, draw_chart, figure
from commerce.ui.frame import colours
from commerce.ui.series import Series
from commerce.ui.shape import DRAWN, MARKED


@dataclass(frozen=True)
class Subject:
    """Footfall or sales as all sides are told of it: one series and one span of periods."""

    name: str
    own: bool
    known: Series | None

    @property
    def span(self) -> dict[str, object]:
        """Return the last twelve months of the series as parameters."""
        return series.window(self.known, "last12") if self.known else {}

    def params(self, side: Side) -> dict[str, object]:
        """Return the parameters of queries about a side over all periods."""
        return side.market(self.name, self.own)


@dataclass(frozen=True)
class Market:
    """Footfall and sales of one side: rows of ``by_dong``, or None where nothing is known."""

    side: Side
    people: Subject
    sold: Subject
    persons_row: dict[Any, Any] | None
    sales_row: dict[Any, Any] | None

    def footfall(self) -> tuple[str, str]:
        """Return footfall in words, and its unit and place, or why it is not known."""
        row = self.persons_row
        if self.people.known is None:
            return "–", t("compare.absent.footfall.none")
        if row is None:
            return "–", _no_dong(self.side) or t("footfall.absent")
        unit = footfall_shape.unit_words(str(row["unit"]))
        return briefly(row["persons"]), t(
            "compare.note.footfall",
            unit=unit,
            place=_whole(self.side, self.people.own),
            n=series.counted(int(row["periods"]), self.people.known.months),
        )

    def sales(self) -> tuple[str, str]:
        """Return sales per shop in words, and what they rest on, or why they are not known."""
        row = self.sales_row
        if self.sold.known is None:
            return "–", t("compare.absent.sales.none")
        if row is None:
            return "–", _no_dong(self.side) or t("sales.absent.none")
        if why := _why_absent(row):
            return "–", why
        mark = "*" if _merchants(row) < MARKED else ""
        return money(row["sales_per_shop"]) + mark, t(
            "compare.note.sales",
            place=_whole(self.side, self.sold.own),
            n=number(row["merchants"]),
            coverage=percent(row["coverage"] * 100, 0),
        )

    def numbers(self) -> dict[str, Any]:
        """Return both as columns of a table."""
        persons, sales = self.persons_row or {}, self.sales_row or {}
        quoted = bool(sales) and not _why_absent(sales)
        unit = footfall_shape.unit_words(str(persons["unit"])) if persons else None
        return {
            t("compare.row.footfall"): persons.get("persons"),
            t("column.unit"): unit,
            t("compare.row.sales"): sales["sales_per_shop"] if quoted else None,
            t("column.merchants"): sales.get("merchants"),
            t("column.coverage"): sales.get("coverage"),
        }


def _whole(side: Side, own: bool) -> str:
    if own or side.place.kind == "dong":
        return ""
    return t("compare.note.whole", dong=side.dong)


def _no_dong(side: Side) -> str:
    return "" if side.place.dong_code else t("compare.absent.dong")


def _merchants(row: dict[Any, Any]) -> float:
    """Return how many merchants stand in cells whose sales are known; 0 where not told."""
    found = row["merchants"] * row["coverage"]
    return float(found) if found == found else 0.0


def _why_absent(row: dict[Any, Any]) -> str:
    if row["merchants"] != row["merchants"]:
        return t("sales.shops.unknown")
    if row["sales_per_shop"] != row["sales_per_shop"]:
        return t("sales.absent.suppressed")
    return t("sales.absent.few", n=DRAWN) if _merchants(row) < DRAWN else ""


def subjects(sides: list[Side]) -> tuple[Subject, Subject]:
    """Return how footfall and sales are told of all sides, and begin to ask for them."""
    found = []
    for name in ("footfall", "sales"):
        own = told_of_areas(sides, name)
        known = next(iter(series.listed(name, own).values()), None)
        subject = Subject(name, own, known)
        for side in sides if known else []:
            ahead(f"{name}/by_dong", **subject.params(side) | subject.span)
            last = subject.span if name == "footfall" else {}
            kind = "footfall/profile" if name == "footfall" else "sales/monthly"
            ahead(kind, **subject.params(side) | last)
        found.append(subject)
    return found[0], found[1]


def market(side: Side, people: Subject, sold: Subject) -> Market:
    """Return footfall and sales of one side over the last twelve months."""
    return Market(side, people, sold, _row(side, people, "persons"), _row(side, sold, "cells"))


def _row(side: Side, subject: Subject, counted: str) -> dict[Any, Any] | None:
    """Return the row of ``by_dong`` that tells of the side: an area counts in its dong's."""
    if subject.known is None:
        return None
    rows = ask(f"{subject.name}/by_dong", **subject.params(side) | subject.span).rows
    known = rows[counted].notna() if counted == "persons" else rows[counted] > 0
    told = rows[known].to_dict("records")
    return told[0] if told else None


def footfall_by_hour(sides: list[Side], people: Subject) -> None:
    """Draw footfall by hour, a line for each dong or area, on one axis in one unit."""
    if people.known is None:
        st.caption(t("compare.absent.footfall.none"))
        return
    flows = footfall_shape.flows(people.known.unit)
    asked = [
        (name, first, ask("footfall/profile", **people.params(first) | people.span))
        for name, first in _merged(sides, people.own)
    ]
    lines = [
        (name, first, profile_shape.hours(answer.rows, "persons", flows))
        for name, first, answer in asked
    ]
    drawn = [(name, first, rows) for name, first, rows in lines if len(rows)]
    if not drawn:
        st.caption(t("compare.hours.none"))
        return
    unit = footfall_shape.unit_words(people.known.unit)
    rows = compare_charts.stepped({name: hours for name, _, hours in drawn})
    with figure(
        "compare-hours",
        _hours_title(asked, flows, people.own),
        asked[0][2],
        note=t(
            "compare.hours.note" if flows else "compare.hours.note.present",
            period=series.said(people.span),
            unit=unit,
        ),
        definition="definition.footfall",
        method=t("compare.method.each"),
        shown=rows[rows["kind"] == "line"][["label", "hours", "value_text"]].dropna(),
    ):
        draw_chart(
            rows,
            compare_charts.hours(
                colours(),
                tuple(name for name, _, _ in drawn),
                tuple(first.colour(colours()) for _, first, _ in drawn),
                t("compare.hours.axis", unit=unit) if flows else unit,
            ),
            key="chart_compare_hours",
            alt=t("compare.hours.alt"),
        )
        _say_whose(sides, people.own)


def _hours_title(asked: list[tuple[str, Side, Answer]], flows: bool, own: bool) -> str:
    """Return at what hour each is busiest, where that is known of all."""
    peaks = [
        (side, profile_shape.largest(answer.rows, "hour_band", flows)[0])
        for _, side, answer in asked
    ]
    if not all(words for _, words in peaks):
        return t("compare.hours.title")
    if len(peaks) > 1 and len({words for _, words in peaks}) == 1:
        return t("compare.hours.title.same", hours=peaks[0][1])
    listed = ", ".join(
        t("compare.hours.title.one", place=side.market_place(own), hours=words)
        for side, words in peaks
    )
    return t("compare.hours.title.differ", listed=listed)


def sales_trend(sides: list[Side], sold: Subject) -> None:
    """Draw sales per shop and month period by period, a line for each dong or area."""
    trade = sides[0].chosen.also_without_permits().trade
    if sold.known is None:
        st.caption(t("compare.absent.sales.none"))
        return
    asked = [
        (name, first, ask("sales/monthly", **sold.params(first)))
        for name, first in _merged(sides, sold.own)
    ]
    rows = compare_charts.monthly({name: answer.rows for name, _, answer in asked})
    without = [name for name, _, _ in asked if name not in set(rows["label"])]
    if rows.empty:
        st.caption(t("compare.sales.none", trade=trade))
        return
    drawn = [(name, first) for name, first, _ in asked if name not in without]
    with figure(
        "compare-sales",
        t("compare.sales.title", trade=trade),
        asked[0][2],
        note=t("compare.sales.note", n=DRAWN),
        definition="definition.sales_per_shop",
        method=t("compare.method.each"),
        shown=pd.concat(
            [answer.rows.assign(label=name) for name, _, answer in asked], ignore_index=True
        )[["label", "period", "period_months", "sales_per_shop", "merchants", "coverage"]],
    ):
        draw_chart(
            rows,
            compare_charts.trend(
                colours(),
                tuple(name for name, _ in drawn),
                tuple(first.colour(colours()) for _, first in drawn),
                t("compare.sales.axis"),
            ),
            key="chart_compare_sales",
            alt=t("compare.sales.alt"),
        )
        if without:
            st.caption(t("compare.sales.without", places=", ".join(without), n=DRAWN))
        _say_whose(sides, sold.own)


def _merged(sides: list[Side], own: bool) -> list[tuple[str, Side]]:
    """Return lines to draw: sides of one dong share one, named by all their numbers."""
    by_place: dict[str | None, list[Side]] = {}
    for side in sides:
        code = side.place.area_code if own else side.place.dong_code
        if code:
            by_place.setdefault(code, []).append(side)
    return [
        (
            f"{'·'.join(str(side.order) for side in group)} {group[0].market_place(own)}"
            if not own
            else group[0].name,
            group[0],
        )
        for group in by_place.values()
    ]


def _say_whose(sides: list[Side], own: bool) -> None:
    if not own and any(side.place.kind != "dong" for side in sides):
        st.caption(t("compare.whose"))
