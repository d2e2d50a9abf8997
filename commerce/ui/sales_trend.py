"""Card sales over time: level, trend, holidays, change, for the charts of the sales page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from commerce.decomposition import HOLIDAYS, decompose
from commerce.i18n import money
from commerce.ui.kept import kept
from commerce.ui.sales_shape import shops, signed


@kept
def taken_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``sales/decomposition`` with the parts that its method adds.

    Beside the columns of :func:`commerce.decomposition.decompose`, which are logarithms:
    ``trend_krw`` (KRW), ``season_share``, ``holiday_share`` and ``rest_share`` (ratios by
    which each changes the period) and ``holiday_shift`` (ratio by which holidays change it
    against the year before).
    """
    parts = decompose(rows)
    back = 12 // int(rows["period_months"].iloc[0]) if len(rows) else 12
    return parts.assign(
        trend_krw=np.exp(parts["trend"].astype(float)),
        season_share=np.expm1(parts["season"].astype(float)),
        holiday_share=np.expm1(parts["holiday"].astype(float)),
        rest_share=np.expm1(parts["rest"].astype(float)),
        holiday_shift=np.expm1(parts["holiday"].astype(float).diff(back)),
    )


@kept
def levels(monthly: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return periods for :func:`commerce.ui.period_charts.level` and ``change``.

    Args:
        monthly: of ``sales/monthly``.
        parts: of :func:`taken_apart`.
    """
    of_period = {row["period"]: row for row in parts.to_dict("records")}
    rows = []
    for row in monthly.to_dict("records"):
        part: dict[Any, Any] = of_period.get(row["period"], {})
        adjusted = (1 + row["yoy"]) / (1 + part.get("holiday_shift", float("nan"))) - 1
        rows.append(
            {
                "period": row["period"],
                "months": row["period_months"],
                "value": row["sales_krw"],
                "trend": part.get("trend_krw", float("nan")),
                "holiday": _holiday(part),
                "yoy": row["yoy"] * 100,
                "yoy_adjusted": adjusted * 100,
                "value_text": money(row["sales_krw"]),
                "yoy_text": signed(row["yoy"]),
                "adjusted_text": signed(adjusted),
                "n_text": shops(row),
            }
        )
    return pd.DataFrame(rows)


def _holiday(part: dict[Any, Any]) -> str | None:
    return next((name for name in HOLIDAYS if part.get(f"{name}_days", 0) > 0), None)


@kept
def drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """Return of :func:`levels` what the chart of levels draws; more would be sent for nothing."""
    unused = ["yoy", "yoy_adjusted", "adjusted_text"]
    return rows.drop(columns=unused) if len(rows) else rows


@kept
def changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return of :func:`levels` what the chart of changes draws."""
    columns = ["period", "months", "yoy", "yoy_adjusted", "yoy_text", "adjusted_text"]
    return rows[columns].round({"yoy": 1, "yoy_adjusted": 1}) if len(rows) else rows


def last_adjusted(rows: pd.DataFrame) -> float:
    """Return the last change year on year without holidays as a ratio, from :func:`levels`."""
    return float(rows["yoy_adjusted"].iloc[-1]) / 100 if len(rows) else float("nan")
