"""Reads hourly counts of people: tens of millions of rows, summed over days while they are read.

A file without a slip is summed by DuckDB straight from disk. As soon as anything in it is
not as it should be, it is read piece by piece instead, so that each bad row is found.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa

from commerce.errors import Refused
from commerce.ingest import clean
from commerce.ingest.clean import run_script
from commerce.ingest.market import staging
from commerce.ingest.market.registry import Found
from commerce.ingest.market.tabular import Table, TextTable

SCRIPTS = ("kt_footfall", "seoul_living")
_TYPES = {
    "day": "kt_day",
    "hour": "kt_hour",
    "sex": "kt_sex",
    "age": "kt_age",
    "dong": "varchar",
    "persons": "double",
}


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
    file = table.file
    if file.member is not None:
        return None
    with file.path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    with file.open() as stream:
        head = stream.read(table.start)
    roles = {index: role for role, index in found.columns.items()}
    columns = {
        roles.get(index, f"unused_{index}"): _TYPES.get(roles.get(index, ""), "varchar")
        for index in range(len(table.names))
    }
    given = {
        "file": str(file.path),
        "skip": head.count(b"\n"),
        "delimiter": table.delimiter,
        "compression": "gzip" if is_packed else "none",
    }
    sql = clean.sql("market/kt_fast").replace("$columns", str(columns))
    with ThreadPoolExecutor(1) as pool:
        hashing = pool.submit(_hash_and_count, table)
        try:
            connection.execute(sql, given)
        except duckdb.Error as error:
            if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
                raise
            return None
        finally:
            table.content_hash, marks = hashing.result()
    dirty, rows = connection.execute(clean.sql("market/kt_dirty")).fetchall()[0]
    # DuckDB reads 1_0 and 1e005 as numbers; each age has one mark of each kind
    if dirty or not rows or marks != (rows, rows, 0):
        return None
    run_script(connection, "market/kt_dongs", keep)
    if connection.execute(clean.sql("market/kt_spelling")).fetchall() != [(0,)]:
        return None
    progress(rows)
    run_script(connection, "market/kt_take", keep)
    if connection.execute("select dong from refused_dong limit 1").fetchall():
        _refuse_dongs(connection, table, found, keep)
    return int(rows)


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


def _hash_and_count(table: TextTable) -> tuple[str, tuple[int, int, int]]:
    """Return the hash of the content, and how many _, e and E stand below the header."""
    digest = hashlib.sha256()
    lines, small, large = 0, 0, 0
    try:
        with table.file.open() as stream:
            block = stream.read(table.start)
            digest.update(block)
            while block := stream.read(1 << 22):
                digest.update(block)
                lines += block.count(b"_")
                small += block.count(b"e")
                large += block.count(b"E")
    except (OSError, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise Refused("ingest.truncated", file=table.file.shown) from error
    return digest.hexdigest(), (lines, small, large)


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
