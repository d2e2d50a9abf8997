"""The key figures of a page, each with its change, its definition and a sparkline."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import streamlit as st

from commerce.i18n import number, percent, t
from commerce.survival import Z
from commerce.ui import market_figures
from commerce.ui.figures import Answer, ask
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.line_breaks import in_text
from commerce.ui.shape import DRAWN
from commerce.ui.sparkline import sparkline

#: Months and values of each figure.
Past = dict[str, tuple[list[dt.date], list[float]]]


def row(
    now: Answer,
    history: Answer,
    district: pd.Series,
    sales: Answer | None = None,
    footfall: Answer | None = None,
) -> None:
    """Draw the figures of the overview; on a phone they stand two by two.

    Args:
        now: of ``overview/headline``.
        history: of ``overview/sparklines``.
        district: the headline row of the whole district, for comparison.
        sales, footfall: of ``sales/monthly`` and ``footfall/monthly``, where there are any.
    """
    figures = now.rows.iloc[0]
    past = _past(history.rows)
    ink = colours()
    more = [answer for answer in (sales, footfall) if answer is not None and len(answer.rows)]
    grid = st.grid(3 if more else 4, min_column_width=150, gap="medium")
    with grid.cell():
        _active(figures)
        _sparkline(past, "active", ink.active)
    with grid.cell():
        _survival(figures, district)
        if figures["survival_3y_at_risk"] >= DRAWN:
            _sparkline(past, "survival_3y", ink.opened, key="overview.survival.line")
    with grid.cell():
        _closure(figures)
        if figures["shop_years"] >= DRAWN:
            _sparkline(past, "closure_rate", ink.closed)
    with grid.cell():
        _net(figures)
        _sparkline(past, "net", ink.muted, zero=True)
    if sales in more and sales is not None:
        with grid.cell():
            market_figures.sales_per_shop(sales.rows)
    if footfall in more and footfall is not None:
        with grid.cell():
            market_figures.persons(footfall.rows)


def only_market() -> bool:
    """Return whether sales or footfall are all there is: nothing can be said of openings then."""
    permits = ask("overview/headline").rows["observed_until"].notna().any()
    return not permits and any(len(ask(f"{name}/series").rows) for name in ("sales", "footfall"))


def market(sales: Answer, footfall: Answer) -> None:
    """Draw what the overview knows where no permits were loaded: sales and footfall.

    Args:
        sales, footfall: of ``sales/monthly`` and ``footfall/monthly``.
    """
    grid = st.grid(3, min_column_width=150, gap="medium")
    if len(sales.rows):
        with grid.cell():
            market_figures.sales_per_shop(sales.rows)
    if len(footfall.rows):
        with grid.cell():
            market_figures.persons(footfall.rows)


def _sparkline(past: Past, figure: str, colour: str, zero: bool = False, key: str = "") -> None:
    sparkline(*past.get(figure, ([], [])), colour, zero, key)


@kept
def _past(rows: pd.DataFrame) -> Past:
    """Return months and values of each figure, unknown ones left out."""
    found: Past = {}
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
        **market_figures.turn(change),
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
        **market_figures.turn(change if differs else 0, more_is_worse=True),
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
    return in_text(t("overview.closure.interval", low=number(low, 1), high=percent(high)))


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
    """Return the value with its sign."""
    if value != value:
        return "–"
    return f"{'+' if value > 0 else ''}{number(value, digits)}"
