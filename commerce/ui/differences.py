"""Whether groups really last differently: differences with intervals, and the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from commerce.i18n import number, t
from commerce.survival import (
    YEAR,
    Difference,
    aalen_johansen,
    difference,
    log_rank,
    restricted_mean,
    survival_at,
)
from commerce.ui.kept import kept
from commerce.ui.shape import DRAWN

_MONTH = YEAR / 12
_MINUS = "−"


@dataclass(frozen=True)
class Compared:
    """The comparison as the page draws it, and as a table for download."""

    table: pd.DataFrame
    head: list[str]
    cells: list[list[str]]
    test: str


@kept
def compare(durations: pd.DataFrame, groups: dict[str, str], overlapping: bool) -> Compared:
    """Compare each group with the first.

    Args:
        durations: rows of ``survival/durations``.
        groups: labels by key; the first is the base.
        overlapping: whether a shop may stand in two groups; then no log-rank test holds.
    """
    keyed = durations.assign(group_key=durations["group_key"].astype(str))
    parts = {key: part for key, part in keyed.groupby("group_key") if key in groups}
    keys = [key for key in groups if key in parts]
    rows, cells = [], []
    three = {key: survival_at(parts[key], 3 * YEAR) for key in keys}
    mean = {key: restricted_mean(parts[key], 5 * YEAR) for key in keys}
    for key in keys[1:]:
        s3 = difference(three[key], three[keys[0]])
        rmst = difference(mean[key], mean[keys[0]])
        known = min(three[key].at_risk, three[keys[0]].at_risk) >= DRAWN
        known5 = min(mean[key].at_risk, mean[keys[0]].at_risk) >= DRAWN
        verdict = _verdict(s3) if known else "–"
        rows.append(
            {
                t("survival.diff.group"): groups[key],
                t("survival.diff.s3"): s3.value * 100 if known else None,
                f"{t('survival.diff.s3')} {t('column.ci_low')}": s3.low * 100 if known else None,
                f"{t('survival.diff.s3')} {t('column.ci_high')}": s3.high * 100 if known else None,
                t("survival.diff.rmst"): rmst.value / _MONTH if known5 else None,
                f"{t('survival.diff.rmst')} {t('column.ci_low')}": (
                    rmst.low / _MONTH if known5 else None
                ),
                f"{t('survival.diff.rmst')} {t('column.ci_high')}": (
                    rmst.high / _MONTH if known5 else None
                ),
                t("survival.diff.verdict"): verdict,
            }
        )
        cells.append(
            [
                escape(groups[key]),
                _interval(s3, 100) if known else "–",
                _interval(rmst, 1 / _MONTH) if known5 else "–",
                f'<span class="verdict">{escape(verdict)}</span>',
            ]
        )
    head = [t(f"survival.diff.{name}") for name in ("group", "s3", "rmst", "verdict")]
    return Compared(pd.DataFrame(rows), head, cells, _test(keyed, keys, overlapping))


def _verdict(s3: Difference) -> str:
    if not s3.distinguishable:
        return t("survival.diff.same")
    return t("survival.diff.higher" if s3.value > 0 else "survival.diff.lower")


def _interval(found: Difference, scale: float) -> str:
    return (
        f"{_signed(found.value * scale)} ({_signed(found.low * scale)} … "
        f"{_signed(found.high * scale)})"
    )


def _signed(value: float) -> str:
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return f"{sign}{number(abs(value), 1)}"


def _test(durations: pd.DataFrame, keys: list[str], overlapping: bool) -> str:
    if overlapping:
        return t("survival.diff.overlapping")
    result = log_rank(durations[durations["group_key"].isin(keys)])
    if result.p_value != result.p_value:
        return ""
    p = "< 0.001" if result.p_value < 0.001 else f"= {number(result.p_value, 3)}"
    return t(
        "survival.diff.logrank",
        statistic=number(result.statistic, 1),
        df=result.degrees_of_freedom,
        p=p,
    )


@kept
def moves(durations: pd.DataFrame) -> str:
    """Return what share closes and what share moves away within five years, competing."""
    if not len(durations):
        return ""
    curve = aalen_johansen(durations)
    within = curve[(curve["age_days"] <= 5 * YEAR) & (curve["at_risk"] >= DRAWN)]
    if not len(within) or within["age_days"].iloc[-1] < 4.5 * YEAR:
        return ""
    last = within.iloc[-1]
    return t(
        "survival.moves",
        n=number(durations["events"].sum() + durations["censored"].sum()),
        close=f"{number(last['closed'] * 100)}%",
        move=f"{number(last['moved'] * 100, 1)}%",
    )
