"""Copies of published tables in the child's memory: only the columns that a query can name."""

from __future__ import annotations

from pathlib import Path

import duckdb

from commerce.sandbox.catalog import Catalog, Relation, create_sql
from commerce.sandbox.gate import Plan

#: Bytes of a value in memory, beside its text.
_WIDTHS = {"boolean": 1, "integer": 4, "date": 4}
_WIDTH = 16


class TooLarge(Exception):
    """The tables of a query do not fit its memory; ``params`` fills the sentence."""

    def __init__(self, tables: dict[str, list[str]], needed: int, memory: int) -> None:
        super().__init__(tables)
        self.params = {
            "tables": "; ".join(f"{table} ({', '.join(c)})" for table, c in tables.items())[:600],
            "needed": f"{needed / 2**20:,.0f}",
            "memory": f"{memory / 2**20:,.0f}",
        }


def load(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, plan: Plan, snapshot: str, memory: int
) -> None:
    """Make the tables, views and macros that ``plan`` names in ``connection``.

    Args:
        connection: an empty database in memory that may still read files.
        catalog: what there is.
        plan: what is needed.
        snapshot: the folder of Parquet files; a file or column that it lacks is empty.
        memory: bytes that the tables may take.

    Raises:
        TooLarge: when they do not fit; said before anything is read, where that is sure.
    """
    files = {table: str(Path(snapshot) / f"{table}.parquet") for table in plan.tables}
    needed = sum(
        _bytes(connection, catalog.relations[table], columns, files[table])
        for table, columns in plan.tables.items()
    )
    if needed > memory:
        raise TooLarge(plan.tables, needed, memory)
    try:
        for name in plan.relations:
            relation = catalog.relations[name]
            if relation.kind == "table":
                _copy(connection, relation, plan.tables[name], files[name])
            elif relation.kind == "reference":
                columns = ", ".join(f'"{column}"' for column in plan.tables[name])
                connection.execute(create_sql(relation, plan.tables[name]))
                connection.execute(
                    f'insert into "{name}" select {columns} from read_csv($file)',
                    {"file": relation.statement},
                )
            else:
                connection.execute(relation.statement)
    except (duckdb.OutOfMemoryException, MemoryError):
        raise TooLarge(plan.tables, needed, memory) from None


def _copy(
    connection: duckdb.DuckDBPyConnection, relation: Relation, columns: list[str], file: str
) -> None:
    connection.execute(create_sql(relation, columns))
    there = [column for column in columns if column in _stored(connection, file)]
    if there:
        listed = ", ".join(f'"{column}"' for column in there)
        connection.execute(
            f'insert into "{relation.name}" by name select {listed} from read_parquet($file)',
            {"file": file},
        )


def _stored(connection: duckdb.DuckDBPyConnection, file: str) -> set[str]:
    if not Path(file).is_file():
        return set()
    rows = connection.execute("select name from parquet_schema($file)", {"file": file}).fetchall()
    return {name for (name,) in rows}


def _bytes(
    connection: duckdb.DuckDBPyConnection, relation: Relation, columns: list[str], file: str
) -> int:
    """Return about how many bytes the columns take in memory; 0 for a file that is not there."""
    if relation.kind != "table" or not Path(file).is_file():
        return 0
    rows = connection.execute(
        "select path_in_schema, sum(num_values)::bigint, sum(total_uncompressed_size)::bigint"
        " from parquet_metadata($file) group by all",
        {"file": file},
    ).fetchall()
    total = 0
    for path, values, size in rows:
        name = path.split(", ")[0]
        if name in columns:
            kind = relation.columns[name].lower()
            text = size if kind.startswith("varchar") else 0
            total += values * _WIDTHS.get(kind, _WIDTH if text else 8) + text
    return total
