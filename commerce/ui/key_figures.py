"""The four figures of the overview, each with its change, its definition and a sparkline."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import number, percent, t
from commerce.ui.figures import Answer
from commerce.ui.shape import DRAWN


def row(now: Answer, history: Answer, district: pd.Series) -> None:
    """Draw the figures; on a phone they stand two by two.

    Args:
        now: of ``overview/headline``.
        history: of ``overview/sparklines``.
        district: the headline row of the whole district, for comparison.
    """
    figures = now.rows.iloc[0]
    grid = st.grid(4, min_column_width=150, gap="medium")
    with grid:
        _active(figures, _line(history, "active"))
        _survival(figures, district, _line(history, "survival_3y"))
        _closure(figures, _line(history, "closure_rate"))
        _net(figures, _line(history, "net"))


def _line(history: Answer, figure: str) -> list[float] | None:
    values = history.rows.loc[history.rows["figure"] == figure, "value"].dropna().tail(120)
    return [round(float(v), 3) for v in values] if len(values) > 2 else None


def _active(figures: pd.Series, line: list[float] | None) -> None:
    change = figures["active"] - figures["active_before"]
    st.metric(
        t("overview.active"),
        number(figures["active"]),
        t("overview.active.delta", change=_signed(change)),
        help=t("definition.active"),
        chart_data=line,
    )


def _survival(figures: pd.Series, district: pd.Series, line: list[float] | None) -> None:
    enough = figures["survival_3y_at_risk"] >= DRAWN
    st.metric(
        t("overview.survival"),
        percent(figures["survival_3y"] * 100, 0) if enough else "–",
        t("overview.survival.delta", value=percent(district["survival_3y"] * 100, 0)),
        delta_color="off",
        delta_arrow="off",
        help=t("definition.survival"),
        chart_data=line if enough else None,
    )


def _closure(figures: pd.Series, line: list[float] | None) -> None:
    enough = figures["shop_years"] >= DRAWN and figures["shop_years_before"] >= DRAWN
    change = figures["closure_rate"] - figures["closure_rate_before"]
    st.metric(
        t("overview.closure"),
        percent(figures["closure_rate"]) if enough else "–",
        t("overview.closure.delta", change=_signed(change, 1)) if enough else None,
        delta_color="inverse",
        help=t("definition.closure_rate"),
        chart_data=line if enough else None,
    )


def _net(figures: pd.Series, line: list[float] | None) -> None:
    words = {name: number(figures[name]) for name in ("opened", "closed")}
    st.metric(
        t("overview.net"),
        _signed(figures["net"]),
        t("overview.net.delta", **words),
        delta_color="off",
        delta_arrow="off",
        help=t("definition.net"),
        chart_data=line,
    )


def _signed(value: float, digits: int = 0) -> str:
    """Return the value with its sign; the plain minus is what st.metric reads as falling."""
    if value != value:
        return "–"
    return f"{'+' if value > 0 else ''}{number(value, digits)}"
