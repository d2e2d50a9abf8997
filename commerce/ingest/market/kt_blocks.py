"""Reads blocks of a KT file: each row as a place among 24 hours, two sexes and eight ages.

Each column but the persons has few spellings, which are checked once per block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from commerce.ingest.market.tabular import TextTable

SEXES = ("F", "M")
AGES = tuple(f"age_{age}0" for age in range(8))
#: More than a count of people can be; beyond it sums lose whole numbers.
MOST = 9e15
_BLOCK = 8 << 20
#: Empty lines at the end of a file are no rows; more than fit here are looked at row by row.
_TAIL = 64
_HOURS = {f"{hour:02d}": hour for hour in range(24)} | {str(hour): hour for hour in range(10)}
_DONG = re.compile(r"[0-9]{8}([0-9]{2})?")
_KEYS = ("day", "hour", "sex", "age", "dong")
_SPELLINGS = pa.dictionary(pa.int32(), pa.string())

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Unclean(Exception):
    """Something in the file has to be looked at row by row."""


@dataclass(frozen=True)
class Block:
    """Rows of a piece of the file.

    Attributes:
        days: the days that it names; ``dongs`` the dongs as they are spelt.
        day: for each row its position in ``days``; ``dong`` in ``dongs``.
        place: hour, sex and age as one number: ``(hour * 2 + sex) * 8 + age``.
        persons: how many persons.
    """

    days: list[date]
    dongs: list[str]
    day: Ints
    dong: Ints
    place: Ints
    persons: Floats


def cut(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the rest of the stream, cut behind line feeds."""
    rest = b""
    while more := stream.read(_BLOCK):
        end = more.rfind(b"\n") + 1
        if end:
            yield rest + more[:end]
            rest = more[end:]
        else:
            rest += more
            if len(rest) > 4 * _BLOCK:
                raise Unclean("a line without end")
    if rest:
        yield rest


def read(block: bytes, table: TextTable, columns: dict[str, int]) -> Block:
    """Return the rows of a block; any thread may do so.

    Raises:
        Unclean: when one is not as it should be.
    """
    names = [str(number) for number in range(len(table.names))]
    kept = {role: str(columns[role]) for role in (*_KEYS, "persons")}
    try:
        rows = csv.read_csv(
            pa.BufferReader(block),
            csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            csv.ParseOptions(delimiter=table.delimiter),
            csv.ConvertOptions(
                column_types={kept[role]: _SPELLINGS for role in _KEYS}
                | {kept["persons"]: pa.float64()},
                include_columns=list(kept.values()),
                null_values=[],
            ),
        ).combine_chunks()
    except pa.ArrowInvalid as error:
        raise Unclean("not a table of numbers") from error
    marks = np.frombuffer(block, dtype=np.uint8)
    tail = block[-_TAIL:]
    lines = np.count_nonzero(marks == ord("\n")) + 1
    lines -= tail.count(b"\n") - tail.rstrip(b"\r\n").count(b"\n")
    # Arrow passes over empty lines, and reads 1e005 as a number: each age has the one e of a row.
    if rows.num_rows != lines or np.count_nonzero(marks == ord("e")) != lines or b"E" in block:
        raise Unclean("other marks than numbers have")
    if not rows.num_rows:
        raise Unclean("no rows")
    spelt: dict[str, tuple[list[str], Ints]] = {}
    for role in _KEYS:
        column = rows.column(kept[role]).chunk(0)
        spelt[role] = column.dictionary.to_pylist(), column.indices.to_numpy().astype(np.int64)
    persons = rows.column(kept["persons"]).to_numpy()
    if not (persons.min() >= 0 and persons.max() <= MOST):  # false for what is not a number
        raise Unclean("persons")
    if not all(map(_DONG.fullmatch, spelt["dong"][0])):
        raise Unclean("dong")
    place = (
        _known(spelt["hour"], _HOURS) * (len(SEXES) * len(AGES))
        + _known(spelt["sex"], _numbered(SEXES)) * len(AGES)
        + _known(spelt["age"], _numbered(AGES))
    )
    days = [_day(text) for text in spelt["day"][0]]
    return Block(days, spelt["dong"][0], spelt["day"][1], spelt["dong"][1], place, persons)


@cache
def _numbered(values: tuple[str, ...]) -> dict[str, int]:
    return {value: number for number, value in enumerate(values)}


def _known(spelt: tuple[list[str], Ints], known: Mapping[str, int]) -> Ints:
    """Return the number of each row's spelling."""
    texts, rows = spelt
    try:
        return np.array([known[text] for text in texts], dtype=np.int64)[rows]
    except KeyError as error:
        raise Unclean(str(error)) from None


@cache
def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", text) or not "1990" <= text[:4] < "2100":
        raise Unclean("day")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise Unclean("day") from None
