"""Charts of card sales that rank: trades by sales per shop, and what rises and falls fastest."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from commerce.i18n import language, t
from commerce.ui.chart_text import NAME_WIDTH, names_axis
from commerce.ui.charts import Spec, finish, high, rows_chart
from commerce.ui.theme import Palette

_TWO_LINES = 34


def trades(palette: Palette, title: str, rows: int, name: str) -> Spec:
    """Return trades as bars of sales, amount and change written at their end.

    Rows: ``key``, ``label``, ``value``, ``said``, ``pale``, ``value_text``, ``yoy_text`` and
    ``n_text``.
    ``title`` is of the axis; a click selects rows in the selection ``name``.
    """
    return high(_trades(palette, language(), title, name), rows)


@lru_cache(maxsize=16)
def _trades(palette: Palette, _lang: str, title: str, name: str) -> Spec:
    pick = alt.selection_point(name=name, fields=["key"], toggle=False)
    base = rows_chart().encode(
        alt.Y("label:N", sort=None, title=None, axis=names_axis(palette)),
        alt.X(
            "value:Q",
            title=title,
            # Each bar says its amount; an axis would only take room on a phone.
            axis=alt.Axis(labels=False, grid=False),
        ),
        tooltip=[
            alt.Tooltip("label:N", title=t("column.label")),
            alt.Tooltip("value_text:N", title=title),
            alt.Tooltip("yoy_text:N", title=t("column.yoy")),
            alt.Tooltip("n_text:N", title=t("column.n")),
        ],
    )
    bars = base.mark_bar(color=palette.sales, height={"band": 0.62}, cornerRadius=1).encode(
        opacity=alt.condition("datum.pale", alt.value(0.4), alt.value(0.9))
    )
    said = base.mark_text(align="left", dx=5, color=palette.ink).encode(text="said:N")
    return finish((bars.add_params(pick) + said).properties(padding={"right": 26}), palette)


def growth(palette: Palette, rows: int) -> Spec:
    """Return the fastest rises and falls as diverging bars.

    Rows: ``label``, ``change`` (%), ``said``, ``base_text``, ``now_text``, ``n_text``.
    """
    return _growth(palette, language()) | {"height": max(rows, 2) * _TWO_LINES + 40}


@lru_cache(maxsize=16)
def _growth(palette: Palette, _lang: str) -> Spec:
    base = rows_chart().encode(
        _label(palette),
        alt.X(
            "change:Q",
            title=t("chart.yoy"),
            scale=alt.Scale(padding=52),
            axis=alt.Axis(
                # Nothing falls by more than all of it: there the axis only makes room for names.
                labelExpr="datum.value < -100 ? '' : "
                "(datum.value > 0 ? '+' : '') + datum.label + '%'",
                tickCount=5,
                labelOverlap="greedy",
                labelSeparation=6,
                labelBound=True,
            ),
        ),
        tooltip=[
            alt.Tooltip("label:N", title=t("column.label")),
            alt.Tooltip("base_text:N", title=t("column.base_krw")),
            alt.Tooltip("now_text:N", title=t("column.sales_krw")),
            alt.Tooltip("n_text:N", title=t("column.n")),
        ],
    )
    bars = base.mark_bar(height={"band": 0.62}, cornerRadius=1).encode(
        x2=alt.datum(0),
        color=alt.condition(
            "datum.change >= 0", alt.value(palette.opened), alt.value(palette.closed)
        ),
    )
    said = [
        base.transform_filter(f"datum.change {sign} 0")
        .mark_text(align=side, dx=gap, color=palette.ink)
        .encode(text="said:N")
        for sign, side, gap in ((">=", "left", 4), ("<", "right", -4))
    ]
    return finish(alt.layer(bars, *said), palette)


def _label(palette: Palette) -> Any:
    axis = alt.Axis(
        labelColor=palette.ink,
        labelFontSize=12.5,
        labelLimit=NAME_WIDTH,
        labelExpr="split(datum.label, ' · ')",
        labelOffset=-7,
    )
    return alt.Y("label:N", sort=None, title=None, axis=axis)
