"""``-- method:`` in SQL that people run: only functions of the project, and never a failure."""

from __future__ import annotations

import pyarrow as pa
import pytest

from commerce.queries import load, method, names
from commerce.sandbox.method import MOST_ROWS, finish, named
from commerce.sandbox.runner import Result, Runner
from tests.sandbox.conftest import Place

HEADER = "-- method: commerce.decomposition:decompose\n"


def result(table: pa.Table, cut: str = "") -> Result:
    return Result(table, cut, 0, 0.1, {}, {})


@pytest.mark.parametrize(
    "header",
    [
        "-- method: os:system",
        "-- method: commerce.library:remove",
        "-- method: commerce.decomposition:holiday_effects",
        "-- method: builtins:eval",
        "select '-- method: commerce.decomposition:decompose'",
        "-- method:",
        "",
    ],
)
def test_only_functions_that_a_query_of_ours_names_are_called(header: str) -> None:
    assert named(f"{header}\nselect 1") == ""
    rows = result(pa.table({"a": [1]}))
    assert finish(f"{header}\nselect 1", rows) is rows


@pytest.mark.parametrize(
    "rows",
    [
        pa.table({"a": [1]}),
        pa.table({"log_sales": ["z"] * 30}),
        pa.table({"a": range(MOST_ROWS + 1)}),
        pa.table({}),
    ],
)
def test_rows_that_it_cannot_go_on_from_stay_as_they_are(rows: pa.Table) -> None:
    found = finish(HEADER, result(rows))
    assert found.method == "commerce.decomposition:decompose"
    assert found.method_failed
    assert found.table is rows


def test_rows_that_were_cut_are_not_gone_on_from() -> None:
    assert finish(HEADER, result(pa.table({"a": [1]}), cut="rows")).method_failed


@pytest.mark.parametrize("name", [name for name in names() if load(name).method])
def test_it_gives_what_the_command_line_gives(name: str, place: Place, runner: Runner) -> None:
    query = load(name)
    plain = runner.run(query.sql, {}, who="test", snapshot=place.snapshot)
    found = finish(query.sql, plain)
    function = method(query)
    assert function is not None
    expected = function(plain.frame())
    assert not found.method_failed
    assert found.table.column_names == list(expected.columns)
    assert found.table["period"].type == plain.table["period"].type
    for column in expected.columns:
        assert found.frame()[column].isna().tolist() == expected[column].isna().tolist()
        assert found.frame()[column].dropna().tolist() == expected[column].dropna().tolist()
