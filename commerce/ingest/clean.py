"""Turns a piece of raw rows into typed rows: days, statuses, addresses, reasons for refusal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commerce.ingest.delimited import Rows
from commerce.ingest.places import Districts, canonical, place_hash
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
        self._match, self._districts, self._source_no = match, districts, source_no
        self._places: dict[str, tuple[int, bool]] = {}
        self._services: dict[tuple[str, str], str | None] = {}

    def clean(self, rows: Rows, start: int) -> None:
        """Add the typed rows to ``staged``, and those that could not be read to ``refusal``.

        ``start`` is how many records of the file come before these.
        """
        size = len(rows.line)
        blank = pa.array([""] * size, pa.string())
        given = pa.table(
            {
                "line": pa.array(rows.line + start, pa.int64()),
                **{role: _on_one_line(rows.columns.get(role, blank)) for role in ROLES},
            }
        )
        self._connection.register("given", given)
        self._connection.register("place", self._place_table())
        self._connection.register("service", self._service_table())
        number = {"source_no": self._source_no}
        run_script(self._connection, "clean", number)
        if rows.bad:
            self._connection.executemany(
                "insert into refusal values (?, ?, ?)",
                [(self._source_no, line + start, reason) for line, reason in rows.bad],
            )

    def _place_table(self) -> pa.Table:
        """Take the addresses apart, and return the hash of each place that they name."""
        self._connection.execute(sql("part"))
        found = self._connection.sql(
            "select distinct lot.place from part union select distinct road.place from part"
        ).fetchall()
        named = [place for (place,) in found if place]
        for place in named:
            if place not in self._places:
                text = canonical(place)
                self._places[place] = (place_hash(text), self._districts.holds(text))
        return pa.table(
            {
                "place": pa.array(named, pa.string()),
                "hash": pa.array([self._places[p][0] for p in named], pa.int64()),
                "is_inside": pa.array([self._places[p][1] for p in named], pa.bool_()),
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


def _on_one_line(column: pa.Array) -> pa.Array:
    """Return a column with its line ends as blanks."""
    data = column.buffers()[2]
    if data is None or not (b"\n" in (text := data.to_pybytes()) or b"\r" in text):
        return column
    return pc.replace_substring_regex(column, r"[\r\n]+", " ")
