"""Opens any table of rows, text or Parquet, and streams the columns that are wanted as text.

A text file may be UTF-8 (with or without BOM) or cp949, plain, ``.gz`` or in a ``.zip``,
with any usual delimiter, quoted fields and ragged rows; a Parquet file may have any types.
Both come as pieces of bounded size with the number of each record, so that memory does not
grow with the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commerce.errors import Refused
from commerce.ingest import delimited
from commerce.ingest.delimited import Form, Readable
from commerce.ingest.files import Hashing, RawFile, wholly_utf8
from commerce.ingest.headers import reason_columns
from commerce.ingest.recognise import header_cells

PARQUET = b"PAR1"
#: Rows of a Parquet file that are in memory at once.
_BATCH = 200_000
#: So many lines may stand above the header.
_TITLES = 5


@dataclass(frozen=True)
class Piece:
    """A piece of a table.

    Args:
        start: how many records of the file come before.
        count: how many records it has, good and bad.
        rows: column ``line`` (bigint, the record's number in the file from 0) and one text
            column per role; a role that the file lacks is empty text, a null is empty text.
        bad: (line, reason) of the records that could not be read: ``columns``, ``bad_bytes``.
    """

    start: int
    count: int
    rows: pa.Table
    bad: list[tuple[int, str]]


class Table(Protocol):
    """An opened table. ``content_hash`` is known once all pieces were read."""

    file: RawFile
    names: list[str]
    delimiter: str
    content_hash: str

    def pieces(self, columns: dict[str, int], roles: list[str]) -> Iterator[Piece]:
        """Yield the table piece by piece.

        Args:
            columns: column index in ``names`` by role.
            roles: the text columns that each piece has, whether the file has them or not.
        """

    def position(self) -> int:
        """Return how many bytes of content were read so far, about."""

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield the original text of records, given their sorted numbers from 0."""


def open_table(
    file: RawFile, head: bytes, is_header: Callable[[list[str]], bool] | None = None
) -> Table:
    """Return the reader of a text or Parquet file.

    Args:
        file: the file.
        head: its first bytes.
        is_header: tells whether the cells of a line are a header that somebody knows; titles
            above it are passed over then. Without it the first line is the header.

    Raises:
        Refused: when it is broken.
    """
    if head.startswith(PARQUET):
        return ParquetTable(file)
    return TextTable(file, head, is_header or (lambda names: True))


class TextTable:
    """A text file of rows with a header."""

    def __init__(self, file: RawFile, head: bytes, is_header: Callable[[list[str]], bool]) -> None:
        self.file = file
        self.names, self.start, self.delimiter, self._told = header_cells(head, file)
        above = self.start
        for _ in range(_TITLES):
            if is_header(self.names) or not head[above:].strip():
                break
            names, length, delimiter, told = header_cells(head[above:], file)
            if is_header(names):
                self.names, self.start, self.delimiter = names, above + length, delimiter
                self._told = self._told or told
            above += length
        self._encoding = ""
        self.content_hash = ""
        self._read = 0

    @property
    def encoding(self) -> str:
        """Return ``utf-8`` where the file is wholly that, else ``cp949``."""
        if not self._encoding:
            is_utf8 = wholly_utf8(self.file) if self._told is None else self._told
            self._encoding = "utf-8" if is_utf8 else "cp949"
        return self._encoding

    def _form(self, columns: dict[str, int]) -> Form:
        tail = 0
        while tail < len(self.names) and not self.names[-1 - tail]:
            tail += 1
        guarded = not reason_columns().isdisjoint(self.names)
        return Form(self.delimiter.encode(), len(self.names), tail, self.encoding, columns, guarded)

    def pieces(self, columns: dict[str, int], roles: list[str]) -> Iterator[Piece]:
        """Yield the file piece by piece; see ``Table``."""
        form = self._form(columns)
        digest = hashlib.sha256()
        start, self._read, any_rows, before = 0, 0, False, b""
        with self.file.open() as stream:
            for content, is_last in self._cut(Hashing(stream, digest)):
                any_rows = True
                self._read += len(content)
                if is_last:
                    self._check_end(before + content, form)
                before = content[-delimited.TAIL :]
                rows = delimited.read(content, form)
                table = _with_roles(rows.columns, rows.line + start, roles)
                yield Piece(start, rows.count, table, [(n + start, why) for n, why in rows.bad])
                start += rows.count
        if not any_rows:
            raise Refused("ingest.header_only", file=self.file.shown)
        self.content_hash = digest.hexdigest()

    def _cut(self, stream: Readable) -> Iterator[tuple[bytes, bool]]:
        skipped = 0
        while skipped < self.start:
            skipped += len(stream.read(self.start - skipped)) or self.start
        return delimited.pieces(stream, self.file.shown)

    def _check_end(self, content: bytes, form: Form) -> None:
        """Refuse a file whose last record is cut off."""
        if content.endswith(b"\n"):
            return
        last = delimited.records(content[-delimited.TAIL :], form.delimiter)[-1:]
        values = delimited.fields(last[0], form.delimiter) if last else []
        if values is None or len(values) < form.width - form.unnamed_tail:
            raise Refused("ingest.truncated", file=self.file.shown)

    def position(self) -> int:
        """Return how many bytes were read so far."""
        return self._read

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield the original text of records, given their sorted numbers from 0."""
        start = 0
        with self.file.open() as stream:
            for content, _ in self._cut(stream):
                found = delimited.records(content, self.delimiter.encode())
                first, last = np.searchsorted(lines, (start, start + len(found)))
                for line in lines[first:last].tolist():
                    yield line, found[line - start].decode(self.encoding, "backslashreplace")
                start += len(found)


class ParquetTable:
    """A Parquet file of rows."""

    def __init__(self, file: RawFile) -> None:
        self.file = file
        self.content_hash, self.delimiter = "", ","
        self._read = 0
        with self._open() as parquet:
            self.names = list(parquet.schema_arrow.names)

    @contextmanager
    def _open(self) -> Iterator[pq.ParquetFile]:
        with tempfile.TemporaryFile() as copy, self.file.open() as stream:
            source: IO[bytes] = stream
            if not stream.seekable():
                shutil.copyfileobj(stream, copy, 1 << 20)
                source = copy
            try:
                yield pq.ParquetFile(source)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
                raise Refused("ingest.truncated", file=self.file.shown) from error

    def pieces(self, columns: dict[str, int], roles: list[str]) -> Iterator[Piece]:
        """Yield the file piece by piece; see ``Table``."""
        digest = hashlib.sha256()
        with self.file.open() as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        self.content_hash = digest.hexdigest()
        wanted = sorted({self.names[index] for index in columns.values()})
        start = 0
        with self._open() as parquet:
            for batch in parquet.iter_batches(_BATCH, columns=wanted):
                found = {r: _as_text(batch.column(self.names[i])) for r, i in columns.items()}
                lines = np.arange(start, start + batch.num_rows)
                yield Piece(start, batch.num_rows, _with_roles(found, lines, roles), [])
                start += batch.num_rows
                self._read = start
        if start == 0:
            raise Refused("ingest.header_only", file=self.file.shown)

    def position(self) -> int:
        """Return how many rows were read so far."""
        return self._read

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield records as comma-separated text, given their sorted numbers from 0."""
        start = 0
        with self._open() as parquet:
            for batch in parquet.iter_batches(_BATCH):
                first, last = np.searchsorted(lines, (start, start + batch.num_rows))
                chosen = lines[first:last]
                rows = batch.take(pa.array(chosen - start))
                texts = [_as_text(column).to_pylist() for column in rows.columns]
                for line, values in zip(chosen.tolist(), zip(*texts, strict=True), strict=True):
                    text = io.StringIO()
                    csv.writer(text, lineterminator="").writerow(values)
                    yield line, text.getvalue()
                start += batch.num_rows


def _with_roles(found: dict[str, pa.Array], lines: np.ndarray, roles: list[str]) -> pa.Table:
    blank = pa.array([""] * len(lines), pa.string())
    columns = {role: found.get(role, blank) for role in roles}
    return pa.table({"line": pa.array(lines, pa.int64()), **columns})


def _as_text(column: pa.Array) -> pa.Array:
    """Return a Parquet column as text; nulls, and values without a text form, are empty."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        text = column if pa.types.is_string(column.type) else pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        text = pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    return pc.fill_null(text, "")
