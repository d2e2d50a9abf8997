"""No suppressed cell can be computed: linear algebra on small tables, by another way than ours."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.ingest.market.suppress import Cell, also_suppressed

MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]
# trade, group, what it is a total of
TRADES = [
    ("cafe", "cafes", None),
    ("bakery", "cafes", None),
    ("ice", "cafes", None),
    ("pub", "bars", None),
    ("club", "bars", None),
    ("cafes", "cafes", "group"),
    ("bars", "bars", "group"),
    ("all", None, "all"),
]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Cell], np.ndarray]:
    """Return cells of an area and quarter, and what adds up, one row per equation."""
    shape = {
        (trade, m): draw(st.integers(0, 50))
        for trade, _, t in TRADES
        if t is None
        for m in range(3)
    }
    totals = draw(st.sets(st.sampled_from(["cafes", "bars", "all"])))
    quarter = draw(st.booleans())
    value: dict[tuple[str, int], int] = dict(shape)
    for m in range(3):
        for trade, group, total_of in TRADES:
            if trade in totals:
                inside = [
                    t for t, g, kind in TRADES if kind is None and (total_of == "all" or g == group)
                ]
                value[trade, m] = sum(shape[t, m] for t in inside)
    if quarter:
        for trade in {trade for trade, _ in value}:
            value[trade, 3] = sum(value[trade, m] for m in range(3))
    keys = sorted(value)
    hidden = draw(st.sets(st.sampled_from(keys), max_size=6))
    known = {trade: (group, total_of) for trade, group, total_of in TRADES}
    cells = [
        Cell(
            number,
            MONTHS[0 if m == 3 else m],
            3 if m == 3 else 1,
            trade,
            known[trade][0],
            known[trade][1],
            value[trade, m],
            (trade, m) in hidden,
        )
        for number, (trade, m) in enumerate(keys)
    ]
    # All that is true of these values: each total and each quarter, written as leaves would be.
    rows = []
    leaves = sorted(shape)
    for trade, m in keys:
        group, total_of = known[trade]
        inside = [
            t
            for t, g, kind in TRADES
            if kind is None and (t == trade or total_of == "all" or (total_of and g == group))
        ]
        rows.append([float(t in inside and (m in (3, n))) for t, n in leaves])
    return cells, np.array(rows)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_nothing_that_is_hidden_can_be_computed(drawn):
    cells, in_leaves = drawn
    hidden = {cell.cell_no for cell in cells if cell.suppressed} | set(also_suppressed(cells))
    seen = in_leaves[[c.cell_no for c in cells if c.cell_no not in hidden]]
    rank = np.linalg.matrix_rank(seen) if len(seen) else 0
    for number in hidden:
        # A value can be computed exactly when it is a sum of what is published.
        both = np.vstack([seen, in_leaves[number]]) if len(seen) else in_leaves[[number]]
        assert np.linalg.matrix_rank(both) > rank, cells[number]


def test_without_totals_nothing_more_goes():
    cells = [Cell(n, MONTHS[0], 1, f"t{n}", "g", None, n, n == 0) for n in range(4)]
    assert also_suppressed(cells) == []


def test_the_next_smallest_goes_too():
    cells = [Cell(n, MONTHS[0], 1, f"t{n}", "g", None, 10 * n, n == 0) for n in range(4)]
    cells.append(Cell(9, MONTHS[0], 1, "g", "g", "group", 60, False))
    assert also_suppressed(cells) == [1]
