"""Reads JSON and XML permit files record by record: API answers, plain lists, saved pages."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any
from xml.etree import ElementTree

import ijson
import numpy as np
import pyarrow as pa

from commerce.errors import Refused
from commerce.ingest import headers
from commerce.ingest.delimited import BLOCK, Rows
from commerce.ingest.files import RawFile
from commerce.ingest.recognise import match

_BATCH = 20_000
_JSON = {"use_float": True, "multiple_values": True}
#: So many kinds of objects are tried before a file is given up.
_TRIES = 50
#: An error of a public API, which may come with any HTTP status; 0, 00 and 000 are none.
_ERROR = re.compile(rb'(?:resultCode|returnReasonCode)(?:"\s*:\s*"?|>)\s*0*([1-9]\d{0,3})\D')
#: So many bytes are looked at again with the next block.
_OVERLAP = 256
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
        self.content_hash = self.file_hash = ""
        self._read = 0
        self._place = _Place("", in_array=False)
        first = self._first()
        self.names, self.delimiter = list(first), headers.JSON
        self.match = match(self.names, file)
        self._names = {role: self.names[index] for role, index in self.match.columns.items()}

    def position(self) -> int:
        """Return how many bytes were read so far."""
        return self._read

    def pieces(self) -> Iterator[Callable[[], Rows]]:
        """Yield one call per batch of records; the hash of the content is known at the end."""
        digest = hashlib.sha256()
        with closing(self._records(digest)) as records:
            while batch := list(itertools.islice(records, _BATCH)):
                yield partial(self._rows, batch)
        self.content_hash = digest.hexdigest()

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield the original records as JSON, given their sorted numbers from 0."""
        wanted = set(lines.tolist())
        with closing(self._records(hashlib.sha256())) as records:
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
        if self._kind == "json":
            with self._opened(hashlib.sha256()) as stream:
                self._place = _place(stream, self.file)
        keys: Record = {}
        with closing(self._records(hashlib.sha256())) as records:
            for record in itertools.islice(records, 50):
                if isinstance(record, dict):
                    keys |= record
        if not keys:
            raise Refused("ingest.unrecognised", file=self.file.shown)
        return keys

    @contextmanager
    def _opened(self, digest: hashlib._Hash) -> Iterator[_Watched]:
        self._read = 0
        with _read_errors(self.file), self.file.open() as stream:
            yield _Watched(stream, digest, self.file, self)

    def _records(self, digest: hashlib._Hash) -> Generator[Any, None, None]:
        """Yield all records, in the same order each time.

        An answer with one record often holds it bare where others hold a list: a file of
        several answers has both, and those in the rarer form come last.
        """
        place = self._place
        with self._opened(digest) as stream:
            if self._kind == "xml":
                yield from _xml_records(stream)
                return
            stream.look_for = place.other_form()
            if place.in_array or not place.prefix:
                yield from ijson.items(stream, place.prefix, **_JSON)
            else:
                yield from _maps(stream, place.prefix)
        if not stream.seen:
            return
        with self._opened(hashlib.sha256()) as again:
            if place.in_array:
                yield from _maps(again, place.bare())
            else:
                yield from ijson.items(again, f"{place.prefix}.item", **_JSON)


@dataclass(frozen=True)
class _Place:
    """Where records are, as ijson says it, and whether that is in lists."""

    prefix: str
    in_array: bool

    def bare(self) -> str:
        """Return where a record stands that is in no list."""
        return self.prefix[: -len(".item")] if self.in_array else self.prefix

    def other_form(self) -> re.Pattern[bytes] | None:
        """Return what a file holds that has records bare and in lists under the same name."""
        name = (self.bare() if self.in_array else self.prefix).rpartition(".")[2]
        if not name:
            return None
        opens = rb"\{" if self.in_array else rb"\["
        return re.compile(rb'"' + re.escape(name.encode()) + rb'"\s*:\s*' + opens)


class _Watched:
    """A stream that hashes and counts, and refuses text that never ends."""

    def __init__(
        self, stream: IO[bytes], digest: hashlib._Hash, file: RawFile, owner: RecordFile
    ) -> None:
        self._stream, self._digest, self._file, self._owner = stream, digest, file, owner
        self._run = 0
        self._started = False
        self.look_for: re.Pattern[bytes] | None = None
        self.seen = False
        self._tail = b""

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
        self._watch(self._tail + data)
        self._tail = (self._tail + data[-_OVERLAP:])[-_OVERLAP:]
        return data

    def _watch(self, data: bytes) -> None:
        """Refuse an error among answers: the rows of that page are missing."""
        if b"Code" in data and (error := _ERROR.search(data)):
            code = error.group(1).decode()
            raise Refused("ingest.error_answer", file=self._file.shown, code=code)
        if self.look_for is not None and not self.seen:
            self.seen = self.look_for.search(data) is not None


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


def _place(stream: _Watched, file: RawFile) -> _Place:
    """Return where the records are: the first object of plain values whose names are a permit's.

    Raises:
        Refused: as ``match`` does for the first object of plain values, or when there is none.
    """
    open_maps: list[_Open] = []
    in_array: list[bool] = []
    tried: set[frozenset[str]] = set()
    first_refusal: Refused | None = None
    counts_none = False
    for prefix, event, value in ijson.parse(stream, **_JSON):
        if event in ("start_map", "start_array") and open_maps:
            open_maps[-1].flat = False
        if event == "start_array":
            in_array.append(True)
        elif event == "end_array":
            in_array.pop()
        elif event == "start_map":
            open_maps.append(_Open(_Place(prefix, bool(in_array and in_array[-1]))))
            in_array.append(False)
        elif event == "map_key" and open_maps:
            open_maps[-1].names.append(str(value))
        elif event == "end_map":
            in_array.pop()
            closed = open_maps.pop()
            names = frozenset(closed.names)
            counts_none |= closed.count == 0
            if not closed.flat or len(names) < 5 or names in tried or len(tried) > _TRIES:
                continue
            tried.add(names)
            try:
                match(closed.names, file)
            except Refused as refusal:
                if refusal.key == "ingest.no_service":
                    return closed.place
                if "totalCount" not in names:
                    first_refusal = first_refusal or refusal
            else:
                return closed.place
        elif open_maps and prefix.endswith("totalCount") and str(value).strip() == "0":
            open_maps[-1].count = 0
    if first_refusal is None and counts_none:
        raise Refused("ingest.no_rows", file=file.shown)
    raise first_refusal or Refused("ingest.unrecognised", file=file.shown)


@dataclass
class _Open:
    """An object that has not closed yet."""

    place: _Place
    flat: bool = True
    count: int | None = None
    names: list[str] = field(default_factory=list)


def _maps(stream: _Watched, prefix: str) -> Iterator[Record]:
    """Yield the objects that stand bare at a place, without the lists that stand there too."""
    builder: ijson.ObjectBuilder | None = None
    for path, event, value in ijson.parse(stream, **_JSON):
        if path == prefix and event == "start_map":
            builder = ijson.ObjectBuilder()
        if builder is not None:
            builder.event(event, value)
            if path == prefix and event == "end_map":
                yield builder.value
                builder = None


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
