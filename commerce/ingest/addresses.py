"""Cuts addresses into the place and the house number, so that each place is looked at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from commerce.ingest.places import Districts, canonical, place_hash

#: Plain addresses are a place, a blank, a house number and, set off from it, a rest. They are read
#: as the patterns of address.sql for whole addresses would read them: no other number stands where
#: those would take it for the house's. All other addresses are odd, and left to those patterns.
_PLACE = {
    "lot": re.compile(r"\D*[동리가]|\D*\d+가"),
    "road": re.compile(r"\D*(?:(?<![로길])\d+)?(?:로|길)(?:\d+[가-힣]?번?[가-힣]?길)?"),
}
_AFTER_LOT = r"번지(?:[,(].*| +(?:[^ \d].*)?)?"
_REST = {
    "lot": rf"^(?:[,(].*| +(?:[^ \-번].*|{_AFTER_LOT})?|{_AFTER_LOT})?$",
    "road": r"^(?:[,(].*| +(?:[^ \-].*)?)?$",
}
#: House numbers are below this; longer ones are no house numbers.
_HOUSES = 2**16


Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Place:
    """A written place: its hash, whether it lies in our districts, and how it may be read."""

    hash: int
    is_inside: bool
    is_plain: dict[str, bool]


@dataclass(frozen=True)
class Read:
    """What addresses say: the key of each lot or building, whether it lies in our districts
    (both null where that is not plain), what follows the number, and which addresses are odd.
    """

    key: pa.Int64Array
    is_inside: pa.BooleanArray
    rest: pa.StringArray
    is_odd: Flags


class PlaceBook:
    """What is known of places, by how they are written.

    Args:
        districts: which districts are ingested.
    """

    def __init__(self, districts: Districts) -> None:
        self._districts = districts
        self._known: dict[str, Place] = {}

    def look_up(self, written: str) -> Place:
        """Return what is known of a place."""
        place = self._known.get(written)
        if place is None:
            text = canonical(written)
            plain = {k: bool(pattern.fullmatch(written)) for k, pattern in _PLACE.items()}
            place = Place(place_hash(text), self._districts.holds(text), plain)
            self._known[written] = place
        return place

    def read(self, addresses: pa.StringArray, kind: str) -> Read:
        """Return what the addresses of a kind (``lot`` or ``road``) say."""
        place, main, sub, rest = cut(addresses)
        known = [self.look_up(text) for text in place.dictionary.to_pylist()]
        number = place.indices.to_numpy()
        is_plain = np.array([k.is_plain[kind] for k in known], bool)[number]
        is_plain &= (main >= 0) & (main < _HOUSES) & (sub < _HOUSES)
        is_plain &= pc.match_substring_regex(rest, _REST[kind]).to_numpy(zero_copy_only=False)
        key = np.array([k.hash for k in known], np.int64)[number] + (main * 100_000 + sub) * 2
        inside = np.array([k.is_inside for k in known], bool)[number]
        is_given = pc.not_equal(addresses, "").to_numpy(zero_copy_only=False)
        return Read(
            pa.array(key, mask=~is_plain),
            pa.array(inside, mask=~is_plain),
            rest,
            is_given & ~is_plain,
        )


def cut(addresses: pa.StringArray) -> tuple[pa.DictionaryArray, Numbers, Numbers, pa.StringArray]:
    """Cut addresses at the first blank before a digit: place, main and sub number, rest.

    Without such a blank the main number is -1; without a sub number that is 0.
    """
    size = len(addresses)
    _, offsets, text = addresses.buffers()
    bounds = np.frombuffer(offsets or bytes(4), np.int32)[addresses.offset :][: size + 1]
    start, end = bounds[:-1].astype(np.int64), bounds[1:].astype(np.int64)
    data = np.append(np.frombuffer(text or b"", np.uint8)[: bounds[-1]], np.uint8(0))
    is_digit = data - np.uint8(ord("0")) < 10  # below "0" it wraps around
    blanks = np.flatnonzero((data[:-1] == ord(" ")) & is_digit[1:])
    blanks = np.append(blanks, data.size)
    blank = blanks[np.searchsorted(blanks, start)]
    found = blank < end
    main, after = _number(data, is_digit, np.where(found, blank + 1, end), end)
    has_sub = (data[after] == ord("-")) & (after + 1 < end) & is_digit[np.minimum(after + 1, end)]
    sub, after = _number(data, is_digit, after + has_sub, np.where(has_sub, end, after))
    # Place, number and rest of all addresses, one behind the other as they stand in the text.
    parts = np.empty(3 * size + 1, np.int32)
    parts[:-1:3], parts[1::3], parts[2::3] = start, np.where(found, blank, start), after
    parts[-1] = bounds[-1]
    cuts = pa.StringArray.from_buffers(3 * size, pa.py_buffer(parts), text)
    first = np.arange(0, 3 * size, 3)
    place = cuts.take(pa.array(first)).dictionary_encode()
    return place, np.where(found, main, -1), sub, cuts.take(pa.array(first + 2))


def _number(data: Bytes, is_digit: Flags, at: Numbers, end: Numbers) -> tuple[Numbers, Numbers]:
    """Return the number of up to six digits that begins at each place, and where it ends."""
    value = np.zeros(len(at), np.int64)
    for _ in range(6):
        more = is_digit[at] & (at < end)
        value = np.where(more, value * 10 + (data[at] - np.uint8(ord("0"))), value)
        at = at + more
    return value, at
