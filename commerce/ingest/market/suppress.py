"""Complementary suppression: no suppressed cell may be computed from published totals.

A total of trades, and a quarter beside its months, each say that some cells add up. The
cells that are not published are the unknowns of these equations. An unknown can be computed
exactly when the equations, brought to reduced row echelon form, hold a row with nothing but
it; then the smallest known cell of its equations goes too, until no such row is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import duckdb

from commerce.ingest.clean import sql


@dataclass(frozen=True)
class Cell:
    """One cell of one area and quarter of a series.

    Args:
        cell_no: its number in table ``published``.
        period: its first day.
        months: 1 or 3.
        trade: the publisher's trade.
        group: the group of its category, or its category where that is a group.
        total_of: ``all`` or ``group`` for a total of trades beside it, else None.
        sales: its value; None where nobody knows it.
        suppressed: whether it is not published.
    """

    cell_no: int
    period: date
    months: int
    trade: str
    group: str | None
    total_of: str | None
    sales: int | None
    suppressed: bool


#: What adds up: each cell with its sign, to 0.
Equation = dict[int, int]


def protect(connection: duckdb.DuckDBPyConnection) -> int:
    """Suppress further cells of table ``published``; return how many."""
    rows = connection.execute(sql("market/exposed")).fetchall()
    areas: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
    for row in rows:
        areas[row[:4]].append(Cell(*row[4:]))
    chosen = [number for cells in areas.values() for number in also_suppressed(cells)]
    if chosen:
        connection.execute(
            "update published set is_suppressed = true where cell_no in (select unnest($chosen))",
            {"chosen": chosen},
        )
    return len(chosen)


def also_suppressed(cells: list[Cell]) -> list[int]:
    """Return the numbers of the cells of one area and quarter that have to go too."""
    sums = equations(cells)
    known = {cell.cell_no: cell for cell in cells if not cell.suppressed}
    hidden = {cell.cell_no for cell in cells if cell.suppressed}
    chosen: list[int] = []
    while exposed := computable(sums, hidden):
        target = min(exposed)
        beside = {n for one in sums if target in one for n in one if n in known}
        if not beside:  # computed through other unknowns: any of their equations will do
            beside = {n for one in sums if hidden & one.keys() for n in one if n in known}
        if not beside:
            break
        # cells before totals, then the smallest
        order = {n: (_is_sum(known[n], cells), known[n].sales or 0, n) for n in beside}
        victim = min(beside, key=order.__getitem__)
        del known[victim]
        hidden.add(victim)
        chosen.append(victim)
    return chosen


def _is_sum(cell: Cell, cells: list[Cell]) -> bool:
    return cell.total_of is not None or (cell.months == 3 and any(c.months == 1 for c in cells))


def equations(cells: Iterable[Cell]) -> list[Equation]:
    """Return what adds up among the cells of one area and quarter."""
    found: list[Equation] = []
    at: dict[tuple[date, int], list[Cell]] = defaultdict(list)
    by_trade: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        at[cell.period, cell.months].append(cell)
        by_trade[cell.trade].append(cell)
    for here in at.values():
        groups = {c.group: c for c in here if c.total_of == "group"}
        single = [c for c in here if c.total_of is None]
        for group, total in groups.items():
            found.append(_sum(total, [c for c in single if c.group == group]))
        for total in here:
            if total.total_of == "all":
                rest = [c for c in single if c.group not in groups]
                found.append(_sum(total, [*groups.values(), *rest]))
    for of_trade in by_trade.values():
        months = [c for c in of_trade if c.months == 1]
        found += [_sum(c, months) for c in of_trade if c.months == 3]
    return [equation for equation in found if len(equation) > 1]


def _sum(total: Cell, parts: list[Cell]) -> Equation:
    return {total.cell_no: -1, **{part.cell_no: 1 for part in parts}}


def computable(sums: list[Equation], hidden: set[int]) -> set[int]:
    """Return the unknowns that the equations determine."""
    rows: list[dict[int, Fraction]] = []
    for equation in sums:
        row = {n: Fraction(sign) for n, sign in equation.items() if n in hidden}
        for other in rows:
            _clear(row, other)
        if not row:
            continue
        pivot = min(row)
        scale = row[pivot]
        row = {n: value / scale for n, value in row.items()}
        for other in rows:
            _clear(other, row)
        rows.append(row)
    return {next(iter(row)) for row in rows if len(row) == 1}


def _clear(row: dict[int, Fraction], by: dict[int, Fraction]) -> None:
    """Take so much of ``by`` from ``row`` that the pivot of ``by`` is gone from it."""
    factor = row.get(min(by), Fraction(0))
    if factor:
        for n, value in by.items():
            left = row.get(n, Fraction(0)) - factor * value
            if left:
                row[n] = left
            else:
                row.pop(n, None)
