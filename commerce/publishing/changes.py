"""What a proposal would change: permits one by one, and figures that move by more than usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from commerce.db import Database
from commerce.publishing import figures, months
from commerce.publishing.figures import Moved
from commerce.publishing.months import Month
from commerce.publishing.working import connect, run_script, sql
from commerce.schema import tables
from commerce.snapshot import Snapshot

_MOST_EXAMPLES = 20

#: Fields of a permit that are compared, in the order in which they are shown; words for each
#: stand in the catalogues under ``changes.field.<field>``.
FIELDS = (
    "name",
    "trade_name",
    "category_id",
    "status",
    "opened_on",
    "exit_on",
    "exit_kind",
    "address",
    "area_m2",
    "point_moved",
    "point_gained",
    "point_lost",
    "dong_code",
    "authority_code",
)


@dataclass(frozen=True)
class Rows:
    """The rows of one published table before and after; ``before`` is None without a snapshot."""

    table: str
    before: int | None
    after: int


@dataclass(frozen=True)
class Example:
    """One permit that changes.

    Args:
        kind: ``new``, ``changed``, ``vanished``, ``returned``, ``removed`` or ``reidentified``.
        service: name of its service, in Korean as published.
        permit_before: its number in the snapshot before; None when it is new.
        permit_after: its number in the proposal; None when it is removed.
        name: its name, the newer where both are known.
        fields: the fields that differ (see ``FIELDS``), each with its text before and after.
    """

    kind: str
    service: str | None
    permit_before: str | None
    permit_after: str | None
    name: str | None
    fields: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True)
class Changes:
    """What would change. Counts are of permits; all are 0 without a snapshot before, but ``new``.

    Args:
        first: whether there is nothing to compare with.
        rows: rows by table before and after.
        same: permits under the same number in both, none of whose fields differ.
        changed: permits under the same number in both, of which some field differs.
        new: permits that the snapshot before does not know, under any number.
        new_elsewhere: of those, permits of a service and authority that it does not know at all.
        vanished: permits under the same number that stood before, and are missing now from a
            full file (``exit_kind`` becomes ``vanished``).
        returned: the other way round. Both are counted in ``changed`` too.
        reidentified: permits known before under another number, recognised as the same.
        removed: permits that the proposal does not have under any number.
        dong_lost: permits of ``changed`` that lie in no known dong any more.
        dong_gained: the other way round.
        fields: how many permits of ``changed`` differ in each field of ``FIELDS``.
        reidentified_fields: the same of ``reidentified``.
        moved: figures, those that move by more than usual first.
        examples: some permits of each kind, at most 20.
        boundaries_changed: whether the dongs are others, so that figures are not compared.
        revised: past months whose openings or closures are counted differently now.
        jumps: the last twelve whole months beside the median of the two years before them.
    """

    first: bool
    rows: tuple[Rows, ...]
    same: int = 0
    changed: int = 0
    new: int = 0
    new_elsewhere: int = 0
    vanished: int = 0
    returned: int = 0
    reidentified: int = 0
    removed: int = 0
    dong_lost: int = 0
    dong_gained: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    reidentified_fields: dict[str, int] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    examples: tuple[Example, ...] = ()
    boundaries_changed: bool = False
    revised: tuple[Month, ...] = ()
    jumps: tuple[Month, ...] = ()

    @property
    def is_wider(self) -> bool:
        """Return whether services or authorities came in that were not there: totals then grow."""
        return self.new_elsewhere * 100 > self.same + self.changed

    @property
    def unusual(self) -> tuple[Moved, ...]:
        """Return the figures that move by more than usual."""
        return tuple(moved for moved in self.moved if moved.unusual)


def compare(before: Snapshot | None, after: Path) -> Changes:
    """Compare a built folder with a snapshot.

    Args:
        before: what is served, or None.
        after: the folder of built tables.
    """
    rows = tuple(_rows(before, after))
    now = Database(Snapshot(after, after.name))
    if before is None:
        (permits,) = [table.after for table in rows if table.table == "establishment"]
        return Changes(True, rows, new=permits, jumps=months.jumps(now))
    with connect(after) as connection:
        same_dongs = _ask(
            connection,
            "compare_dongs",
            before=str(before.file("dong")),
            after=str(after / "dong.parquet"),
        )[0]["are_same"]
        for name, file in (
            ("before", before.file("establishment")),
            ("after", after / "establishment.parquet"),
        ):
            connection.execute(f"set variable {name} = $file", {"file": str(file)})
        run_script(connection, "compare")
        (counts,) = _ask(connection, "compare_counts")
        examples = [
            _example(row) for row in _ask(connection, "compare_examples", most=_MOST_EXAMPLES)
        ]
    by_field = dict(zip(FIELDS, counts.pop("fields"), strict=True))
    reissued = dict(zip(FIELDS, counts.pop("reissued_fields"), strict=True))
    was = Database(before) if same_dongs else None
    return Changes(
        False,
        rows,
        fields=by_field,
        reidentified_fields=reissued,
        moved=figures.moved(was, now) if was else (),
        revised=months.revised(was, now) if was else (),
        jumps=months.jumps(now),
        examples=tuple(examples),
        boundaries_changed=not same_dongs,
        **counts,
    )


def from_record(found: dict[str, Any]) -> Changes:
    """Return the changes that were written as JSON."""
    return Changes(
        **found
        | {
            "rows": tuple(Rows(**row) for row in found["rows"]),
            "moved": tuple(figures.from_record(row) for row in found["moved"]),
            "revised": tuple(months.from_record(row) for row in found["revised"]),
            "jumps": tuple(months.from_record(row) for row in found["jumps"]),
            "examples": tuple(
                Example(**row | {"fields": tuple((a, b, c) for a, b, c in row["fields"])})
                for row in found["examples"]
            ),
        }
    )


def _rows(before: Snapshot | None, after: Path) -> Iterable[Rows]:
    with duckdb.connect() as connection:

        def count(file: Path) -> int:
            found = connection.execute(
                "select count(*) from read_parquet($file)", {"file": str(file)}
            ).fetchone()
            return int(found[0]) if found else 0

        for table in tables():
            was = None
            if before is not None:
                was = count(before.file(table)) if before.file(table).is_file() else 0
            yield Rows(table, was, count(after / f"{table}.parquet"))


def _ask(
    connection: duckdb.DuckDBPyConnection, name: str, **params: object
) -> list[dict[str, Any]]:
    found = connection.execute(sql(name), params)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _example(row: dict[str, Any]) -> Example:
    pairs = [
        (name.removesuffix("_pair"), *row.pop(name)) for name in list(row) if name.endswith("_pair")
    ]
    both = row["permit_before"] is not None and row["permit_after"] is not None
    differing = tuple((name, was, now) for name, was, now in pairs if was != now)
    return Example(fields=differing if both else (), **row)
