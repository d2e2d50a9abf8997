"""Reads JSON and XML permit files record by record: API answers, plain lists, saved pages."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any
from xml.etree import ElementTree

import ijson
import numpy as np
import pyarrow as pa

from commerce.errors import Refused
from commerce.ingest.delimited import BLOCK, Rows
from commerce.ingest.files import RawFile
from commerce.ingest.recognise import match

_BATCH = 20_000
#: Text without a single quote or bracket for so long is no record.
_LONGEST_RUN = 4 * 2**20
Record = dict[str, Any]


class RecordFile:
    """A JSON or XML file of permits.

    Args:
        file: the file.
        kind: ``json`` or ``xml``.
    """

    def __init__(self, file: RawFile, kind: str) -> None:
        self.file, self._kind = file, kind
        self.content_hash = ""
        self._read = 0
        self._prefix = ""
        first = self._first()
        names = list(first)
        self.match = match(names, file)
        self._names = {role: names[index] for role, index in self.match.columns.items()}

    def position(self) -> int:
        """Return how many bytes were read so far."""
        return self._read

    def pieces(self) -> Iterator[Callable[[], Rows]]:
        """Yield one call per batch of records; the hash of the content is known at the end."""
        digest = hashlib.sha256()
        with self._records(digest) as records:
            while batch := list(itertools.islice(records, _BATCH)):
                yield partial(self._rows, batch)
        self.content_hash = digest.hexdigest()

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield the original records as JSON, given their sorted numbers from 0."""
        wanted = set(lines.tolist())
        with self._records(hashlib.sha256()) as records:
            for number, record in enumerate(records):
                if number in wanted:
                    yield number, json.dumps(record, ensure_ascii=False, default=str)

    def _rows(self, batch: list[Any]) -> Rows:
        bad: list[tuple[int, str]] = []
        kept: list[Record] = []
        lines: list[int] = []
        for number, record in enumerate(batch):
            if isinstance(record, dict):
                kept.append(record)
                lines.append(number)
            else:
                bad.append((number, "columns"))
        columns = {
            role: pa.array([_text(record.get(name)) for record in kept], pa.string())
            for role, name in self._names.items()
        }
        return Rows(len(batch), np.array(lines, dtype=np.int64), columns, bad)

    def _first(self) -> Record:
        """Return the first record, with all keys of the first few, and remember where it is."""
        with self._opened(hashlib.sha256()) as stream:
            if self._kind == "json":
                self._prefix = _json_prefix(stream, self.file)
        keys: Record = {}
        with self._records(hashlib.sha256()) as records:
            for record in itertools.islice(records, 50):
                if isinstance(record, dict):
                    keys |= record
        if not keys:
            raise Refused("ingest.unrecognised", file=self.file.shown)
        return keys

    @contextmanager
    def _opened(self, digest: hashlib._Hash) -> Iterator[_Watched]:
        with _read_errors(self.file), self.file.open() as stream:
            yield _Watched(stream, digest, self.file, self)

    @contextmanager
    def _records(self, digest: hashlib._Hash) -> Iterator[Iterator[Any]]:
        self._read = 0
        with self._opened(digest) as stream:
            if self._kind == "json":
                yield ijson.items(stream, self._prefix, use_float=True, multiple_values=True)
            else:
                yield _xml_records(stream)


class _Watched:
    """A stream that hashes and counts, and refuses text that never ends."""

    def __init__(
        self, stream: IO[bytes], digest: hashlib._Hash, file: RawFile, owner: RecordFile
    ) -> None:
        self._stream, self._digest, self._file, self._owner = stream, digest, file, owner
        self._run = 0
        self._started = False

    def read(self, size: int = BLOCK) -> bytes:
        data = self._stream.read(min(size, BLOCK) if size >= 0 else BLOCK)
        self._digest.update(data)
        if not self._started:
            data, self._started = data.removeprefix(b"\xef\xbb\xbf"), True
        self._owner._read += len(data)
        last = max(data.rfind(b'"'), data.rfind(b"<"))
        self._run = len(data) - last if last >= 0 else self._run + len(data)
        if self._run > _LONGEST_RUN:
            raise Refused("ingest.line_too_long", file=self._file.shown)
        return data


@contextmanager
def _read_errors(file: RawFile) -> Iterator[None]:
    try:
        yield
    except ijson.IncompleteJSONError as error:
        cut = "premature EOF" in str(error) or "incomplete" in str(error).lower()
        key = "ingest.truncated" if cut else "ingest.broken_json"
        raise Refused(key, file=file.shown) from error
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise Refused("ingest.broken_json", file=file.shown) from error
    except ElementTree.ParseError as error:
        cut = error.code in (3, 5) or "no element found" in str(error)
        key = "ingest.truncated" if cut else "ingest.broken_xml"
        raise Refused(key, file=file.shown) from error


def _json_prefix(stream: _Watched, file: RawFile) -> str:
    """Return where the records are: the first object that holds only plain values."""
    inside: list[tuple[str, bool, int]] = []
    for prefix, event, _ in ijson.parse(stream, multiple_values=True):
        if event == "start_map":
            if inside:
                name, _, plain = inside[-1]
                inside[-1] = (name, False, plain)
            inside.append((prefix, True, 0))
        elif event == "start_array" and inside:
            name, _, plain = inside[-1]
            inside[-1] = (name, False, plain)
        elif event in ("string", "number", "integer", "double", "boolean", "null") and inside:
            name, is_flat, plain = inside[-1]
            inside[-1] = (name, is_flat, plain + 1)
        elif event == "end_map":
            name, is_flat, plain = inside.pop()
            if is_flat and plain >= 5:
                return str(name)
    raise Refused("ingest.unrecognised", file=file.shown)


def _xml_records(stream: _Watched) -> Iterator[Record]:
    """Yield each element whose children are all plain text; there must be several of them."""
    depth: list[ElementTree.Element] = []
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        if event == "start":
            depth.append(element)
            continue
        depth.pop()
        if len(element) >= 5 and all(len(child) == 0 for child in element):
            yield {child.tag: child.text or "" for child in element}
            element.clear()
            if depth:
                depth[-1].remove(element)


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
