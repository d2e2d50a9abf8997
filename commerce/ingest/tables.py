"""Writes the published tables of a snapshot from the working database."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from commerce.ingest import ledger, reference
from commerce.ingest.clean import run_script
from commerce.ingest.outlines import Outlines
from commerce.ingest.report import Report
from commerce.ingest.workspace import Workspace
from commerce.schema import SORT_KEYS, tables
from commerce.snapshot import write_table

#: How keys and cells are written. As numbers they take a third of the memory while rows are sorted.
_TEXTS = {
    "identity_key": "printf('%016x', identity_key)",
    "site_id": "printf('%016x', site_id) || coalesce('-' || floor, '')",
    "h3_9": "lower(hex(h3_9))",
    "h3_10": "lower(hex(h3_10))",
}


def write_tables(space: Workspace, outlines: Outlines, folder: Path, report: Report) -> None:
    """Write ``establishment``, ``dong``, ``category``, ``dataset`` and ``refused``."""
    connection = space.connection
    trades = reference.trade_map()
    connection.register(
        "trade",
        pa.table(
            {
                "service_code": [service for service, _ in trades],
                "trade_name": [trade for _, trade in trades],
                "category_id": list(trades.values()),
            }
        ),
    )
    services = reference.services()
    connection.register(
        "service_name", pa.table({"slug": list(services), "name_ko": list(services.values())})
    )
    dongs = outlines.table()
    connection.register("dong_row", dongs)
    run_script(connection, "establishment")
    _write_establishments(connection, folder)
    write_table(connection, "dong", "dong_row", folder)
    connection.register("category_row", category_table())
    write_table(connection, "category", "category_row", folder)
    ledger.settle(connection)
    for table in ("dataset", "refused"):
        write_table(connection, table, table, folder)
    _fill(report, space, folder, dongs)


def _write_establishments(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the large table; some of its texts are enums, which Parquet keeps as texts."""
    columns = ", ".join(
        f'{_TEXTS.get(c.name, c.name)} as "{c.name}"'
        if c.type == "varchar"
        else f'cast("{c.name}" as {c.type}) as "{c.name}"'
        for c in tables()["establishment"]
    )
    target = str(folder / "establishment.parquet").replace("'", "''")
    connection.execute(
        f"copy (select {columns} from"
        f" (from establishment_row order by {SORT_KEYS['establishment']})) "
        f"to '{target}' "
        "(format parquet, parquet_version v2, compression snappy, row_group_size 122880)"
    )


def category_table() -> pa.Table:
    """Return the rows of the published table ``category``."""
    found = reference.categories()
    return pa.table(
        {
            "category_id": [c.category_id for c in found],
            "name_ko": [c.name_ko for c in found],
            "name_en": [c.name_en for c in found],
            "parent_id": pa.array([c.parent_id for c in found], pa.string()),
            "synonyms": pa.array([list(c.synonyms) for c in found], pa.list_(pa.string())),
            "has_permits": [c.permits != "none" for c in found],
        }
    )


def _fill(report: Report, space: Workspace, folder: Path, dongs: pa.Table) -> None:
    """Fill the report with what only the written tables tell."""
    connection = space.connection
    superseded = dict(
        connection.execute("select source_id, rows_superseded from dataset").fetchall()
    )
    for source in report.sources:
        source.rows_superseded = superseded.get(source.source_id, 0)
    file = {"file": str(folder / "establishment.parquet")}
    counts = connection.execute(
        "select count(*), count(*) filter (where dong_code is null) from read_parquet($file)", file
    ).fetchone() or (0, 0)
    report.establishments, report.without_dong = counts
    report.unmapped_trades = connection.execute(
        "select service_name, trade_name, count(*) from read_parquet($file) "
        "where category_id = 'other' group by all order by 3 desc, 1, 2",
        file,
    ).fetchall()
    report.districts = sorted(set(dongs["district_name_ko"].to_pylist()))
