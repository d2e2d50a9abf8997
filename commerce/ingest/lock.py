"""Keeps two ingests out of one data folder."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from commerce.errors import Refused

_NAME = ".ingest-lock"


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Hold the folder for one ingest; the lock ends with the process, however it ends.

    What a killed ingest left half built is removed.

    Raises:
        Refused: when another ingest holds it, or the folder cannot be written.
    """
    import fcntl

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(data_dir / _NAME, os.O_RDWR | os.O_CREAT, 0o644)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise Refused("ingest.folder_not_writable", folder=data_dir) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("ingest.locked", folder=data_dir) from error
        for left in data_dir.glob(".building-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(handle)
