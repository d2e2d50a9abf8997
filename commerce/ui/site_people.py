"""The site report on customers: who passes and when, and what shops of the trade sell nearby."""

from __future__ import annotations

import streamlit as st

from commerce.i18n import number, percent, t
from commerce.ui import (
    footfall_shape,
    market_figures,
    period_charts,
    profile_parts,
    sales_sentences,
    sales_trend,
    series,
)
from commerce.ui.figures import ahead, ask, draw_chart, figure, halves
from commerce.ui.frame import colours
from commerce.ui.series import Series
from commerce.ui.site_spot import Spot


def shown(spot: Spot, subject: str) -> Series | None:
    """Return the series of ``sales`` or ``footfall`` that the report shows: the main one."""
    return next(iter(series.listed(subject, spot.of_area(subject)).values()), None)


def ahead_of(spot: Spot) -> None:
    """Begin to answer what :func:`draw` will ask."""
    ahead("sales/monthly", "sales/decomposition", **spot.market("sales"))
    known = shown(spot, "footfall")
    if known:
        span = series.window(known, "last12")
        ahead("footfall/profile", **spot.market("footfall") | span)


def draw(spot: Spot) -> None:
    """Draw footfall by hour, weekday and people, and the sales of the trade."""
    footfall(spot)
    sales(spot)


def footfall(spot: Spot) -> None:
    """Draw when and who passes in the dong, or in the named area where that is told."""
    known = shown(spot, "footfall")
    if known is None:
        st.caption(t("site.footfall.none"))
        return
    span = series.window(known, "last12")
    profile = ask("footfall/profile", **spot.market("footfall") | span)
    where = spot.place.label if spot.of_area("footfall") else spot.dong
    if profile.rows.empty:
        st.caption(t("site.footfall.none_here", place=where or spot.place.label))
        return
    st.caption(t("site.footfall.of", place=where))
    unit = footfall_shape.unit_words(known.unit)
    passed = profile_parts.Subject("footfall", "persons", unit, footfall_shape.flows(known.unit))
    left, right = halves()
    with left:
        profile_parts.when(profile, passed, series.said(span))
    with right:
        profile_parts.who(profile, passed, series.said(span))


def sales(spot: Spot) -> None:
    """Draw what shops of the trade sell in the dong, its trend, and what is not known of it."""
    params = spot.market("sales")
    known = shown(spot, "sales")
    monthly = ask("sales/monthly", **params)
    where = spot.place.label if spot.of_area("sales") else spot.dong
    if known is None or monthly.rows.empty:
        key = "site.sales.none" if known is None else "site.sales.none_here"
        st.caption(t(key, place=where or spot.place.label, trade=spot.sold))
        return
    st.caption(t("site.sales.of", place=where, trade=spot.sold))
    market_figures.sales(monthly.rows)
    asked = ask("sales/decomposition", **params)
    parts = sales_trend.taken_apart(asked.rows)
    trend = sales_trend.levels(monthly.rows, parts)
    last = monthly.rows.iloc[-1]
    ink = colours()
    with figure(
        "site-sales",
        sales_sentences.trend_title(trend),
        asked,
        note=t("sales.trend.note", n=series.counted(len(trend), known.months)),
        definition="definition.trend",
        method=t("sales.trend.method"),
        shown=parts,
    ):
        draw_chart(
            sales_trend.drawn(trend),
            period_charts.level(
                ink, ink.sales, t(f"chart.krw_per_{known.months}"), t("chart.as_reported"), trend
            ),
            key="chart_site_sales",
            alt=t("sales.trend.alt"),
        )
        st.caption(
            t(
                "site.sales.coverage",
                coverage=percent(last["coverage"] * 100, 0),
                hidden=number(last["suppressed_cells"]),
                cells=number(last["cells"]),
            )
        )
