"""The process in which one query runs, and then ends: it owns copies of published tables alone.

It warms up, writes ``R``, and waits for one request on standard input. It answers on
standard output in frames: a letter, eight bytes of length, the bytes. ``A`` is a part
of an Arrow stream, ``E`` the end: JSON that says how it went.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from importlib.abc import MetaPathFinder
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.compute  # nothing can be loaded once files are out of reach
import pyarrow.ipc

from commerce.sandbox import cells, gate, lockdown
from commerce.sandbox.catalog import Catalog
from commerce.sandbox.functions import functions
from commerce.sandbox.load import TooLarge, load
from commerce.sandbox.parameters import bound_values
from commerce.sandbox.refusal import Rejected

_BATCH = 2048
_DEEP = 12_000


class _NoPandas(MetaPathFinder):
    """Says that there is no pandas: two libraries import it for nothing, half of a start's time."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


class _Frames(io.RawIOBase):
    """A file that writes what it is given as ``A`` frames."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data)
        frame(self._out, b"A", view)
        self.written += view.nbytes
        return view.nbytes


def frame(out: BinaryIO, letter: bytes, data: bytes | memoryview) -> None:
    """Write one frame."""
    out.write(letter + len(data).to_bytes(8, "big"))
    out.write(data)
    out.flush()


def main() -> None:
    """Answer one request; see the module."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing else may speak there
    sys.meta_path.insert(0, _NoPandas())
    connection = connect()
    out.write(b"R")
    out.flush()
    text = sys.stdin.buffer.read()
    if not text:
        return
    end = _answer(connection, json.loads(text), out)
    frame(out, b"E", json.dumps(end).encode())
    os._exit(0)


def connect() -> duckdb.DuckDBPyConnection:
    """Return an empty database in memory, warm."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": "1",  # others are started after Landlock, and so under it
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "temp_directory": "",
        },
    )
    _warm(connection)
    return connection


def _warm(connection: duckdb.DuckDBPyConnection) -> None:
    """Do once what is slow the first time: parsing, planning, reading Parquet, writing Arrow."""
    sys.setrecursionlimit(_DEEP)
    functions()
    connection.execute("select json_serialize_sql('select 1')").fetchall()
    for batch in connection.sql("select 'a' as a, [1] as b").to_arrow_reader(_BATCH):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(cells.cut(batch, 1)[0])


def confine(connection: duckdb.DuckDBPyConnection, asked: dict[str, Any]) -> None:
    """Bound this process, before it reads a letter that a person wrote."""
    limits = asked["limits"]
    # In this order: how much memory is taken stands in a file that is out of reach then.
    lockdown.bound(limits["seconds"], limits["memory_mb"], limits["threads"])
    lockdown.see_only(asked["paths"])
    connection.execute(f"set threads = {int(limits['threads'])}")
    connection.execute(f"set memory_limit = '{_memory(asked) // 2**20}MiB'")


def prepare(
    connection: duckdb.DuckDBPyConnection, asked: dict[str, Any], catalog: Catalog, plan: gate.Plan
) -> None:
    """Load what ``plan`` needs, then shut every door."""
    load(connection, catalog, plan, asked["snapshot"], _memory(asked))
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    lockdown.open_nothing_more()


def _memory(asked: dict[str, Any]) -> int:
    """Return the bytes that DuckDB may plan with: less than the system lets it have."""
    return int(asked["limits"]["memory_mb"]) * 2**20 * 85 // 100


def _answer(
    connection: duckdb.DuckDBPyConnection, asked: dict[str, Any], out: BinaryIO
) -> dict[str, Any]:
    """Run one request to its end, and return what its last frame says."""
    limits = asked["limits"]
    started = time.monotonic()
    plan = gate.Plan({}, [], [])
    try:
        confine(connection, asked)
        catalog = Catalog.from_json(asked["catalog"])
        plan = gate.check(asked["sql"], catalog, connection, limits["sql_chars"])
        values = bound_values(asked["values"], plan.parameters)
        prepare(connection, asked, catalog, plan)
        end = _run(connection, asked["sql"], values, limits, out)
        return end | {"tables": plan.tables, "seconds": time.monotonic() - started}
    except Rejected as error:
        return {
            "refused": error.key,
            "params": {name: str(value) for name, value in error.params.items()},
            "line": error.line,
            "column": error.column,
        }
    except TooLarge as error:
        return {"refused": "sandbox.too_large", "params": error.params}
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError) as error:
        return {"failed": "memory", "message": str(error)[:500]}
    except (duckdb.Error, pa.ArrowException, RuntimeError) as error:
        message = str(error)
        memory_gone = "bad_alloc" in message or "Out of Memory" in message
        kind = "memory" if memory_gone else "error"
        return {"failed": kind, "message": message[:4000], "relations": plan.relations}


def _run(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    values: dict[str, object],
    limits: dict[str, int],
    out: BinaryIO,
) -> dict[str, Any]:
    try:
        relation = connection.sql(sql, params=values or None)
    except (duckdb.BinderException, duckdb.CatalogException):
        # The same text fails the same way here, but this way DuckDB says where.
        connection.execute(sql, values or None)
        raise
    if relation is None:
        raise Rejected("sandbox.no_rows")
    rows, cut_cells, cut, sink = 0, 0, "", _Frames(out)
    with relation.to_arrow_reader(_BATCH) as reader:
        if len(reader.schema) > limits["columns"]:
            raise Rejected("sandbox.too_many_columns", limit=limits["columns"])
        schema = _named_apart(reader.schema)
        with pa.ipc.new_stream(sink, schema) as writer:
            for raw in reader:
                batch, wide = cells.cut(raw, limits["cell_chars"])
                batch = pa.RecordBatch.from_arrays(batch.columns, schema=schema)
                if rows + batch.num_rows > limits["rows"]:
                    batch, cut = batch.slice(0, limits["rows"] - rows), "rows"
                if sink.written + batch.nbytes > limits["mb"] * 2**20:
                    cut = "size"
                    break
                writer.write_batch(batch)
                rows += batch.num_rows
                cut_cells += wide
                if cut:
                    break
    return {"rows": rows, "cut": cut, "cut_cells": cut_cells}


def _named_apart(schema: pa.Schema) -> pa.Schema:
    """Return ``schema`` with every name once: ``a``, ``a_1`` …; tables and files need that."""
    taken: set[str] = set()
    fields = []
    for field in schema:
        name, number = field.name, 0
        while name in taken:
            number += 1
            name = f"{field.name}_{number}"
        taken.add(name)
        fields.append(field.with_name(name))
    return pa.schema(fields)
