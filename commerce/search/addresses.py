"""Reads what people type as an address, and finds the buildings that bear its number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

_ADDRESS = re.compile(
    r"^(?P<street>.*?[^\d\s\-])(?:\s+(?P<hill>산))?\s*(?P<main>\d{1,5})(?:\s*-\s*(?P<sub>\d{0,5}))?"
    r"\s*(?:번지)?(?P<rest>[\s,(].*)?$"
)
_WRITTEN = re.compile(
    r"(?P<street>\S*[로길](?:\s*\d+[가-힣]?번?[가-힣]?길)?|\S*[동리가읍면])"
    r"\s*(?:지하|산)?\s*\d{1,5}(?:\s*-\s*\d{1,5})?"
)
_FLOOR = re.compile(r"(?P<below>지하|지|[Bb])?\s*(?P<number>\d{1,2})\s*층")
_LEGAL_DONG = re.compile(r"\((?P<dong>[^,()]*[동리가])")
#: What may stand before the road or the dong: provinces and districts.
_REGION = re.compile(
    r"^(?:\S+(?:특별시|광역시|특별자치시|특별자치도|[시군구도])|서울|부산|대구|인천|광주|대전|울산"
    r"|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)\s+(?=\S)"
)


@dataclass(frozen=True)
class Typed:
    """An address as somebody typed it: road or dong, and the number so far."""

    street: str
    main: int
    sub: int | None
    is_hill: bool
    floor: str | None


def without_region(text: str, districts: tuple[str, ...] = ()) -> str:
    """Return ``text`` without the city and district before a road or dong.

    ``광주광역시 광산구 송정로 40`` gives ``송정로 40``, and so does ``광산구송정로 40``, given
    the names of the districts.
    """
    for district in districts:
        behind = text.partition(district)[2].strip() if district else ""
        if behind:
            return behind
    while (shorter := _REGION.sub("", text, count=1)) != text:
        text = shorter
    return text


def read(text: str) -> Typed | None:
    """Return what ``text`` says as an address, or None where it gives no number."""
    found = _ADDRESS.match(text.strip())
    if found is None:
        return None
    sub = found["sub"]
    return Typed(
        found["street"].replace(" ", ""),
        int(found["main"]),
        int(sub) if sub else None,
        bool(found["hill"]),
        floor_of(found["rest"] or ""),
    )


def floor_of(text: str) -> str | None:
    """Return the floor that a text names, as a site's id does: ``2``, ``B1``; None without."""
    found = _FLOOR.search(text)
    if found is None:
        return None
    return ("B" if found["below"] else "") + found["number"].lstrip("0")


@lru_cache(maxsize=4096)
def short(address: str) -> str:
    """Return an address as people say it: road or dong and number, with the legal dong if given.

    ``광주광역시 광산구 송정로 40, 2층 (송정동)`` gives ``송정로 40 (송정동)``.
    """
    found = _WRITTEN.search(address)
    if found is None:
        return without_region(address)
    legal = _LEGAL_DONG.search(address)
    return found[0] + (f" ({legal['dong']})" if legal else "")


class AddressBook:
    """The buildings of a snapshot by street and number.

    Args:
        rows: the result of ``place/addresses``.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        names = rows["kind"].astype(str) + " " + rows["street"].astype(str)
        codes, streets = pd.factorize(names)
        order = np.lexsort((rows["sub"], rows["main"], rows["is_hill"], codes))
        self.streets: list[str] = [str(name).partition(" ")[2] for name in streets]
        #: road or lot, per street
        self.kinds: list[str] = [str(name).partition(" ")[0] for name in streets]
        counts = np.bincount(codes, minlength=len(streets)) if len(rows) else np.empty(0, np.int64)
        self._starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        self._main = rows["main"].to_numpy(np.int32)[order]
        self._sub = rows["sub"].to_numpy(np.int32)[order]
        self._hill = rows["is_hill"].to_numpy(np.bool_)[order]
        self.permits = rows["permits"].to_numpy(np.int64)[order]
        self._building = rows["building"].to_numpy(object)[order]
        dong, dongs = pd.factorize(rows["dong_code"])
        self._dong, self._dongs = dong.astype(np.int32)[order], [str(code) for code in dongs]
        self.totals = np.add.reduceat(self.permits, self._starts[:-1]) if len(rows) else counts

    def busiest(self, street: int, most: int) -> list[int]:
        """Return the rows of the buildings of a street with most permits."""
        rows = self._rows(street)
        best = np.argsort(-self.permits[rows], kind="stable")[:most]
        return [int(rows[i]) for i in best]

    def numbered(self, street: int, typed: Typed, most: int) -> tuple[list[int], list[int]]:
        """Return the rows that bear the number, and those whose number begins with it."""
        rows = self._rows(street)
        main, sub = self._main[rows], self._sub[rows]
        fits = self._hill[rows] == typed.is_hill
        if typed.sub is None:
            exact = fits & (main == typed.main) & (sub == 0)
            begins = fits & ~exact & ((main == typed.main) | _begins(main, typed.main))
        else:
            exact = fits & (main == typed.main) & (sub == typed.sub)
            begins = fits & ~exact & (main == typed.main) & _begins(sub, typed.sub)
        # The busiest of one number first; 40-1 comes before 400.
        order = np.lexsort((-self.permits[rows], sub, main))
        ordered = rows[order]
        return (
            [int(r) for r in ordered[exact[order]][:most]],
            [int(r) for r in ordered[begins[order]][:most]],
        )

    def nearest(self, street: int, typed: Typed, most: int) -> list[int]:
        """Return the rows of a street whose numbers come nearest to the one typed."""
        rows = self._rows(street)
        away = np.abs(self._main[rows] - typed.main).astype(np.int64) * 100_000
        away += np.abs(self._sub[rows] - (typed.sub or 0))
        return [int(rows[i]) for i in np.argsort(away, kind="stable")[:most]]

    def number(self, row: int) -> str:
        """Return the number of a row: ``40``, ``123-4``, ``산 7``."""
        text = f"{self._main[row]}" + (f"-{self._sub[row]}" if self._sub[row] else "")
        return f"산 {text}" if self._hill[row] else text

    def building(self, row: int) -> str:
        """Return the site of a row, without a floor."""
        return str(self._building[row])

    def dong(self, row: int) -> str | None:
        """Return the code of the dong that a row lies in; None where unknown."""
        code = int(self._dong[row])
        return self._dongs[code] if code >= 0 else None

    def _rows(self, street: int) -> npt.NDArray[np.int64]:
        return np.arange(self._starts[street], self._starts[street + 1])


def _begins(numbers: npt.NDArray[np.int32], start: int) -> npt.NDArray[np.bool_]:
    """Return which numbers are written with more digits that begin as ``start``."""
    found = np.zeros(len(numbers), np.bool_)
    for power in (10, 100, 1000, 10_000):
        found |= (numbers // power == start) & (start > 0)
    return found
