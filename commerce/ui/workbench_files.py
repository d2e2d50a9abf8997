"""Results as files for download: CSV, a workbook, Parquet. No text of them is run as a formula.

Writing a large one takes seconds of Python, in which no page would be drawn: that is done by
a process of its own, which is this module run as a program.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from commerce.output import _FORMULA_STARTS, to_csv
from commerce.sandbox.runner import to_frame

#: Rows that a workbook takes: more makes spreadsheets slow, and ours too.
MOST_ROWS_XLSX = 100_000
# XML knows no such letters.
_NO_LETTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST_CHARS = 32_767
#: So many are written sooner than a process starts.
_FEW_CELLS = 50_000
_ROOT = Path(__file__).resolve().parent.parent.parent


def made(form: str, table: pa.Table) -> bytes:
    """Return ``table`` as a file of ``form``: ``csv``, ``xlsx`` or ``parquet``."""
    if form == "parquet" or table.num_rows * max(table.num_columns, 1) <= _FEW_CELLS:
        return _FORMS[form](table)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return subprocess.run(
        [sys.executable, "-m", __spec__.name, form],
        input=sink.getbuffer(),
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        check=True,
    ).stdout


def csv(table: pa.Table) -> bytes:
    """Return all rows as UTF-8 CSV with a BOM."""
    rows = to_frame(table)
    for field in table.schema:
        if pa.types.is_integer(field.type):  # whole numbers stay whole where some are unknown
            kind = str(field.type).replace("u", "U").replace("i", "I", 1)
            rows[field.name] = pd.array(table[field.name].to_pylist(), dtype=kind)
    return to_csv(rows.rename(columns={name: _guarded(str(name)) for name in rows.columns}))


def parquet(table: pa.Table) -> bytes:
    """Return all rows as a Parquet file, with the types that the query gave."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def xlsx(table: pa.Table, most: int = MOST_ROWS_XLSX) -> bytes:
    """Return the first ``most`` rows as a workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("result")
    sheet.freeze_panes = "A2"
    table = table.slice(0, most)
    sheet.append([_cell(sheet, name) for name in table.column_names])
    for batch in table.to_batches(max_chunksize=5_000):
        columns = [_plain(column) for column in batch.columns]
        for row in zip(*columns, strict=True):
            sheet.append([_cell(sheet, value) for value in row])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _plain(column: pa.Array) -> list[Any]:
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _cell(sheet: Any, value: Any) -> Any:
    """Return what stands in a cell; text is never taken for a formula, also when edited."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None) if value.year >= 1900 else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value if value.year >= 1900 else value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 10**15:
        return value
    text = _NO_LETTERS.sub("\ufffd", str(value))[:_MOST_CHARS]
    if not text.startswith(_FORMULA_STARTS):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _guarded(name: str) -> str:
    return f"'{name}" if name.startswith(_FORMULA_STARTS) else name


_FORMS = {"csv": csv, "xlsx": xlsx, "parquet": parquet}


def main() -> None:
    """Read an Arrow stream from standard input; write it as the form that is named."""
    os.nice(5)  # readers of pages go first
    table = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    sys.stdout.buffer.write(_FORMS[sys.argv[1]](table))


if __name__ == "__main__":
    main()
