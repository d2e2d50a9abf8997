"""What an ingest is asked and meets: districts, the snapshot to add to, refusals, a full disk."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import duckdb

from commerce import snapshot as snapshots
from commerce.errors import Refused, UsageError
from commerce.ingest import reference
from commerce.ingest.files import RawFile
from commerce.ingest.report import Report
from commerce.ingest.workspace import PERMIT
from commerce.snapshot import Snapshot


def is_full(error: Exception) -> bool:
    """Return whether an error says that the disk is full, or that no larger file is allowed."""
    text = str(error).lower()
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(
        words in text for words in ("no space left", "disk quota", "file too large")
    )


class Refusals:
    """Notes a refused file of a folder; lets the refusal of a named file through."""

    def __init__(self, report: Report, file: RawFile) -> None:
        self._report, self._file = report, file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Refused) or self._file.named:
            return False
        self._report.refused_files.append((self._file.shown, error))
        return True


def district_codes(district: str | None) -> tuple[bool, list[str]]:
    """Return whether all rows are kept, and the codes in force of the districts asked for."""
    if district is None or not district.strip():
        return False, []
    if district.strip().lower() == "all":
        return True, []
    codes = [part.strip() for part in district.split(",") if part.strip()]
    for code in codes:
        if not (len(code) == 5 and code.isdigit()):
            raise UsageError("ingest.bad_district", code=code)
    return False, [reference.district_code_now(code) for code in codes]


def previous_snapshot(data_dir: Path, fresh: bool) -> Snapshot | None:
    """Return the snapshot to add to; invented data is never added to."""
    current = None if fresh else snapshots.current_or_none(data_dir)
    if current is None:
        return None
    if current.file(PERMIT).is_file():
        return current
    if is_invented(current):
        return None
    raise Refused("ingest.no_state", folder=data_dir)


def is_invented(snapshot: Snapshot) -> bool:
    """Return whether a snapshot holds invented data only, as the demo does."""
    with duckdb.connect() as connection:
        (invented,) = connection.execute(
            "select coalesce(bool_and(synthetic), true) from read_parquet($file)",
            {"file": str(snapshot.file("dataset"))},
        ).fetchall()[0]
    return bool(invented)


def sha256_of(file: RawFile) -> str:
    """Return the SHA-256 of a file as it stands on disk; of a zip's member, of its content."""
    file.check_unchanged()
    digest = hashlib.sha256()
    with file.open() if file.member is not None else file.path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
