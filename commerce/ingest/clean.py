"""Turns a piece of raw rows into typed rows: days, statuses, addresses, reasons for refusal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commerce.ingest.addresses import PlaceBook
from commerce.ingest.delimited import Rows
from commerce.ingest.places import Districts
from commerce.ingest.recognise import Match, service_of_value

ROLES = (
    "authority",
    "permit_id",
    "opened_on",
    "cancelled_on",
    "status_code",
    "status_name",
    "detail_name",
    "closed_on",
    "area",
    "address_lot",
    "address_road",
    "name",
    "updated_at",
    "refreshed_at",
    "trade",
    "service_id",
    "service_name",
    "x",
    "y",
)
#: Roles whose values are read without the blanks around them. Arrow trims ten times as fast as SQL.
_TRIMMED = {
    "authority",
    "permit_id",
    "status_code",
    "status_name",
    "detail_name",
    "address_lot",
    "address_road",
    "name",
    "trade",
}
#: What SQL takes for blanks (the Unicode category Zs), the ideographic one of Korean files with it.
_BLANKS = " \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
_HERE = Path(__file__).parent


@cache
def sql(name: str) -> str:
    """Return the text of ``commerce/ingest/<name>.sql``."""
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


def run_script(
    connection: duckdb.DuckDBPyConnection, name: str, params: Mapping[str, object] | None = None
) -> None:
    """Run the statements of ``<name>.sql`` in order, each with the parameters that it names."""
    for statement in connection.extract_statements(sql(name)):
        wanted = {
            key: value for key, value in (params or {}).items() if key in statement.named_parameters
        }
        connection.execute(statement, wanted)


class Cleaner:
    """Cleans pieces of one file into the working database; each thread has its own.

    Args:
        cursor: a connection of its own to the working database.
        match: the recognised header.
        districts: which districts are ingested, for rows without a point.
        source_no: the number of the file in this run.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        match: Match,
        districts: Districts,
        source_no: int,
    ) -> None:
        self._connection = cursor
        self._match, self._source_no = match, source_no
        self._places = PlaceBook(districts)
        self._services: dict[tuple[str, str], str | None] = {}

    def clean(self, rows: Rows, start: int) -> None:
        """Add the typed rows to ``staged``, and those that could not be read to ``refusal``.

        ``start`` is how many records of the file come before these.
        """
        size = len(rows.line)
        blank = pa.array([""] * size, pa.string())
        given = {role: _plain(rows.columns.get(role, blank), role) for role in ROLES}
        given["line"] = pa.array(rows.line + start, pa.int64())
        lot = self._places.read(given["address_lot"], "lot")
        road = self._places.read(given["address_road"], "road")
        given |= {"lot_key": lot.key, "lot_rest": lot.rest}
        given |= {"road_key": road.key, "road_rest": road.rest}
        given["is_inside"] = pc.coalesce(lot.is_inside, road.is_inside)
        table = pa.table(given)
        odd = table.filter(pa.array(lot.is_odd | road.is_odd))
        self._connection.register("given", table)
        self._connection.register("given_odd", odd)
        self._connection.register("service", self._service_table())
        run_script(self._connection, "part")
        self._connection.register("place", self._place_table())
        run_script(self._connection, "clean", {"source_no": self._source_no})
        if rows.bad:
            self._connection.executemany(
                "insert into refusal values (?, ?, ?)",
                [(self._source_no, line + start, reason) for line, reason in rows.bad],
            )

    def _place_table(self) -> pa.Table:
        """Return the places of the addresses that are not plain."""
        found = self._connection.sql(
            "select distinct lot.place from part union select distinct road.place from part"
        ).fetchall()
        named = [place for (place,) in found if place]
        places = [self._places.look_up(place) for place in named]
        return pa.table(
            {
                "place": pa.array(named, pa.string()),
                "hash": pa.array([p.hash for p in places], pa.int64()),
                "is_inside": pa.array([p.is_inside for p in places], pa.bool_()),
            }
        )

    def _service_table(self) -> pa.Table:
        pairs = self._connection.sql("select distinct service_id, service_name from given")
        rows = pairs.fetchall()
        for pair in rows:
            if pair not in self._services:
                self._services[pair] = self._match.service or service_of_value(*pair)
        return pa.table(
            {
                "service_id": pa.array([r[0] for r in rows], pa.string()),
                "service_name": pa.array([r[1] for r in rows], pa.string()),
                "slug": pa.array([self._services[r] for r in rows], pa.string()),
            }
        )


def _plain(column: pa.Array, role: str) -> pa.Array:
    """Return a column with its line ends as blanks, without the blanks around its values."""
    data = column.buffers()[2]
    if data is not None and (b"\n" in (text := data.to_pybytes()) or b"\r" in text):
        column = pc.replace_substring_regex(column, r"[\r\n]+", " ")
    return pc.utf8_trim(column, _BLANKS) if role in _TRIMMED else column
