"""Charts of the site report: lives as bars, change types, where a cost lies among sales."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from commerce.i18n import language, t
from commerce.ui.chart_text import NAME_WIDTH
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.period_charts import short_numbers
from commerce.ui.theme import Palette

_ROW = 21
STATES = ("standing", "closed", "left")


def lives(palette: Palette, rows: int, dated: bool) -> Spec:
    """Return bars of how long shops stood, one a row, with how it ended as colour and shape.

    Rows: ``label``, ``place`` (order), ``start``, ``end``, ``state``, ``name``, ``trade``,
    ``span``, ``lasted``, ``gap``; of dated ones also ``gap_start`` (null: no gap).

    Args:
        rows: how many.
        dated: whether ``start`` and ``end`` are days, else years since opening with the
            third anniversary marked.
    """
    return _lives(palette, language(), dated) | {"height": max(rows, 3) * _ROW + 64}


@lru_cache(maxsize=16)
def _lives(palette: Palette, _lang: str, dated: bool) -> Spec:
    words = [t(f"site.life.{state}") for state in STATES]
    inks = [palette.opened, palette.closed, palette.muted]
    legend = alt.Legend(orient="top", title=None, symbolSize=70)
    colour = alt.Color("state:N", scale=alt.Scale(domain=words, range=inks), legend=legend)
    shapes = alt.Scale(domain=words, range=["triangle-right", "square", "diamond"])
    y = alt.Y(
        "label:N",
        title=None,
        sort=alt.EncodingSortField("place", op="min", order="ascending"),
        axis=alt.Axis(
            labelLimit=NAME_WIDTH,
            labelOverlap=False,
            labelFontWeight=alt.condition(
                "indexof(datum.label, '— ') == 0", alt.value(700), alt.value(400)
            ),
        ),
    )
    kind = "T" if dated else "Q"
    axis: Any = (
        alt.Axis(format="%Y", tickCount=6, labelOverlap="greedy", grid=True)
        if dated
        else alt.Axis(tickMinStep=1, format="d", grid=True)
    )
    x = alt.X(f"start:{kind}", title=None if dated else t("chart.years_since_opening"), axis=axis)
    tips = [
        alt.Tooltip("name:N", title=t("column.name")),
        alt.Tooltip("trade:N", title=t("filter.trade")),
        alt.Tooltip("span:N", title=t("site.column.span")),
        alt.Tooltip("lasted:N", title=t("site.column.lasted")),
        alt.Tooltip("gap:N", title=t("site.column.gap") if dated else t("site.column.distance")),
    ]
    bars = (
        rows_chart()
        .mark_bar(height=9, opacity=0.85, cornerRadius=1)
        .encode(x, y, x2=f"end:{kind}", color=colour, tooltip=tips)
    )
    ends = (
        rows_chart()
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            alt.X(f"end:{kind}"),
            y,
            colour,
            alt.Shape("state:N", scale=shapes, legend=legend),
            tooltip=tips,
        )
    )
    if dated:
        gaps = (
            rows_chart()
            .mark_rule(strokeDash=[3, 3], strokeWidth=1.5, color=palette.muted)
            .encode(alt.X("gap_start:T"), y, x2="start:T", tooltip=tips[-1:])
        )
        return finish(alt.layer(bars, gaps, ends), palette)
    once = rows_chart().transform_aggregate(rows="count()")
    three = once.mark_rule(color=palette.ink, strokeWidth=1.4, aria=False).encode(x=alt.datum(3))
    return finish(alt.layer(bars, ends, three), palette)


def change_types(palette: Palette, mark: str) -> Spec:
    """Return dongs by months in business of open and of closed shops, the means as a cross.

    Rows: ``name``, ``open_months``, ``closed_months``, ``open_mean``, ``closed_mean``,
    ``type``, ``is_here``.

    Args:
        mark: name of the dong that is written beside its dot.
    """
    return _change_types(palette, language(), mark)


@lru_cache(maxsize=64)
def _change_types(palette: Palette, _lang: str, _mark: str) -> Spec:
    x = alt.X(
        "open_months:Q",
        title=t("site.change.open_axis"),
        scale=alt.Scale(zero=False, nice=True, padding=18),
        axis=alt.Axis(tickCount=5),
    )
    y = alt.Y(
        "closed_months:Q",
        title=t("site.change.closed_axis"),
        scale=alt.Scale(zero=False, nice=True, padding=18),
        axis=alt.Axis(tickCount=5),
    )
    dots = (
        rows_chart()
        .mark_point(filled=True, opacity=0.9)
        .encode(
            x,
            y,
            color=alt.condition("datum.is_here", alt.value(palette.ink), alt.value(palette.muted)),
            size=alt.condition("datum.is_here", alt.value(150), alt.value(48)),
            shape=alt.condition("datum.is_here", alt.value("diamond"), alt.value("circle")),
            tooltip=[
                alt.Tooltip("name:N", title=t("column.dong")),
                alt.Tooltip("type:N", title=t("site.change.type")),
                alt.Tooltip("open_months:Q", title=t("site.change.open_axis"), format=".0f"),
                alt.Tooltip("closed_months:Q", title=t("site.change.closed_axis"), format=".0f"),
            ],
        )
    )
    marked = rows_chart().transform_filter("datum.is_here")
    # Near an edge the name stands inwards: over the axis it would cover its numbers.
    at = "scale('x', datum.open_months)"
    where = {
        "dy": -13,
        "dx": alt.ExprRef(f"{at} < 50 ? -8 : {at} > width - 50 ? 8 : 0"),
        "align": alt.ExprRef(f"{at} < 50 ? 'left' : {at} > width - 50 ? 'right' : 'center'"),
        "fontWeight": 600,
    }
    halo = marked.mark_text(**where, stroke=palette.paper, strokeWidth=4)
    name = marked.mark_text(**where, color=palette.ink)
    here = [text.encode(x, y, text="name:N") for text in (halo, name)]
    lines = [
        rows_chart()
        .mark_rule(color=palette.muted, strokeDash=[4, 3])
        .encode(**{name: f"mean({column}):Q"})
        for name, column in (("x", "open_mean"), ("y", "closed_mean"))
    ]
    corners = [
        rows_chart()
        .transform_aggregate(rows="count()")
        .mark_text(align=align, baseline=base, color=palette.muted, fontSize=12, fontWeight=600)
        .encode(text=alt.value(t(f"site.change.{kind}")), x=alt.value(at_x), y=alt.value(at_y))
        for kind, align, base, at_x, at_y in (
            ("LL", "left", "bottom", 4, "height"),
            ("LH", "left", "top", 4, 0),
            ("HL", "right", "bottom", "width", "height"),
            ("HH", "right", "top", "width", 0),
        )
    ]
    return finish(alt.layer(*lines, *corners, dots, *here), palette, 300)


def among_cells(palette: Palette) -> Spec:
    """Return the spread of sales per shop over cells, and where a needed sum lies.

    Rows: one with ``lowest``, ``quarter``, ``median``, ``three_quarters``, ``highest``,
    ``needed`` and their texts ``median_text`` and ``needed_text``.
    """
    return _among_cells(palette, language())


@lru_cache(maxsize=16)
def _among_cells(palette: Palette, _lang: str) -> Spec:
    x = alt.X(
        "lowest:Q",
        title=t("site.cost.axis"),
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(labelExpr=short_numbers(), tickCount=5, grid=True),
    )
    base = rows_chart()
    y = alt.value(52)
    tip = [
        alt.Tooltip("lowest:Q", title=t("site.cost.lowest"), format=","),
        alt.Tooltip("quarter:Q", title=t("site.cost.quarter"), format=","),
        alt.Tooltip("median:Q", title=t("site.cost.median"), format=","),
        alt.Tooltip("three_quarters:Q", title=t("site.cost.three_quarters"), format=","),
        alt.Tooltip("highest:Q", title=t("site.cost.highest"), format=","),
    ]
    whole = base.mark_rule(color=palette.sales, strokeWidth=2).encode(
        x, x2="highest:Q", y=y, tooltip=tip
    )
    half = base.mark_bar(color=palette.sales, opacity=0.45, height=22).encode(
        alt.X("quarter:Q"), x2="three_quarters:Q", y=y, tooltip=tip
    )
    middle = base.mark_tick(color=palette.sales, thickness=3, height=26).encode(
        alt.X("median:Q"), y=y
    )
    middle_text = base.mark_text(dy=27, color=palette.muted).encode(
        alt.X("median:Q"), y=y, text="median_text:N"
    )
    needed = base.mark_point(
        shape="triangle-down", filled=True, size=150, color=palette.ink, opacity=1
    ).encode(alt.X("needed:Q"), y=alt.value(27))
    needed_text = base.mark_text(dy=-13, fontWeight=600, color=palette.ink).encode(
        alt.X("needed:Q"), y=alt.value(27), text="needed_text:N"
    )
    layers = [whole, half, middle, middle_text, needed, needed_text]
    return finish(alt.layer(*layers), palette, 150)
