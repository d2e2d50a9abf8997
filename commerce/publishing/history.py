"""Who published what, when and why: an append-only file in the data folder.

A switch is first written down as intended, then done, then appended to the history.
Killed in between, the next to hold the folder finishes the record: what was switched is
appended, what was not is undone, and its proposal can be published again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commerce import snapshot as snapshots
from commerce.publishing import record

FILE, INTENT, MANIFEST = "history.jsonl", ".switch.json", "manifest.json"


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
        quality: of ``publish``, what is missing in the snapshot: counts by name, see
            :mod:`commerce.publishing.quality`; None where nobody counted.
    """

    at: dt.datetime
    who: str
    action: str
    snapshot: str
    before: str | None
    why: str = ""
    confirmed: str | None = None
    failed: tuple[str, ...] = ()
    quality: dict[str, int] | None = None


def events(data_dir: Path) -> list[Event]:
    """Return what was done to a data folder, newest first; empty where nothing is known."""
    found = _written(data_dir)
    done = _done(data_dir, record.read(data_dir / INTENT))
    if done is not None and done not in found:
        found.append(done)
    return found[::-1]


def now() -> dt.datetime:
    """Return the time by the clock of this machine."""
    return dt.datetime.now(dt.UTC)


def intend(data_dir: Path, event: Event, proposal: str | None = None) -> None:
    """Write down a switch that is about to be done; the caller holds the folder's lock.

    Args:
        data_dir: the data folder.
        event: what the history will say once it is done.
        proposal: the proposal that becomes ``event.snapshot``; None when it is there already.
    """
    record.write(data_dir / INTENT, {"event": event, "proposal": proposal})


def settle(data_dir: Path) -> None:
    """Finish the record of a switch, done or not; the caller holds the folder's lock."""
    intent = record.read(data_dir / INTENT)
    if intent is None:
        return
    event = _done(data_dir, intent)
    if event is not None:
        if event not in _written(data_dir):
            append(data_dir, event)
    else:
        _undo(data_dir, intent)
    (data_dir / INTENT).unlink(missing_ok=True)


def append(data_dir: Path, event: Event) -> None:
    """Add one event to the history."""
    path = data_dir / FILE
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        # A line that was cut off ends here, so that it spoils no other.
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, ("\n" * torn + record.text(event) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(data_dir: Path) -> list[Event]:
    """Return the events of the file, oldest first; lines that cannot be read are left out."""
    try:
        text = (data_dir / FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            found.append(_event(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def _event(found: dict[str, Any]) -> Event:
    known = {field.name for field in dataclasses.fields(Event)}
    values = {name: value for name, value in found.items() if name in known}
    values["at"] = dt.datetime.fromisoformat(values["at"])
    values["failed"] = tuple(values.get("failed") or ())
    return Event(**values)


def _done(data_dir: Path, intent: dict[str, Any] | None) -> Event | None:
    """Return the event of an intended switch if it was done."""
    if intent is None:
        return None
    event = _event(intent["event"])
    current = snapshots.current_or_none(data_dir)
    return event if current is not None and current.path.name == event.snapshot else None


def _undo(data_dir: Path, intent: dict[str, Any]) -> None:
    """Make a folder that was placed but never served a proposal again."""
    event, proposal = _event(intent["event"]), intent["proposal"]
    placed, back = data_dir / event.snapshot, data_dir / f".proposed-{proposal}"
    if proposal and placed.is_dir() and not back.exists():
        os.rename(placed, back)
