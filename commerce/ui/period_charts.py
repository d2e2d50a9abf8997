"""Charts over periods: the level with its trend, and the change against the year before."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from commerce.i18n import language, t
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.theme import Palette

_LEFT = 54
#: Shapes of the holidays over the line; where both fall into a period, that of Seol.
HOLIDAY_SHAPES = {"seol": "triangle-down", "chuseok": "circle"}
#: How a period is written in tooltips.
FORMAT = {"ko": "%Y년 %b", "en": "%b %Y"}


def short_numbers(value: str = "datum.value") -> str:
    """Return a Vega expression that writes a large number briefly, as people of the language do.

    Args:
        value: the expression of the number.
    """
    if language() == "en":
        return f"replace(replace(format({value}, '.3~s'), 'G', 'B'), 'k', 'K')"
    size = f"abs({value})"
    return (
        f"{size} >= 1e12 ? format({value}/1e12, ',.3~r') + '조' : "
        f"{size} >= 1e8 ? format({value}/1e8, ',.3~r') + '억' : "
        f"{size} >= 1e4 ? format({value}/1e4, ',.3~r') + '만' : format({value}, ',.3~r')"
    )


def level(palette: Palette, colour: str, title: str, label: str, rows: pd.DataFrame) -> Spec:
    """Return a figure by period: the line itself, over it its trend, holidays marked on top.

    Rows: ``period``, ``value``, ``trend`` (null: none), ``holiday`` (of
    :data:`HOLIDAY_SHAPES`, or null), ``value_text``, ``n_text``, ``yoy_text``.

    Args:
        colour: of the line.
        title: of the value's axis, with its unit.
        label: what the line is called at its end where a trend stands beside it.
        rows: what will be drawn; layers that would stay empty are left out.
    """
    known = rows["value"].notna()
    alone = known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)
    drawn = (
        bool(rows["trend"].notna().any()),
        bool(rows["holiday"].notna().any()),
        bool(alone.any()),
    )
    return _level(palette, language(), colour, title, label, *drawn)


@lru_cache(maxsize=32)
def _level(
    palette: Palette,
    lang: str,
    colour: str,
    title: str,
    label: str,
    trend: bool,
    holidays: bool,
    alone: bool,
) -> Spec:
    x = years("period")
    y = alt.Y(
        "value:Q",
        title=title,
        scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(labelExpr=short_numbers(), tickCount=5, minExtent=_LEFT, titleY=-24),
    )
    # Unknown periods stay in the rows: the line breaks at them.
    line = rows_chart().mark_line(
        strokeWidth=1.2 if trend else 2.4, color=colour, opacity=0.75 if trend else 1
    )
    # A period between unknown ones would be a line without length: it has to be seen as a dot.
    dots = (
        rows_chart()
        .transform_filter("isValid(datum.value)")
        .mark_point(
            filled=True, size=60 if alone else 12, color=colour, opacity=1 if alone else 0.75
        )
    )
    layers = [line.encode(x, y), dots.encode(x, y)]
    if trend:
        layers += _trend(palette, colour, label, x)
    if holidays:
        layers.append(_holidays(palette, x))
    return finish(alt.layer(*layers, _hover(palette, lang, x)), palette, 260)


def _trend(palette: Palette, colour: str, label: str, x: Any) -> list[Any]:
    """Return the trend's line, and the names of both lines at their end, the higher above."""
    trended = rows_chart().transform_filter("isValid(datum.trend)")
    last = (
        trended.transform_joinaggregate(latest="max(period)")
        .transform_filter("datum.period == datum.latest")
        .transform_calculate(
            value_dy="datum.value >= datum.trend ? -7 : 7",
            trend_dy="datum.value >= datum.trend ? 7 : -7",
        )
    )
    names = [
        last.mark_text(
            align="left", dx=7, dy=alt.ExprRef(f"datum.{field}_dy"), fontWeight=600
        ).encode(x, y=alt.Y(f"{field}:Q"), text=alt.value(text), color=alt.value(ink))
        for field, text, ink in (
            ("value", label, colour),
            ("trend", t("chart.trend"), palette.ink),
        )
    ]
    line = trended.mark_line(strokeWidth=3, color=palette.ink)
    return [line.encode(x, y=alt.Y("trend:Q")), *names]


def _holidays(palette: Palette, x: Any) -> Any:
    # By shape, not by name: over many years names would cover each other.
    shapes = alt.Scale(domain=list(HOLIDAY_SHAPES), range=list(HOLIDAY_SHAPES.values()))
    return (
        rows_chart()
        .transform_filter("isValid(datum.holiday)")
        .mark_point(filled=True, size=38, color=palette.muted, opacity=1)
        .encode(x, y=alt.value(-6), shape=alt.Shape("holiday:N", scale=shapes, legend=None))
    )


def _hover(palette: Palette, lang: str, x: Any) -> Any:
    hover = alt.selection_point(
        name="hover",
        on="pointerover",
        nearest=True,
        fields=["period"],
        empty=False,
        clear="pointerout",
    )
    return (
        rows_chart()
        .mark_rule(color=palette.muted)
        .encode(
            x,
            opacity=alt.condition(hover, alt.value(0.7), alt.value(0)),
            tooltip=[
                alt.Tooltip("period:T", title=t("column.period"), format=FORMAT[lang]),
                alt.Tooltip("value_text:N", title=t("chart.value")),
                alt.Tooltip("yoy_text:N", title=t("column.yoy")),
                alt.Tooltip("n_text:N", title=t("column.n")),
            ],
        )
        .add_params(hover)
    )


def change(palette: Palette, colour: str, rows: pd.DataFrame, label: str = "") -> Spec:
    """Return the change against the year before as bars, without holidays as ticks over them.

    Rows: ``period``, ``yoy`` (%), ``yoy_adjusted`` (%, null: not known), ``yoy_text``,
    ``adjusted_text``.

    Args:
        label: what the line of the level above is called, where it has a trend.
    """
    adjusted = bool(rows["yoy_adjusted"].notna().any())
    return _change(palette, language(), colour, adjusted, label)


@lru_cache(maxsize=32)
def _change(palette: Palette, lang: str, colour: str, adjusted: bool, label: str) -> Spec:
    tips = [
        alt.Tooltip("period:T", title=t("column.period"), format=FORMAT[lang]),
        alt.Tooltip("yoy_text:N", title=t("column.yoy")),
        *([alt.Tooltip("adjusted_text:N", title=t("column.yoy_adjusted"))] if adjusted else []),
    ]
    y = alt.Y("yoy:Q", title=t("chart.yoy"), axis=change_axis())
    spanned = spans("yoy")
    bars = spanned.mark_bar(color=colour, opacity=0.55).encode(
        years("start"), alt.X2("end:T"), y, y2=alt.datum(0), tooltip=tips
    )
    # Over all periods, also those without a year before, so that it stands under the other chart.
    zero = (
        rows_chart()
        .mark_line(color=palette.muted, strokeWidth=1)
        .encode(alt.X("period:T"), y=alt.datum(0))
    )
    ticks = (
        spanned.transform_filter("isValid(datum.yoy_adjusted)")
        .mark_point(shape="diamond", filled=True, size=34, color=palette.ink, opacity=1)
        .encode(x=alt.X("middle:T"), y=alt.Y("yoy_adjusted:Q"), tooltip=tips)
    )
    room = room_for_names(label) if label else []
    return finish(alt.layer(bars, zero, *([ticks] if adjusted else []), *room), palette, 120)


def change_axis() -> Any:
    """Return the axis of changes in %, as wide as that of a level."""
    return alt.Axis(
        labelExpr="(datum.value > 0 ? '+' : '') + datum.label + '%'",
        tickCount=3,
        minExtent=_LEFT,
    )


def years(field: str, labels: bool = True) -> Any:
    """Return the axis of time over a field of days, written in years or not at all."""
    return alt.X(
        f"{field}:T",
        title=None,
        axis=alt.Axis(
            format="%Y",
            tickCount="year",
            labelOverlap="greedy",
            labelSeparation=12,
            labels=labels,
        ),
    )


def spans(field: str) -> Any:
    """Return known values of ``field`` with ``start``, ``end`` and ``middle`` of their bars."""
    known = rows_chart().transform_filter(f"isValid(datum.{field})")
    return known.transform_calculate(
        start="timeOffset('day', datum.period, 3)",
        end="timeOffset('day', datum.period, 28 + 30 * (datum.months - 1))",
        middle="timeOffset('day', datum.period, 15 * datum.months)",
    )


def room_for_names(label: str) -> list[Any]:
    """Return nothing to be seen, as wide as the names at the end of a level's lines.

    So the plot ends below where theirs ends, and periods stand one above the other.

    Args:
        label: as for :func:`level`.
    """
    last = (
        rows_chart()
        .transform_joinaggregate(latest="max(period)")
        .transform_filter("datum.period == datum.latest")
    )
    return [
        last.mark_text(align="left", dx=7, fontWeight=600, opacity=0).encode(
            alt.X("period:T"), y=alt.datum(0), text=alt.value(text)
        )
        for text in (label, t("chart.trend"))
    ]
