"""Ingest from first to last: find, recognise, read, settle, write."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from commerce import snapshot as snapshots
from commerce.errors import Refused
from commerce.ingest import boundaries, files, geojson, ledger, lock, named_areas, space
from commerce.ingest.files import RawFile
from commerce.ingest.geojson import Collection
from commerce.ingest.market import publish, registry, tabular
from commerce.ingest.market.staging import Market
from commerce.ingest.outlines import Outlines
from commerce.ingest.permits import Permits, all_refused
from commerce.ingest.recognise import kind
from commerce.ingest.report import Report, SourceReport
from commerce.ingest.setting import Refusals, district_codes, is_full, previous_snapshot, sha256_of
from commerce.ingest.source import open_permits, read_head
from commerce.ingest.surroundings import Surroundings
from commerce.ingest.tables import write_tables
from commerce.ingest.workspace import Workspace
from commerce.model import write_model

Progress = Callable[..., None]


def ingest(
    sources: list[Path],
    data_dir: Path,
    district: str | None = None,
    fresh: bool = False,
    snapshot_on: date | None = None,
    progress: Progress | None = None,
) -> Report:
    """Read raw files into a new snapshot and serve it, unchecked.

    People publish through :mod:`commerce.publishing`, which checks what was built and
    keeps who, when and why.

    Args:
        sources: files, or folders of them.
        data_dir: the data folder; what it holds now is added to.
        district: 5-digit 시군구 codes, comma-separated, or ``all`` to keep rows outside.
        fresh: start anew instead of adding.
        snapshot_on: the day up to which files know that do not say it themselves.
        progress: called as ``progress(file, rows, share, done)``.

    Raises:
        Refused: when nothing was recognised, or a file that was named itself is refused;
            what is published stays as it was.
    """
    with (
        lock.hold(data_dir),
        build(sources, data_dir, district, fresh, snapshot_on, progress) as (folder, report),
    ):
        name = snapshots.next_name(data_dir)
        report.snapshot = snapshots.publish(data_dir, folder, name).path.name
        return report


@contextmanager
def build(
    sources: list[Path],
    data_dir: Path,
    district: str | None = None,
    fresh: bool = False,
    snapshot_on: date | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Path, Report]]:
    """Read raw files into a folder of tables; what the block does not move away goes after it.

    The caller holds the folder's lock. Arguments and errors are those of :func:`ingest`;
    a disk that fills up, here or in the block, is a sentence too.
    """
    codes = district_codes(district)
    previous = previous_snapshot(data_dir, fresh)
    found = files.find(sources)
    space.check(data_dir, space.needed(found, previous))
    folder = snapshots.begin(data_dir)
    try:
        run = _Run(folder, codes, previous, snapshot_on, progress)
        yield folder, run.run(found)
    except (OSError, duckdb.Error) as error:
        if is_full(error):
            raise Refused("ingest.disk_full", folder=data_dir) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Run:
    def __init__(
        self,
        building: Path,
        codes: tuple[bool, list[str]],
        previous: snapshots.Snapshot | None,
        snapshot_on: date | None,
        progress: Progress | None,
    ) -> None:
        self.building, self.previous = building, previous
        self.keep_all, self.codes = codes
        self.snapshot_on, self.progress = snapshot_on, progress
        self.report = Report()
        self.boundary_rows: list[tuple[SourceReport, RawFile]] = []
        scratch = building / ".scratch"
        scratch.mkdir()
        self.space = Workspace(scratch)

    def run(self, found: list[RawFile]) -> Report:
        """Do it all."""
        try:
            self._read(found)
            self._settle()
            return self._write()
        finally:
            self.space.close()

    def _read(self, found: list[RawFile]) -> None:
        """Recognise all files, then read boundaries, then what lies in them."""
        self.found = found
        heads: list[tuple[RawFile, str, bytes]] = []
        given: list[Outlines] = []
        areas: list[Collection] = []
        for file in found:
            with Refusals(self.report, file):
                head = read_head(file)
                what = kind(head, file)
                if what != "boundaries":
                    heads.append((file, what, head))
                    continue
                collection = geojson.read(file)
                if named_areas.are_areas(collection):
                    areas.append(collection)
                    continue
                outlines, count = boundaries.read_dongs(collection)
                given.append(outlines)
                self._note_boundaries(file, outlines, count)
        self.outlines = self._outlines(given)
        connection = self.space.connection
        self.surroundings = Surroundings(connection, self.previous)
        self.market = Market(connection, self.previous, self.outlines, self.keep_all)
        self.permits = Permits(self.space, self.outlines, self.keep_all, self.snapshot_on)
        self.space.load(self.previous)
        for collection in areas:
            with Refusals(self.report, collection.file):
                self.report.sources.append(self.surroundings.add_areas(collection))
        total = sum(file.size() for file, _, _ in heads) or 1
        done = 0
        for file, what, head in heads:
            with Refusals(self.report, file):
                show = partial(self._show, file, done / total, file.size() / total)
                source = self._take(file, what, head, show)
                self.report.sources.append(source)
                self._show(file, done / total, file.size() / total, source.rows_in, 1, True)
            done += file.size()
        if not self.report.sources:
            self._nothing()

    def _take(
        self, file: RawFile, what: str, head: bytes, show: Callable[[int, float], None]
    ) -> SourceReport:
        """Read one file that is no boundaries, by the reader that knows it."""
        if what == "workbook":
            return self.surroundings.add_workbook(file)
        if what not in ("text", "parquet"):
            return self.permits.read(open_permits(file, what, head), show)
        table = tabular.open_table(file, head, registry.is_header)
        found, near = registry.recognise(table.names)
        if found is not None and found.adapter.kind == "market":
            size = max(file.size(), 1)
            return self.market.add_table(
                table,
                found,
                self.snapshot_on,
                lambda rows: show(rows, min(table.position() / size, 1.0)),
            )
        if found is not None:
            return self.surroundings.add_table(table, found, self.snapshot_on)
        try:
            if what == "parquet":
                raise Refused("ingest.unrecognised", file=file.shown)
            permits = open_permits(file, what, head)
        except Refused as error:
            if error.key != "ingest.unrecognised" or near is None:
                raise
            raise Refused(
                "ingest.missing_columns",
                file=file.shown,
                layout=near.adapter.title,
                columns=registry.missing_names(near),
            ) from error
        return self.permits.read(permits, show)

    def _nothing(self) -> None:
        """Say why nothing can be published."""
        refused = self.report.refused_files
        if len(refused) == 1:
            raise refused[0][1]
        if refused:
            raise Refused("ingest.nothing_of_many", count=len(refused), first=refused[0][1])
        raise Refused("ingest.nothing")

    def _note_boundaries(self, file: RawFile, outlines: Outlines, count: int) -> None:
        source = SourceReport(
            outlines.source_id,
            ledger.boundary_title(file.name),
            ledger.BOUNDARY_ADAPTER,
            file.shown,
            None,
            rows_in=count,
            rows_kept=count,
        )
        self.boundary_rows.append((source, file))
        self.report.sources.append(source)

    def _outlines(self, given: list[Outlines]) -> Outlines:
        """Return the dongs to ingest: those given, else the current ones, else Gwangsan's."""
        self.boundaries_given = bool(given)
        if given:
            outlines = boundaries.combine(given)
        else:
            known = Outlines.load(self.previous.path) if self.previous else None
            outlines = known or boundaries.default()
        if self.codes:
            missing = [code for code in self.codes if code not in outlines.district_codes()]
            if missing:
                raise Refused("ingest.unknown_district", codes=", ".join(missing))
            self.boundaries_given = True
            outlines = outlines.only(self.codes)
        return outlines

    def _show(
        self,
        file: RawFile,
        before: float,
        share: float,
        rows: int,
        part: float,
        done: bool = False,
    ) -> None:
        if self.progress is not None:
            self.progress(file.shown, rows, before + share * part, done)

    def _settle(self) -> None:
        """Refuse what lies outside, account for every row, pick the newest rows."""
        drop_known = self.boundaries_given and not self.keep_all
        self.permits.settle(drop_known)
        self.surroundings.settle(self.outlines, self.keep_all, drop_known)
        self.market.settle(drop_known)
        reread = [*self.permits.source_ids(), *self.surroundings.source_ids()]
        reread += self.market.source_ids()
        if self.boundaries_given:
            reread += ledger.boundary_sources(self.previous)
        ledger.prepare(self.space.connection, self.previous, reread)
        self.surroundings.account()
        self.market.account()
        self.permits.account()
        for source, file in self.boundary_rows:
            ledger.add_boundaries(self.space.connection, source, sha256_of(file))
        if not any(source.rows_kept for source in self.report.sources):
            raise all_refused(max(self.report.sources, key=lambda source: source.rows_in))
        self.permits.link()
        files.check_unchanged(self.found, {source.shown for source in self.report.sources})

    def _write(self) -> Report:
        connection = self.space.connection
        self.surroundings.write(self.outlines, self.building)
        self.report.waiting_months = publish.write(
            connection, self.building / "trade_area.parquet", self.building
        )
        self.surroundings.hold_permits()
        write_tables(self.space, self.outlines, self.building, self.report)
        self.outlines.save(self.building)
        self.space.save(self.building)
        if self.boundaries_given or self.permits.source_ids() or not self._has_model():
            write_model(self.building)
        self._carry_over()
        snapshots.write_missing(self.building)
        shutil.rmtree(self.building / ".scratch")
        return self.report

    def _has_model(self) -> bool:
        """Return whether the model of the snapshot before can be taken along."""
        return self.previous is not None and self.previous.file("model").is_file()

    def _carry_over(self) -> None:
        """Take along the tables that this ingest has nothing to do with."""
        if self.previous is None:
            return
        for file in self.previous.path.glob("*.parquet"):
            if not (self.building / file.name).exists():
                shutil.copy2(file, self.building / file.name)
