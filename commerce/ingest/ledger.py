"""The tables that account for every row: ``dataset``, one row per file, and ``refused``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import numpy as np
import pyarrow as pa

from commerce.ingest import headers, reference
from commerce.ingest.boundaries import DEFAULT_FILE
from commerce.ingest.report import SourceReport
from commerce.ingest.source import PermitFile
from commerce.schema import create_table_sql
from commerce.snapshot import Snapshot

_BATCH = 50_000
BOUNDARY_ADAPTER = "boundaries_geojson"
_SEOUL = "seoul_open_data"


def prepare(
    connection: duckdb.DuckDBPyConnection, previous: Snapshot | None, reread: list[str]
) -> None:
    """Make tables ``dataset`` and ``refused`` with what earlier runs wrote, bar files read anew."""
    headers.prepare(connection, previous)
    for table in ("dataset", "refused"):
        connection.execute(create_table_sql(table))
        if previous is not None and previous.file(table).is_file():
            connection.execute(
                f"insert into {table} by name select * from read_parquet($file) "
                "where not source_id = any($reread)",
                {"file": str(previous.file(table)), "reread": reread},
            )


def keep_refused(
    connection: duckdb.DuckDBPyConnection, source_no: int, source_id: str, permits: PermitFile
) -> None:
    """Write the refused rows of a file with their original text, and keep its header."""
    headers.note(connection, source_id, permits)
    reasons = dict(
        connection.execute(
            "select line, reason from refusal where source_no = $no order by line",
            {"no": source_no},
        ).fetchall()
    )
    if not reasons:
        return
    lines = np.array(sorted(reasons), dtype=np.int64)
    for batch in _batches(permits.raw(lines)):
        table = pa.table(
            {
                "source_id": [source_id] * len(batch),
                "line": [line + 1 for line, _ in batch],
                "reason": [reasons[line] for line, _ in batch],
                "raw": [raw for _, raw in batch],
            }
        )
        connection.register("batch", table)
        connection.execute("insert into refused by name from batch")
        connection.unregister("batch")


def _batches(rows: Iterator[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    while batch := list(itertools.islice(rows, _BATCH)):
        yield batch


def add_permits(
    connection: duckdb.DuckDBPyConnection,
    source_no: int,
    source: SourceReport,
    permits: PermitFile,
    sha256: str,
) -> None:
    """Write the dataset row of a permit file."""
    days = connection.execute(
        "select min(opened_on), max(greatest(opened_on, coalesce(exit_on, opened_on))) "
        "from staged where source_no = $no",
        {"no": source_no},
    ).fetchone() or (None, None)
    is_seoul = permits.match.layout.adapter == _SEOUL
    _insert(
        connection,
        source_id=source.source_id,
        title=source.title,
        publisher="서울특별시" if is_seoul else "행정안전부",
        licence="공공누리 제1유형" if is_seoul else "이용허락범위 제한 없음",
        snapshot_on=source.snapshot_on,
        coverage_from=days[0],
        coverage_to=days[1],
        rows_in=source.rows_in,
        rows_kept=source.rows_kept,
        rows_refused=source.rows_refused,
        rows_superseded=0,
        sha256=sha256,
        adapter=source.adapter,
        tested_on_real_files=permits.match.layout.tested_on_real_files,
        ingested_at=datetime.now(UTC).replace(tzinfo=None),
        synthetic=False,
    )


def add_boundaries(
    connection: duckdb.DuckDBPyConnection, source: SourceReport, sha256: str
) -> None:
    """Write the dataset row of a boundary file."""
    _insert(
        connection,
        source_id=source.source_id,
        title=source.title,
        publisher="통계청 통계지리정보서비스(SGIS), 가공 vuski/admdongkor",
        licence="공공누리 제1유형 · CC BY 4.0",
        snapshot_on=None,
        coverage_from=None,
        coverage_to=None,
        rows_in=source.rows_in,
        rows_kept=source.rows_kept,
        rows_refused=0,
        rows_superseded=0,
        sha256=sha256,
        adapter=BOUNDARY_ADAPTER,
        tested_on_real_files=True,
        ingested_at=datetime.now(UTC).replace(tzinfo=None),
        synthetic=False,
    )


def _insert(connection: duckdb.DuckDBPyConnection, **row: object) -> None:
    columns = ", ".join(row)
    values = ", ".join(f"${name}" for name in row)
    connection.execute(f"insert into dataset ({columns}) values ({values})", row)


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Move rows that new boundaries leave outside, and count what newer rows replaced."""
    connection.execute(
        "insert into refused by name select source_id, line + 1 as line, "
        "'outside_district' as reason, raw from moved_out_of_bounds"
    )
    connection.execute(
        "update dataset set rows_kept = rows_kept - moved.n, rows_refused = rows_refused + moved.n "
        "from (select source_id, count(*) as n from moved_out_of_bounds group by source_id) "
        "as moved where dataset.source_id = moved.source_id"
    )
    adapters = sorted({layout.adapter for layout in reference.layouts()})
    connection.execute(
        "update dataset set rows_superseded = rows_kept - coalesce(("
        "select count(*) from current "
        "join source on current.source_no = source.source_no "
        "where source.source_id = dataset.source_id), 0) where adapter = any($adapters)",
        {"adapters": adapters},
    )


def boundary_sources(previous: Snapshot | None) -> list[str]:
    """Return the sources of a snapshot that are boundaries."""
    if previous is None:
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select source_id from read_parquet($file) where adapter = $adapter",
            {"file": str(previous.file("dataset")), "adapter": BOUNDARY_ADAPTER},
        ).fetchall()
    return [row[0] for row in rows]


def boundary_title(shown: str) -> str:
    """Return the title of a boundary file's dataset."""
    return "광산구 행정동 경계" if shown == str(DEFAULT_FILE) else f"행정동 경계 · {shown}"
