"""The permits themselves, a page at a time, newest first."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import language, number, t
from commerce.ui.choices import choice
from commerce.ui.kept import kept

SIZE = 50


def controls() -> tuple[str, int]:
    """Draw what orders and turns the pages; return the order and the page, from 1."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = choice(
            "order", t("openings.list.order"), ["opened", "left"], "openings.list.order."
        )
        page = st.number_input(
            t("openings.list.page"), min_value=1, value=1, step=1, key="list_page", width=140
        )
    # Limits of widgets are enforced in the browser only.
    return order, min(max(int(page or 1), 1), 10**6)


def paging(page: int) -> dict[str, object]:
    """Return the parameters that cut out one page."""
    return {"max_rows": SIZE, "skip_rows": (page - 1) * SIZE}


def note(rows: pd.DataFrame, page: int) -> str:
    """Return how many permits there are in all."""
    if not len(rows) and page > 1:
        return t("openings.list.beyond")
    total = int(rows["total_rows"].iloc[0]) if len(rows) else 0
    return t("openings.list.note", n=number(total), size=SIZE)


@kept
def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with columns and states in the reader's language."""
    names = "ko" if language() == "ko" else "en"
    return pd.DataFrame(
        {
            t("column.name"): rows["name"],
            t("filter.trade"): rows[f"category_{names}"],
            t("filter.place"): rows[f"dong_{names}"],
            t("column.status"): [t(f"status.{s}") if s == s and s else "–" for s in rows["status"]],
            t("column.opened_on"): rows["opened_on"].dt.date,
            t("column.exit_on"): rows["exit_on"].dt.date,
            t("column.exit_date_quality"): [
                t(f"exit_date_quality.{q}") if isinstance(q, str) else ""
                for q in rows["exit_date_quality"]
            ],
            t("column.days_open"): rows["days_open"],
            t("column.area_m2"): rows["area_m2"].round(1),
            t("column.address"): rows["address"],
        }
    )
