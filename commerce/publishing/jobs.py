"""Long work for the page: a dry run in a process of its own, with progress, that can be cancelled.

A job is a folder ``jobs/<id>`` in the state folder. It goes on when the page is reloaded;
one whose process ended without a result (the machine was restarted) is told as stopped.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from commerce.publishing.proposal import Options

Phase = Literal[
    "starting", "reading", "building", "checking", "done", "failed", "cancelled", "stopped"
]


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
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop it; what it had built goes, what is served stays. No error when it has ended."""
        raise NotImplementedError


def inbox(state_dir: Path) -> Path:
    """Return a new empty folder for files that are handed over; it goes with its job.

    Give the files in it to :func:`start`, which moves the folder to the job.
    """
    raise NotImplementedError


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
    raise NotImplementedError


def job(state_dir: Path, id: str) -> Job | None:
    """Return a job, or None where there is none of this id (any more)."""
    raise NotImplementedError


def jobs(state_dir: Path) -> list[Job]:
    """Return the jobs there are, newest first; those older than 7 days go at the next start."""
    raise NotImplementedError
