"""Hourly counts: what DuckDB sums straight from disk is what the reading row by row gives."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.errors import Refused
from commerce.ingest import boundaries, ingest
from commerce.ingest.files import find
from commerce.ingest.market import presence, registry
from commerce.ingest.market.staging import Market
from commerce.ingest.market.tabular import TextTable
from commerce.ingest.source import read_head
from tests.ingest.permits import table
from tests.ingest.test_market import KT, A, B, balanced, kt, reasons

#: What may stand in a cell, by column: written otherwise, or wrong.
CELLS = {
    0: ["20260105.7", "2026_0105", "20260230", "20261301", "2026-01-05", " 20260105", "", "x"],
    1: ["9", "24", "-1", "9.6", "0x9", " 09", "", "x"],
    2: ["f", "X", " F", "", "남"],
    3: ["age_80", "age_2", "AGE_20", " age_20", ""],
    4: [A, f"{A[:8]}.0", "29200999", "11110515", "2920", "2920_0510", "0x29200510", ""],
    5: [
        "-1",
        "",
        "*",
        "1_0",
        "1e005",
        "1E3",
        "1e99",
        "nan",
        "inf",
        "1,000",
        "5.",
        "+5",
        "5명",
        "-0",
    ],
}
DENSE = [
    kt(f"202601{day:02d}", hour, sex, age, code[:8], 10.25 + day)
    for day in (1, 5, 12, 31)
    for hour in (0, 9)
    for sex in "FM"
    for age in ("age_00", "age_70")
    for code in (A, B)
]


def write(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([KT, *rows])
    return path


def sums(file: Path, fast: bool) -> object:
    """Return the state and the refused rows that a file leaves, or why it is refused."""
    patch = pytest.MonkeyPatch()
    if not fast:
        patch.setattr(presence, "_read_fast", lambda *_: None)
    with duckdb.connect() as connection, patch.context():
        market = Market(connection, None, boundaries.default(), keep_all=False)
        raw = find([file])[0]
        opened = TextTable(raw, read_head(raw), registry.is_header)
        found, _ = registry.recognise(opened.names)
        assert found is not None
        try:
            report = market.add_table(opened, found, None)
        except Refused as refused:
            return str(refused)
        finally:
            patch.undo()
        state = connection.execute(
            "select area_code, period, weekday, hour, sex, age_group, round(persons, 6), days, n"
            " from state_presence order by all"
        ).fetchall()
        refused_rows = connection.execute("from market_refusal order by all").fetchall()
        return state, refused_rows, report.rows_in, report.source_id


dirt = st.integers(0, 5).flatmap(
    lambda column: st.tuples(
        st.integers(0, len(DENSE) - 1), st.just(column), st.sampled_from(CELLS[column])
    )
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(dirt, max_size=3),
    st.lists(st.sampled_from(DENSE), max_size=2),
    st.permutations(range(6)),
)
def test_both_ways_give_the_same(tmp_path_factory, changes, again, order):
    rows = [list(row) for row in DENSE]
    for line, column, value in changes:
        rows[line][column] = value
    rows += again
    file = tmp_path_factory.mktemp("kt") / "kt.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([[row[i] for i in order] for row in [KT, *rows]])
    assert sums(file, fast=True) == sums(file, fast=False)


@pytest.mark.parametrize("column", CELLS)
def test_each_odd_cell_alone_gives_the_same(tmp_path, column):
    for value in CELLS[column]:
        rows = [list(row) for row in DENSE]
        rows[3][column] = value
        file = write(tmp_path / "kt.csv", rows)
        assert sums(file, fast=True) == sums(file, fast=False), value


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n", "\r\n\r\n"])
def test_a_clean_file_is_never_read_row_by_row(tmp_path, monkeypatch, end):
    file = tmp_path / "kt.csv"
    break_ = "\r\n" if "\r" in end else "\n"
    file.write_bytes((break_.join(",".join(map(str, r)) for r in [KT, *DENSE]) + end).encode())
    slowly = sums(file, fast=False)
    monkeypatch.setattr(TextTable, "pieces", lambda *_: pytest.fail("read row by row"))
    assert sums(file, fast=True) == slowly


@pytest.mark.parametrize("codes", [(A, A[:8]), (A, "29200" + A[5:])])
def test_one_dong_in_two_spellings_repeats(tmp_path, codes):
    rows = [kt("20260105", 9, "F", "age_20", code, 10) for code in codes]
    assert codes[0] != codes[1]
    file = write(tmp_path / "kt.csv", [*rows, *DENSE])
    result = sums(file, fast=True)
    assert result == sums(file, fast=False)
    assert [row[1:] for row in result[1]] == [(1, "repeated_key")]


def test_bad_rows_at_the_borders_of_blocks_are_found(tmp_path):
    # DuckDB hands 8 MB at a time to a thread: this is three of them
    days = [f"2026{month:02d}{day:02d}" for month in (1, 2, 3) for day in range(1, 29)]
    rows = [
        kt(day, hour, sex, f"age_{age}0", str(29200510 + 10 * n), 1)
        for day in days
        for hour in range(24)
        for sex in "FM"
        for age in range(8)
        for n in range(21)
    ]
    line = len(",".join(map(str, rows[0]))) + 2
    border = 8_000_000 // line
    bad = {border + step: "-1" for step in (-1, 0, 1)} | {2 * border: "x", len(rows) - 1: ""}
    for number, value in bad.items():
        rows[number][5] = value
    rows[2 * border + 1] = rows[0]
    file = write(tmp_path / "kt.csv", rows)
    assert file.stat().st_size > 20_000_000
    ingest([file], tmp_path / "data", district="all")
    wanted = dict.fromkeys(bad, "bad_number")
    wanted |= {number: "negative_amount" for number, value in bad.items() if value == "-1"}
    wanted[2 * border + 1] = "repeated_key"
    assert reasons(tmp_path / "data") == {number + 2 - 1: why for number, why in wanted.items()}
    balanced(tmp_path / "data")
    # 16 persons in each dong at any moment of 3 months, but for the rows that are refused
    total = sum(
        r["persons"]
        for r in table(tmp_path / "data", "footfall", "period")
        if r["dimension"] == "total"
    )
    assert total == pytest.approx(3 * 21 * 16, abs=0.01)
