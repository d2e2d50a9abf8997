"""Charts that rank groups: closure rates with their intervals, and who grows and shrinks."""

from __future__ import annotations

from functools import lru_cache

import altair as alt

from commerce.i18n import language, t
from commerce.ui.chart_text import names_axis
from commerce.ui.charts import Spec, finish, high, rows_chart
from commerce.ui.theme import Palette


def rates_with_intervals(palette: Palette, title: str, rows: int, name: str) -> Spec:
    """Return one row per group: rate as a dot, its 95 % interval, the shrunken rate as a tick.

    Rows: ``label``, ``rate``, ``ci_low``, ``ci_high``, ``shrunken``, ``n_text``, ``key``;
    the first row stands on top. A click selects rows in the selection ``name``.
    """
    return high(_rates_with_intervals(palette, language(), title, name), rows)


@lru_cache(maxsize=16)
def _rates_with_intervals(palette: Palette, _lang: str, title: str, name: str) -> Spec:
    pick = alt.selection_point(name=name, fields=["key"], toggle=False)
    y = alt.Y(
        "label:N",
        sort=None,
        title=None,
        axis=names_axis(palette, grid=True),
    )
    tips = [
        alt.Tooltip("label:N", title=t("column.label")),
        alt.Tooltip("rate:Q", title=t("column.closure_rate"), format=".1f"),
        alt.Tooltip("ci_low:Q", title=t("column.ci_low"), format=".1f"),
        alt.Tooltip("ci_high:Q", title=t("column.ci_high"), format=".1f"),
        alt.Tooltip("shrunken:Q", title=t("column.shrunken_rate"), format=".1f"),
        alt.Tooltip("n_text:N", title=t("column.n")),
    ]
    x = alt.X("rate:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=6))
    bar = rows_chart().mark_rule(strokeWidth=5, opacity=0.28, color=palette.closed)
    dots = rows_chart().mark_point(filled=True, size=70, opacity=1, color=palette.closed)
    ticks = rows_chart().mark_tick(thickness=2.2, size=15, color=palette.ink)
    chart = (
        bar.encode(y, x=alt.X("ci_low:Q", title=title), x2="ci_high:Q", tooltip=tips)
        + ticks.encode(y, x=alt.X("shrunken:Q", title=title), tooltip=tips)
        + dots.encode(y, x=x, tooltip=tips).add_params(pick)
    )
    return finish(chart, palette)


def movers(palette: Palette, rows: int, name: str) -> Spec:
    """Return diverging bars of net change. Rows: ``label``, ``key``, ``net``, ``n_text``."""
    return high(_movers(palette, language(), name), rows)


@lru_cache(maxsize=16)
def _movers(palette: Palette, _lang: str, name: str) -> Spec:
    pick = alt.selection_point(name=name, fields=["key"], toggle=False)
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis(palette))
    base = rows_chart().encode(
        y,
        alt.X(
            "net:Q",
            title=t("chart.net_change"),
            scale=alt.Scale(padding=30),
            axis=alt.Axis(tickCount=6, tickMinStep=1, format="d", labelBound=True),
        ),
        tooltip=[
            alt.Tooltip("label:N", title=t("column.label")),
            alt.Tooltip("opened:Q", title=t("column.opened"), format=","),
            alt.Tooltip("closed:Q", title=t("column.closed"), format=","),
            alt.Tooltip("active:Q", title=t("column.active"), format=","),
        ],
    )
    bars = base.mark_bar(height={"band": 0.62}, cornerRadius=1).encode(
        color=alt.condition("datum.net >= 0", alt.value(palette.opened), alt.value(palette.closed))
    )
    ahead = base.transform_filter("datum.net >= 0").mark_text(align="left", dx=4)
    behind = base.transform_filter("datum.net < 0").mark_text(align="right", dx=-4)
    text = alt.Text("net:Q", format="+,")
    chart = (
        bars.add_params(pick)
        + ahead.encode(text=text, color=alt.value(palette.ink))
        + behind.encode(text=text, color=alt.value(palette.ink))
    )
    return finish(chart, palette)
