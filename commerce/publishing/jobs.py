"""Long work for the page: a dry run in a process of its own, with progress, that can be cancelled.

A job is a folder ``jobs/<id>`` in the state folder. It goes on when the page is reloaded;
one whose process ended without a result (the machine was restarted) is told as stopped.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from commerce.errors import Refused
from commerce.publishing import history, record
from commerce.publishing.proposal import DAYS, Options, options_from

Phase = Literal[
    "starting", "reading", "building", "checking", "done", "failed", "cancelled", "stopped"
]


FILE, STATE, LOG = "job.json", "state.json", "log.txt"
_JOBS, _FILES, _ALIVE, _PROCESS, _CANCELLED = "jobs", "files", "alive", "process.json", "cancelled"
_ENDS = ("done", "failed", "cancelled", "stopped")
_ID = re.compile(r"[0-9a-f]{12}")
_ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds that a job has to clean up before it is ended.
_PATIENCE = 5.0


@dataclass(frozen=True)
class JobState:
    """How far a job is.

    Args:
        phase: ``starting``, ``reading`` (files), ``building`` (tables), ``checking`` (changes and
            checks), and at the end ``done``, ``failed``, ``cancelled`` or ``stopped``.
        file: the file that is read, by name; "" otherwise.
        rows: rows read of it.
        share: share of all bytes read, 0 to 1.
        seconds: since it began.
        seconds_left: until all files are read, by the rate so far; None where it is not known.
        done: whether it has ended, in whatever way.
        failed: why it failed, in one sentence of the reader's language, or None.
        proposal_id: the proposal that it made, or None.
    """

    phase: Phase
    file: str
    rows: int
    share: float
    seconds: float
    seconds_left: float | None
    done: bool
    failed: str | None
    proposal_id: str | None


@dataclass(frozen=True)
class Job:
    """One dry run; all about it is read from its folder whenever it is asked."""

    id: str
    folder: Path
    data_dir: Path
    who: str
    files: tuple[str, ...]
    started_at: dt.datetime
    options: Options

    def state(self) -> JobState:
        """Return how far it is."""
        found = record.read(self.folder / STATE) or {}
        phase = found.get("phase", "starting")
        if phase not in _ENDS and not _lives(self.folder):
            # It may have written its last word between the two looks.
            found = record.read(self.folder / STATE) or found
            if found.get("phase") not in _ENDS:
                found = found | {"phase": "stopped"}
        if (self.folder / _CANCELLED).exists() and found.get("phase") in ("stopped", "failed"):
            found = found | {"phase": "cancelled"}
        phase = found.get("phase", "starting")
        done = phase in _ENDS
        share = float(found.get("share", 0.0))
        seconds = float(found.get("seconds", 0.0))
        if not done:
            seconds = max(seconds, (history.now() - self.started_at).total_seconds())
        reading = phase == "reading" and 0.01 < share < 1
        failed = found.get("failed") if phase == "failed" else None
        return JobState(
            phase,
            str(found.get("file", "")) if phase == "reading" else "",
            int(found.get("rows", 0)),
            share,
            seconds,
            seconds / share - seconds if reading else None,
            done,
            str(record.refused_from(failed)) if failed else None,
            found.get("proposal") if phase == "done" else None,
        )

    def cancel(self) -> None:
        """Stop it; what it had built goes, what is served stays. No error when it has ended."""
        if self.state().done:
            return
        (self.folder / _CANCELLED).touch()
        until = time.monotonic() + _PATIENCE
        for number in (signal.SIGTERM, signal.SIGKILL):
            # Asked each time, so that a number that has passed to others is never hit.
            if not _lives(self.folder):
                return
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group(), number)
            while _lives(self.folder) and time.monotonic() < until:
                time.sleep(0.02)
            until = time.monotonic() + _PATIENCE

    def _group(self) -> int:
        found = record.read(self.folder / _PROCESS)
        if found is None:
            raise ProcessLookupError
        return int(found["group"])


def inbox(state_dir: Path) -> Path:
    """Return a new empty folder for files that are handed over; it goes with its job.

    Give the files in it to :func:`start`, which keeps the folder with the job.

    Raises:
        Refused: when the state folder cannot be written.
    """
    return _new_folder(state_dir) / _FILES


def start(state_dir: Path, data_dir: Path, files: list[Path], *, who: str, options: Options) -> Job:
    """Begin a dry run in a process of its own and return it.

    Args:
        state_dir: the state folder (:func:`commerce.sandbox.journal.state_dir`).
        data_dir: the data folder.
        files: files or folders to read.
        who: who asks for it.
        options: how to read them.

    Raises:
        Refused: when the state folder cannot be written.
    """
    _forget_old(state_dir)
    given = {path.parent for path in files if path.parent.name == _FILES}
    own = [folder for folder in given if folder.parent.parent == state_dir / _JOBS]
    folder = own[0].parent if len(own) == 1 else _new_folder(state_dir)
    started = Job(
        folder.name,
        folder,
        data_dir.absolute(),
        who,
        tuple(str(path.absolute()) for path in files),
        history.now(),
        options,
    )
    try:
        record.write(folder / FILE, started)
        with (folder / _ALIVE).open("w") as alive, (folder / LOG).open("wb") as log:
            # The lock belongs to the open file, which the child inherits: held while it lives.
            fcntl.flock(alive, fcntl.LOCK_EX)
            child = subprocess.Popen(
                [sys.executable, "-m", "commerce.publishing", str(folder)],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[alive.fileno()],
                start_new_session=True,
            )
        record.write(folder / _PROCESS, {"group": child.pid})
    except OSError as error:
        raise Refused(
            "publishing.no_state", folder=state_dir, reason=error.strerror or error
        ) from error
    # Reaped whenever it ends, so that it stays no zombie of the app.
    threading.Thread(target=child.wait, daemon=True).start()
    return started


def job(state_dir: Path, id: str) -> Job | None:
    """Return a job, or None where there is none of this id (any more)."""
    folder = state_dir / _JOBS / id
    found = record.read(folder / FILE) if _ID.fullmatch(id) else None
    return _job(folder, found) if found is not None else None


def read(folder: Path) -> Job:
    """Return the job of a folder, for the process that does it."""
    found = record.read(folder / FILE)
    if found is None:
        raise FileNotFoundError(folder / FILE)
    return _job(folder, found)


def _job(folder: Path, found: dict[str, Any]) -> Job:
    return Job(
        folder.name,
        folder,
        Path(found["data_dir"]),
        found["who"],
        tuple(found["files"]),
        dt.datetime.fromisoformat(found["started_at"]),
        options_from(found["options"]),
    )


def jobs(state_dir: Path) -> list[Job]:
    """Return the jobs there are, newest first; those older than 7 days go at the next start."""
    found = [job(state_dir, folder.name) for folder in (state_dir / _JOBS).glob("*")]
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: one.started_at, reverse=True)


def _new_folder(state_dir: Path) -> Path:
    folder = state_dir / _JOBS / secrets.token_hex(6)
    try:
        (folder / _FILES).mkdir(parents=True)
    except OSError as error:
        raise Refused(
            "publishing.no_state", folder=state_dir, reason=error.strerror or error
        ) from error
    return folder


def _forget_old(state_dir: Path) -> None:
    """Remove jobs of a week ago, and inboxes that nobody used for as long."""
    limit = history.now() - dt.timedelta(days=DAYS)
    for folder in (state_dir / _JOBS).glob("*"):
        known = job(state_dir, folder.name)
        with contextlib.suppress(OSError):
            made = known.started_at.timestamp() if known else folder.stat().st_mtime
            if made < limit.timestamp() and not _lives(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _lives(folder: Path) -> bool:
    """Return whether the process of a job holds its lock."""
    try:
        with (folder / _ALIVE).open("r") as alive:
            fcntl.flock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
