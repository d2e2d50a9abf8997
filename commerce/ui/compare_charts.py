"""Charts of a comparison: footfall by hour and sales per shop, a line for each place."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from commerce.i18n import language, money, month, number, t
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.kept import kept
from commerce.ui.line_names import Name, heights
from commerce.ui.period_charts import short_numbers
from commerce.ui.shape import DRAWN
from commerce.ui.theme import Palette

#: The least between two names, as a share of the axis.
_APART = 0.075


def spread(wanted: list[float], extent: float) -> list[float]:
    """Return where names stand so that none covers another, each near its end, in their order.

    Args:
        wanted: heights of the points that are named.
        extent: of the axis, in the same unit.
    """
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = list(wanted)
    for below, i in pairwise(order):
        placed[i] = max(wanted[i], placed[below] + _APART * extent)
    # Pushed up by the lower ones, all come down by half of what the most pushed one moved.
    moved = max((placed[i] - wanted[i] for i in order), default=0.0)
    return [height - moved / 2 for height in placed]


@kept
def _stepped(names: tuple[str, ...], *hours: pd.DataFrame) -> pd.DataFrame:
    drawn: list[dict[str, Any]] = []
    peaks: list[dict[str, Any]] = []
    for name, rows in zip(names, hours, strict=True):
        bands = sorted(rows.to_dict("records"), key=lambda row: row["starts"])
        for row in bands:
            drawn.append(
                {
                    "kind": "line",
                    "label": name,
                    "hour": float(row["starts"]),
                    "middle": (row["starts"] + row["ends"]) / 2,
                    "value": round(row["value"], 1),
                    "hours": row["label"],
                    "value_text": row["tip"],
                }
            )
        # A step chart ends where its last band ends.
        drawn.append(drawn[-1] | {"hour": float(bands[-1]["ends"]), "value_text": None})
        top = max(bands, key=lambda row: row["value"])
        peaks.append(
            {
                "kind": "label",
                "label": name,
                "hour": (top["starts"] + top["ends"]) / 2,
                "value": top["value"],
            }
        )
    highest = max(peak["value"] for peak in peaks)
    peaks.sort(key=lambda peak: peak["value"], reverse=True)
    placed = heights(
        [Name(peak["label"], peak["hour"], peak["value"], "center") for peak in peaks],
        [[(p["hour"], p["value"]) for p in drawn if p["label"] == name] for name in names],
        # Beside the map the chart is half as wide and less high: names take more of it.
        (48.0, 1.5 * highest),
        (0.0, 1.2 * highest),
    )
    for peak, height in zip(peaks, placed, strict=True):
        peak["value"] = round(height, 1)
    return pd.DataFrame(drawn + peaks)


def stepped(lines: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return rows for :func:`hours`.

    Args:
        lines: of :func:`commerce.ui.profile_shape.hours`, by name.
    """
    return _stepped(tuple(lines), *lines.values())


def hours(palette: Palette, names: tuple[str, ...], inks: tuple[str, ...], title: str) -> Spec:
    """Return footfall by hour as steps on one axis from 0, each named at its peak.

    Args:
        names, inks: of the lines, in their order.
        title: of the value's axis, with its unit.
    """
    return _hours(palette, language(), names, inks, title)


@lru_cache(maxsize=64)
def _hours(
    palette: Palette, _lang: str, names: tuple[str, ...], inks: tuple[str, ...], title: str
) -> Spec:
    colour = _colour(names, inks)
    x = alt.X(
        "hour:Q",
        title=t("chart.hour"),
        scale=alt.Scale(domain=[0, 24], nice=False),
        axis=alt.Axis(values=[0, 6, 11, 14, 17, 21, 24], labelOverlap=False),
    )
    axis = alt.Axis(tickCount=5, labelExpr=short_numbers())
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=True, nice=True), axis=axis)
    own = rows_chart().transform_filter("datum.kind == 'line'")
    line = own.mark_line(strokeWidth=2.4, interpolate="step-after").encode(x, y, colour)
    hover = _hover()
    points = (
        own.transform_filter("isValid(datum.value_text)")
        .mark_point(filled=True, size=60)
        .encode(
            alt.X("middle:Q"),
            y,
            colour,
            opacity=alt.condition(hover, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("label:N", title=t("column.label")),
                alt.Tooltip("hours:N", title=t("chart.hour")),
                alt.Tooltip("value_text:N", title=t("column.persons")),
            ],
        )
        .add_params(hover)
    )
    return finish(alt.layer(line, points, *_names(palette, x, y, colour, "center")), palette, 300)


@kept
def _monthly(names: tuple[str, ...], *monthly: pd.DataFrame) -> pd.DataFrame:
    drawn: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for name, rows in zip(names, monthly, strict=True):
        lines = [_period(name, row) for row in rows.to_dict("records")]
        known = [line for line in lines if line["value"] is not None]
        if known:
            drawn += lines
            ends.append(known[-1] | {"kind": "label"})
    if not ends:
        return pd.DataFrame(columns=["label"])
    values = [line["value"] for line in drawn if line["value"] is not None]
    extent = max(values) - min(values) or max(values) or 1.0
    # All names stand in one column beyond the last period, clear of the lines.
    last = max(end["period"] for end in ends)
    for end, height in zip(ends, spread([e["value"] for e in ends], extent), strict=True):
        end["value"] = height
        end["period"] = last
    return pd.DataFrame(drawn + ends)


def _period(name: str, row: dict[Any, Any]) -> dict[str, Any]:
    """Return a point of the line; unknown where too few merchants stand behind it."""
    known = row["merchants"] * row["coverage"] >= DRAWN
    known = known and row["sales_per_shop"] == row["sales_per_shop"]
    return {
        "kind": "line",
        "label": name,
        "period": row["period"],
        "value": round(row["sales_per_shop"]) if known else None,
        "period_text": month(pd.Timestamp(row["period"]).date()),
        "value_text": money(row["sales_per_shop"]) if known else None,
        "n_text": t("compare.sales.n", n=number(row["merchants"])) if known else None,
    }


def monthly(lines: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return rows for :func:`trend`; places without any known period are left out.

    Args:
        lines: of ``sales/monthly``, by name.
    """
    return _monthly(tuple(lines), *lines.values())


def trend(palette: Palette, names: tuple[str, ...], inks: tuple[str, ...], title: str) -> Spec:
    """Return sales per shop by period as lines on one axis, each named at its end.

    Args:
        names, inks: of the lines, in their order.
        title: of the value's axis, with its unit.
    """
    return _trend(palette, language(), names, inks, title)


@lru_cache(maxsize=64)
def _trend(
    palette: Palette, _lang: str, names: tuple[str, ...], inks: tuple[str, ...], title: str
) -> Spec:
    colour = _colour(names, inks)
    axis = alt.Axis(format="%Y", tickCount="year", labelOverlap="greedy", labelSeparation=12)
    x = alt.X("period:T", title=None, axis=axis)
    y = alt.Y(
        "value:Q",
        title=title,
        scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(labelExpr=short_numbers(), tickCount=5),
    )
    # Unknown periods stay in the rows: the line breaks at them.
    own = rows_chart().transform_filter("datum.kind == 'line'")
    line = own.mark_line(strokeWidth=1.8).encode(x, y, colour)
    hover = _hover()
    points = (
        own.transform_filter("isValid(datum.value)")
        .mark_point(filled=True, size=60)
        .encode(
            x,
            y,
            colour,
            opacity=alt.condition(hover, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("label:N", title=t("column.label")),
                alt.Tooltip("period_text:N", title=t("column.period")),
                alt.Tooltip("value_text:N", title=t("column.sales_per_shop")),
                alt.Tooltip("n_text:N", title=t("column.n")),
            ],
        )
        .add_params(hover)
    )
    chart = alt.layer(line, points, *_names(palette, x, y, colour, "left"))
    # Room beyond the names as measured: before the typeface has come another, narrower one is.
    return finish(chart.properties(padding={"right": 22}), palette, 300)


def _colour(names: tuple[str, ...], inks: tuple[str, ...]) -> Any:
    scale = alt.Scale(domain=list(names), range=list(inks))
    return alt.Color("label:N", scale=scale, legend=None)


def _hover() -> Any:
    return alt.selection_point(
        name="hover", on="pointerover", nearest=True, empty=False, clear="pointerout"
    )


def _names(palette: Palette, x: Any, y: Any, colour: Any, align: str) -> list[Any]:
    """Return the names of the lines, with a rim of paper so that lines do not cross them."""
    texts = rows_chart().transform_filter("datum.kind == 'label'")
    away = 8 if align == "left" else 0
    rim = texts.mark_text(align=align, dx=away, fontWeight=600, stroke=palette.paper, strokeWidth=3)
    fill = texts.mark_text(align=align, dx=away, fontWeight=600)
    return [rim.encode(x, y, text="label:N"), fill.encode(x, y, colour, text="label:N")]
