"""The four figures of the overview, each with its change, its definition and a sparkline."""

from __future__ import annotations

import base64
import datetime as dt
import math

import pandas as pd
import streamlit as st

from commerce.i18n import month, number, percent, t
from commerce.survival import Z
from commerce.ui.figures import Answer
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.shape import DRAWN


def row(now: Answer, history: Answer, district: pd.Series) -> None:
    """Draw the figures; on a phone they stand two by two.

    Args:
        now: of ``overview/headline``.
        history: of ``overview/sparklines``.
        district: the headline row of the whole district, for comparison.
    """
    figures = now.rows.iloc[0]
    ink = colours()
    grid = st.grid(4, min_column_width=150, gap="medium")
    with grid.cell():
        _active(figures)
        _sparkline(history, "active", ink.active)
    with grid.cell():
        _survival(figures, district)
        if figures["survival_3y_at_risk"] >= DRAWN:
            _sparkline(history, "survival_3y", ink.opened, key="overview.survival.line")
    with grid.cell():
        _closure(figures)
        if figures["shop_years"] >= DRAWN:
            _sparkline(history, "closure_rate", ink.closed)
    with grid.cell():
        _net(figures)
        _sparkline(history, "net", ink.muted, zero=True)


def _sparkline(
    history: Answer, figure: str, colour: str, zero: bool = False, key: str = ""
) -> None:
    """Draw the figure's past: first and last period named, a line at zero where it matters."""
    months, values = _past(history.rows).get(figure, ([], []))
    if len(values) < 3:
        return
    low, high = min([*values, 0.0] if zero else values), max([*values, 0.0] if zero else values)
    reach = (high - low) or 1.0
    across, down = 150 / (len(values) - 1), 30 / reach
    points = " ".join(
        f"{i * across:.1f},{32 - (value - low) * down:.1f}" for i, value in enumerate(values)
    )
    level = 32 - (0 - low) * down
    axis = f'<path d="M0 {level:.1f}H150" stroke="#8A8F94" stroke-width=".6"/>' if zero else ""
    first, last = month(months[0]), month(months[-1])
    first = t(key, first=first) if key else first
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 34" preserveAspectRatio="none">'
        f'{axis}<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    # As an image: Streamlit takes drawings out of HTML.
    source = base64.b64encode(drawing.encode()).decode()
    st.html(
        f'<div class="sparkline"><img alt="" src="data:image/svg+xml;base64,{source}">'
        f"<span>{first}</span><span>{last}</span></div>"
    )


@kept
def _past(rows: pd.DataFrame) -> dict[str, tuple[list[dt.date], list[float]]]:
    """Return months and values of each figure, unknown ones left out."""
    found: dict[str, tuple[list[dt.date], list[float]]] = {}
    columns = (rows[name].tolist() for name in ("figure", "month", "value"))
    for figure, when, value in zip(*columns, strict=True):
        if value == value:
            months, values = found.setdefault(figure, ([], []))
            months.append(when)
            values.append(value)
    return {figure: (m[-120:], v[-120:]) for figure, (m, v) in found.items()}


def _active(figures: pd.Series) -> None:
    change = figures["active"] - figures["active_before"]
    st.metric(
        t("overview.active"),
        number(figures["active"]),
        t("overview.active.delta", change=_signed(change)),
        help=t("definition.active"),
    )


def _survival(figures: pd.Series, district: pd.Series) -> None:
    enough = figures["survival_3y_at_risk"] >= DRAWN
    st.metric(
        t("overview.survival"),
        percent(figures["survival_3y"] * 100, 0) if enough else "–",
        t("overview.survival.delta", value=percent(district["survival_3y"] * 100, 0)),
        delta_color="off",
        delta_arrow="off",
        help=t("definition.survival"),
    )


def _closure(figures: pd.Series) -> None:
    enough = figures["shop_years"] >= DRAWN and figures["shop_years_before"] >= DRAWN
    change = figures["closure_rate"] - figures["closure_rate_before"]
    differs = enough and abs(change) > Z * 100 * math.sqrt(_variance(figures))
    st.metric(
        t("overview.closure"),
        percent(figures["closure_rate"]) if enough else "–",
        _closure_note(figures, change, differs) if enough else None,
        delta_color="inverse" if differs else "off",
        delta_arrow="auto" if differs else "off",
        help=t("definition.closure_rate"),
    )


def _variance(figures: pd.Series) -> float:
    """Return the variance of the difference of this year's and last year's closure rates."""
    return float(
        sum(
            figures[f"closed{when}"] / figures[f"shop_years{when}"] ** 2 for when in ("", "_before")
        )
    )


def _closure_note(figures: pd.Series, change: float, differs: bool) -> str:
    if differs:
        return t("overview.closure.delta", change=_signed(change, 1))
    low, high = figures["closure_rate_low"], figures["closure_rate_high"]
    return t("overview.closure.interval", low=number(low, 1), high=number(high, 1))


def _net(figures: pd.Series) -> None:
    words = {name: number(figures[name]) for name in ("opened", "closed")}
    st.metric(
        t("overview.net"),
        _signed(figures["net"]),
        t("overview.net.delta", **words),
        delta_color="off",
        delta_arrow="off",
        help=t("definition.net"),
    )


def _signed(value: float, digits: int = 0) -> str:
    """Return the value with its sign; the plain minus is what st.metric reads as falling."""
    if value != value:
        return "–"
    return f"{'+' if value > 0 else ''}{number(value, digits)}"
