"""From rows of the sales queries to what charts, maps and tables draw, in the reader's words.

No figure is computed here. What rests on too few shops, or is suppressed, is taken out
and says so.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from commerce.i18n import language, money, month, name_column, number, percent, t
from commerce.ui.kept import kept
from commerce.ui.map_rows import full
from commerce.ui.multiples import Panel
from commerce.ui.scales import Scale, sequential
from commerce.ui.shape import DRAWN, MARKED
from commerce.ui.theme import Palette

PANELS = 24
_RANKED = 8


def signed(ratio: float, digits: int = 1) -> str:
    """Return a ratio as a signed percentage; a dash if unknown."""
    if ratio != ratio:
        return "–"
    return f"{'+' if ratio > 0 else ''}{percent(ratio * 100, digits)}"


@kept
def measure(rows: pd.DataFrame) -> str:
    """Return the column to compare by: sales per shop, or all where the source counts no shops.

    Args:
        rows: of ``sales/by_dong``.
    """
    return "sales_per_shop" if rows["merchants"].notna().any() else "sales_krw"


@kept
def sales_map(
    dongs: pd.DataFrame, rows: pd.DataFrame, palette: Palette, by: str
) -> tuple[pd.DataFrame, Scale]:
    """Return the dongs and the colours of a map of sales from ``sales/by_dong``.

    Args:
        by: of :func:`measure`.
    """
    columns = ["dong_code", "sales_per_shop", "sales_krw", "merchants", "coverage", "cells", "yoy"]
    joined = dongs.merge(rows[columns], on="dong_code", how="left")
    words, told = tip_words(by), []
    values: list[float | None] = []
    for row in joined.to_dict("records"):
        why = _why_absent(row, by)
        values.append(None if why else row[by])
        told.append(why or _said(row, by))
    joined["value"] = pd.Series(values, dtype=float)
    joined["said"] = pd.Series(told, dtype=object)
    pairs = zip(joined["name"], told, strict=True)
    joined["tip"] = [full(words, name, said) for name, said in pairs]
    joined["is_small"] = [
        by == "sales_per_shop" and _known(row) < MARKED for row in joined.to_dict("records")
    ]
    return joined, sequential(joined["value"], palette, steps=palette.sales_steps, krw=True)


def _known(row: dict[Any, Any]) -> float:
    """Return how many merchants stand in cells with known sales."""
    n = row["merchants"] * row["coverage"]
    return float(n) if n == n else 0.0


def _why_absent(row: dict[Any, Any], by: str) -> str:
    """Return why a place or trade has no figure to show, or nothing where it has one."""
    if not row["cells"] > 0:
        return t("sales.absent.none")
    if row[by] != row[by]:
        return t("sales.absent.suppressed")
    if by == "sales_krw":
        return ""
    return t("sales.absent.few", n=DRAWN) if _known(row) < DRAWN else ""


def tip_words(by: str) -> str:
    """Return what the map's tooltips say, with fields for :func:`sales_map`'s ``said``.

    Args:
        by: of :func:`measure`.
    """
    said = "{name}  {a}\n" + t("sales.tip", yoy="{b}")
    if by == "sales_krw":
        return said
    return f"{said}\n" + t("tip.merchants", n="{c}", coverage="{d}")


def _said(row: dict[Any, Any], by: str) -> dict[str, str]:
    """Return the values for the fields of :func:`tip_words`; merchants are known here."""
    said = {"a": money(row[by]), "b": signed(row["yoy"])}
    if by == "sales_krw":
        return said
    return said | {"c": number(row["merchants"]), "d": percent(row["coverage"] * 100, 0)}


def shops(row: dict[Any, Any]) -> str:
    """Return how many shops a figure rests on."""
    if row["merchants"] != row["merchants"]:
        return t("sales.shops.unknown")
    return t(
        "tip.merchants",
        n=number(row["merchants"]),
        coverage=percent(row["coverage"] * 100, 0),
    )


@kept
def trades(
    rows: pd.DataFrame, by: str, chosen: tuple[str, ...] = (), most: int = 14
) -> pd.DataFrame:
    """Return the trades with the most merchants and those chosen; what sells most on top.

    Args:
        rows: of ``sales/by_category``.
        by: of :func:`measure`.
        chosen: trades and groups that are drawn in any case, the others paler.
        most: how many are drawn beside.
    """
    drawn = [row for row in rows.to_dict("records") if not _why_absent(row, by)]
    weight = "merchants" if by == "sales_per_shop" else by
    drawn.sort(key=lambda row: row[weight], reverse=True)
    drawn = drawn[:most] + [row for row in drawn[most:] if _is_of(row, chosen)]
    drawn.sort(key=lambda row: row[by], reverse=True)
    columns = ["key", "label", "name", "value", "said", "value_text", "yoy_text", "n_text"]
    return pd.DataFrame(
        [
            {
                "pale": bool(chosen) and not _is_of(row, chosen),
                "key": row["category_id"],
                "label": row[name_column()]
                + (" *" if by == "sales_per_shop" and _known(row) < MARKED else ""),
                "name": row[name_column()],
                "value": round(row[by]),
                "said": money(row[by]) + _change_beside(row["yoy"]),
                "value_text": money(row[by]),
                "yoy_text": t("sales.yoy_cells", yoy=signed(row["yoy"]), n=number(row["yoy_cells"]))
                if row["yoy"] == row["yoy"]
                else "–",
                "n_text": shops(row),
            }
            for row in drawn
        ],
        columns=[*columns, "pale"],
    )


def _is_of(row: dict[Any, Any], chosen: tuple[str, ...]) -> bool:
    return row["category_id"] in chosen or row["group_id"] in chosen


def _change_beside(yoy: float) -> str:
    return f" · {signed(yoy)}" if yoy == yoy else ""


@kept
def panels(
    series: pd.DataFrame, by_dong: pd.DataFrame, dongs: pd.DataFrame, by: str
) -> tuple[list[Panel], list[str]]:
    """Return small multiples of sales, one per dong, and their first and last period.

    Args:
        series: of ``sales/dong_series``.
        by_dong: of ``sales/by_dong``: how many shops, and why one has no line.
        dongs: of :func:`commerce.ui.filters.dongs`: the names.
        by: of :func:`measure`.
    """
    periods = sorted(series["period"].unique())
    lines: dict[str, dict[Any, float]] = {}
    for row in series.to_dict("records"):
        lines.setdefault(row["dong_code"], {})[row["period"]] = row[by]
    names = dict(zip(dongs["dong_code"], dongs["name"], strict=True))
    weight = "merchants" if by == "sales_per_shop" else by
    if by == "sales_krw":  # no cell is suppressed: a place without figures has nothing to say
        by_dong = by_dong[by_dong[by].notna()]
    ordered = by_dong.sort_values(weight, ascending=False).head(PANELS).to_dict("records")
    ordered.sort(
        key=lambda row: (bool(_why_absent(row, by)), -row[by] if row[by] == row[by] else 0)
    )
    made = []
    for row in ordered:
        line = lines.get(row["dong_code"], {})
        values = [line.get(period) for period in periods]
        why = _why_absent(row, by)
        known = row["merchants"] == row["merchants"]
        n = t("unit.n_shops", n=number(row["merchants"])) if known else t("sales.shops.unknown")
        made.append(
            Panel(
                names.get(row["dong_code"], row[name_column()]),
                tuple(float(v) if v is not None and v == v else None for v in values),
                n if why else f"{money(row[by])} · {n}" if known else money(row[by]),
                why,
            )
        )
    ends = [month(pd.Timestamp(period).date()) for period in (*periods[:1], *periods[-1:])]
    return made, ends


@kept
def growth(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the fastest rises and falls that do not rest on a small base, rises on top.

    Args:
        rows: of ``sales/growth``.
    """
    ranked = [row for row in rows.to_dict("records") if not row["is_small"]]
    ranked = [row for row in ranked if row["change"] == row["change"]]
    ranked.sort(key=lambda row: row["change"], reverse=True)
    up = [row for row in ranked if row["change"] > 0][:_RANKED]
    down = [row for row in ranked if row["change"] < 0][-_RANKED:]
    place, trade = f"dong_{language()}", f"category_{language()}"
    columns = ["label", "place", "trade", "change", "said", "base_text", "now_text", "n_text"]
    return pd.DataFrame(
        [
            {
                "label": f"{row[place]} · {row[trade]}",
                "place": row[place],
                "trade": row[trade],
                "change": round(row["change"] * 100, 1),
                "said": signed(row["change"], 0),
                "base_text": money(row["base_krw"]),
                "now_text": money(row["sales_krw"]),
                "n_text": t("unit.n_shops", n=number(row["merchants"])),
            }
            for row in up + down
        ],
        columns=columns,
    )


@kept
def growth_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return all dongs and trades with what they sold now and before, for the table."""
    lang = language()
    return pd.DataFrame(
        {
            t("column.dong"): rows[f"dong_{lang}"],
            t("column.trade"): rows[f"category_{lang}"],
            t("column.merchants"): rows["merchants"].round(),
            t("column.sales_krw"): rows["sales_krw"].round(),
            t("column.base_krw"): rows["base_krw"].round(),
            t("column.change_krw"): rows["change_krw"].round(),
            t("column.change_pct"): (rows["change"] * 100).round(1),
            t("column.rank"): rows["rank"],
            t("column.is_small"): [t("word.yes") if flag else "" for flag in rows["is_small"]],
        }
    )


@kept
def reference(series: pd.DataFrame, monthly: pd.DataFrame, by: str) -> list[float | None]:
    """Return sales per shop of all dongs together, for the periods of ``sales/dong_series``.

    Args:
        monthly: of ``sales/monthly`` over all dongs.
        by: of :func:`measure`; sums of all dongs stand beside no single one.
    """
    if by != "sales_per_shop":
        return []
    known = dict(zip(monthly["period"], monthly["sales_per_shop"], strict=True))
    values = [known.get(period, float("nan")) for period in sorted(series["period"].unique())]
    return [float(value) if value == value else None for value in values]
