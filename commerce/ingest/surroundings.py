"""What an ingest reads beside permits and dongs: named areas, lists of shops, their trades."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from commerce.ingest import workbook
from commerce.ingest.area_files import AreaFiles
from commerce.ingest.files import RawFile
from commerce.ingest.geojson import Collection
from commerce.ingest.market.registry import Found
from commerce.ingest.market.tabular import Table
from commerce.ingest.outlines import Outlines
from commerce.ingest.report import SourceReport
from commerce.ingest.shops import Shops
from commerce.ingest.workbook import Links
from commerce.snapshot import Snapshot


class Surroundings:
    """Reads, settles and writes them, in this order; each file leaves a report.

    Args:
        connection: the working database.
        previous: the snapshot that is added to.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, previous: Snapshot | None) -> None:
        self._connection = connection
        self._areas, self._links = AreaFiles(), Links()
        self._areas.load(previous)
        self._links.load(previous)
        self._shops = Shops(connection, previous)
        self._reports: list[SourceReport] = []

    @property
    def has_files(self) -> bool:
        """Return whether any file was read in this run."""
        return bool(self._reports)

    def add_areas(self, collection: Collection) -> SourceReport:
        """Take the named polygons of a GeoJSON file."""
        return self._noted(self._areas.add_geojson(collection))

    def add_workbook(self, file: RawFile) -> SourceReport:
        """Take the pairs of the workbook that links older shop trades to those of 2302."""
        return self._noted(self._links.add(workbook.read(file)))

    def add_table(self, table: Table, found: Found, snapshot_on: date | None) -> SourceReport:
        """Take a table whose adapter is of kind ``shop`` or ``area``."""
        if found.adapter.kind == "area":
            return self._noted(self._areas.add_table(table, found))
        return self._noted(self._shops.add_table(table, found, snapshot_on))

    def _noted(self, report: SourceReport) -> SourceReport:
        self._reports.append(report)
        return report

    def source_ids(self) -> list[str]:
        """Return the sources that were read in this run."""
        return [report.source_id for report in self._reports]

    def settle(self, outlines: Outlines, keep_all: bool, drop_known: bool) -> None:
        """Refuse what lies outside the dongs; see ``AreaFiles.settle`` and ``Shops.settle``."""
        self._areas.settle(outlines, keep_all, drop_known)
        self._shops.settle(outlines, keep_all, drop_known)

    def account(self) -> None:
        """Write ``dataset`` and ``refused`` of these files."""
        self._areas.account(self._connection)
        self._shops.account()
        for book in self._links.given:
            book.account(self._connection)

    def hold_permits(self) -> None:
        """Make table ``area_of_point``: which named areas hold the points of permits."""
        self._areas.hold(self._connection, "point")

    def write(self, outlines: Outlines, folder: Path) -> None:
        """Write ``trade_area`` and ``shop``, and what later ingests need of them."""
        self._areas.write(self._connection, outlines, folder)
        self._shops.write(self._areas, self._links, folder)
        self._links.save(folder)
