"""What rules of kind ``measure`` look at: numbers about whole tables and about what changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from commerce.i18n import month as month_text
from commerce.publishing.changes import Changes
from commerce.publishing.working import connect, sql
from commerce.schema import tables
from commerce.snapshot import Snapshot

_FILES = ("establishment", "card_sales", "footfall", "dataset", "refused")


@dataclass(frozen=True)
class Measure:
    """A number, the rows behind it, and its worst case in a few words."""

    value: float | None
    n: int
    detail: str = ""


def of_tables(before: Snapshot | None, after: Path, min_rows_refused: int) -> dict[str, Measure]:
    """Measure the built tables themselves.

    Args:
        before: what is served: files that it has too were not read for this proposal.
        after: the folder of built tables.
        min_rows_refused: files of fewer rows are not looked at for refused rows.
    """
    with connect(after) as connection:
        for table in _FILES:
            connection.execute(
                f"set variable {table} = $file", {"file": str(after / f"{table}.parquet")}
            )
        connection.execute("set variable known_sources = $known", {"known": _known(before)})
        connection.execute("set variable min_rows_refused = $rows", {"rows": min_rows_refused})
        found = {
            name: Measure(value, n, detail or "")
            for name, value, n, detail in connection.execute(sql("measures")).fetchall()
        }
    found["wrong_columns"] = _columns(after)
    return found


def of_changes(changes: Changes) -> dict[str, Measure]:
    """Measure what would change; nothing without a snapshot to compare with.

    Shares are in % of the permits of the snapshot before.
    """
    if changes.first:
        return {}
    found = {}
    for name, table in (
        ("sales_dropped", "card_sales"),
        ("footfall_dropped", "footfall"),
        ("shops_dropped", "shop"),
    ):
        (rows,) = [rows for rows in changes.rows if rows.table == table]
        was = rows.before or 0
        share = max(0.0, (was - rows.after) * 100 / was) if was else None
        found[name] = Measure(share, was)
    known = changes.same + changes.changed
    permits = known + changes.reidentified + changes.removed
    found["permits_removed"] = _share(changes.removed, permits)
    found["permits_vanished"] = _share(changes.vanished, known)
    for name, field in (
        ("permits_renamed", "name"),
        ("permits_moved", "address"),
        ("permits_redated", "opened_on"),
        ("points_lost", "point_lost"),
    ):
        found[name] = _share(changes.fields[field], known)
    found["without_dong_more"] = _share(max(0, changes.dong_lost - changes.dong_gained), known)
    return found


def of_months(changes: Changes, least: int) -> dict[str, Measure]:
    """Measure monthly counts and figures; months of fewer than ``least`` are not looked at.

    Opening and closing counts of small places jump by chance.
    """
    found = {}
    # New services and authorities bring openings and closures of past months with them.
    revised = () if changes.is_wider else changes.revised
    for name, months, by in (
        ("months_revised", revised, "revision"),
        ("months_jump", changes.jumps, "times"),
    ):
        looked = [month for month in months if max(month.before, month.after) >= least]
        looked = [month for month in looked if month.before >= least or name == "months_jump"]
        if looked:
            worst = max(looked, key=lambda month: getattr(month, by))
            found[name] = Measure(
                float(getattr(worst, by)),
                int(max(worst.before, worst.after)),
                f"{month_text(worst.month)}: {worst.before:,.0f} → {worst.after:,.0f}",
            )
    whole = [
        moved for moved in changes.moved if moved.group is None and moved.usual_low is not None
    ]
    unusual = [moved.figure for moved in whole if moved.unusual]
    if whole and not changes.is_wider:
        found["figures_unusual"] = Measure(len(unusual), len(whole), ", ".join(unusual))
    return found


def _share(part: int, of: int) -> Measure:
    return Measure(part * 100 / of if of else None, of)


def _known(before: Snapshot | None) -> list[str]:
    if before is None:
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select source_id || '@' || ingested_at::varchar from read_parquet($file)",
            {"file": str(before.file("dataset"))},
        ).fetchall()
    return [row[0] for row in rows]


def _columns(after: Path) -> Measure:
    """Count columns of ``schema.csv`` that are missing or of another type."""
    wrong, looked = [], 0
    with duckdb.connect() as connection:
        for table, columns in tables().items():
            file = {"file": str(after / f"{table}.parquet")}
            described = connection.execute("describe from read_parquet($file)", file).fetchall()
            types = {row[0]: row[1].lower() for row in described}
            looked += len(columns)
            wrong += [f"{table}.{c.name}" for c in columns if types.get(c.name) != c.type.lower()]
    return Measure(float(len(wrong)), looked, ", ".join(wrong[:3]))
