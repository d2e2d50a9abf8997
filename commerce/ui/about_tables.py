"""The tables of the about page: sources, refused rows, quality, in the reader's language."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from commerce.i18n import language, t
from commerce.ui import source_words
from commerce.ui.kept import kept

#: The terms that the page defines, in their order.
TERMS = (
    "active",
    "openings",
    "closure_rate",
    "death_rate",
    "shrunken_rate",
    "net",
    "turnover",
    "survival",
    "cohort",
    "difference",
    "hazard",
    "bulk",
    "provisional",
    "density",
    "sales_per_shop",
    "yoy",
    "coverage",
    "trend",
    "parts",
    "footfall",
    "reference_class",
    "location_quotient",
    "density_percentile",
    "refill",
    "change_type",
    "hot_spots",
    "break_even",
    "reconciliation",
)
_SOURCE_COLUMNS = (
    "title",
    "publisher",
    "licence",
    "snapshot_on",
    "rows_in",
    "rows_kept",
    "rows_superseded",
    "rows_refused",
    "tested_on_real_files",
    "synthetic",
)
_COUNTS = ("permits", "merchants", "shops")
_RATIOS = ("merchants_per_permit", "shops_per_permit")


@kept
def sources(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of ``data/sources`` that people read."""
    return source_words.said(rows)[[*_SOURCE_COLUMNS, *_original()]]


def _original() -> tuple[str, ...]:
    """Return the column of the Korean titles, by which a source is found, where it is wanted."""
    return () if language() == "ko" else ("title_ko",)


def source_columns() -> dict[str, Any]:
    """Return the headings of the sources' table, days and counts written as such."""
    shown = (*_SOURCE_COLUMNS, *_original())
    config: dict[str, Any] = {name: t(f"column.{name}") for name in shown}
    config["snapshot_on"] = st.column_config.DateColumn(t("column.snapshot_on"))
    for name in ("rows_in", "rows_kept", "rows_superseded", "rows_refused"):
        config[name] = st.column_config.NumberColumn(t(f"column.{name}"), format="localized")
    return config


@kept
def refused(rows: pd.DataFrame) -> pd.DataFrame:
    """Return refused rows by source and reason, the reason in words."""
    return pd.DataFrame(
        {
            t("column.title"): source_words.said(rows)["title"],
            t("column.reason"): [t(f"reason.{reason}") for reason in rows["reason"]],
            t("column.rows_refused"): rows["refused_rows"],
            t("column.share"): rows["share"],
        }
    )


def counted_columns(count: str, share: str) -> dict[str, Any]:
    """Return how a table of :func:`refused` or :func:`quality` writes its numbers.

    Args:
        count: key of the column that counts.
        share: how a share in % is written, as of ``printf``.
    """
    return {
        t(f"column.{count}"): st.column_config.NumberColumn(format="localized"),
        t("column.share"): st.column_config.NumberColumn(format=share),
    }


@kept
def quality(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the checks of ``data/quality`` in words."""
    return pd.DataFrame(
        {
            t("column.check"): [t(f"quality.{name}") for name in rows["check_name"]],
            t("column.permits"): rows["permits"],
            t("column.share"): rows["share"],
            t("column.left_out"): [
                t("word.yes") if flag else t("word.no") for flag in rows["is_left_out"]
            ],
        }
    )


def comparable(rows: pd.DataFrame) -> bool:
    """Return whether ``data/coverage`` has card merchants or shops to hold permits against."""
    return bool(rows["merchants"].notna().any() or rows["shops"].notna().any())


@kept
def reconciliation(rows: pd.DataFrame, sales_loaded: bool) -> pd.DataFrame:
    """Return the counts of ``data/coverage`` in the reader's language, most permits first.

    A source that knows no number at all says so in words: unknown is not zero.

    Args:
        rows: of ``data/coverage``.
        sales_loaded: whether there are card sales, which may count no merchants.
    """
    lang = language()
    ordered = rows.sort_values(["permits", "merchants"], ascending=False, na_position="last")
    made = {"dong": ordered[f"dong_{lang}"], "trade": ordered[f"category_{lang}"]}
    for name in _COUNTS:
        words = "not_counted" if name == "merchants" and sales_loaded else "not_loaded"
        made[name] = ordered[name] if ordered[name].notna().any() else t(f"about.{words}")
    return pd.DataFrame(made | {name: ordered[name] for name in _RATIOS})


def reconciliation_columns(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the headings of the table of :func:`reconciliation`."""
    config: dict[str, Any] = {name: t(f"column.{name}") for name in ("dong", "trade", *_COUNTS)}
    for name in _COUNTS:
        if rows[name].notna().any():
            config[name] = st.column_config.NumberColumn(t(f"column.{name}"), format="localized")
    for name in _RATIOS:
        config[name] = st.column_config.NumberColumn(t(f"column.{name}"), format="%.2f")
    return config
