"""The named areas of one ingest: those of its files and of earlier ones, and who gave them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
from pyproj import Transformer

from commerce.ingest import account, headers, named_areas
from commerce.ingest.account import Publication
from commerce.ingest.area_codes import apart
from commerce.ingest.files import RawFile
from commerce.ingest.geojson import Collection
from commerce.ingest.market.registry import Found
from commerce.ingest.market.tabular import Table
from commerce.ingest.named_areas import NamedArea, NamedAreas, Row
from commerce.ingest.outlines import Outlines
from commerce.ingest.report import SourceReport
from commerce.snapshot import Snapshot, write_table

_STAFF = Publication(None, None, True)
_ROLES = ["area_code", "name", "x", "y", "kind", "area_m2"]
_SEOUL_CRS = 5181


@dataclass
class _Given:
    report: SourceReport
    file: RawFile
    rows: list[Row]
    publication: Publication
    table: Table | None = None


@dataclass
class AreaFiles:
    """What an ingest knows of named areas; ``areas`` are those to publish, once settled."""

    known: list[NamedArea] = field(default_factory=list)
    given: list[_Given] = field(default_factory=list)
    areas: NamedAreas = field(default_factory=lambda: NamedAreas([]))
    moved_out: list[NamedArea] = field(default_factory=list)

    def load(self, previous: Snapshot | None) -> None:
        """Take over the areas of earlier ingests."""
        self.known = NamedAreas.load(previous.path) if previous else []

    def add_geojson(self, collection: Collection) -> SourceReport:
        """Take the named polygons of a GeoJSON file."""
        title = f"이름 있는 구역 · {collection.file.name}"
        report = SourceReport(
            collection.source_id, title, named_areas.ADAPTER, collection.file.shown, None
        )
        return self._add(report, collection.file, named_areas.read(collection), _STAFF)

    def add_table(self, table: Table, found: Found) -> SourceReport:
        """Take the areas of a table with points in EPSG:5181, as Seoul publishes them."""
        values: list[dict[str, str]] = []
        reasons: dict[int, str] = {}
        for piece in table.pieces(found.columns, _ROLES):
            values += piece.rows.to_pylist()
            reasons |= dict(piece.bad)
        source_id = table.content_hash[:16]
        rows = _seoul_rows(values, source_id)
        rows += [Row(line + 1, "", None, reason) for line, reason in reasons.items()]
        rows = named_areas.without_repeated(sorted(rows, key=lambda row: row.line))
        texts = dict(table.raw(np.array([row.line - 1 for row in rows], dtype=np.int64)))
        rows = [replace(row, raw=texts.get(row.line - 1, "")) for row in rows]
        title = f"{found.adapter.title_ko} · {table.file.name}"
        report = SourceReport(source_id, title, found.adapter.adapter, table.file.shown, None)
        return self._add(report, table.file, rows, Publication.of(found.adapter), table)

    def _add(
        self,
        report: SourceReport,
        file: RawFile,
        rows: list[Row],
        publication: Publication,
        table: Table | None = None,
    ) -> SourceReport:
        for other in self.given:
            if other.report.source_id == report.source_id:
                report.repeated_of = other.report.shown
                return report
        report.rows_in = len(rows)
        self.given.append(_Given(report, file, rows, publication, table))
        return report

    def source_ids(self) -> list[str]:
        """Return the sources that were read in this run."""
        return [given.report.source_id for given in self.given]

    def settle(self, outlines: Outlines, keep_all: bool, drop_known: bool) -> None:
        """Choose the areas to publish: of one code the newest, of those in the district.

        Args:
            outlines: the dongs that are ingested.
            keep_all: whether areas outside the dongs stay.
            drop_known: whether areas of earlier ingests that lie outside go.
        """
        reread = set(self.source_ids())
        known = [area for area in self.known if area.source_id not in reread]
        if drop_known:
            outside = NamedAreas(known).outside(outlines)
            self.moved_out = [area for area in known if area.area_code in outside]
            known = [area for area in known if area.area_code not in outside]
        for given in sorted(self.given, key=lambda g: g.report.source_id):
            areas = [row.area for row in given.rows if row.area is not None]
            outside = set() if keep_all else NamedAreas(areas).outside(outlines)
            given.rows = [
                replace(row, area=None, reason="outside_district")
                if row.area is not None and row.area.area_code in outside
                else row
                for row in given.rows
            ]
            known += [row.area for row in given.rows if row.area is not None]
            given.report.refused = Counter(row.reason for row in given.rows if row.area is None)
            given.report.rows_refused = given.report.refused.total()
            given.report.rows_kept = given.report.rows_in - given.report.rows_refused
        self.areas = NamedAreas(apart(known))

    def account(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write ``dataset`` and ``refused``: these files, and known areas that moved out."""
        for given in self.given:
            account.add_source(connection, given.report, given.file, given.publication)
            if given.table is not None:
                headers.note(connection, given.report.source_id, given.table)
            refused = ((row.line, row.reason, row.raw) for row in given.rows if row.area is None)
            account.add_refused(connection, given.report.source_id, refused)
        account.move_out(
            connection, [(a.source_id, 0, f"{a.area_code} {a.name_ko}") for a in self.moved_out]
        )

    def hold(self, connection: duckdb.DuckDBPyConnection, points_sql: str) -> None:
        """Add to table ``area_of_point`` the points that lie in an area.

        Args:
            connection: the working database.
            points_sql: a relation with distinct ``lon`` and ``lat``.
        """
        if not self.areas.areas:
            return
        found = connection.execute(
            f"select distinct lon, lat from {points_sql} where lon is not null and lat is not null "
            "except select lon, lat from area_of_point order by all"
        ).fetchnumpy()
        held = self.areas.holding(np.asarray(found["lon"]), np.asarray(found["lat"]))
        connection.register("held", held)
        connection.execute("insert into area_of_point by name from held")
        connection.unregister("held")

    def write(
        self, connection: duckdb.DuckDBPyConnection, outlines: Outlines, folder: Path
    ) -> None:
        """Write table ``trade_area`` and what later ingests need, and count what was replaced."""
        connection.register("trade_area_row", self.areas.table(outlines))
        write_table(connection, "trade_area", "trade_area_row", folder)
        self.areas.save(folder)
        held = Counter(area.source_id for area in self.areas.areas.values())
        sources = {area.source_id for area in self.known} | set(self.source_ids())
        account.count_superseded(connection, {source: held[source] for source in sources})


def _seoul_rows(values: list[dict[str, str]], source_id: str) -> list[Row]:
    x, y = (np.array([_number(row[role]) for row in values], dtype=float) for role in "xy")
    lon, lat = _seoul_projection().transform(x, y)
    rows = []
    for row, east, north in zip(values, lon, lat, strict=True):
        name = named_areas.mend(row["name"].strip())
        code = row["area_code"].strip().removesuffix(".0")
        line = int(row["line"]) + 1
        is_known = 124 < east < 132 and 33 < north < 39
        if not (code and name and is_known):
            reason = "no_point" if code and name else "no_name" if code else "bad_code"
            rows.append(Row(line, "", None, reason))
            continue
        size = _number(row["area_m2"])
        area = NamedArea(
            code,
            named_areas.mend(row["kind"].strip()) or "상권",
            name,
            named_areas.latin(name),
            round(float(east), 6),
            round(float(north), 6),
            size if size > 0 else None,
            source_id,
            None,
        )
        rows.append(Row(line, "", area, ""))
    return rows


@cache
def _seoul_projection() -> Transformer:
    return Transformer.from_crs(_SEOUL_CRS, 4326, always_xy=True)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return float("nan")
