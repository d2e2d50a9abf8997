"""The tables of a snapshot: their columns, types and units, read from ``schema.csv``.

This is the one source of truth: what is written, what queries may read and what
the dictionary page shows all come from here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SCHEMA_FILE = Path(__file__).with_name("schema.csv")

#: Order in which rows are stored, so that scans by place and trade skip.
SORT_KEYS = {
    "establishment": "dong_code nulls last, category_id, opened_on, permit_id",
    "card_sales": "dong_code nulls last, area_code, category_id, trade_code, period",
    "card_sales_profile": "dong_code nulls last, area_code, category_id, trade_code, period, "
    "dimension, bucket",
    "footfall": "dong_code nulls last, area_code, period, dimension, bucket",
    "area_indicator": "dong_code nulls last, area_code, indicator, category_id, period",
    "trade_area": "area_code",
    "shop": "dong_code nulls last, category_id, shop_id",
    "dong": "dong_code",
    "category": "parent_id nulls first, category_id",
    "dataset": "source_id",
    "refused": "source_id, line",
    "model": "model_id",
    "model_term": "model_id, position",
    "model_baseline": "model_id, category_id, months",
    "model_record": "model_id, years, metric, bin nulls first",
}


@dataclass(frozen=True)
class Column:
    """One column: DuckDB type, unit and meaning in both languages."""

    table: str
    name: str
    type: str
    unit: str
    meaning_ko: str
    meaning_en: str


@cache
def tables() -> dict[str, tuple[Column, ...]]:
    """Return every table's columns in their order, by table name."""
    found: dict[str, list[Column]] = {}
    with _SCHEMA_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            column = Column(
                row["table"],
                row["column"],
                row["type"],
                row["unit"],
                row["meaning_ko"],
                row["meaning_en"],
            )
            found.setdefault(column.table, []).append(column)
    return {name: tuple(columns) for name, columns in found.items()}


def create_table_sql(table: str) -> str:
    """Return the ``create table`` statement of one table of the snapshot."""
    columns = ", ".join(f'"{c.name}" {c.type}' for c in tables()[table])
    return f'create table "{table}" ({columns})'


def select_list(table: str) -> str:
    """Return the select list that casts a relation to the table's columns, in order."""
    return ", ".join(f'cast("{c.name}" as {c.type}) as "{c.name}"' for c in tables()[table])
