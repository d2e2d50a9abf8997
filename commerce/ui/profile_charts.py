"""Charts of who and when: weekday by hour, hours, weekdays, sex and age."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from commerce.i18n import language, t
from commerce.ui.chart_text import text_on
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.period_charts import short_numbers
from commerce.ui.theme import Palette


def week(palette: Palette, steps: tuple[str, ...], written: bool) -> Spec:
    """Return a heat map of weekday by hour, against the mean hour of the week.

    Rows: ``weekday``, ``day`` (its name), ``band`` (text), ``starts``, ``level`` (1 = mean hour),
    ``share_text``.

    Args:
        steps: colours, low to high.
        written: whether the level is written into its field: only where fields are few.
    """
    return _week(palette, language(), steps, written)


@lru_cache(maxsize=16)
def _week(palette: Palette, _lang: str, steps: tuple[str, ...], written: bool) -> Spec:
    base = rows_chart().encode(
        alt.X(
            "band:O",
            title=t("chart.hour"),
            sort=None,
            axis=alt.Axis(labelAngle=0, labelOverlap="greedy"),
        ),
        alt.Y("day:O", title=None, sort=None),
        tooltip=[
            alt.Tooltip("day:N", title=t("column.weekday")),
            alt.Tooltip("band:N", title=t("chart.hour")),
            alt.Tooltip("level:Q", title=t("column.level"), format=".2f"),
            alt.Tooltip("share_text:N", title=t("column.share")),
        ],
    )
    fields = base.mark_rect(stroke=palette.paper, strokeWidth=1.5).encode(
        alt.Color(
            "level:Q",
            scale=alt.Scale(range=list(steps), interpolate="rgb", zero=True),
            legend=None,
        )
    )
    layers = [fields]
    if written:
        layers.append(
            base.mark_text(fontSize=12).encode(
                text=alt.Text("level:Q", format=".1f"),
                color=text_on("color", "datum.level"),
            )
        )
    return finish(alt.layer(*layers), palette, 260)


def hours(
    palette: Palette, colour: str, title: str, rows: pd.DataFrame | None = None, height: int = 150
) -> Spec:
    """Return hours as bars as wide as their band. Rows: ``starts``, ``ends``, ``value``, ``tip``.

    Args:
        title: of the value's axis, with its unit.
        rows: what will be drawn, where the axis is to write the hours at which bands end.
    """
    ticks = (0, 6, 12, 18, 24) if rows is None else _edges(rows)
    return _hours(palette, language(), colour, title, height, ticks)


def _edges(rows: pd.DataFrame) -> tuple[int, ...]:
    """Return the hours at which bands begin and end; of many, every third."""
    found = sorted({int(hour) for side in ("starts", "ends") for hour in rows[side]})
    return tuple(found) if len(found) <= 9 else tuple(range(0, 25, 3))


@lru_cache(maxsize=32)
def _hours(
    palette: Palette, _lang: str, colour: str, title: str, height: int, ticks: tuple[int, ...]
) -> Spec:
    bars = (
        rows_chart()
        .mark_bar(color=colour, opacity=0.85, stroke=palette.paper, strokeWidth=1)
        .encode(
            alt.X(
                "starts:Q",
                title=t("chart.hour"),
                scale=alt.Scale(domain=[0, 24], nice=False),
                axis=alt.Axis(values=list(ticks), labelOverlap="greedy", labelSeparation=3),
            ),
            alt.X2("ends:Q"),
            _amount(title),
            y2=alt.datum(0),
            tooltip=_tips(),
        )
    )
    return finish(bars, palette, height)


def weekdays(palette: Palette, colour: str, title: str, height: int = 150) -> Spec:
    """Return weekdays as bars. Rows: ``weekday``, ``label``, ``value``, ``tip``."""
    return _weekdays(palette, language(), colour, title, height)


@lru_cache(maxsize=32)
def _weekdays(palette: Palette, _lang: str, colour: str, title: str, height: int) -> Spec:
    bars = (
        rows_chart()
        .mark_bar(color=colour, opacity=0.85, width={"band": 0.72})
        .encode(
            alt.X(
                "label:O",
                title=None,
                sort=None,
                axis=alt.Axis(labelAngle=0, labelColor=palette.ink),
            ),
            _amount(title),
            tooltip=_tips(),
        )
    )
    return finish(bars, palette, height)


def _amount(title: str) -> Any:
    return alt.Y("value:Q", title=title, axis=alt.Axis(tickCount=3, labelExpr=short_numbers()))


def _tips() -> list[Any]:
    return [alt.Tooltip("label:N", title=t("column.label")), alt.Tooltip("tip:N", title=" ")]


def pyramid(palette: Palette, rows: int) -> Spec:
    """Return ages as bars, women to the left and men to the right.

    Rows: ``age`` (text), ``sex``, ``share`` (%, of both together), ``tip``.
    """
    return _pyramid(palette, language()) | {"height": max(rows, 3) * 30 + 20}


@lru_cache(maxsize=16)
def _pyramid(palette: Palette, _lang: str) -> Spec:
    colours = {"F": palette.groups[3], "M": palette.groups[0]}
    base = (
        rows_chart()
        .transform_calculate(side="datum.sex == 'F' ? -datum.share : datum.share")
        .encode(
            alt.Y(
                "age:O",
                title=None,
                sort=None,
                axis=alt.Axis(labelColor=palette.ink),
            ),
            alt.X(
                "side:Q",
                title=t("chart.share_of_all"),
                scale=alt.Scale(padding=34, nice=False),
                axis=alt.Axis(labelExpr="abs(datum.value) + '%'", tickCount=6),
            ),
            tooltip=[
                alt.Tooltip("age:N", title=t("column.age_group")),
                alt.Tooltip("sex_text:N", title=t("column.sex")),
                alt.Tooltip("tip:N", title=" "),
            ],
        )
    )
    bars = base.mark_bar(height={"band": 0.7}, opacity=0.85).encode(
        alt.Color(
            "sex:N",
            scale=alt.Scale(domain=list(colours), range=list(colours.values())),
            legend=None,
        )
    )
    said = [
        base.transform_filter(f"datum.sex == '{sex}'")
        .mark_text(align=side, dx=gap, fontSize=12)
        .encode(text=alt.Text("share:Q", format=".1f"), color=alt.value(palette.ink))
        for sex, side, gap in (("F", "right", -5), ("M", "left", 5))
    ]
    names = [
        rows_chart()
        .transform_aggregate(n="count()")
        .mark_text(align=side, fontWeight=600, dy=-2)
        .encode(
            x=alt.value(0) if sex == "F" else alt.value("width"),
            y=alt.value(-8),
            text=alt.value(t(f"sex.{sex}")),
            color=alt.value(colours[sex]),
        )
        for sex, side in (("F", "left"), ("M", "right"))
    ]
    chart = alt.layer(bars, *said, *names)
    return finish(chart, palette)
