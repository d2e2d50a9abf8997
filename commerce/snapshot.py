"""Snapshots: folders of Parquet files, and the small pointer file that names the current one.

A data folder holds ``<snapshot>/*.parquet`` and ``CURRENT``, a file with the name of
the snapshot that is served. A snapshot is built under a name that starts with
``.building-``, renamed when it is whole, and served once ``CURRENT`` is replaced,
which is one atomic rename: killed at any moment, the old snapshot serves on.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from commerce.errors import Refused, UsageError
from commerce.schema import SORT_KEYS, create_table_sql, select_list, tables

POINTER = "CURRENT"
KEEP = 5
_NUMBERED = re.compile(r"(\d{6,})-\d{8}T\d{6}Z")
_ROOT = Path(__file__).resolve().parent.parent
DEMO_DIR = _ROOT / "data" / "demo"
LIVE_DIR = _ROOT / "data" / "live"


@dataclass(frozen=True)
class Snapshot:
    """One readable snapshot: its folder, and an id that changes whenever its content does."""

    path: Path
    id: str

    def file(self, table: str) -> Path:
        """Return the Parquet file of a table."""
        return self.path / f"{table}.parquet"


def resolve(data_dir: str | os.PathLike[str] | None = None) -> Snapshot:
    """Return the snapshot to serve.

    Args:
        data_dir: a folder with a pointer, or a snapshot itself. None means
            ``COMMERCE_DATA``, else ``data/live``; the demo where nothing was published there yet.

    Raises:
        Refused: when the folder holds no snapshot.
    """
    folder = Path(data_dir or os.environ.get("COMMERCE_DATA") or LIVE_DIR)
    if data_dir is None and _awaits_data(folder):
        folder = DEMO_DIR
    pointer = folder / POINTER
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except OSError:
        name = ""
    path = folder / name if name and Path(name).name == name else folder
    marker = path / "dataset.parquet"
    if not marker.is_file():
        raise Refused("data.no_snapshot", folder=folder)
    stat = marker.stat()
    return Snapshot(path, f"{path.name}-{stat.st_mtime_ns:x}-{stat.st_size:x}")


def _awaits_data(folder: Path) -> bool:
    """Return whether nothing was ever published in ``folder``, nor is anything else there.

    A folder that has lost its pointer, or one of other files, is an error, not a beginning.
    """
    if folder == LIVE_DIR and not (folder / POINTER).is_file():
        return True
    if not folder.is_dir() or (folder / POINTER).exists():
        return False
    return all(
        path.name.startswith(".") or path.name == "lost+found" or _NUMBERED.fullmatch(path.name)
        for path in folder.iterdir()
    )


def current_or_none(data_dir: Path) -> Snapshot | None:
    """Return the current snapshot of a data folder, or None where there is none yet."""
    try:
        return resolve(data_dir)
    except Refused:
        return None


def write_table(
    connection: duckdb.DuckDBPyConnection, table: str, source_sql: str, folder: Path
) -> None:
    """Write one table of the schema to ``folder/<table>.parquet``, cast and sorted.

    Args:
        connection: the connection in which ``source_sql`` can be read.
        table: a table of ``commerce.schema``.
        source_sql: the name of a relation that has at least the table's columns.
        folder: the snapshot under construction.
    """
    target = str(folder / f"{table}.parquet").replace("'", "''")
    connection.execute(
        f"copy (select {select_list(table)} from {source_sql} order by {SORT_KEYS[table]}) "
        f"to '{target}' (format parquet, compression zstd, row_group_size 61440)"
    )


def write_missing(folder: Path) -> None:
    """Write each table of the schema that ``folder`` lacks, without rows."""
    with duckdb.connect() as connection:
        for table in tables():
            if not (folder / f"{table}.parquet").exists():
                connection.execute(create_table_sql(table))
                write_table(connection, table, f'"{table}"', folder)


def begin(data_dir: Path) -> Path:
    """Make and return an empty folder in which the next snapshot of ``data_dir`` is built."""
    data_dir.mkdir(parents=True, exist_ok=True)
    folder = data_dir / f".building-{secrets.token_hex(6)}"
    folder.mkdir()
    return folder


def next_name(data_dir: Path) -> str:
    """Return the name of the next snapshot: a number, and the time by the machine's clock.

    The number alone decides the order: clocks are set back. The caller holds the folder's
    lock, so that nobody else takes the same number.
    """
    last = max((order(path.name)[0] for path in data_dir.glob("[0-9]*")), default=0)
    return f"{last + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def order(name: str) -> tuple[int, str]:
    """Return the key that puts names of snapshots in order; those without a number come first."""
    match = _NUMBERED.fullmatch(name)
    return (int(match[1]) if match else 0, name)


def keep() -> int:
    """Return how many snapshots stay: ``COMMERCE_KEEP``, else 5.

    Raises:
        UsageError: when it is no whole number of 2 or more: sessions still read the one before.
    """
    given = os.environ.get("COMMERCE_KEEP") or str(KEEP)
    if not given.isdecimal() or int(given) < 2:
        raise UsageError("publishing.bad_keep", value=given)
    return int(given)


def publish(data_dir: Path, building: Path, name: str) -> Snapshot:
    """Check the built folder, rename it to ``name`` and switch the pointer to it.

    Raises:
        Refused: when a table is missing; the published data stays as it was.
    """
    most = keep()
    place(data_dir, building, name)
    switch(data_dir, name)
    prune(data_dir, most)
    return resolve(data_dir)


def place(data_dir: Path, building: Path, name: str) -> None:
    """Check the built folder and rename it to ``name``, ready to be switched to.

    Raises:
        Refused: when a table is missing.
    """
    missing = [table for table in tables() if not (building / f"{table}.parquet").is_file()]
    if missing:
        raise Refused("data.incomplete_snapshot", tables=", ".join(missing))
    for file in building.iterdir():
        if file.is_file():
            sync(file)
    os.rename(building, data_dir / name)
    sync(data_dir)


def switch(data_dir: Path, name: str) -> None:
    """Serve the snapshot ``name`` from now on (one atomic rename)."""
    if not (data_dir / name / "dataset.parquet").is_file():
        raise Refused("data.no_such_snapshot", name=name)
    temporary = data_dir / f".{POINTER}-{secrets.token_hex(4)}"
    temporary.write_text(name + "\n", encoding="utf-8")
    sync(temporary)
    os.replace(temporary, data_dir / POINTER)
    sync(data_dir)


def history(data_dir: Path) -> list[str]:
    """Return the names of the snapshots in a data folder, oldest first."""
    if not data_dir.is_dir():
        return []
    names = [p.parent.name for p in data_dir.glob("*/dataset.parquet")]
    return sorted((name for name in names if name[0] != "."), key=order)


def prune(data_dir: Path, most: int = KEEP) -> list[str]:
    """Remove all but the last ``most`` snapshots, never the current one; return what went."""
    current = resolve(data_dir).path.name
    gone = [name for name in history(data_dir)[:-most] if name != current]
    for name in gone:
        shutil.rmtree(data_dir / name, ignore_errors=True)
    return gone


def sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
