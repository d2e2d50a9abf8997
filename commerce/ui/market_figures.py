"""The key figures of sales and footfall, each with its change, definition and sparkline."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from commerce.i18n import briefly, money, month, number, percent, t
from commerce.ui import footfall_shape, profile_shape
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.sales_shape import signed
from commerce.ui.sparkline import sparkline

_MOST = 60


def sales(rows: pd.DataFrame) -> None:
    """Draw the four key figures of the sales page from ``sales/monthly``."""
    row, ink = rows.iloc[-1], colours()
    grid = st.grid(4, min_column_width=150, gap="medium")
    with grid.cell():
        sales_per_shop(rows)
    with grid.cell():
        known = row["yoy"] == row["yoy"]
        st.metric(
            t("sales.yoy"),
            signed(row["yoy"]),
            t("sales.yoy.cells", n=number(row["yoy_cells"])) if known else t("sales.yoy.none"),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.yoy"),
        )
        _past_of(rows, "yoy", ink.sales, zero=True)
    with grid.cell():
        known = row["sales_per_visit"] == row["sales_per_visit"]
        st.metric(
            t("sales.per_visit"),
            t("unit.krw", n=number(row["sales_per_visit"])) if known else "–",
            t("sales.visits", n=briefly(row["transactions"])) if known else t("sales.visits.none"),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.sales_per_visit"),
        )
        _past_of(rows, "sales_per_visit", ink.sales)
    with grid.cell():
        hidden = {"hidden": number(row["suppressed_cells"]), "cells": number(row["cells"])}
        st.metric(
            t("sales.coverage"),
            percent(row["coverage"] * 100, 0),
            t("sales.coverage.cells", **hidden),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.coverage"),
        )
        _past_of(rows, "coverage", ink.muted)


def sales_per_shop(rows: pd.DataFrame) -> None:
    """Draw sales per shop and month with its change and past from ``sales/monthly``.

    Where the source counts no shops, all sales per month instead.
    """
    row = rows.iloc[-1]
    if row["merchants"] != row["merchants"]:
        known = row["sales_krw"] > 0
        st.metric(
            t("sales.total"),
            money(row["sales_krw"] / row["period_months"]) if known else "–",
            t("sales.per_shop.none"),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.sales_total"),
        )
        _past_of(rows, "sales_krw", colours().sales)
        return
    _changed(t("sales.per_shop"), money(row["sales_per_shop"]), row, t("definition.sales_per_shop"))
    _past_of(rows, "sales_per_shop", colours().sales)


def persons(rows: pd.DataFrame) -> None:
    """Draw footfall in its unit with its change and past from ``footfall/monthly``."""
    row = rows.iloc[-1]
    label = t("footfall.persons", unit=footfall_shape.unit_words(str(row["unit"])))
    _changed(
        label[:1].upper() + label[1:],
        briefly(row["persons"]),
        row,
        t("definition.footfall"),
    )
    _past_of(rows, "persons", colours().footfall)


def footfall(rows: pd.DataFrame, profile: pd.DataFrame, unit: str) -> None:
    """Draw the key figures of the footfall page.

    Args:
        rows: of ``footfall/monthly``.
        profile: of ``footfall/profile``.
        unit: of the series.
    """
    grid = st.grid(5, min_column_width=150, gap="medium")
    with grid.cell():
        persons(rows)
    flows = footfall_shape.flows(unit)
    evening = profile_shape.around(profile, profile_shape.EVENING, flows)
    if evening:
        band, people = evening
        said = "footfall.evening.share" if flows else "footfall.evening.present"
        words = footfall_shape.unit_words(unit)
        with grid.cell():
            st.metric(
                t("footfall.evening"),
                briefly(people),
                t(said, band=band),
                delta_color="off",
                delta_arrow="off",
                help=t(
                    "footfall.evening.help",
                    unit=t("chart.per_hour", unit=words) if flows else words,
                ),
            )
    for dimension, label in (
        ("hour_band", "footfall.busiest_hour"),
        ("weekday", "footfall.busiest_day"),
        ("age_group", "footfall.largest_age"),
    ):
        words, share = profile_shape.largest(profile, dimension, flows, brief=True)
        if words:
            with grid.cell():
                st.metric(
                    t(label),
                    words,
                    t("footfall.share_of_all", share=percent(share * 100)),
                    delta_color="off",
                    delta_arrow="off",
                    help=t(f"{label}.help"),
                )


def _changed(label: str, value: str, row: pd.Series, definition: str) -> None:
    """Draw a figure with its change against the year before, or its period where none is known."""
    known = row["yoy"] == row["yoy"]
    period = month(pd.Timestamp(row["period"]).date())
    moved = row["yoy"] if known and round(row["yoy"], 3) != 0 else 0
    st.metric(
        label,
        value,
        t("metric.yoy", change=signed(row["yoy"])) if known else period,
        **turn(moved),
        help=definition,
    )


def turn(change: float, more_is_worse: bool = False) -> dict[str, Any]:
    """Return the arrow and colour of a change as ``st.metric`` takes them; of none, none.

    Said outright: from the text it would read only a hyphen in front as falling.
    """
    if not change > 0 and not change < 0:
        return {"delta_color": "off", "delta_arrow": "off"}
    good = (change < 0) == more_is_worse
    return {
        "delta_color": "green" if good else "red",
        "delta_arrow": "up" if change > 0 else "down",
    }


def _past_of(rows: pd.DataFrame, column: str, colour: str, zero: bool = False) -> None:
    sparkline(*_known(rows, column), colour, zero)


@kept
def _known(rows: pd.DataFrame, column: str) -> tuple[list[dt.date], list[float]]:
    """Return periods and values that are known, the last ones."""
    known = rows[rows[column].notna()].tail(_MOST)
    return [day.date() for day in known["period"]], known[column].tolist()
