"""Who published what, when and why: an append-only file in the data folder."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Event:
    """One thing that was done to a data folder.

    Args:
        at: when, aware UTC, by the clock of the machine; the order is that of the file.
        who: who did it; "" where it is not known.
        action: ``publish``, ``rollback`` or ``prune``.
        snapshot: the snapshot served from then on; of ``prune``, the one that was removed.
        before: the snapshot served until then, or None.
        why: why, in the words of who did it; may be "".
        confirmed: the reason given for publishing although checks failed, or None.
        failed: ids of the blocking checks that failed.
    """

    at: dt.datetime
    who: str
    action: str
    snapshot: str
    before: str | None
    why: str = ""
    confirmed: str | None = None
    failed: tuple[str, ...] = ()


def events(data_dir: Path) -> list[Event]:
    """Return what was done to a data folder, newest first; empty where nothing is known."""
    raise NotImplementedError
