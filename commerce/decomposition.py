"""Card sales taken apart into trend, season, the moving holidays and the rest.

Seol and Chuseok move between months, so that a season of calendar months cannot hold them.
Their effect is estimated first and taken out of log sales; what is left goes to STL
(Cleveland et al. 1990, as statsmodels has it). Nothing is filled in and nothing forecast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Fewer periods than this have no decomposition.
PERIODS_WANTED = 24
HOLIDAYS = ("seol", "chuseok")
PARTS = ("trend", "season", "holiday", "rest")
#: Squared days by which a holiday must have moved, beyond what calendar months explain, for
#: its effect to be told from the season's: a move of three days into or out of a month.
_MOVED = 9.0


def decompose(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with the columns trend, season, holiday, rest and reason.

    In each row ``trend + season + holiday + rest`` is ``log_sales``. ``holiday`` is the
    effect of a day (see ``holiday_effects``) times the days of the holidays' seasons in
    the period, so it is 0 in other months. Periods without sales before the first and
    after the last that is known have no parts.

    Args:
        frame: the result of ``sales/decomposition``: one row per period, in order, with
            period, period_months, log_sales, seol_days and chuseok_days.

    Returns:
        a new frame. ``reason`` says why there is no decomposition, in every row, and the
        parts are nan then; otherwise it is null. See ``reason_against``.
    """
    reason = reason_against(frame)
    result = frame.assign(**dict.fromkeys(PARTS, np.nan), reason=reason)
    if reason is not None:
        return result
    from statsmodels.tsa.seasonal import STL  # takes a quarter of a second: only when needed

    known = _known(frame)
    log_sales = known["log_sales"].to_numpy(float)
    effects = holiday_effects(frame)
    holiday = sum(
        np.nan_to_num(effects[name]) * known[f"{name}_days"].to_numpy(float) for name in HOLIDAYS
    )
    fit = STL(log_sales - holiday, period=_per_year(known), robust=True).fit()
    rest = log_sales - fit.trend - fit.seasonal - holiday
    for name, part in zip(PARTS, (fit.trend, fit.seasonal, holiday, rest), strict=True):
        result.loc[known.index, name] = part
    return result


def reason_against(frame: pd.DataFrame) -> str | None:
    """Return why ``frame`` cannot be taken apart, or null when it can.

    ``too_few_periods`` under 24 known periods; ``gap`` when a period between the first and
    the last that is known is missing or unknown; ``no_holidays`` when the holidays of a
    period are not in the reference table.
    """
    known = _known(frame)
    if known["log_sales"].count() < PERIODS_WANTED:
        return "too_few_periods"
    number = known["period"].dt.year * 12 + known["period"].dt.month
    steps = number.diff().iloc[1:]
    if known["log_sales"].isna().any() or (steps != known["period_months"].iloc[0]).any():
        return "gap"
    if known[[f"{name}_days" for name in HOLIDAYS]].isna().any(axis=None):
        return "no_holidays"
    return None


def holiday_effects(frame: pd.DataFrame) -> dict[str, float]:
    """Return the change of log sales with one day of each holiday's season in a period.

    Ordinary least squares of log sales on calendar months (or quarters), a trend that may
    bend once a year, and the days of both seasons. An effect is nan where the holiday
    moved too little between periods to be told from the season: it stays in the season.

    Args:
        frame: as for ``decompose``, one that nothing stands against.
    """
    known = _known(frame)
    per_year = _per_year(known)
    time = np.arange(len(known), dtype=float)
    calendar = known["period"].dt.month.to_numpy()[:, None] == np.unique(known["period"].dt.month)
    bends = np.arange(per_year, len(known) - per_year / 2, per_year)
    base = np.column_stack([calendar, time, np.maximum(time[:, None] - bends, 0)])
    days = {name: known[f"{name}_days"].to_numpy(float) for name in HOLIDAYS}
    effects = dict.fromkeys(HOLIDAYS, float("nan"))
    moved = [name for name in HOLIDAYS if np.sum(_residual(days[name], base) ** 2) >= _MOVED]
    if moved:
        design = np.column_stack([base, *(days[name] for name in moved)])
        fitted = np.linalg.lstsq(design, known["log_sales"].to_numpy(float), rcond=None)[0]
        effects |= {name: float(b) for name, b in zip(moved, fitted[-len(moved) :], strict=True)}
    return effects


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows from the first to the last with known sales."""
    where = np.flatnonzero(frame["log_sales"].notna())
    return frame.iloc[where[0] : where[-1] + 1] if len(where) else frame.iloc[:0]


def _per_year(frame: pd.DataFrame) -> int:
    return 12 // int(frame["period_months"].iloc[0])


def _residual(values: np.ndarray, base: np.ndarray) -> np.ndarray:
    residual: np.ndarray = values - base @ np.linalg.lstsq(base, values, rcond=None)[0]
    return residual
