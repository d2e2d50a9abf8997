"""Reads text files of rows: cuts them at record ends, parses the wanted columns, decodes them.

The cp949 bytes are parsed before they are decoded: no byte of a Korean character is a
comma, a quote or a line end, and only the few columns that ingest wants need decoding,
which is ten times cheaper than decoding the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from commerce.errors import Refused

#: Pieces of so many bytes: small enough that the threads that read them end together, large
#: enough that what each costs by itself does not count.
BLOCK = 20 * 2**20
#: A single record may be this long, quoted line ends included.
MAX_RECORD = 2**20
#: Below this size a piece with a bad record is read field by field.
_SMALL = 1 << 16
#: The last records of a file stand within so many bytes of its end.
TAIL = 4 * _SMALL
_SEPARATOR = b"\x1f"
_FIELD = rb'(?:"(?:[^"]++|"")*+"?+[^%b\n]*+|[^%b\n]*+)'


class Readable(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""


@dataclass(frozen=True)
class Form:
    """How the rows of one file are written.

    Args:
        delimiter: the byte between values.
        width: how many columns the header has.
        unnamed_tail: how many of the last columns have no name and may be absent.
        encoding: ``utf-8`` or ``cp949``.
        columns: column index by role.
        guarded: whether a quote mark stands before what a spreadsheet would run as a formula,
            as in files of refused rows that we handed out.
    """

    delimiter: bytes
    width: int
    unnamed_tail: int
    encoding: str
    columns: dict[str, int]
    guarded: bool = False


@dataclass(frozen=True)
class Rows:
    """A piece of a file: one text column per role, and the records that could not be read.

    ``line`` counts records within the piece from 0. ``bad`` holds (line, reason).
    """

    count: int
    line: np.ndarray
    columns: dict[str, pa.Array]
    bad: list[tuple[int, str]]


def pieces(stream: Readable, shown: str) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream at record ends; yield each piece and whether it is the last.

    Raises:
        Refused: when one record is longer than ``MAX_RECORD``.
    """
    rest = b""
    pending: bytes | None = None
    while block := stream.read(BLOCK):
        data = rest + block if rest else block
        cut = _last_record_end(data)
        if cut == 0:
            if len(data) > MAX_RECORD:
                raise Refused("ingest.line_too_long", file=shown)
            rest = data
            continue
        if len(data) - cut > MAX_RECORD:
            raise Refused("ingest.line_too_long", file=shown)
        if pending is not None:
            yield pending, False
        pending, rest = data[:cut], data[cut:]
    if len(rest) > MAX_RECORD:
        raise Refused("ingest.line_too_long", file=shown)
    if rest.strip():
        if pending is not None:
            yield pending, False
        pending = rest
    if pending is not None:
        yield pending, True


def _last_record_end(data: bytes) -> int:
    """Return where the last whole record ends: a line end outside quotes; 0 if there is none."""
    end = data.rfind(b"\n") + 1
    open_quotes = data.count(b'"', 0, end) % 2
    for _ in range(64):
        if end == 0 or not open_quotes:
            return end
        earlier = data.rfind(b"\n", 0, end - 1) + 1
        open_quotes = (open_quotes - data.count(b'"', earlier, end)) % 2
        end = earlier
    # Quotes that are no quotes ('5" pipe'): read field by field where records end.
    spans = [match.span() for match in _record_pattern(b",").finditer(data) if match.group()]
    if spans and fields(data[slice(*spans[-1])].rstrip(b"\n"), b",") is None:
        spans.pop()
    ends = [end for _, end in spans if data[end - 1 : end] == b"\n"]
    return ends[-1] if ends else 0


def _record_pattern(delimiter: bytes) -> re.Pattern[bytes]:
    escaped = re.escape(delimiter)
    field = _FIELD.replace(b"%b", escaped)
    return re.compile(field + rb"(?:" + escaped + field + rb")*+\n?+")


def records(piece: bytes, delimiter: bytes) -> list[bytes]:
    """Return the records of a piece without their line ends; blank lines are no records."""
    if b'"' not in piece:
        found = piece.split(b"\n")
    else:
        found = [m.group().rstrip(b"\n") for m in _record_pattern(delimiter).finditer(piece)]
    return [r for record in found if (r := record.removesuffix(b"\r")).strip()]


def read(piece: bytes, form: Form) -> Rows:
    """Parse a piece, decode the wanted columns, and set bad records apart."""
    table, line, count, bad = _parse(piece, form)
    return _decode(table, line, count, bad, form)


def _parse(piece: bytes, form: Form) -> tuple[pa.Table, np.ndarray, int, list[tuple[int, str]]]:
    lone_return = b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n")
    if not lone_return:
        try:
            table = _parse_fast(piece, form)
            return table, np.arange(table.num_rows), table.num_rows, []
        except pa.ArrowInvalid:
            pass
    if len(piece) <= _SMALL or lone_return:
        return _parse_slowly(piece, form)
    cut = _last_record_end(piece[: len(piece) // 2])
    if cut == 0:
        return _parse_slowly(piece, form)
    first, first_line, first_count, first_bad = _parse(piece[:cut], form)
    last, last_line, last_count, last_bad = _parse(piece[cut:], form)
    return (
        pa.concat_tables([first, last]),
        np.concatenate([first_line, last_line + first_count]),
        first_count + last_count,
        first_bad + [(number + first_count, reason) for number, reason in last_bad],
    )


def _parse_fast(piece: bytes, form: Form) -> pa.Table:
    names = [str(number) for number in range(form.width)]
    wanted = [str(index) for index in form.columns.values()]
    return pacsv.read_csv(
        pa.BufferReader(piece),
        read_options=pacsv.ReadOptions(
            use_threads=False, block_size=len(piece) + 1, column_names=names
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=form.delimiter.decode(), newlines_in_values=True
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.binary() for name in wanted},
            include_columns=wanted,
            strings_can_be_null=False,
        ),
    )


def _parse_slowly(
    piece: bytes, form: Form
) -> tuple[pa.Table, np.ndarray, int, list[tuple[int, str]]]:
    kept: list[list[bytes]] = []
    lines: list[int] = []
    bad: list[tuple[int, str]] = []
    whole = records(piece, form.delimiter)
    for number, record in enumerate(whole):
        values = fields(record, form.delimiter)
        if values is None or not _fits(values, form):
            bad.append((number, "columns"))
            continue
        kept.append(values)
        lines.append(number)
    columns = {
        str(index): pa.array([v[index] if index < len(v) else b"" for v in kept], pa.binary())
        for index in form.columns.values()
    }
    return pa.table(columns), np.array(lines, dtype=np.int64), len(whole), bad


def _fits(values: list[bytes], form: Form) -> bool:
    if len(values) > form.width:
        return not any(value.strip() for value in values[form.width :])
    return len(values) >= form.width - form.unnamed_tail


def fields(record: bytes, delimiter: bytes) -> list[bytes] | None:
    """Return the values of one record; None when a quote in it never closes."""
    values: list[bytes] = []
    position = 0
    while True:
        if record[position : position + 1] == b'"':
            quoted = re.compile(rb'"((?:[^"]++|"")*+)"').match(record, position)
            if quoted is None:
                return None
            end = record.find(delimiter, quoted.end())
            end = len(record) if end < 0 else end
            values.append(quoted.group(1).replace(b'""', b'"') + record[quoted.end() : end])
        else:
            end = record.find(delimiter, position)
            end = len(record) if end < 0 else end
            values.append(record[position:end])
        if end >= len(record):
            return values
        position = end + 1


def _decode(
    table: pa.Table, line: np.ndarray, count: int, bad: list[tuple[int, str]], form: Form
) -> Rows:
    undecodable = np.zeros(len(line), dtype=bool)
    columns: dict[str, pa.Array] = {}
    for role, index in form.columns.items():
        column, wrong = _text(table[str(index)], form.encoding)
        columns[role] = unguarded(column) if form.guarded else column
        if wrong is not None:
            undecodable |= wrong
    if undecodable.any():
        bad = bad + [(int(number), "bad_bytes") for number in line[undecodable]]
        keep = pa.array(~undecodable)
        columns = {role: column.filter(keep) for role, column in columns.items()}
        line = line[~undecodable]
    return Rows(count, line, columns, bad)


def unguarded(column: pa.Array) -> pa.Array:
    """Return texts without the quote mark that keeps a spreadsheet from running them."""
    return pc.replace_substring_regex(column, r"^'([=+\-@\t\r])", r"\1")


def _text(column: pa.ChunkedArray, encoding: str) -> tuple[pa.Array, np.ndarray | None]:
    """Return a column as text, and a mask of the values that cannot be decoded."""
    values = column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], pa.binary())
    size = len(values)
    offsets, data = values.buffers()[1:]
    if size == 0 or data is None or (values.offset == 0 and data.to_pybytes().isascii()):
        return pa.StringArray.from_buffers(size, offsets, data, offset=values.offset), None
    joined = pc.binary_join(
        pa.ListArray.from_arrays(pa.array([0, size], pa.int32()), values), _SEPARATOR
    )[0].as_py()
    try:
        text = joined.decode(encoding).encode("utf-8")
    except UnicodeDecodeError:
        return _text_slowly(values, encoding)
    marks = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _SEPARATOR[0])
    if len(marks) != size - 1:
        return _text_slowly(values, encoding)
    starts = np.empty(size + 1, dtype=np.int32)
    starts[0], starts[-1] = 0, len(text) - len(marks)
    starts[1:-1] = marks - np.arange(len(marks))
    bare = text.replace(_SEPARATOR, b"")
    return pa.StringArray.from_buffers(size, pa.py_buffer(starts), pa.py_buffer(bare)), None


def _text_slowly(values: pa.Array, encoding: str) -> tuple[pa.Array, np.ndarray]:
    found: list[str] = []
    wrong = np.zeros(len(values), dtype=bool)
    for number, value in enumerate(values.to_pylist()):
        try:
            found.append(value.decode(encoding))
        except UnicodeDecodeError:
            found.append("")
            wrong[number] = True
    return pa.array(found, pa.string()), wrong
