"""From rows of the footfall queries to what charts, maps and tables draw.

No figure is computed here. Values stand in the publisher's unit and name it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from commerce.i18n import briefly, money, name_column, number, t
from commerce.ui.kept import kept
from commerce.ui.map_rows import full
from commerce.ui.multiples import Bar
from commerce.ui.sales_shape import signed
from commerce.ui.scales import Scale, sequential
from commerce.ui.theme import Palette

#: Units of what is present at a moment: such values do not add up over hours.
PRESENT = ("persons_present",)
MOST_ROWS = 24


def flows(unit: str) -> bool:
    """Return whether values of a unit add up over the hours of a day."""
    return unit not in PRESENT


def unit_words(unit: str) -> str:
    """Return a unit in words; one that no catalogue knows stands as the publisher wrote it."""
    key = f"unit.footfall.{unit}"
    words = t(key)
    return unit if words == key else words


@kept
def levels(monthly: pd.DataFrame) -> pd.DataFrame:
    """Return periods for :func:`commerce.ui.period_charts.level` and ``change``.

    Args:
        monthly: of ``footfall/monthly``.
    """
    return pd.DataFrame(
        [
            {
                "period": row["period"],
                "months": row["period_months"],
                "value": row["persons"],
                "trend": float("nan"),
                "holiday": None,
                "yoy": row["yoy"] * 100,
                "yoy_adjusted": float("nan"),
                "value_text": briefly(row["persons"]),
                "yoy_text": signed(row["yoy"]),
                "adjusted_text": "–",
                "n_text": t("unit.n_areas", n=number(row["areas"])),
            }
            for row in monthly.to_dict("records")
        ]
    )


@kept
def footfall_map(
    dongs: pd.DataFrame, rows: pd.DataFrame, palette: Palette
) -> tuple[pd.DataFrame, Scale]:
    """Return the dongs and the colours of a map of footfall per km² from ``footfall/by_dong``."""
    columns = ["dong_code", "persons", "per_km2", "yoy", "unit"]
    joined = dongs.merge(rows[columns], on="dong_code", how="left")
    joined["value"] = joined["per_km2"]
    joined["said"] = [
        {"a": briefly(row["persons"]), "b": briefly(row["per_km2"]), "c": signed(row["yoy"])}
        if row["persons"] == row["persons"]
        else t("footfall.absent")
        for row in joined.to_dict("records")
    ]
    units = rows["unit"].dropna()
    words = tip_words(str(units.iloc[0]) if len(units) else "")
    joined["tip"] = [
        full(words, name, said) for name, said in zip(joined["name"], joined["said"], strict=True)
    ]
    scale = sequential(joined["value"], palette, steps=palette.footfall_steps)
    return joined, replace(scale, brief=True)


def tip_words(unit: str) -> str:
    """Return what the map's tooltips say, with fields for :func:`footfall_map`'s ``said``.

    Args:
        unit: of the series; one map shows one.
    """
    return t(
        "footfall.tip",
        name="{name}",
        persons="{a}",
        unit=unit_words(unit),
        density="{b}",
        yoy="{c}",
    )


#: What the table beside sales may show, in its order, and what an unknown figure is called.
BESIDE = {
    "persons": "footfall.absent",
    "sales_per_shop": "sales.absent.short",
    "persons_per_permit": "footfall.absent",
}


@kept
def beside_columns(rows: pd.DataFrame) -> list[str]:
    """Return which of :data:`BESIDE` anything is known of, from ``footfall/per_shop``."""
    return [column for column in BESIDE if rows[column].notna().any()]


@kept
def beside_sales(rows: pd.DataFrame, dongs: pd.DataFrame) -> list[tuple[str, list[Bar]]]:
    """Return footfall and sales per shop of each dong as bars, the busiest on top.

    Args:
        rows: of ``footfall/per_shop``.
        dongs: of :func:`commerce.ui.filters.dongs`: the names.
    """
    known, columns = _busiest(rows), beside_columns(rows)
    most = {column: _most(known, column) for column in columns}
    written = {"sales_per_shop": money}
    names = dict(zip(dongs["dong_code"], dongs["name"], strict=True))
    return [
        (
            names.get(row["dong_code"], row[name_column()]),
            [
                _bar(
                    row[column],
                    most[column],
                    written.get(column, briefly)(row[column]),
                    BESIDE[column],
                )
                for column in columns
            ],
        )
        for row in known
    ]


@kept
def residents(rows: pd.DataFrame, dongs: pd.DataFrame) -> list[tuple[str, list[Bar]]]:
    """Return passers-by per resident of each dong as bars, the highest on top.

    Args:
        rows: of ``footfall/residents``.
        dongs: of :func:`commerce.ui.filters.dongs`: the names.
    """
    known = [row for row in _busiest(rows) if row["residents"] > 0]
    known.sort(key=lambda row: -row["persons_per_resident"])
    most = {c: _most(known, c) for c in ("persons_per_resident", "residents")}
    names = dict(zip(dongs["dong_code"], dongs["name"], strict=True))
    return [
        (
            names.get(row["dong_code"], row[name_column()]),
            [
                _bar(
                    row["persons_per_resident"],
                    most["persons_per_resident"],
                    number(row["persons_per_resident"], 1),
                    "footfall.absent",
                ),
                _bar(
                    row["residents"],
                    most["residents"],
                    briefly(row["residents"]),
                    "footfall.absent",
                ),
            ],
        )
        for row in known
    ]


def _busiest(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the dongs with the most footfall, all there are in a district."""
    known = rows[rows["persons"].notna()].sort_values("persons", ascending=False)
    return list(known.head(MOST_ROWS).to_dict("records"))


def _most(rows: list[dict[Any, Any]], column: str) -> float:
    return max((row[column] for row in rows if row[column] == row[column]), default=1.0) or 1.0


def _bar(value: float, most: float, words: str, absent: str) -> Bar:
    return Bar(value / most, words) if value == value else Bar(None, t(absent))
