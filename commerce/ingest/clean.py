"""Turns a piece of raw rows into typed rows: days, statuses, addresses, reasons for refusal."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from commerce.ingest import reference
from commerce.ingest.delimited import Rows
from commerce.ingest.places import Districts, canonical
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


class Cleaner:
    """Cleans pieces of one file; each thread has its own.

    Args:
        match: the recognised header.
        districts: which districts are ingested, for rows without a point.
    """

    def __init__(self, match: Match, districts: Districts) -> None:
        self._match = match
        self._districts = districts
        self._places: dict[str, tuple[str, bool]] = {}
        self._services: dict[tuple[str, str], str | None] = {}
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute(sql("address"))
        self._connection.execute("create table status_name (name varchar, code varchar)")
        self._connection.executemany(
            "insert into status_name values (?, ?)", list(reference.status_codes().items())
        )

    def clean(self, rows: Rows) -> pa.Table:
        """Return the typed rows, in order; ``reason`` is null for those that are sound."""
        size = len(rows.line)
        blank = pa.array([""] * size, pa.string())
        given = pa.table(
            {
                "line": pa.array(rows.line, pa.int64()),
                **{role: rows.columns.get(role, blank) for role in ROLES},
            }
        )
        self._connection.register("given", given)
        self._connection.register("place", self._place_table())
        self._connection.register("service", self._service_table(given))
        return self._connection.sql(sql("clean")).to_arrow_table()

    def _place_table(self) -> pa.Table:
        """Return the canonical form of each place that the piece names."""
        found = self._connection.sql(
            "select distinct lot_parts(trim(address_lot)).place from given union "
            "select distinct road_parts(trim(address_road)).place from given"
        ).fetchall()
        for (place,) in found:
            if place and place not in self._places:
                text = canonical(place)
                self._places[place] = (text, self._districts.holds(text))
        named = [place for (place,) in found if place]
        return pa.table(
            {
                "place": pa.array(named, pa.string()),
                "canonical": pa.array([self._places[p][0] for p in named], pa.string()),
                "is_inside": pa.array([self._places[p][1] for p in named], pa.bool_()),
            }
        )

    def _service_table(self, given: pa.Table) -> pa.Table:
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


def empty_rows() -> Rows:
    """Return rows without a row, for the shape of a cleaned table."""
    return Rows(0, np.array([], dtype=np.int64), {}, [])
