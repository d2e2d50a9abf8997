"""A database of its own for comparing and checking: bounded memory, spilling beside the tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

#: Three million permits on both sides fit; more spill.
_MEMORY = "1500MB"
_HERE = Path(__file__).parent


@contextmanager
def connect(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database that spills into ``folder``."""
    scratch = folder / ".scratch"
    connection = duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "temp_directory": str(scratch),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)


def sql(name: str) -> str:
    """Return the text of ``commerce/publishing/<name>.sql``."""
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


def run_script(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run the statements of ``<name>.sql`` in order."""
    for statement in connection.extract_statements(sql(name)):
        connection.execute(statement)
