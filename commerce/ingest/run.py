"""Ingest from first to last: find, recognise, read, settle, write, publish."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from commerce import snapshot as snapshots
from commerce.errors import Refused
from commerce.ingest import boundaries, files, identity, ledger, legal, lock, reference
from commerce.ingest.clean import Cleaner, run_script
from commerce.ingest.files import RawFile
from commerce.ingest.outlines import Outlines
from commerce.ingest.places import Districts
from commerce.ingest.recognise import kind
from commerce.ingest.report import Report, SourceReport
from commerce.ingest.setting import Refusals, district_codes, is_full, previous_snapshot, sha256_of
from commerce.ingest.source import PermitFile, open_permits, read_head, stage
from commerce.ingest.tables import write_tables
from commerce.ingest.workspace import Workspace

Progress = Callable[..., None]
#: So many threads parse and clean pieces of a file while it is read on.
WORKERS = 2


def ingest(
    sources: list[Path],
    data_dir: Path,
    district: str | None = None,
    fresh: bool = False,
    snapshot_on: date | None = None,
    progress: Progress | None = None,
) -> Report:
    """Read raw files into a new snapshot and publish it.

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
    with lock.hold(data_dir):
        building = snapshots.begin(data_dir)
        try:
            return _Run(data_dir, building, district, fresh, snapshot_on, progress).run(sources)
        except (OSError, duckdb.Error) as error:
            if is_full(error):
                raise Refused("ingest.disk_full", folder=data_dir) from error
            raise
        finally:
            shutil.rmtree(building, ignore_errors=True)


class _Run:
    def __init__(
        self,
        data_dir: Path,
        building: Path,
        district: str | None,
        fresh: bool,
        snapshot_on: date | None,
        progress: Progress | None,
    ) -> None:
        self.data_dir, self.building = data_dir, building
        self.keep_all, self.codes = district_codes(district)
        self.snapshot_on, self.progress = snapshot_on, progress
        self.previous = previous_snapshot(data_dir, fresh)
        self.report = Report()
        self.permits: list[tuple[int, SourceReport, PermitFile]] = []
        self.boundary_rows: list[tuple[SourceReport, RawFile]] = []
        scratch = building / ".scratch"
        scratch.mkdir()
        self.space = Workspace(scratch)

    def run(self, sources: list[Path]) -> Report:
        """Do it all."""
        try:
            self._read(files.find(sources))
            self._settle()
            return self._publish()
        finally:
            self.space.close()

    def _read(self, found: list[RawFile]) -> None:
        """Recognise all files, then read boundaries, then permits."""
        heads: list[tuple[RawFile, str, bytes]] = []
        for file in found:
            with self._refusals(file):
                head = read_head(file)
                heads.append((file, kind(head, file), head))
        given: list[Outlines] = []
        for file, what, _ in heads:
            if what == "boundaries":
                with self._refusals(file):
                    outlines, count = boundaries.read(file)
                    given.append(outlines)
                    self._note_boundaries(file, outlines, count)
        self.outlines = self._outlines(given)
        self.space.load(self.previous)
        total = sum(file.size() for file, _, _ in heads) or 1
        done = 0
        for file, what, head in heads:
            if what != "boundaries":
                with self._refusals(file):
                    permits = open_permits(file, what, head)
                    self._read_permits(permits, done / total, file.size() / total)
            done += file.size()
        if not self.permits and not self.boundary_rows:
            self._nothing()

    def _nothing(self) -> None:
        """Say why nothing can be published."""
        refused = self.report.refused_files
        if len(refused) == 1:
            raise refused[0][1]
        if refused:
            raise Refused("ingest.nothing_of_many", count=len(refused), first=refused[0][1])
        raise Refused("ingest.nothing")

    def _refusals(self, file: RawFile) -> Refusals:
        return Refusals(self.report, file)

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

    def _read_permits(self, permits: PermitFile, before: float, share: float) -> None:
        """Stage one permit file; a trouble on the way leaves nothing of it behind."""
        number = len(self.permits)
        rows = 0
        size = max(permits.file.size(), 1)
        try:
            districts = Districts(()) if self.keep_all else self.outlines.districts()
            cursors = [self.space.cursor() for _ in range(WORKERS)]
            cleaners = [Cleaner(cursor, permits.match, districts, number) for cursor in cursors]
            self.space.reading()
            for count in stage(permits, cleaners):
                rows += count
                self._show(permits, rows, before + share * min(permits.position() / size, 1.0))
            self.space.working()
            self.space.set_refused_apart(number)
            if rows == 0:
                raise Refused("ingest.header_only", file=permits.file.shown)
            s = self.space.latest(number, datetime.now(UTC).date()) or self.snapshot_on
            if s is None and self.space.has_rows(number):
                raise Refused("ingest.no_day", file=permits.file.shown)
        except Refused:
            self.space.working()
            self.space.drop(number)
            raise
        service = permits.match.service
        title = f"{self._service_names(number)} 인허가 · {permits.file.name}"
        source_id = hashlib.sha256(f"{permits.content_hash}:{service}".encode()).hexdigest()[:16]
        source = SourceReport(
            source_id,
            title,
            permits.match.layout.adapter,
            permits.file.shown,
            s,
            rows_in=rows,
        )
        self.report.sources.append(source)
        for _, other, _ in self.permits:
            if other.source_id == source_id:
                self.space.drop(number)
                source.repeated_of = other.shown
                source.rows_in = 0
                return
        self.space.add_source(number, source_id, s)
        self.permits.append((number, source, permits))
        self._show(permits, rows, before + share, done=True)

    def _service_names(self, number: int) -> str:
        """Return the names of the services that a file holds, a few of them."""
        slugs = self.space.services(number)
        names = [reference.services()[slug] for slug in slugs]
        return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")

    def _show(self, permits: PermitFile, rows: int, share: float, done: bool = False) -> None:
        if self.progress is not None:
            self.progress(permits.file.shown, rows, share, done)

    def _settle(self) -> None:
        """Refuse what lies outside, pick the newest rows, recognise re-issued numbers."""
        space, reread = self.space, [source.source_id for _, source, _ in self.permits]
        space.forget(reread)
        space.know_authorities(self.outlines)
        space.locate(self.outlines)
        drop_known = self.boundaries_given and not self.keep_all
        run_script(
            space.connection, "refuse", {"keep_all": self.keep_all, "drop_known": drop_known}
        )
        if self.boundaries_given:
            reread += self._old_boundaries()
        ledger.prepare(space.connection, self.previous, reread)
        self._account()
        run_script(space.connection, "settle")
        identity.link(space.connection)
        run_script(space.connection, "finish")
        legal.find(space.connection, self.outlines)

    def _account(self) -> None:
        """Count the rows of each file, keep the refused ones, refuse files that gave nothing."""
        connection = self.space.connection
        for number, source, _ in self.permits:
            reasons = connection.execute(
                "select reason, count(*) from refusal where source_no = $no group by reason",
                {"no": number},
            ).fetchall()
            kept = connection.execute(
                "select count(*) from staged where source_no = $no", {"no": number}
            ).fetchone()
            source.refused = Counter(dict(reasons))
            source.rows_refused = source.refused.total()
            source.rows_kept = kept[0] if kept else 0
            if source.rows_in != source.rows_kept + source.rows_refused:
                raise AssertionError(f"{source.shown}: {source}")
        nothing = not any(source.rows_kept for source in self.report.sources)
        for number, source, permits in self.permits:
            if source.rows_kept == 0 and (permits.file.named or nothing):
                reason = source.refused.most_common(1)[0][0]
                raise Refused(
                    "ingest.all_refused",
                    file=permits.file.shown,
                    count=source.rows_in,
                    reason=Refused(f"reason.{reason}"),
                )
            ledger.keep_refused(connection, number, source.source_id, permits)
            ledger.add_permits(connection, number, source, permits, sha256_of(permits.file))
        for source, file in self.boundary_rows:
            ledger.add_boundaries(connection, source, sha256_of(file))

    def _old_boundaries(self) -> list[str]:
        if self.previous is None:
            return []
        rows = self.space.connection.execute(
            "select source_id from read_parquet($file) where adapter = $adapter",
            {"file": str(self.previous.file("dataset")), "adapter": ledger.BOUNDARY_ADAPTER},
        ).fetchall()
        return [row[0] for row in rows]

    def _publish(self) -> Report:
        write_tables(self.space, self.outlines, self.building, self.report)
        self.outlines.save(self.building)
        self.space.save(self.building)
        self._carry_over()
        snapshots.write_missing(self.building)
        shutil.rmtree(self.building / ".scratch")
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.report.snapshot = snapshots.publish(self.data_dir, self.building, name).path.name
        return self.report

    def _carry_over(self) -> None:
        """Take along the tables that this ingest has nothing to do with."""
        if self.previous is None:
            return
        for file in self.previous.path.glob("*.parquet"):
            if not (self.building / file.name).exists():
                shutil.copy2(file, self.building / file.name)
