"""What can be asked without SQL: of a table, its columns narrowed, grouped and summed up."""

from __future__ import annotations

from dataclasses import dataclass

from commerce.sandbox.catalog import WITHHELD
from commerce.schema import Column, tables

#: What a filter may ask, by the kind of its column.
FILTERS = {
    "text": ("among", "not_among", "contains", "known", "unknown"),
    "list": ("among", "known", "unknown"),
    "number": ("between", "known", "unknown"),
    "date": ("between", "known", "unknown"),
    "boolean": ("is", "known", "unknown"),
}
#: How a measure sums a column up, by the kind of the column.
MEASURES = {
    "text": ("distinct",),
    "number": ("sum", "mean", "median", "min", "max"),
    "date": ("min", "max"),
}
STEPS = ("year", "quarter", "month", "day")
MOST_ROWS = 10_000
#: Columns whose values must not be added up together: other sources, units, splits and areas
#: tell of the same money and people again.
APART = ("area_kind", "period_months", "dimension", "indicator", "unit", "source_id")
_ADDED = {"card_sales", "card_sales_profile", "footfall", "area_indicator"}


@dataclass(frozen=True)
class Filter:
    """What rows must be like; parts left out do not narrow.

    Attributes:
        column: its name.
        how: one of ``FILTERS`` for the column's kind.
        values: texts, for ``among``, ``not_among`` and ``contains`` (the first); a truth for
            ``is``.
        low: least number or first day, for ``between``.
        high: greatest number or last day.
    """

    column: str
    how: str
    values: tuple[object, ...] = ()
    low: object = None
    high: object = None


@dataclass(frozen=True)
class Group:
    """A column to group by; days by a step of ``STEPS``."""

    column: str
    step: str = ""


@dataclass(frozen=True)
class Measure:
    """What to say of each group: ``count`` (of rows, no column), or one of ``MEASURES``."""

    how: str = "count"
    column: str = ""

    @property
    def name(self) -> str:
        """Return the name of its column in the result."""
        return "rows_counted" if self.how == "count" else f"{self.how}_{self.column}"


@dataclass(frozen=True)
class Question:
    """What is asked of one table.

    Without groups and measures it asks for rows: ``columns`` of them, all if none.

    Attributes:
        order: a name of the result to sort by; '' leaves the order open.
        falling: whether the largest comes first.
        most: how many rows, at most ``MOST_ROWS``.
    """

    table: str
    filters: tuple[Filter, ...] = ()
    groups: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = ()
    columns: tuple[str, ...] = ()
    order: str = ""
    falling: bool = True
    most: int = 1_000


def readable(table: str) -> dict[str, Column]:
    """Return the columns of ``table`` that may be read, by name; nothing for an unknown table."""
    columns = tables().get(table, ())
    return {c.name: c for c in columns if (table, c.name) not in WITHHELD}


def kind(column: Column) -> str:
    """Return ``text``, ``number``, ``date``, ``boolean``, ``list`` or '' (of numbers: no use)."""
    kinds = {"varchar": "text", "varchar[]": "list", "boolean": "boolean"}
    kinds |= dict.fromkeys(("integer", "bigint", "double"), "number")
    return (kinds | dict.fromkeys(("date", "timestamp"), "date")).get(column.type, "")


def may_group(column: Column) -> bool:
    """Return whether it makes sense to group by ``column``: measured numbers are too many."""
    return kind(column) in ("text", "date", "boolean") or column.type == "integer"


def mixed(question: Question) -> list[str]:
    """Return the columns over which the sums of ``question`` may count the same thing again.

    They are neither grouped by nor narrowed to one value.
    """
    added = question.table in _ADDED and any(m.how == "sum" for m in question.measures)
    if not added:
        return []
    fixed = {group.column for group in question.groups}
    fixed |= {
        f.column
        for f in question.filters
        if (f.how == "among" and len(set(f.values)) == 1) or (f.how == "between" and f.low == f.high
                                                              and f.low is not None)
    }  # fmt: skip
    return [name for name in APART if name in readable(question.table) and name not in fixed]
