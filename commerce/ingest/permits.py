"""The permit files of one ingest: staged, settled, accounted for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime

from commerce.errors import Refused
from commerce.ingest import identity, ledger, legal, reference
from commerce.ingest.clean import Cleaner, run_script
from commerce.ingest.outlines import Outlines
from commerce.ingest.places import Districts
from commerce.ingest.report import SourceReport
from commerce.ingest.setting import sha256_of
from commerce.ingest.source import PermitFile, stage
from commerce.ingest.workspace import Workspace

#: So many threads parse and clean pieces of a file while it is read on: one more than processors
#: of a small machine, since each waits for the interpreter now and then.
WORKERS = 3


class Permits:
    """Reads, settles and accounts for permit files, in this order.

    Args:
        space: the working database.
        outlines: the dongs that are ingested.
        keep_all: whether rows outside the dongs stay.
        snapshot_on: the day up to which files know that do not say it themselves.
    """

    def __init__(
        self, space: Workspace, outlines: Outlines, keep_all: bool, snapshot_on: date | None
    ) -> None:
        self._space, self._outlines = space, outlines
        self._keep_all, self._snapshot_on = keep_all, snapshot_on
        self._given: list[tuple[int, SourceReport, PermitFile]] = []

    def source_ids(self) -> list[str]:
        """Return the sources that were read in this run."""
        return [source.source_id for _, source, _ in self._given]

    def read(self, permits: PermitFile, progress: Callable[[int, float], None]) -> SourceReport:
        """Stage one permit file; a trouble on the way leaves nothing of it behind.

        Args:
            permits: the file.
            progress: called with the rows read so far and their share (0 to 1) of the file.
        """
        space, number = self._space, len(self._given)
        rows = 0
        size = max(permits.file.size(), 1)
        try:
            districts = Districts(()) if self._keep_all else self._outlines.districts()
            cursors = [space.cursor() for _ in range(WORKERS)]
            cleaners = [Cleaner(cursor, permits.match, districts, number) for cursor in cursors]
            space.reading()
            for count in stage(permits, cleaners):
                rows += count
                progress(rows, min(permits.position() / size, 1.0))
            space.working()
            space.set_refused_apart(number)
            if rows == 0:
                raise Refused("ingest.header_only", file=permits.file.shown)
            s = space.latest(number, datetime.now(UTC).date()) or self._snapshot_on
            if s is None and space.has_rows(number):
                raise Refused("ingest.no_day", file=permits.file.shown)
        except Refused:
            space.working()
            space.drop(number)
            raise
        service = permits.match.service
        source = SourceReport(
            hashlib.sha256(f"{permits.content_hash}:{service}".encode()).hexdigest()[:16],
            f"{self._service_names(number)} 인허가 · {permits.file.name}",
            permits.match.layout.adapter,
            permits.file.shown,
            s,
            rows_in=rows,
        )
        for _, other, _ in self._given:
            if other.source_id == source.source_id:
                space.drop(number)
                source.repeated_of = other.shown
                source.rows_in = 0
                return source
        space.add_source(number, source.source_id, s)
        self._given.append((number, source, permits))
        return source

    def _service_names(self, number: int) -> str:
        """Return the names of the services that a file holds, a few of them."""
        slugs = self._space.services(number)
        names = [reference.services()[slug] for slug in slugs]
        return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")

    def settle(self, drop_known: bool) -> None:
        """Find the dong of each row, and refuse what lies outside.

        Args:
            drop_known: whether rows of earlier ingests that lie outside go.
        """
        space = self._space
        space.forget(self.source_ids())
        space.know_authorities(self._outlines)
        space.locate(self._outlines)
        run_script(
            space.connection, "refuse", {"keep_all": self._keep_all, "drop_known": drop_known}
        )
        for number, source, _ in self._given:
            reasons = space.connection.execute(
                "select reason, count(*) from refusal where source_no = $no group by reason",
                {"no": number},
            ).fetchall()
            kept = space.connection.execute(
                "select count(*) from staged where source_no = $no", {"no": number}
            ).fetchone()
            source.refused = Counter(dict(reasons))
            source.rows_refused = source.refused.total()
            source.rows_kept = kept[0] if kept else 0
            if source.rows_in != source.rows_kept + source.rows_refused:
                raise AssertionError(f"{source.shown}: {source}")

    def account(self) -> None:
        """Write ``dataset`` and ``refused``; refuse files that were named and gave nothing."""
        for number, source, permits in self._given:
            if source.rows_kept == 0 and permits.file.named:
                raise all_refused(source)
            connection = self._space.connection
            ledger.keep_refused(connection, number, source.source_id, permits)
            file_hash = permits.file_hash or sha256_of(permits.file)
            ledger.add_permits(connection, number, source, permits, file_hash)

    def link(self) -> None:
        """Pick the newest rows, recognise re-issued numbers, find dongs by other means."""
        connection = self._space.connection
        run_script(connection, "settle")
        identity.link(connection)
        run_script(connection, "finish")
        legal.find(connection, self._outlines)


def all_refused(source: SourceReport) -> Refused:
    """Return the sentence for a file of which no row was kept."""
    return Refused(
        "ingest.all_refused",
        file=source.shown,
        count=source.rows_in,
        reason=Refused(f"reason.{source.refused.most_common(1)[0][0]}"),
    )
