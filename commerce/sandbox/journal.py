"""The journal of queries: who ran what, when, how long, how it ended. One JSON line per run.

It lies in the state folder (``COMMERCE_STATE``, else ``.state`` beside the app), which no
query can read: a file per month, for its owner's eyes alone. Without it nothing is run.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

from commerce.errors import Refused

_ROOT = Path(__file__).resolve().parent.parent.parent


def state_dir() -> Path:
    """Return the folder for what people save: queries, journals, settings."""
    return Path(os.environ.get("COMMERCE_STATE") or _ROOT / ".state")


def file() -> Path:
    """Return the journal of this month (UTC)."""
    return state_dir() / "journal" / f"sql-{dt.datetime.now(dt.UTC):%Y-%m}.jsonl"


def check() -> None:
    """Make sure that a run can be written down.

    Raises:
        Refused: when it cannot.
    """
    os.close(_open())


def write(**entry: object) -> None:
    """Append one run, in one write, so that runs at the same time do not mix.

    Raises:
        Refused: when it cannot be written.
    """
    line = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")} | entry
    opened = _open()
    try:
        # Half letters in typed text cannot be UTF-8: ASCII escapes can say them.
        os.write(opened, json.dumps(line, default=str).encode() + b"\n")
    finally:
        os.close(opened)


def _open() -> int:
    path = file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refused("sandbox.no_journal", file=path, reason=error.strerror) from None
