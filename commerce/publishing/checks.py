"""Checks before publishing: rules as data (``checks.csv``), applied by pandera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from commerce.i18n import t
from commerce.snapshot import Snapshot

Level = Literal["block", "warn"]


@dataclass(frozen=True)
class CheckResult:
    """What one rule of ``checks.csv`` found.

    Args:
        id: the rule, such as ``permits_dropped``; words stand under ``check.<id>``.
        table: the table that it looks at.
        level: ``block`` stops publishing until staff confirm with a reason; ``warn`` is told.
        passed: whether it holds; true as well where there was too little to look at.
        value: what was measured (a share in %, a count); None where nothing was to be measured.
        threshold: what ``value`` may be at most (at least, for rules of kind ``min``).
        n: the rows that it looked at.
        detail: the worst case in a few words (a month, a source, a value), or "".
        skipped: whether there was too little to look at, or nothing to compare with.
    """

    id: str
    table: str
    level: Level
    passed: bool
    value: float | None
    threshold: float | None
    n: int
    detail: str = ""
    skipped: bool = False

    @property
    def sentence(self) -> str:
        """Return what was found in one sentence, in the reader's language."""
        return t(f"check.{self.id}")

    @property
    def why(self) -> str:
        """Return why the threshold is where it is (``checks.csv``), in the reader's language."""
        raise NotImplementedError


def run(before: Snapshot | None, after: Path, fresh: bool = False) -> list[CheckResult]:
    """Check a built folder against ``checks.csv``.

    Args:
        before: what is served, or None.
        after: the folder of built tables.
        fresh: whether it was told to start anew: then nothing is compared with ``before``.
    """
    raise NotImplementedError
