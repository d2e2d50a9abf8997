"""A dry run: everything that ingest does up to the switch, kept until it is published or discarded.

A proposal is a folder ``.proposed-<id>`` in the data folder: the built tables and
``proposal.json``. What is served is untouched.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commerce import snapshot as snapshots
from commerce.errors import Refused
from commerce.ingest import lock, space
from commerce.ingest.report import Report, SourceReport
from commerce.ingest.run import build
from commerce.ingest.setting import is_invented
from commerce.publishing import changes, checks, history, record
from commerce.publishing.changes import Changes
from commerce.publishing.checks import CheckResult

#: Proposals that nobody published go after so many days.
DAYS = 7
_FOLDER, _FILE = ".proposed-", "proposal.json"
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Options:
    """How the files were read; see :func:`commerce.ingest.ingest`."""

    district: str | None = None
    fresh: bool = False
    snapshot_on: dt.date | None = None


@dataclass(frozen=True)
class Proposal:
    """A built snapshot that is not served yet.

    Args:
        id: twelve letters and digits.
        made_at: when it was built, aware UTC.
        who: who asked for it.
        base: the snapshot that was served then and that it was compared with, or None.
        folder: where its tables are.
        report: what became of the files; ``report.snapshot`` is "".
        changes: what would change.
        checks: what the checks found.
        options: how the files were read.
        size: bytes of the folder.
    """

    id: str
    made_at: dt.datetime
    who: str
    base: str | None
    folder: Path
    report: Report
    changes: Changes
    checks: list[CheckResult]
    options: Options
    size: int

    @property
    def sources(self) -> list[SourceReport]:
        """Return what became of each file."""
        return self.report.sources

    @property
    def refused_files(self) -> list[tuple[str, Refused]]:
        """Return the files that were refused whole, each with its sentence (``str(error)``)."""
        return self.report.refused_files

    @property
    def blocking(self) -> list[CheckResult]:
        """Return the failed checks that publishing must confirm with a reason."""
        return [check for check in self.checks if check.level == "block" and not check.passed]

    @property
    def warnings(self) -> list[CheckResult]:
        """Return the failed checks that are only told."""
        return [check for check in self.checks if check.level == "warn" and not check.passed]


def propose(
    sources: list[Path],
    data_dir: Path,
    *,
    who: str,
    district: str | None = None,
    fresh: bool = False,
    snapshot_on: dt.date | None = None,
    progress: Callable[..., None] | None = None,
    checking: Callable[[], None] | None = None,
) -> Proposal:
    """Build a proposal; what is served stays as it is.

    Args:
        sources: files, or folders of them.
        data_dir: the data folder; made when it is not there.
        who: who asks for it.
        district: 5-digit 시군구 codes, comma-separated, or ``all``.
        fresh: start anew instead of adding to what is served.
        snapshot_on: the day up to which files know that do not say it themselves.
        progress: called as ``progress(file, rows, share, done)`` while files are read.
        checking: called when the tables are built and comparing and checking begin.

    Raises:
        Refused: as :func:`commerce.ingest.ingest`; when the disk is too small for it.
    """
    with lock.hold(data_dir):
        history.settle(data_dir)
        _forget_old(data_dir)
        before = snapshots.current_or_none(data_dir)
        comparable = None if before is None or is_invented(before) else before
        with build(sources, data_dir, district, fresh, snapshot_on, progress) as (folder, report):
            if checking is not None:
                checking()
            changed = changes.compare(comparable, folder)
            proposal = Proposal(
                id=secrets.token_hex(6),
                made_at=history.now(),
                who=who,
                base=before.path.name if before is not None else None,
                folder=folder,
                report=report,
                changes=changed,
                checks=checks.run(comparable, folder, changed, fresh=fresh),
                options=Options(district, fresh, snapshot_on),
                size=space.folder_size(folder),
            )
            record.write(folder / _FILE, proposal)
            os.rename(folder, _place(data_dir, proposal.id))
        return load(data_dir, proposal.id)


def proposals(data_dir: Path) -> list[Proposal]:
    """Return the proposals of a data folder, newest first."""
    found = []
    for folder in data_dir.glob(f"{_FOLDER}*"):
        try:
            found.append(load(data_dir, folder.name.removeprefix(_FOLDER)))
        except Refused:
            continue
    return sorted(found, key=lambda proposal: proposal.made_at, reverse=True)


def load(data_dir: Path, id: str) -> Proposal:
    """Return one proposal.

    Raises:
        Refused: when there is none of this id (any more).
    """
    folder = _place(data_dir, id)
    found = record.read(folder / _FILE) if _ID.fullmatch(id) else None
    if found is None:
        raise Refused("publishing.no_proposal", id=id, folder=data_dir)
    return Proposal(
        id=id,
        made_at=dt.datetime.fromisoformat(found["made_at"]),
        who=found["who"],
        base=found["base"],
        folder=folder,
        report=record.report_from(found["report"]),
        changes=changes.from_record(found["changes"]),
        checks=[CheckResult(**check) for check in found["checks"]],
        options=options_from(found["options"]),
        size=found["size"],
    )


def options_from(found: dict[str, object]) -> Options:
    """Return the options that were written as JSON."""
    day = found["snapshot_on"]
    return Options(
        str(found["district"]) if found["district"] is not None else None,
        bool(found["fresh"]),
        record.day_from(str(day) if day else None),
    )


def discard(data_dir: Path, id: str) -> None:
    """Remove a proposal; one that is not there is no error.

    Raises:
        Refused: when an ingest or publish runs, which may be of this proposal.
    """
    if _ID.fullmatch(id) and _place(data_dir, id).is_dir():
        with lock.hold(data_dir):
            history.settle(data_dir)
            shutil.rmtree(_place(data_dir, id), ignore_errors=True)


def _place(data_dir: Path, id: str) -> Path:
    return data_dir / f"{_FOLDER}{id}"


def _forget_old(data_dir: Path) -> None:
    """Remove proposals that nobody published for a week, and those that cannot be read."""
    known = {proposal.folder: proposal for proposal in proposals(data_dir)}
    for folder in data_dir.glob(f"{_FOLDER}*"):
        proposal = known.get(folder)
        if proposal is None or history.now() - proposal.made_at > dt.timedelta(days=DAYS):
            shutil.rmtree(folder, ignore_errors=True)
