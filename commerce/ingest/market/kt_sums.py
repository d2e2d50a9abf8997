"""Sums a clean KT file of hourly counts while it is read: by weekday and hour, by sex and age.

Arrow reads blocks in threads; each column but the persons has few spellings, so a row is a
place in small arrays, into which NumPy adds. Rows that repeat show at the end: each row takes
a place of its own in ``_seen``, and fewer places than rows are taken then. Anything that is not
as it should be ends the attempt: ``presence.py`` reads the file row by row instead.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from commerce.ingest.market import kt_blocks
from commerce.ingest.market.kt_blocks import AGES, MOST, SEXES, Block, Floats, Ints, Unclean
from commerce.ingest.market.tabular import TextTable

_T = TypeVar("_T")
_PERSONS = len(SEXES) * len(AGES)
#: Places of one dong and day.
_PLACES = 24 * _PERSONS
#: Places of one dong and month: weekday and hour; sex and age.
_HOURLY = 7 * 24
#: A file that names so many days and dongs with few rows each is read the slow way.
_MOST_BYTES = 1 << 30


class _Room:
    """An array by day or month, dong and place, which grows as days and dongs come along."""

    def __init__(self, places: int, dtype: type) -> None:
        self._places = places
        self._array: npt.NDArray[Any] = np.zeros((0, 0), dtype=dtype)

    def flat(self, rows: int, dongs: int) -> npt.NDArray[Any]:
        """Return all places one behind the other, with room for so many rows and dongs.

        Raises:
            Unclean: when that is more than rows of a usual file could fill.
        """
        before = self._array
        if rows > before.shape[0] or dongs * self._places > before.shape[1]:
            room = _capacity(rows), _capacity(dongs) * self._places
            if room[0] * room[1] * before.itemsize > _MOST_BYTES:
                raise Unclean("too many places")
            self._array = np.zeros(room, dtype=before.dtype)
            self._array[: before.shape[0], : before.shape[1]] = before
        return self._array.reshape(-1)

    def index(self, row: Ints, dong: Ints, place: Ints) -> Ints:
        """Return where places stand in ``flat``."""
        width = int(self._array.shape[1])
        return row * width + dong * self._places + place

    def of(self, row: int, dongs: int) -> npt.NDArray[Any]:
        """Return the places of one day or month, by dong."""
        return self._array[row, : dongs * self._places].reshape(dongs, self._places)


@dataclass
class Sums:
    """What a file holds, once it was added up.

    Attributes:
        rows: how many rows there are.
        content_hash: SHA-256 of the whole content, header included.
    """

    rows: int = 0
    content_hash: str = ""
    _dongs: dict[str, int] = field(default_factory=dict)
    _days: dict[date, int] = field(default_factory=dict)
    _months: dict[date, int] = field(default_factory=dict)
    _seen: _Room = field(default_factory=lambda: _Room(_PLACES, np.bool_))
    _hourly: _Room = field(default_factory=lambda: _Room(_HOURLY, np.float64))
    _personal: _Room = field(default_factory=lambda: _Room(_PERSONS, np.float64))

    def add(self, block: Block) -> None:
        """Add the rows of a block.

        Raises:
            Unclean: when there are more days and dongs than rows could fill.
        """
        day = _numbers(block.days, self._days)[block.day]
        month = _numbers([each.replace(day=1) for each in block.days], self._months)[block.day]
        weekday = np.array([each.weekday() for each in block.days], dtype=np.int64)[block.day]
        dong = _numbers(block.dongs, self._dongs)[block.dong]
        hour, person = np.divmod(block.place, _PERSONS)
        seen = self._seen.flat(len(self._days), len(self._dongs))
        seen[self._seen.index(day, dong, block.place)] = True
        for room, place in ((self._hourly, weekday * 24 + hour), (self._personal, person)):
            sums = room.flat(len(self._months), len(self._dongs))
            np.add.at(sums, room.index(month, dong, place), block.persons)
        self.rows += len(block.place)

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Return the sums by weekday and hour, and those by sex and age.

        Returns:
            ``dong, month, weekday`` (1 Monday), ``hour, persons, days`` (bit n: the nth of the
            month is there), ``n`` (rows); and ``dong, month, sex, age, persons, days``.

        Raises:
            Unclean: when a row repeats, or a sum is beyond what a count of people can be.
        """
        dongs = list(self._dongs)
        shape = (len(dongs), 24, _PERSONS)
        hours: dict[date, list[Ints]] = defaultdict(lambda: [np.zeros((shape[0], 7, 24), np.int64)
                                                             for _ in range(2)])  # fmt: skip
        persons: dict[date, Ints] = defaultdict(lambda: np.zeros((shape[0], _PERSONS), np.int64))
        found = 0
        for each, number in self._days.items():
            seen = self._seen.of(number, len(dongs)).reshape(shape)
            counts = seen.sum(axis=2, dtype=np.int64)
            month, bit = each.replace(day=1), 1 << each.day
            days, rows = hours[month]
            days[:, each.weekday()] |= (counts > 0) * bit
            rows[:, each.weekday()] += counts
            persons[month] |= seen.any(axis=1) * bit
            found += int(counts.sum())
        if found != self.rows:
            raise Unclean("rows repeat")
        return self._by_hour(dongs, hours), self._by_person(dongs, persons)

    def _by_hour(self, dongs: list[str], hours: Mapping[date, list[Ints]]) -> pa.Table:
        parts = []
        for month, (days, rows) in hours.items():
            dong, weekday, hour = np.nonzero(days)
            at = (dong, weekday, hour)
            persons = self._hourly.of(self._months[month], len(dongs)).reshape(days.shape)[at]
            parts.append(
                _part(dongs, dong, month, persons, days[at])
                | {
                    "weekday": pa.array(weekday + 1),
                    "hour": pa.array(hour),
                    "n": pa.array(rows[at]),
                }
            )
        return pa.concat_tables([pa.table(part) for part in parts])

    def _by_person(self, dongs: list[str], persons: Mapping[date, Ints]) -> pa.Table:
        parts = []
        for month, days in persons.items():
            dong, person = np.nonzero(days)
            sums = self._personal.of(self._months[month], len(dongs))
            parts.append(
                _part(dongs, dong, month, sums[dong, person], days[dong, person])
                | {
                    "sex": pa.array(SEXES).take(pa.array(person // len(AGES))),
                    "age": pa.array(AGES).take(pa.array(person % len(AGES))),
                }
            )
        return pa.concat_tables([pa.table(part) for part in parts])


def add_up(table: TextTable, columns: dict[str, int], progress: Callable[[int], None]) -> Sums:
    """Return the sums of a KT file.

    Args:
        table: the opened file.
        columns: column index by role: ``day``, ``hour``, ``sex``, ``age``, ``dong``, ``persons``.
        progress: called with the number of rows read so far.

    Raises:
        Unclean: when a row is not as it should be; it is not told which.
        Refused: when the container is broken or cut off.
    """
    sums, digest = Sums(), hashlib.sha256()
    workers = min(4, os.cpu_count() or 1)
    waiting: deque[Future[Block]] = deque()

    def take() -> None:
        sums.add(waiting.popleft().result())
        progress(sums.rows)

    pool = ThreadPoolExecutor(workers)
    try:
        with table.file.open() as stream:
            digest.update(_head(stream, table.start))
            for block in kt_blocks.cut(stream):
                waiting.append(pool.submit(kt_blocks.read, block, table, columns))
                digest.update(block)
                if len(waiting) > workers:
                    take()
        while waiting:
            take()
    finally:
        pool.shutdown(cancel_futures=True)
    if not sums.rows:
        raise Unclean("no rows")
    sums.content_hash = digest.hexdigest()
    return sums


def _head(stream: IO[bytes], length: int) -> bytes:
    head = b""
    while len(head) < length and (more := stream.read(length - len(head))):
        head += more
    return head


def _numbers(values: list[_T], known: dict[_T, int]) -> Ints:
    """Return the number of each value; new ones get the next."""
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)


def _capacity(wanted: int) -> int:
    return 1 << max(wanted - 1, 0).bit_length()


def _part(
    dongs: list[str], dong: Ints, month: date, persons: Floats, days: Ints
) -> dict[str, pa.Array]:
    if len(persons) and not persons.max() <= MOST:
        raise Unclean("sums")
    return {
        "dong": pa.array(dongs, pa.string()).take(pa.array(dong)),
        "month": pa.array([month] * len(dong), pa.date32()),
        "persons": pa.array(persons),
        "days": pa.array(days),
    }
