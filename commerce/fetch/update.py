"""Fetch, then ingest what is new, in one go: what cron and ``make update`` run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from commerce.fetch.settings import KEY
from commerce.fetch.store import Store, sha256
from commerce.snapshot import history


def pending(store: Store, data_dir: Path) -> list[Path]:
    """Return the fetched files that no snapshot of a data folder was ever made of.

    A snapshot that staff took back counts too: its files are not published again behind their
    backs.

    Args:
        store: the folder of fetched files.
        data_dir: the data folder.
    """
    known: set[str] = set()
    for name in history(data_dir):
        table = pq.read_table(data_dir / name / "dataset.parquet", columns=["sha256"])
        known |= set(table["sha256"].to_pylist())
    return [file for file in store.files() if sha256(file) not in known]


def ingest(store: Store, files: list[Path], data_dir: Path) -> int:
    """Ingest files by the command line of this app, checks and publishing included.

    They are handed over as one folder: a file that cannot be read is told and keeps no other
    file back.

    Returns:
        The exit status of ``python -m commerce ingest``.
    """
    folder = store.under_way("to-ingest")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        for file in files:
            (folder / file.name).symlink_to(file.resolve())
        # What reads files needs no key.
        environment = {name: value for name, value in os.environ.items() if name != KEY}
        command = [sys.executable, "-m", "commerce", "ingest", str(folder), "--data", str(data_dir)]
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
