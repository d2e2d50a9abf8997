"""A dry run: everything that ingest does up to the switch, kept until it is published or discarded.

A proposal is a folder ``.proposed-<id>`` in the data folder: the built tables and
``proposal.json``. What is served is untouched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commerce.errors import Refused
from commerce.ingest.report import Report, SourceReport
from commerce.publishing.changes import Changes
from commerce.publishing.checks import CheckResult

#: Proposals that nobody published go after so many days.
DAYS = 7


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

    Raises:
        Refused: as :func:`commerce.ingest.ingest`; when the disk is too small for it.
    """
    raise NotImplementedError


def proposals(data_dir: Path) -> list[Proposal]:
    """Return the proposals of a data folder, newest first."""
    raise NotImplementedError


def load(data_dir: Path, id: str) -> Proposal:
    """Return one proposal.

    Raises:
        Refused: when there is none of this id (any more).
    """
    raise NotImplementedError


def discard(data_dir: Path, id: str) -> None:
    """Remove a proposal; one that is not there is no error."""
    raise NotImplementedError
