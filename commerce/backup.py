"""A backup of what cannot be made again: the published snapshots and the state folder.

The app may run, and data may be published meanwhile. Snapshots never change once they are
published; SQLite files are copied by SQLite itself, as of one moment. A backup is built
aside and renamed when it is whole; ``SHA256SUMS`` in it is for ``sha256sum --check``.
Restoring is copying ``data`` and ``state`` back: see the README.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commerce.errors import Refused
from commerce.sandbox.journal import state_dir
from commerce.snapshot import LIVE_DIR, POINTER, current_or_none, sync

SUMS = "SHA256SUMS"
_SQLITE = b"SQLite format 3\x00"
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")
_TRIES = 3


@dataclass(frozen=True)
class Backup:
    """What a backup holds: the folder, how many snapshots, files and bytes."""

    folder: Path
    snapshots: int
    files: int
    bytes: int


class _SnapshotGone(Exception):
    """The snapshot that was current has been removed while it was copied."""


def backup(target: Path, data_dir: Path | None = None) -> Backup:
    """Copy the published data and the state folder into the new folder ``target``.

    Args:
        target: a folder that does not exist yet, or is empty; for its owner's eyes alone.
        data_dir: the data folder; None means ``COMMERCE_DATA``, else ``data/live``.

    Raises:
        Refused: when there is nothing to keep, no place for it, or it cannot be written.
    """
    data = data_dir or Path(os.environ.get("COMMERCE_DATA") or LIVE_DIR)
    sources = {"data": data.resolve(), "state": state_dir().resolve()}
    found = {name: folder for name, folder in sources.items() if folder.is_dir()}
    if not found:
        raise Refused("backup.nothing", folder=data)
    final = target.resolve()
    if any(final.is_relative_to(folder) for folder in found.values()):
        raise Refused("backup.inside", folder=target)
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise Refused("backup.taken", folder=target)
    building = final.with_name(f".{final.name}-{secrets.token_hex(6)}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _check_space(found, final.parent)
        building.mkdir(mode=0o700)
        for _ in range(_TRIES):
            with contextlib.suppress(_SnapshotGone):
                result = _fill(building, found)
                break
            shutil.rmtree(building)
            building.mkdir(mode=0o700)
        else:
            raise Refused("backup.moving", folder=data)
        if final.exists():
            final.rmdir()
        os.rename(building, final)
        sync(final.parent)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused("backup.failed", folder=target, reason=reason) from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Backup(final, *result)


def _fill(building: Path, found: dict[str, Path]) -> tuple[int, int, int]:
    """Copy all; return how many snapshots, files and bytes."""
    data = found.get("data")
    served = current_or_none(data) if data else None
    current = served.path.resolve() if served else None
    sums, size = [], 0
    for name, folder in found.items():
        for source in _files(folder):
            if name == "data" and source == folder / POINTER:
                continue
            copied = building / name / source.relative_to(folder)
            try:
                _copy(source, copied)
            except FileNotFoundError:
                # An old snapshot was pruned, or a file of the state replaced.
                if current and source.is_relative_to(current):
                    raise _SnapshotGone from None
                continue
            size += copied.stat().st_size
            sums.append(f"{_digest(copied)}  {copied.relative_to(building)}\n")
    if data and current and (data / POINTER).is_file():
        if not current.is_dir():
            raise _SnapshotGone
        pointer = building / "data" / POINTER
        pointer.write_text(current.name + "\n", "utf-8")
        sums.append(f"{_digest(pointer)}  data/{POINTER}\n")
    (building / SUMS).write_text("".join(sums), "utf-8")
    snapshots = len(list((building / "data").glob("*/dataset.parquet")))
    for path in (building, *(path for path in building.rglob("*"))):
        sync(path)
    return snapshots, len(sums), size


def _files(folder: Path) -> Iterator[Path]:
    """Give the regular files of a folder; names with a dot in front are work in hand."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith(_BESIDE_SQLITE):
            continue
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode) and not path.is_symlink():
                yield from _files(path)
            elif stat.S_ISREG(mode):
                yield path
        except FileNotFoundError:
            continue


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as file:
        is_database = file.read(len(_SQLITE)) == _SQLITE
    if is_database:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=30)) as original,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
        shutil.copymode(source, target)
    else:
        shutil.copy2(source, target)


def _check_space(found: dict[str, Path], where: Path) -> None:
    needed = 0
    for folder in found.values():
        for path in _files(folder):
            with contextlib.suppress(FileNotFoundError):
                needed += path.stat().st_size
    free = shutil.disk_usage(where).free
    if needed > free:
        raise Refused(
            "backup.no_space", folder=where, needed=f"{needed / 2**20:,.0f}",
            free=f"{free / 2**20:,.0f}",
        )  # fmt: skip


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
