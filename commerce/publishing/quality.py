"""Quality over time: what was missing in each snapshot that was ever published.

The counts are taken by ``queries/data/quality_of_all.sql`` when a snapshot is published, and
kept in the history, which outlives the snapshot itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from commerce import snapshot as snapshots
from commerce.publishing import history
from commerce.publishing.working import connect
from commerce.queries import load

QUERY = "data/quality_of_all"
#: What is counted; shares follow from it.
COUNTS = (
    "permits",
    "no_coordinates",
    "exits",
    "exit_unsure",
    "unmapped",
    "rows_local",
    "rows_refused",
)
#: Each share that is watched, as counts: the part, and of what.
MEASURES = {
    "no_coordinates": "permits",
    "exit_unsure": "exits",
    "unmapped": "permits",
    "rows_refused": "rows_local",
}
_TABLES = ("establishment", "dataset", "refused")


@dataclass(frozen=True)
class Published:
    """One snapshot that was published at some time.

    Args:
        name: the snapshot.
        at: when it was published, aware UTC, by the clock of the machine.
        who: who published it; "" where it is not known.
        before: the snapshot served until then, or None.
        state: ``current``; ``kept``: it can be gone back to; ``removed`` by the limit on how
            many stay.
        led_here: whether what is served now was built upon it, step by step; not so when it
            was taken back.
        counts: by name of ``COUNTS``; None where nobody counted and the files are gone.
    """

    name: str
    at: dt.datetime
    who: str
    before: str | None
    state: str
    led_here: bool
    counts: dict[str, int] | None

    def share(self, measure: str) -> float | None:
        """Return a share of ``MEASURES`` in %; None where it is not known or of nothing."""
        whole = self.counts[MEASURES[measure]] if self.counts else 0
        return self.counts[measure] * 100 / whole if self.counts and whole else None


def count(folder: Path) -> dict[str, int] | None:
    """Count what is missing in the tables of a folder; None where they cannot be read."""
    query = load(QUERY)
    try:
        with connect(folder) as connection:
            for table in _TABLES:
                file = str(folder / f"{table}.parquet").replace("'", "''")
                connection.execute(
                    f"create view \"{table}\" as select * from read_parquet('{file}')"
                )
            found = connection.execute(query.sql).fetchone()
            names = [column[0] for column in connection.description or ()]
    except (duckdb.Error, OSError):
        # A snapshot of an older layout, or one that is removed while it is read.
        return None
    values = dict(zip(names, found or (), strict=True))
    return {name: int(values[name]) for name in COUNTS}


def over_snapshots(data_dir: Path) -> list[Published]:
    """Return every snapshot that was published, in the order of publishing.

    Snapshots that the history does not know, or knows no counts of, are counted from their
    files as long as these stand.
    """
    standing = snapshots.history(data_dir)
    current = snapshots.current_or_none(data_dir)
    now = current.path.name if current is not None else None
    found: dict[str, Published] = {}
    for event in reversed(history.events(data_dir)):
        if event.action == "publish":
            found[event.snapshot] = Published(
                event.snapshot,
                event.at,
                event.who,
                event.before,
                _state(event.snapshot, now, standing),
                False,
                _whole(event.quality),
            )
    earlier: str | None = None
    for name in standing:
        if name not in found:
            made = (data_dir / name / "dataset.parquet").stat().st_mtime
            at = dt.datetime.fromtimestamp(made, dt.UTC)
            found[name] = Published(name, at, "", earlier, _state(name, now, standing), False, None)
        if found[name].counts is None:
            found[name] = replace(found[name], counts=count(data_dir / name))
        earlier = name
    ancestors = _ancestors(now, found)
    return [
        replace(found[name], led_here=name in ancestors)
        # Their numbers are in the order of publishing; clocks are set back.
        for name in sorted(found, key=snapshots.order)
    ]


def _state(name: str, now: str | None, standing: list[str]) -> str:
    if name == now:
        return "current"
    return "kept" if name in standing else "removed"


def _whole(counts: dict[str, int] | None) -> dict[str, int] | None:
    """Return counts that the history has, if it has all of them as numbers."""
    if not isinstance(counts, dict):
        return None
    whole = all(isinstance(counts.get(name), int) for name in COUNTS)
    return {name: counts[name] for name in COUNTS} if whole else None


def _ancestors(now: str | None, found: dict[str, Published]) -> set[str]:
    """Return the snapshot served now and those that it was built upon, one after the other."""
    ancestors: set[str] = set()
    name = now
    while name is not None and name in found and name not in ancestors:
        ancestors.add(name)
        name = found[name].before
    return ancestors
