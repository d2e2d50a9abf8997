"""Accounts for files that are no permits: one row in ``dataset``, and their refused rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa

from commerce.errors import Refused
from commerce.ingest.files import RawFile
from commerce.ingest.market.registry import Adapter
from commerce.ingest.report import SourceReport
from commerce.ingest.setting import sha256_of

_BATCH = 50_000


@dataclass(frozen=True)
class Publication:
    """Who publishes a kind of file, and on what terms; None where the file is staff's own."""

    publisher: str | None
    licence: str | None
    tested_on_real_files: bool
    unit: str | None = None
    min_merchants: int | None = None

    @staticmethod
    def of(adapter: Adapter) -> Publication:
        """Return what ``adapters.csv`` says of a kind of file."""
        return Publication(
            adapter.publisher or None,
            adapter.licence,
            adapter.tested_on_real_files,
            adapter.unit or None,
            adapter.min_merchants,
        )


def add_source(
    connection: duckdb.DuckDBPyConnection,
    source: SourceReport,
    file: RawFile,
    publication: Publication,
    coverage: tuple[date | None, date | None] = (None, None),
) -> None:
    """Write the ``dataset`` row of a file.

    Raises:
        Refused: when the caller named the file and none of its rows was kept.
    """
    if source.rows_in != source.rows_kept + source.rows_refused:
        raise AssertionError(f"{source.shown}: {source}")
    if not source.rows_kept and file.named:
        reason = source.refused.most_common(1)[0][0]
        raise Refused(
            "ingest.all_refused",
            file=file.shown,
            count=source.rows_in,
            reason=Refused(f"reason.{reason}"),
        )
    row = {
        "source_id": source.source_id,
        "title": source.title,
        "publisher": publication.publisher,
        "licence": publication.licence,
        "snapshot_on": source.snapshot_on,
        "coverage_from": coverage[0],
        "coverage_to": coverage[1],
        "rows_in": source.rows_in,
        "rows_kept": source.rows_kept,
        "rows_refused": source.rows_refused,
        "rows_superseded": 0,
        "sha256": sha256_of(file),
        "adapter": source.adapter,
        "tested_on_real_files": publication.tested_on_real_files,
        "ingested_at": datetime.now(UTC).replace(tzinfo=None),
        "unit": publication.unit,
        "min_merchants": publication.min_merchants,
        "synthetic": False,
    }
    connection.execute(
        f"insert into dataset ({', '.join(row)}) values ({', '.join('$' + n for n in row)})", row
    )


def add_refused(
    connection: duckdb.DuckDBPyConnection, source_id: str, rows: Iterable[tuple[int, str, str]]
) -> None:
    """Write refused rows, each as its number from 1, the reason and the original text."""
    remaining = iter(rows)
    while batch := list(itertools.islice(remaining, _BATCH)):
        table = pa.table(
            {
                "source_id": [source_id] * len(batch),
                "line": pa.array([line for line, _, _ in batch], pa.int64()),
                "reason": [reason for _, reason, _ in batch],
                "raw": [raw for _, _, raw in batch],
            }
        )
        connection.register("refused_here", table)
        connection.execute("insert into refused by name from refused_here")
        connection.unregister("refused_here")


def move_out(connection: duckdb.DuckDBPyConnection, rows: list[tuple[str, int, str]]) -> None:
    """Count rows of earlier files, as (source_id, line, text), that new boundaries leave outside.

    What such a file had kept becomes refused, so that its account stays whole.
    """
    by_source: dict[str, list[tuple[int, str, str]]] = {}
    for source_id, line, text in rows:
        by_source.setdefault(source_id, []).append((line, "outside_district", text))
    for source_id, refused in by_source.items():
        add_refused(connection, source_id, refused)
        connection.execute(
            "update dataset set rows_kept = rows_kept - $n, rows_refused = rows_refused + $n "
            "where source_id = $source_id",
            {"n": len(refused), "source_id": source_id},
        )


def count_superseded(connection: duckdb.DuckDBPyConnection, held: dict[str, int]) -> None:
    """Set ``rows_superseded`` to the kept rows that are not published (any more).

    Args:
        connection: with table ``dataset``.
        held: the published rows by source, with 0 where all were replaced.
    """
    for source_id, count in held.items():
        connection.execute(
            "update dataset set rows_superseded = rows_kept - $count where source_id = $source_id",
            {"count": count, "source_id": source_id},
        )
