"""Reads one permit file into typed rows, whatever its layout, and finds refused rows again."""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Protocol

import numpy as np

from commerce.errors import Refused
from commerce.ingest import delimited
from commerce.ingest.clean import Cleaner
from commerce.ingest.delimited import Form, Readable, Rows
from commerce.ingest.files import Hashing, RawFile, wholly_utf8
from commerce.ingest.headers import reason_columns
from commerce.ingest.recognise import PEEK, Match, header_cells, match
from commerce.ingest.records import RecordFile


class PermitFile(Protocol):
    """A recognised permit file. Hashes are known once it was read.

    ``file_hash`` is the SHA-256 of the file on disk; empty where reading does not tell it.
    """

    file: RawFile
    match: Match
    content_hash: str
    file_hash: str
    names: list[str]
    delimiter: str

    def pieces(self) -> Iterator[Callable[[], Rows]]:
        """Yield one call per piece of the file; calls may run in any thread."""

    def position(self) -> int:
        """Return how many bytes of the file on disk were read so far, about."""

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield the original text of records, given their sorted numbers from 0."""


class DelimitedFile:
    """A text file of rows with a header."""

    def __init__(self, file: RawFile, head: bytes) -> None:
        self.file = file
        self.content_hash = self.file_hash = ""
        names, self._start, delimiter, is_utf8 = header_cells(head, file)
        self.names, self.delimiter = names, delimiter
        self.match = match(names, file)
        if is_utf8 is None:
            is_utf8 = wholly_utf8(file)
        tail = 0
        while tail < len(names) and not names[-1 - tail]:
            tail += 1
        self._form = Form(
            delimiter.encode(),
            len(names),
            tail,
            "utf-8" if is_utf8 else "cp949",
            self.match.columns,
            not reason_columns().isdisjoint(names),
        )
        self._read = 0

    def pieces(self) -> Iterator[Callable[[], Rows]]:
        """Yield one call per piece; the hash of the content is known at the end."""
        digest = hashlib.sha256()
        with self.file.open() as stream:
            is_plain = self.file.is_plain()
            any_rows, before = False, b""
            for piece, is_last in self._pieces(Hashing(stream, digest)):
                any_rows = True
                self._read += len(piece)
                if is_last:
                    self.check_end(before + piece)
                before = piece[-delimited.TAIL :]
                yield partial(delimited.read, piece, self._form)
            if not any_rows:
                raise Refused("ingest.header_only", file=self.file.shown)
        self.content_hash = digest.hexdigest()
        self.file_hash = self.content_hash if is_plain else ""

    def _pieces(self, stream: Readable) -> Iterator[tuple[bytes, bool]]:
        skipped = 0
        while skipped < self._start:
            skipped += len(stream.read(self._start - skipped)) or self._start
        return delimited.pieces(stream, self.file.shown)

    def check_end(self, piece: bytes) -> None:
        """Refuse a file whose last record is cut off.

        Args:
            piece: the end of the file, at least its last two records.
        """
        if piece.endswith(b"\n"):
            return
        last_two = delimited.records(piece[-delimited.TAIL :], self._form.delimiter)[-2:]
        last = delimited.fields(last_two[-1], self._form.delimiter)
        width = self._form.width
        if last is None or len(last) < width:
            raise Refused("ingest.truncated", file=self.file.shown)
        before = delimited.fields(last_two[0], self._form.delimiter) or []
        dated = [self.match.columns.get(r) for r in ("updated_at", "refreshed_at", "closed_on")]
        if (
            width - 1 in dated
            and len(before) == width
            and len(last[-1]) < len(before[-1])
            and last_two[0] is not last_two[-1]
        ):
            raise Refused("ingest.truncated", file=self.file.shown)

    def first_values(self, head: bytes) -> list[list[bytes]]:
        """Return the values of the first whole records; none where there is only a header.

        Args:
            head: what ``read_head`` returned.
        """
        first = delimited.records(head[self._start :], self._form.delimiter)[:50]
        if len(head) >= PEEK and len(first) > 1:
            first.pop()  # it may be cut off where the head ends
        return [delimited.fields(record, self._form.delimiter) or [] for record in first]

    def position(self) -> int:
        """Return how many bytes were read so far."""
        return self._read

    def raw(self, lines: np.ndarray) -> Iterator[tuple[int, str]]:
        """Yield the original text of records, given their sorted numbers from 0."""
        start = 0
        with self.file.open() as stream:
            for piece, _ in self._pieces(stream):
                found = delimited.records(piece, self._form.delimiter)
                for line in lines[(lines >= start) & (lines < start + len(found))]:
                    record = found[line - start]
                    yield int(line), record.decode(self._form.encoding, "backslashreplace")
                start += len(found)


def open_permits(file: RawFile, kind: str, head: bytes) -> PermitFile:
    """Return the reader of a permit file.

    Raises:
        Refused: when its layout or its service cannot be told.
    """
    return DelimitedFile(file, head) if kind == "text" else RecordFile(file, kind)


def read_head(file: RawFile) -> bytes:
    """Return the first bytes of a file."""
    head = b""
    with file.open() as stream:
        while len(head) < PEEK and (block := stream.read(PEEK - len(head))):
            head += block
    return head


def stage(permits: PermitFile, cleaners: list[Cleaner]) -> Iterator[int]:
    """Read a file into the working database; yield how many records each piece had.

    Pieces are parsed and cleaned in as many threads as there are cleaners.
    """
    idle = list(cleaners)

    def clean(rows: Rows, start: int) -> int:
        cleaner = idle.pop()
        try:
            cleaner.clean(rows, start)
        finally:
            idle.append(cleaner)
        return rows.count

    start = 0
    parsing: deque[Future[Rows]] = deque()
    cleaning: deque[Future[int]] = deque()
    with _pool(len(cleaners)) as pool:
        for piece in itertools.chain(permits.pieces(), [None]):
            if piece is not None:
                parsing.append(pool.submit(piece))
            while parsing and (piece is None or len(parsing) >= len(cleaners)):
                rows = parsing.popleft().result()
                cleaning.append(pool.submit(clean, rows, start))
                start += rows.count
            while cleaning and (piece is None or len(cleaning) >= len(cleaners)):
                yield cleaning.popleft().result()


@contextmanager
def _pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
