"""Disk space: what an ingest will need, asked for before anything is built."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from commerce.errors import Refused
from commerce.i18n import number
from commerce.ingest.files import RawFile
from commerce.snapshot import Snapshot

#: What a snapshot takes at least, and what is left to everybody else on the disk.
MARGIN = 32 * 2**20
#: Bytes written per byte of unpacked input. Measured: tables take 0.2 to 0.5 (permits of 20 rows
#: to 150,000); what DuckDB spills while it sorts comes on top for large files.
PER_BYTE = 1.0


def needed(found: list[RawFile], previous: Snapshot | None) -> int:
    """Return the bytes that building a snapshot of these files beside ``previous`` may take."""
    read = 0
    for file in found:
        try:
            read += file.unpacked_size()
        except (OSError, zipfile.BadZipFile, KeyError, NotImplementedError):
            continue  # reading it will say what is wrong
    before = folder_size(previous.path) if previous is not None else 0
    return int(before + PER_BYTE * read) + MARGIN


def folder_size(folder: Path) -> int:
    """Return the bytes of the files in a folder; those that go meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def check(data_dir: Path, need: int) -> None:
    """Say so when the disk of a data folder has less than ``need`` bytes left.

    Raises:
        Refused: with both sizes; nothing was written yet.
    """
    there = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < need:
        raise Refused(
            "publishing.no_space", folder=data_dir, needed=size_text(need), free=size_text(free)
        )


def size_text(size: float) -> str:
    """Return a number of bytes as people write it: ``1.2GB``, ``350MB``."""
    for unit, scale in (("GB", 2**30), ("MB", 2**20)):
        if size >= scale:
            return f"{number(size / scale, 1 if size < 100 * scale else 0)}{unit}"
    return f"{number(size / 2**10)}KB"
