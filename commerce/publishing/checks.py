"""Checks before publishing: rules as data (``checks.csv``), applied by pandera.

Rules of a column (``filled``, ``among``, ``between``) look at every row, in pieces, so that
memory stays bounded; their value is the share of rows that fail, in %. Rules of kind
``measure`` look at one number about a whole table or about what changes. A rule holds while
its value is at most its threshold; it is skipped below ``min_rows`` rows.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow.parquet as pq

from commerce.i18n import language, number, t
from commerce.publishing import measures
from commerce.publishing.changes import Changes
from commerce.publishing.measures import Measure
from commerce.snapshot import Snapshot

Level = Literal["block", "warn"]
FILE = Path(__file__).with_name("checks.csv")
_PIECE = 200_000


@dataclass(frozen=True)
class Rule:
    """One line of ``checks.csv``.

    Args:
        id: its name; its sentence stands under ``check.<id>``.
        table: the table that it looks at; "" for all.
        rule: ``filled``, ``among``, ``between`` or ``measure``.
        column: the column, for people where the rule is a measure.
        argument: the values allowed (``a|b``), the limits (``low..high``) or the measure.
        threshold: what the value may be at most.
        min_rows: below so many rows it is skipped.
        level: ``block`` or ``warn``.
        why_ko: why the threshold is where it is.
        why_en: the same in English.
    """

    id: str
    table: str
    rule: str
    column: str
    argument: str
    threshold: float
    min_rows: int
    level: Level
    why_ko: str
    why_en: str


@dataclass(frozen=True)
class CheckResult:
    """What one rule of ``checks.csv`` found.

    Args:
        id: the rule, such as ``permits_removed``; words stand under ``check.<id>``.
        table: the table that it looks at; "" for all.
        level: ``block`` stops publishing until staff confirm with a reason; ``warn`` is told.
        passed: whether it holds; true as well where it was skipped.
        value: what was measured (see :class:`Rule`); None where there was nothing to measure.
        threshold: what ``value`` may be at most.
        n: the rows that it looked at.
        detail: the worst case in a few words (a month, a source, a value), or "".
        skipped: whether there was too little to look at, or nothing to compare with.
    """

    id: str
    table: str
    level: Level
    passed: bool
    value: float | None
    threshold: float
    n: int
    detail: str = ""
    skipped: bool = False

    @property
    def sentence(self) -> str:
        """Return what was found in one sentence, in the reader's language."""
        words = t(f"check.{self.id}")
        if self.skipped or self.value is None:
            return t("check.skipped", what=words)
        shown = {
            "what": words,
            "value": _short(self.value),
            "threshold": _short(self.threshold),
            "n": number(self.n),
            "detail": f" ({self.detail})" if self.detail else "",
        }
        return t("check.passed" if self.passed else "check.failed", **shown)

    @property
    def why(self) -> str:
        """Return why the threshold is where it is (``checks.csv``), in the reader's language."""
        found = [rule for rule in rules() if rule.id == self.id]
        return getattr(found[0], f"why_{language()}") if found else ""


@cache
def rules(file: Path = FILE) -> tuple[Rule, ...]:
    """Return the rules of ``checks.csv``."""
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Rule(
                **row  # type: ignore[arg-type]
                | {"threshold": float(row["threshold"]), "min_rows": int(float(row["min_rows"]))}
            )
            for row in csv.DictReader(lines)
        )


def run(
    before: Snapshot | None, after: Path, changes: Changes, fresh: bool = False
) -> list[CheckResult]:
    """Check a built folder against ``checks.csv``.

    Args:
        before: what is served, or None.
        after: the folder of built tables.
        changes: what would change.
        fresh: whether it was told to start anew: then nothing is compared with ``before``.
    """
    least = {rule.argument: rule.min_rows for rule in rules() if rule.rule == "measure"}
    found = measures.of_tables(before, after, least["rows_refused"])
    found |= measures.of_months(
        replace(changes, moved=(), revised=()) if fresh else changes, least["months_revised"]
    )
    if not fresh and not changes.boundaries_changed:
        found |= measures.of_changes(changes)
    by_rule = {rule.id: found.get(rule.argument) for rule in rules() if rule.rule == "measure"}
    for table in dict.fromkeys(rule.table for rule in rules() if rule.rule != "measure"):
        of_table = [rule for rule in rules() if rule.table == table and rule.rule != "measure"]
        by_rule |= _rows(after / f"{table}.parquet", of_table)
    return _results(by_rule)


def _rows(file: Path, of_table: list[Rule]) -> dict[str, Measure]:
    """Validate the rows of a table piece by piece; return the share that fails each rule, in %."""
    import pandera.pandas as pa

    checks: dict[str, list[pa.Check]] = {}
    for rule in of_table:
        checks.setdefault(rule.column, []).append(_check(pa, rule))
    schema = pa.DataFrameSchema(
        {column: pa.Column(None, found, nullable=True) for column, found in checks.items()}
    )
    rows, failed = 0, dict.fromkeys((rule.id for rule in of_table), 0)
    examples: dict[str, str] = {}
    for piece in _pieces(file, list(checks)):
        rows += len(piece)
        try:
            schema.validate(piece, lazy=True)
        except pa.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            for name, of_rule in cases.groupby("check"):
                failed[str(name)] += len(of_rule)
                examples.setdefault(str(name), str(of_rule["failure_case"].iloc[0]))
    return {
        rule: Measure(count * 100 / rows if rows else None, rows, examples.get(rule, ""))
        for rule, count in failed.items()
    }


def _check(pa: Any, rule: Rule) -> Any:
    if rule.rule == "filled":
        return pa.Check(_is_filled, error=rule.id, ignore_na=False)
    if rule.rule == "among":
        return pa.Check.isin(rule.argument.split("|"), error=rule.id)
    low, high = (_limit(text) for text in rule.argument.split(".."))
    return pa.Check.in_range(low, high, error=rule.id)


def _is_filled(series: pd.Series) -> pd.Series:
    return series.notna() & (series.astype("string").str.strip() != "")


def _limit(text: str) -> float | pd.Timestamp:
    try:
        return float(text)
    except ValueError:
        return pd.Timestamp(dt.date.fromisoformat(text))


def _pieces(file: Path, columns: list[str]) -> Iterator[pd.DataFrame]:
    for batch in pq.ParquetFile(file).iter_batches(_PIECE, columns=columns):
        yield batch.to_pandas(date_as_object=False)


def _results(by_rule: dict[str, Measure | None]) -> list[CheckResult]:
    """Hold each value against the threshold of its rule."""
    import pandera.pandas as pa

    known = {
        rule.id: float(measure.value)
        for rule in rules()
        if (measure := by_rule[rule.id]) is not None
        and measure.value is not None
        and measure.n >= rule.min_rows
    }
    schema = pa.DataFrameSchema(
        {
            rule.id: pa.Column(float, pa.Check.le(rule.threshold), nullable=True)
            for rule in rules()
            if rule.id in known
        }
    )
    broken: set[str] = set()
    try:
        schema.validate(pd.DataFrame([known], dtype=float), lazy=True)
    except pa.errors.SchemaErrors as errors:
        broken = set(errors.failure_cases["column"])
    results = []
    for rule in rules():
        measure = by_rule[rule.id] or Measure(None, 0)
        results.append(
            CheckResult(
                rule.id,
                rule.table,
                rule.level,
                rule.id not in broken,
                measure.value,
                rule.threshold,
                measure.n,
                measure.detail if rule.id in broken else "",
                rule.id not in known,
            )
        )
    return results


def _short(value: float) -> str:
    return number(value, 0 if value == int(value) else 2 if abs(value) < 1 else 1)
