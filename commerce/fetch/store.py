"""The folder of fetched files: whole files only, what is known of each, and what is under way.

``<folder>/*.csv|json|geojson`` are the files that ingest reads. ``<folder>/.fetch`` holds the
notes and the unfinished; ingest does not look into it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commerce.errors import Refused
from commerce.snapshot import sync

#: This much must stay free on the disk.
SPARE = 512 * 2**20


class Store:
    """A folder of fetched files.

    Args:
        folder: the folder; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hidden = folder / ".fetch"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the folder for one fetch; the lock ends with the process, however it ends.

        Raises:
            Refused: when another fetch holds it, it cannot be written, or the disk is full.
        """
        try:
            self.hidden.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.hidden / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Refused("fetch.folder_not_writable", folder=self.folder) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refused("fetch.locked", folder=self.folder) from error
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Refused("fetch.disk_full", folder=self.folder) from error
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise Refused("fetch.folder_not_writable", folder=self.folder) from error
            raise
        finally:
            os.close(handle)

    def files(self) -> list[Path]:
        """Return the whole files, in order of their names."""
        if not self.folder.is_dir():
            return []
        return sorted(p for p in self.folder.iterdir() if p.is_file() and p.name[0] != ".")

    def under_way(self, name: str) -> Path:
        """Return the path of an unfinished file or folder."""
        path = self.hidden / "under-way" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def note(self, name: str) -> dict[str, Any]:
        """Return what is known of a file; nothing when it is gone or is not the noted one."""
        path = self.folder / name
        try:
            found = json.loads(self._note(name).read_bytes())
            if isinstance(found, dict) and found.get("sha256") == sha256(path):
                return found
        except (OSError, ValueError):
            pass
        return {}

    def keep(self, whole: Path, name: str, **known: object) -> bool:
        """Give a whole file its name, and note what is known of it; return whether it is new.

        A file with the same content stays as it is.
        """
        path = self.folder / name
        digest = sha256(whole)
        known |= {"bytes": whole.stat().st_size, "sha256": digest}
        is_new = not path.is_file() or sha256(path) != digest
        if is_new:
            sync(whole)
            os.replace(whole, path)
            sync(self.folder)
        else:
            whole.unlink()
        write_whole(self._note(name), json.dumps(known).encode())
        return is_new

    def know(self, name: str, **known: object) -> None:
        """Add to what is known of a file that stays as it is."""
        write_whole(self._note(name), json.dumps(self.note(name) | known).encode())

    def drop(self, name: str) -> None:
        """Remove a file that another one has taken the place of."""
        (self.folder / name).unlink(missing_ok=True)
        self._note(name).unlink(missing_ok=True)

    def check_space(self, wanted: int) -> None:
        """Make sure that so many bytes fit.

        Raises:
            Refused: when they do not.
        """
        if shutil.disk_usage(self.hidden).free < wanted + SPARE:
            raise Refused("fetch.disk_full", folder=self.folder)

    def _note(self, name: str) -> Path:
        return self.hidden / "notes" / f"{name}.json"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either there, whole, or not there, whenever the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content)
        sync(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
