"""The places side by side: one column each, one row for each figure, absent ones with why."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

from commerce.i18n import number, percent, t
from commerce.survival import YEAR
from commerce.ui.compare_figures import Measured
from commerce.ui.compare_market import Market
from commerce.ui.shape import DRAWN, MARKED
from commerce.ui.theme import Palette

Cell = tuple[str, str]
# On a phone two places fit beside the words of a row.
_WRAP = '<span style="display:inline-block;white-space:normal;max-width:max({least},14vw)">'


def head(parts: list[Measured], palette: Palette, trade: str) -> list[str]:
    """Return the head of the table as HTML: each place with its colour and its extent."""
    columns = [
        wrapped(
            f'<i style="background:{part.side.colour(palette)}"></i>'
            f"{escape(part.side.title)}<br><small>{escape(part.side.extent)}</small>",
            "9.5em",
        )
        for part in parts
    ]
    return [wrapped(escape(trade)), *columns]


def of_permits(parts: list[Measured]) -> list[list[str]]:
    """Return the rows of figures from permits, as HTML."""
    rows: list[tuple[str, Callable[[Measured], Cell]]] = [
        ("active", _active),
        ("density", _density),
        ("opened", lambda part: _count(part, "opened_36m")),
        ("closed", lambda part: _count(part, "closed_36m")),
        ("rate", _rate),
        ("s3", _three_years),
        ("mean", _mean),
    ]
    return [
        [wrapped(escape(t(f"compare.row.{key}"))), *(html(*_known(part, make)) for part in parts)]
        for key, make in rows
    ]


def of_market(markets: list[Market]) -> list[list[str]]:
    """Return the rows of footfall and sales per shop, as HTML."""
    return [
        [
            wrapped(escape(t("compare.row.footfall"))),
            *(html(*market.footfall()) for market in markets),
        ],
        [wrapped(escape(t("compare.row.sales"))), *(html(*market.sales()) for market in markets)],
    ]


def html(value: str, note: str) -> str:
    """Return a cell of text: a value over a small note, which may take several lines."""
    small = f"<br><small>{wrapped(escape(note), '9.5em')}</small>" if note else ""
    return escape(value) + small


def wrapped(content: str, least: str = "7.5em") -> str:
    """Return HTML that may take several lines in a table whose cells otherwise never do."""
    return f"{_WRAP.format(least=least)}{content}</span>"


def _known(part: Measured, make: Callable[[Measured], Cell]) -> Cell:
    """Return the cell, or why the place has no figure at all."""
    if part.side.missing:
        return "–", part.side.missing
    if not part.summary["ever"] > 0:
        return "–", t("compare.absent.permits")
    return make(part)


def _active(part: Measured) -> Cell:
    return number(part.summary["active"]), t("compare.note.ever", n=number(part.summary["ever"]))


def _density(part: Measured) -> Cell:
    row = part.standing
    if row["density"] != row["density"]:
        return "–", t("compare.absent.area")
    digits = 0 if row["density"] >= 10 else 1
    area = number(row["area_km2"], 2)
    return number(row["density"], digits), t("compare.note.density", area=area)


def _count(part: Measured, column: str) -> Cell:
    return number(part.summary[column]), ""


def _rate(part: Measured) -> Cell:
    row = part.summary
    if not part.quoted("rate"):
        return "–", t("compare.absent.years", n=DRAWN)
    note = t(
        "compare.note.rate",
        low=number(row["ci_low"], 1),
        high=number(row["ci_high"], 1),
        n=number(row["shop_years"]),
    )
    return number(row["closure_rate"], 1) + _mark(part, "rate"), note


def _three_years(part: Measured) -> Cell:
    if not part.quoted("s3"):
        return "–", t("compare.absent.few", n=DRAWN)
    note = t(
        "compare.note.lasted",
        low=number(part.s3.low * 100),
        high=percent(part.s3.high * 100, 0),
        n=number(part.s3.at_risk),
    )
    return percent(part.s3.value * 100, 0) + _mark(part, "s3"), note


def _mean(part: Measured) -> Cell:
    if not part.quoted("mean"):
        return "–", t("compare.absent.few", n=DRAWN)
    note = t(
        "compare.note.lasted",
        low=number(part.mean.low / YEAR, 2),
        high=number(part.mean.high / YEAR, 2),
        n=number(part.mean.at_risk),
    )
    return t("compare.years", n=number(part.mean.value / YEAR, 2)) + _mark(part, "mean"), note


def _mark(part: Measured, measure: str) -> str:
    return "*" if part.support(measure) < MARKED else ""


def twin(parts: list[Measured], markets: list[Market]) -> pd.DataFrame:
    """Return the same figures as numbers, one row per place; what is not quoted is empty."""
    return pd.DataFrame([_row(part, market) for part, market in zip(parts, markets, strict=True)])


def _row(part: Measured, market: Market) -> dict[str, Any]:
    row, s3, mean = part.summary, part.s3, part.mean
    counted = not part.side.missing and row["ever"] > 0
    rate, lasted, within = (part.quoted(measure) for measure in ("rate", "s3", "mean"))
    low, high = t("column.ci_low"), t("column.ci_high")
    named: dict[str, Any] = {
        t("column.label"): part.side.title,
        t("compare.row.extent"): part.side.extent,
        t("compare.row.active"): row["active"] if counted else None,
        t("compare.row.density"): part.standing["density"] if counted else None,
        t("compare.row.opened"): row["opened_36m"] if counted else None,
        t("compare.row.closed"): row["closed_36m"] if counted else None,
        t("column.shop_years"): row["shop_years"] if counted else None,
    }
    for name, known, values, n in (
        ("rate", rate, (row["closure_rate"], row["ci_low"], row["ci_high"]), None),
        ("s3", lasted, (s3.value * 100, s3.low * 100, s3.high * 100), s3.at_risk),
        ("mean", within, (mean.value / YEAR, mean.low / YEAR, mean.high / YEAR), mean.at_risk),
    ):
        label = t(f"compare.row.{name}")
        for column, value in zip((label, f"{label} {low}", f"{label} {high}"), values, strict=True):
            named[column] = value if known else None
        if n is not None:
            named[f"{label} {t('column.at_risk')}"] = n
    return named | market.numbers()
