"""Reads hourly counts of people: tens of millions of rows, summed over days while they are read.

A clean file of KT is summed as it streams by (``kt_sums.py``). As soon as anything in it is
not as it should be, it is read piece by piece instead, so that each bad row is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import duckdb
import pyarrow as pa

from commerce.ingest import clean
from commerce.ingest.clean import run_script
from commerce.ingest.market import kt_sums, staging
from commerce.ingest.market.kt_blocks import Unclean
from commerce.ingest.market.registry import Found
from commerce.ingest.market.tabular import Table, TextTable

SCRIPTS = ("kt_footfall", "seoul_living")


def read(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    table: Table,
    found: Found,
    keep_all: bool,
    progress: Callable[[int], None],
) -> int:
    """Sum a file into ``market_presence``, its refused rows into ``market_refusal``.

    Returns:
        The rows that it has.
    """
    keep = {"source_no": number, "keep_all": keep_all, "sido": found.adapter.sido}
    rows = None
    if found.adapter.script == "kt_footfall" and isinstance(table, TextTable):
        rows = _read_fast(connection, table, found, keep, progress)
    if rows is not None:
        return rows
    rows = 0
    # A file that was cut off left rows here, which are not this one's.
    connection.execute("truncate presence_row")
    roles = [r for r in found.adapter.roles if ":" not in r or r in found.columns]
    for piece in table.pieces(found.columns, roles):
        connection.register("given", piece.rows)
        run_script(connection, f"market/{found.adapter.script}", {"source_no": number})
        connection.unregister("given")
        staging.note_bad(connection, number, piece.bad)
        rows += piece.count
        progress(rows)
    run_script(connection, "market/presence_check", keep)
    return rows


def _read_fast(
    connection: duckdb.DuckDBPyConnection,
    table: TextTable,
    found: Found,
    keep: dict[str, object],
    progress: Callable[[int], None],
) -> int | None:
    """Return the rows of a file that is as it should be; None where it has to be read slowly."""
    try:
        sums = kt_sums.add_up(table, found.columns, progress)
        tables = sums.tables()
    except Unclean:
        return None
    for name, rows in zip(("fast_hour", "fast_person"), tables, strict=True):
        connection.register(name, rows)
    try:
        run_script(connection, "market/kt_dongs", keep)
        if connection.execute(clean.sql("market/kt_spelling")).fetchall() != [(0,)]:
            return None
        run_script(connection, "market/kt_take", keep)
    finally:
        for name in ("fast_hour", "fast_person"):
            connection.unregister(name)
    table.content_hash = sums.content_hash
    if connection.execute("select dong from refused_dong limit 1").fetchall():
        _refuse_dongs(connection, table, found, keep)
    return sums.rows


def _refuse_dongs(
    connection: duckdb.DuckDBPyConnection, table: TextTable, found: Found, keep: dict[str, object]
) -> None:
    """Find the rows of the dongs that are refused."""
    for piece in table.pieces({"dong": found.columns["dong"]}, ["dong"]):
        connection.register("given", piece.rows)
        connection.execute(
            "insert into market_refusal select $source_no, given.line, refused_dong.reason "
            "from given join refused_dong using (dong)",
            {"source_no": keep["source_no"]},
        )
        connection.unregister("given")


def merge(connection: duckdb.DuckDBPyConnection, number: int, source_id: str, adapter: str) -> None:
    """Move the sums of a file to the state."""
    run_script(
        connection,
        "market/presence_merge",
        {"source_no": number, "source_id": source_id, "adapter": adapter},
    )
    connection.execute("delete from market_presence where source_no = $no", {"no": number})


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Choose the files of each month: newest first, older ones where they add other days.

    Files of the days of one month add up; one whose days a newer one holds is left out of
    view ``live_presence``, but stays known, so that the order of ingests does not matter.
    """
    rows = connection.execute(
        "select * exclude (rank) from (select adapter, area_code, period, source_id, "
        "source_rank.rank, bit_or(days) as days from state_presence "
        "join source_rank using (source_id) group by all) "
        "qualify count(*) over (partition by adapter, area_code, period) > 1 "
        "order by adapter, area_code, period, rank desc"
    ).fetchall()
    taken: dict[tuple[object, ...], int] = defaultdict(int)
    losers = []
    for *key, source_id, days in rows:
        if taken[tuple(key)] & days:
            losers.append((*key, source_id))
        else:
            taken[tuple(key)] |= days
    lost = pa.table(
        {
            "adapter": pa.array([row[0] for row in losers], pa.string()),
            "area_code": pa.array([row[1] for row in losers], pa.string()),
            "period": pa.array([row[2] for row in losers], pa.date32()),
            "source_id": pa.array([row[3] for row in losers], pa.string()),
        }
    )
    connection.register("lost_presence", lost)
    connection.execute("create or replace temp table presence_loser as from lost_presence")
    connection.unregister("lost_presence")
    connection.execute(
        "create or replace temp view live_presence as from state_presence anti join "
        "presence_loser using (adapter, area_code, period, source_id)"
    )
