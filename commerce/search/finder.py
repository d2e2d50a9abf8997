"""Finds places and trades by what somebody types: the best ways of finding and kinds first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commerce.queries import bind, load
from commerce.search import hangul
from commerce.search.addresses import AddressBook, Typed, read, without_region
from commerce.search.words import How, Match, WordIndex

if TYPE_CHECKING:
    from commerce.db import Database

#: What is read of what somebody typed; nothing that is searched here is longer.
LONGEST = 80
#: Kinds in the order in which they are offered where they fit alike.
KINDS = ("dong", "area", "trade", "address", "shop")
_PER_KIND = 4
_ORDER = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Hit:
    """Something that what was typed may mean.

    ``key`` is that of a place in the URL, or ``trade:<id>``; ``name`` and ``name_en`` are what
    it is called, ``street`` what address it has, ``dong_code`` where it lies. ``how`` says how
    it was found; ``alike`` how much of it was typed, or how near it comes.
    """

    kind: str
    key: str
    name: str
    name_en: str | None
    how: How
    alike: float
    street: str = ""
    dong_code: str | None = None
    permits: int | None = None
    stands: bool | None = None

    def rank(self) -> tuple[float, ...]:
        """Return what hits are sorted by: exact, beginning, initials, part, typo; then kind."""
        near = round(self.alike * 20) if self.how == How.NEAR else 0
        gone = self.stands is False
        return (-self.how, -near, _ORDER[self.kind], -round(self.alike, 1), gone)


class Finder:
    """All that can be found in one snapshot.

    Args:
        database: the snapshot. Its names and addresses are read here once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        named = database.execute(load("place/words"), {})
        self._named = named.to_dict("records")
        self.book = AddressBook(database.execute(load("place/addresses"), {}))
        self._shops = _ShopBook(database)
        dongs = database.run("dong/list")
        self._districts = tuple(sorted(set(dongs["district_name_ko"].dropna())))
        self._dong_names = frozenset(dongs["name_ko"])
        # The busiest streets first.
        self._streets = sorted(range(len(self.book.streets)), key=lambda s: -self.book.totals[s])
        self._first_street = len(self._named)
        self._first_shop = self._first_street + len(self._streets)
        words = [str(row["word"]) for row in self._named]
        words += [self.book.streets[s] for s in self._streets]
        words += self._shops.names
        self._index = WordIndex(words, (self._first_street, self._first_shop))
        self.search = lru_cache(maxsize=1024)(self._search)

    def _search(self, text: str, most: int = 10, trades: bool = True) -> tuple[Hit, ...]:
        """Return at most ``most`` hits for what was typed, the best first; never raises.

        Args:
            text: what was typed: a name, its beginning, its initial consonants, an address
                with or without its city, any of it with a typo or with the keyboard left in
                English.
            most: how many at most.
            trades: whether trades are looked for, too.
        """
        text = " ".join(text[:LONGEST].split())
        hits: dict[str, Hit] = {}
        for reading in self._readings(text):
            for hit in self._hits(reading):
                if (trades or hit.kind != "trade") and _better(hit, hits.get(hit.key)):
                    hits[hit.key] = hit
        found = sorted(hits.values(), key=Hit.rank)
        if found and found[0].how >= How.BEGINNING:  # then nothing was mistyped
            found = [hit for hit in found if hit.how > How.NEAR]
        return tuple(_mixed(found, most))

    def _readings(self, text: str) -> Iterable[str]:
        yield text
        bare = without_region(text, self._districts)
        if bare != text:
            yield bare
        korean = hangul.from_english_layout(text)
        if korean:
            yield without_region(korean, self._districts)

    def _hits(self, text: str) -> Iterable[Hit]:
        names: list[Match] = []
        for match in self._index.find(text):
            if match.number < self._first_street:
                yield self._of_name(match)
            elif match.number < self._first_shop:
                yield from self._on_street(match)
            else:
                names.append(match)
        for match in names[: 2 * _PER_KIND]:
            for row in self._shops.of(match.number - self._first_shop):
                yield _shop(row, match)
        typed = read(text)
        if typed is not None:
            yield from self._addresses(typed)

    def _of_name(self, match: Match) -> Hit:
        row = self._named[match.number]
        kind = str(row["kind"])
        part_of = row["part_of"] if isinstance(row["part_of"], str) else None
        return Hit(
            kind,
            f"{kind}:{row['code']}",
            str(row["name_ko"]),
            row["name_en"] if isinstance(row["name_en"], str) else None,
            match.how,
            match.alike,
            dong_code=part_of if kind == "area" else None,
        )

    def _on_street(self, match: Match) -> Iterable[Hit]:
        street = self._streets[match.number - self._first_street]
        if self.book.streets[street] in self._dong_names:
            return  # it is offered itself
        # A street is not a place yet: its busiest buildings are a beginning of what is meant.
        how = min(match.how, How.BEGINNING)
        for row in self.book.busiest(street, 2):
            yield self._building(row, street, how, match.alike * 0.9)

    def _addresses(self, typed: Typed) -> Iterable[Hit]:
        """Yield buildings by street and number; where none bears it, the nearest numbers."""
        nearest: list[Hit] = []
        found = False
        matches = [
            match
            for match in self._index.find(typed.street)
            if self._first_street <= match.number < self._first_shop
        ]
        whole = [match for match in matches if match.how == How.EXACT]
        for match in (whole or matches)[:6]:
            street = self._streets[match.number - self._first_street]
            exact, begins = self.book.numbered(street, typed, 5)
            for row in exact:
                found = True
                yield self._building(row, street, match.how, 1.0 * match.alike, typed.floor)
            for row in begins:
                found = True
                how = min(match.how, How.BEGINNING)
                yield self._building(row, street, how, 0.9 * match.alike)
            for row in self.book.nearest(street, typed, 3) if not nearest else ():
                nearest.append(self._building(row, street, How.NEAR, 0.95 * match.alike))
        if not found:
            yield from nearest

    def _building(
        self, row: int, street: int, how: How, alike: float, floor: str | None = None
    ) -> Hit:
        building = self.book.building(row)
        key = f"site:{building}-{floor}" if floor else f"site:{building}"
        name = f"{self.book.streets[street]} {self.book.number(row)}"
        return Hit(
            "address",
            key,
            f"{name} {floor}층" if floor else name,
            None,
            how,
            alike,
            dong_code=self.book.dong(row),
            permits=int(self.book.permits[row]),
        )


class _ShopBook:
    """The shops of a snapshot by name, in Arrow's memory: a million of them are few objects."""

    def __init__(self, database: Database) -> None:
        query = load("place/shops")
        with database.cursor() as cursor:
            found = cursor.sql(query.sql, params=bind(query, {})).to_arrow_table()
        column = found.column("name").combine_chunks()
        is_first = (
            pc.not_equal(column[1:], column[:-1]) if len(column) else pa.array([], pa.bool_())
        )
        starts = np.flatnonzero(is_first.to_numpy(zero_copy_only=False)) + 1
        self._starts = np.concatenate(([0] * bool(len(column)), starts, [len(column)])).astype(int)
        self.names: list[str] = column.take(pa.array(self._starts[:-1])).to_pylist()
        # Names stand among the words, and addresses repeat.
        found = found.drop_columns(["name", "sites"])
        place = found.schema.get_field_index("address")
        addresses = found.column("address").dictionary_encode()
        self._rows = found.set_column(place, "address", addresses)

    def of(self, number: int) -> list[dict[str, Any]]:
        """Return the shops of a name, standing ones first."""
        start, stop = int(self._starts[number]), int(self._starts[number + 1])
        rows: list[dict[str, Any]] = self._rows.slice(start, stop - start).to_pylist()
        return [row | {"name": self.names[number]} for row in rows]


def _shop(row: dict[str, Any], match: Match) -> Hit:
    site = row["site_id"]
    key = f"site:{site}" if isinstance(site, str) else f"at:{row['lon']:.5f},{row['lat']:.5f}"
    return Hit(
        "shop",
        key,
        str(row["name"]),
        None,
        match.how,
        match.alike,
        street=str(row["address"] or ""),
        dong_code=row["dong_code"] if isinstance(row["dong_code"], str) else None,
        stands=bool(row["stands"]),
    )


def _better(hit: Hit, known: Hit | None) -> bool:
    return known is None or hit.rank() < known.rank()


def _mixed(hits: list[Hit], most: int) -> list[Hit]:
    """Return the first hits, no kind crowding out the others, in their order."""
    taken: list[int] = []
    counts: dict[str, int] = {}
    for number, hit in enumerate(hits):
        counts[hit.kind] = counts.get(hit.kind, 0) + 1
        if counts[hit.kind] <= _PER_KIND:
            taken.append(number)
    rest = [number for number in range(len(hits)) if number not in set(taken)]
    return [hits[number] for number in sorted((taken + rest)[:most])]
