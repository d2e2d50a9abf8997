"""The header of each source, kept in the snapshot: refused rows are handed back with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow.parquet as pq

from commerce.i18n import LANGUAGES, messages
from commerce.snapshot import Snapshot

STATE_FILE = "state_header.parquet"
#: In place of a delimiter: the text of a refused row is a JSON object.
JSON = "json"


@dataclass(frozen=True)
class Header:
    """How the text of a source's refused rows is cut.

    Args:
        names: its columns, in the order of the file.
        delimiter: between values; ``JSON`` where each row is an object.
    """

    names: tuple[str, ...]
    delimiter: str


def reason_columns() -> set[str]:
    """Return how the column is named that says why a row was refused, in each language.

    A file with such a column is one that we handed out: see :mod:`commerce.refused_rows`.
    """
    return {messages(language)["refused.column.reason"] for language in LANGUAGES}


class Headed(Protocol):
    """An opened file with a header; see :class:`Header`."""

    names: list[str]
    delimiter: str


def note(connection: duckdb.DuckDBPyConnection, source_id: str, file: Headed) -> None:
    """Keep the header of a source of this ingest in table ``header``."""
    connection.execute(
        "insert or replace into header values ($id, $names, $delimiter)",
        {"id": source_id, "names": file.names, "delimiter": file.delimiter},
    )


def prepare(connection: duckdb.DuckDBPyConnection, previous: Snapshot | None) -> None:
    """Make table ``header`` with what earlier ingests kept."""
    connection.execute(
        "create table header (source_id varchar primary key, names varchar[], delimiter varchar)"
    )
    if previous is not None and (previous.path / STATE_FILE).is_file():
        connection.execute(
            "insert into header by name from read_parquet($file)",
            {"file": str(previous.path / STATE_FILE)},
        )


def save(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the headers of the sources that are still in ``dataset`` into the snapshot."""
    target = str(folder / STATE_FILE).replace("'", "''")
    connection.execute(
        "copy (select * from header where source_id in (select source_id from dataset) "
        f"order by source_id) to '{target}' (format parquet)"
    )


def load(snapshot: Snapshot) -> dict[str, Header]:
    """Return the headers that a snapshot keeps, by source; snapshots of before keep none."""
    file = snapshot.path / STATE_FILE
    if not file.is_file():
        return {}
    rows: list[dict[str, object]] = pq.read_table(file).to_pylist()
    return {
        str(row["source_id"]): Header(tuple(row["names"]), str(row["delimiter"]))  # type: ignore[arg-type]
        for row in rows
    }
