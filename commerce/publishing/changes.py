"""What a proposal would change: permits one by one, and figures that move by more than usual."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from commerce.snapshot import Snapshot

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
class Moved:
    """One figure before and after, and how far it has moved in the past.

    Args:
        figure: ``active`` (permits), ``opened``, ``closed`` (permits in the last twelve complete
            months), ``closure_rate`` (per 100 shop-years), ``survival_3y`` (%), ``sales`` (KRW)
            or ``footfall`` (publisher's unit); words under ``changes.figure.<figure>``.
        group: None for the whole district, else a 10-digit dong code.
        group_ko: the name of the dong in Korean; None for the district.
        group_en: the same in English.
        period: the last day, or the first day of the last month, that ``after`` counts.
        before: the figure in the snapshot before, over its own last period; None if unknown.
        after: the figure in the proposal; None if unknown.
        usual_low: ``before`` and the largest fall over as long a time in the past of the
            snapshot before; None where there is too little past.
        usual_high: the same for the largest rise.
        unusual: whether ``after`` lies outside.
    """

    figure: str
    group: str | None
    group_ko: str | None
    group_en: str | None
    period: dt.date | None
    before: float | None
    after: float | None
    usual_low: float | None
    usual_high: float | None
    unusual: bool


@dataclass(frozen=True)
class Changes:
    """What would change. Counts are of permits; all are 0 without a snapshot before, but ``new``.

    Args:
        first: whether there is nothing to compare with.
        rows: rows by table before and after.
        same: permits under the same number in both, none of whose fields differ.
        changed: permits under the same number in both, of which some field differs.
        new: permits that the snapshot before does not know, under any number.
        vanished: permits under the same number that stood before, and are missing now from a
            full file (``exit_kind`` becomes ``vanished``).
        returned: the other way round. Both are counted in ``changed`` too.
        reidentified: permits known before under another number, recognised as the same.
        removed: permits that the proposal does not have under any number.
        fields: how many permits of ``changed`` differ in each field of ``FIELDS``.
        reidentified_fields: the same of ``reidentified``.
        moved: figures, those that move by more than usual first.
        examples: some permits of each kind, at most 20.
        boundaries_changed: whether the dongs are others, so that figures by dong are not compared.
    """

    first: bool
    rows: tuple[Rows, ...]
    same: int = 0
    changed: int = 0
    new: int = 0
    vanished: int = 0
    returned: int = 0
    reidentified: int = 0
    removed: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    reidentified_fields: dict[str, int] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    examples: tuple[Example, ...] = ()
    boundaries_changed: bool = False

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
    raise NotImplementedError
