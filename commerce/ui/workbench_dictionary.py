"""The dictionary of the workbench: tables and columns, meaning, unit, gaps, common values."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from commerce.db import Database
from commerce.i18n import language, number, percent, t
from commerce.sandbox.catalog import WITHHELD, catalog
from commerce.schema import Column, tables
from commerce.ui.frame import data

_TOP = 4
#: Rows of which common values are taken: enough to know a column by.
_SAMPLE = 200_000


def draw() -> None:
    """Draw the search, and the tables that it finds."""
    asked = st.text_input(
        t("workbench.dictionary.search"), key="workbench_word", icon=":material/search:"
    )
    words = (asked or "").lower().split()
    found = {name: kept for name, columns in tables().items() if (kept := _match(columns, words))}
    views = [
        relation
        for relation in catalog().relations.values()
        if relation.kind in ("view", "derived", "reference")
        and all(word in f"{relation.name} {' '.join(relation.columns)}".lower() for word in words)
    ]
    if not found and not views:
        st.write(t("workbench.dictionary.none"))
    for name, columns in found.items():
        _table(name, columns, bool(words) and len(found) <= 3)
    if views:
        st.subheader(t("workbench.dictionary.views"), anchor=False)
        st.caption(t("workbench.dictionary.views.note"))
        for relation in views:
            listed = ", ".join(f"`{c}` {kind.lower()[:24]}" for c, kind in relation.columns.items())
            st.markdown(f"**`{relation.name}`** — {listed}")


def _match(columns: tuple[Column, ...], words: list[str]) -> tuple[Column, ...]:
    """Return the columns in which every word stands, all where the table itself is meant."""
    if all(word in columns[0].table for word in words):
        return columns
    return tuple(
        c
        for c in columns
        if all(
            word in f"{c.table} {c.name} {c.unit} {unit(c)} {c.meaning_ko} {c.meaning_en}".lower()
            for word in words
        )
    )


def unit(column: Column) -> str:
    """Return a column's unit in words; nothing where it has none."""
    return t(f"schema.unit.{column.unit}") if column.unit else ""


def _table(name: str, columns: tuple[Column, ...], opened: bool) -> None:
    part = st.expander(
        f"`{name}` — {t(f'workbench.grain.{name}')}",
        expanded=opened,
        key=f"workbench_table_{name}_{opened}",
        on_change="rerun",
    )
    if not part.open:
        return
    with part:
        rows, known = facts(data(), name)
        st.caption(t("workbench.dictionary.rows", rows=number(rows), table=name))
        st.dataframe(
            _readable(columns, known),
            hide_index=True,
            height="content",
            alt=name,
            column_config={
                t("workbench.dictionary.column"): st.column_config.TextColumn(width="medium"),
                t("workbench.dictionary.meaning"): st.column_config.TextColumn(width="large"),
                t("workbench.dictionary.top"): st.column_config.TextColumn(width="medium"),
            },
        )


def _readable(columns: tuple[Column, ...], known: dict[str, tuple[float, str]]) -> pd.DataFrame:
    meaning = f"meaning_{language()}"
    rows: list[dict[str, Any]] = []
    for column in columns:
        share, top = known.get(column.name, (None, t("workbench.dictionary.withheld")))
        rows.append(
            {
                t("workbench.dictionary.column"): column.name,
                t("workbench.dictionary.meaning"): getattr(column, meaning),
                t("workbench.dictionary.unit"): unit(column),
                t("workbench.dictionary.type"): column.type,
                t("workbench.dictionary.nulls"): percent(share),
                t("workbench.dictionary.top"): top,
            }
        )
    return pd.DataFrame(rows)


def facts(database: Database, table: str) -> tuple[int, dict[str, tuple[float, str]]]:
    """Return a table's rows, and by column the share of nulls (percent) and common values.

    Computed once per snapshot. Common values are of the first 200,000 rows, each with how
    often it stands there, where any stands twice.
    """
    return _facts(database, database.snapshot.id, table)


@lru_cache(maxsize=64)
def _facts(
    database: Database, _snapshot: str, table: str
) -> tuple[int, dict[str, tuple[float, str]]]:
    # Names come from schema.csv, never from a reader.
    names = [c.name for c in tables()[table] if (table, c.name) not in WITHHELD]
    counts = ", ".join(f'count("{name}")' for name in names)
    cursor = database.cursor()
    try:
        row = cursor.execute(f'select count(*), {counts} from "{table}"').fetchone()
        assert row is not None
        rows, filled = int(row[0]), row[1:]
        known = {}
        for name, count in zip(names, filled, strict=True):
            top = cursor.execute(
                f'select left(v, 40), n from (select "{name}"::varchar as v, count(*) as n'
                f' from (select "{name}" from "{table}" limit {_SAMPLE})'
                f" where v is not null group by v order by n desc, v limit {_TOP})"
            ).fetchall()
            common = [f"{v} ({n:,})" if n > 1 else str(v) for v, n in top]
            share = 100 * (1 - int(count) / rows) if rows else float("nan")
            known[name] = (share, " · ".join(" ".join(text.split()) for text in common))
        return rows, known
    finally:
        cursor.close()
