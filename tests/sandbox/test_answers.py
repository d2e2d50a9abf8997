"""Answers are right: the same as from the whole database, and as counted another way."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commerce.db import Database
from commerce.queries import bind, load
from commerce.queries import names as query_names
from commerce.sandbox import gate
from commerce.sandbox.catalog import Catalog
from commerce.sandbox.load import TooLarge
from commerce.sandbox.load import load as load_tables
from commerce.sandbox.runner import Runner
from tests.sandbox.conftest import Place
from tests.sandbox.lists import good

#: Rows that differ from run to run: only their number can be compared.
CHANCE = (
    " sample ",
    "tablesample",
    "random()",
    "approx_",
    "any_value",
    "mode(",
    " limit ",
    "first(",
    "today()",
)
#: Texts about types, which are enums in the app's own tables.
KINDS = ("describe", "summarize")


#: Columns in which either of two equals may stand: that of which there is most.
TIES = {"site/cell_excess": {"dong_code"}}


def plain(rows: list[tuple[object, ...]]) -> list[str]:
    """Return rows as texts in an order of their own; sums of floats hang on their order."""

    def cell(value: object) -> object:
        if isinstance(value, float):
            return float(f"{value:.9g}")
        if isinstance(value, list):
            return [cell(part) for part in value]
        return value

    return sorted(str([cell(value) for value in row]) for row in rows)


@pytest.mark.parametrize("sql", good())
def test_columns_that_were_not_loaded_change_nothing(
    sql: str, names: Catalog, place: Place, full: Database, parser: duckdb.DuckDBPyConnection
) -> None:
    plan = gate.check(sql, names, parser)
    with duckdb.connect(":memory:", config={"threads": 2}) as few:
        load_tables(few, names, plan, str(place.data), 2**30)
        found = few.execute(sql).fetchall()
        columns = [name for name, *_ in few.description or ()]
    cursor = full.cursor()
    expected = cursor.execute(sql).fetchall()
    assert columns == [name for name, *_ in cursor.description or ()]
    assert len(found) == len(expected) or "tablesample" in sql
    if sql.startswith(KINDS) or "(describe" in sql:
        assert [row[0] for row in found] == [row[0] for row in expected]
    elif not any(word in sql for word in CHANCE):
        assert plain(found) == plain(expected)


@pytest.mark.parametrize("name", query_names())
def test_queries_of_the_pages_give_the_same_rows(
    name: str, names: Catalog, place: Place, full: Database, parser: duckdb.DuckDBPyConnection
) -> None:
    query = load(name)
    plan = gate.check(query.sql, names, parser)
    with duckdb.connect(":memory:", config={"threads": 2}) as few:
        load_tables(few, names, plan, str(place.data), 2**30)
        values = bind(query, {})
        found = few.sql(query.sql, params=values).to_arrow_table()
    expected = answer(full, query.sql, values)
    assert found.column_names == expected.column_names
    assert plain(rows(found, name)) == plain(rows(expected, name))


@pytest.mark.parametrize("name", query_names()[::8])
def test_queries_give_the_same_rows_from_a_child(
    name: str, place: Place, full: Database, runner: Runner
) -> None:
    query = load(name)
    values = bind(query, {})
    result = runner.run(query.sql, values, who="test", snapshot=place.snapshot, export=True)
    assert not result.cut
    assert not result.cut_cells
    assert plain(rows(result.table, name)) == plain(rows(answer(full, query.sql, values), name))


def answer(full: Database, sql: str, values: dict[str, object]) -> pa.Table:
    with full.cursor() as cursor:
        return cursor.sql(sql, params=values).to_arrow_table()


def rows(table: pa.Table, query: str = "") -> list[tuple[object, ...]]:
    kept = [column for column in table.column_names if column not in TIES.get(query, ())]
    return [tuple(row.values()) for row in table.select(kept).to_pylist()]


@pytest.fixture(scope="module")
def permits(place: Place) -> pd.DataFrame:
    return pq.read_table(place.data / "establishment.parquet").to_pandas(date_as_object=True)


@pytest.fixture(scope="module")
def dongs(place: Place) -> list[dict[str, object]]:
    return pq.read_table(place.data / "dong.parquet").to_pylist()


def asked(runner: Runner, place: Place, sql: str, **values: object) -> list[tuple[object, ...]]:
    return rows(runner.run(sql, values, who="test", snapshot=place.snapshot).table)


def test_counts_by_dong(runner: Runner, place: Place, permits: pd.DataFrame) -> None:
    found = asked(runner, place, "select dong_code, count(*) from establishment group by all")
    expected = Counter(None if pd.isna(code) else code for code in permits["dong_code"])
    assert dict(found) == dict(expected)


def test_names_that_hold_a_word(runner: Runner, place: Place, permits: pd.DataFrame) -> None:
    found = asked(runner, place, "select count(*) from establishment where name like '%카페%'")
    assert found == [(sum("카페" in str(name) for name in permits["name"]),)]


def test_openings_of_a_year(runner: Runner, place: Place, permits: pd.DataFrame) -> None:
    sql = "select count(*) from establishment where year(opened_on) = $year"
    expected = sum(isinstance(d, dt.date) and d.year == 2019 for d in permits["opened_on"])
    assert asked(runner, place, sql, year=2019) == [(expected,)]


def test_a_median(runner: Runner, place: Place, permits: pd.DataFrame) -> None:
    areas = [area for area in permits["area_m2"] if area == area]
    [(found,)] = asked(runner, place, "select median(area_m2) from establishment")
    assert found == pytest.approx(statistics.median(areas))


def test_a_join_and_a_rank(
    runner: Runner, place: Place, permits: pd.DataFrame, dongs: list[dict[str, object]]
) -> None:
    sql = """
    select d.name_ko, count(e.permit_id) as n from dong d
    left join establishment e using (dong_code) group by all order by n desc, name_ko limit 3
    """
    counts = Counter(permits["dong_code"].dropna())
    known = sorted((-counts[d["dong_code"]], str(d["name_ko"])) for d in dongs)[:3]
    assert asked(runner, place, sql) == [(name, -n) for n, name in known]


def test_the_first_of_each_group(runner: Runner, place: Place, permits: pd.DataFrame) -> None:
    sql = """
    select category_id, opened_on from establishment where opened_on is not null
    qualify row_number() over (partition by category_id order by opened_on) = 1
    """
    first: dict[object, dt.date] = {}
    for category, day in zip(permits["category_id"], permits["opened_on"], strict=True):
        if isinstance(day, dt.date):
            key = None if pd.isna(category) else category
            first[key] = min(day, first.get(key, day))
    assert dict(asked(runner, place, sql)) == first


def test_a_running_sum(runner: Runner, place: Place, permits: pd.DataFrame) -> None:
    sql = """
    select year(opened_on) as y, sum(count(*)) over (order by y) from establishment
    where opened_on is not null group by y order by y
    """
    years = Counter(day.year for day in permits["opened_on"] if isinstance(day, dt.date))
    total, expected = 0, []
    for year in sorted(years):
        total += years[year]
        expected.append((year, total))
    assert [(y, int(str(n))) for y, n in asked(runner, place, sql)] == expected


def test_area_with_parameters_of_all_types(
    runner: Runner, place: Place, dongs: list[dict[str, object]]
) -> None:
    sql = """
    select name_ko, $day::date, $text, $none is null, $yes from dong
    where dong_code = any($dong_codes) and area_km2 > $least
    """
    some = dongs[0]
    found = asked(
        runner, place, sql,
        dong_codes=[some["dong_code"]], least=0.0, day=dt.date(2024, 2, 29),
        text="' or 1=1 --", none=None, yes=True,
    )  # fmt: skip
    assert found == [(some["name_ko"], dt.date(2024, 2, 29), "' or 1=1 --", True, True)]


def test_texts_become_the_type_they_are_declared_as(runner: Runner, place: Place) -> None:
    sql = """
    -- parameters:
    --   $code varchar: a code
    select typeof($code), typeof($from_month), typeof($n), typeof($x), typeof($old), typeof($b)
    """
    given = {"code": "12", "from_month": "2024-01", "n": "7", "x": "1.5", "old": "007", "b": "true"}
    kinds = ("VARCHAR", "DATE", "INTEGER", "DOUBLE", "VARCHAR", "BOOLEAN")
    [(code, month, n, *rest)] = asked(runner, place, sql, **given)
    assert (code, month, *rest) == (kinds[0], kinds[1], *kinds[3:])
    assert n in ("INTEGER", "BIGINT")


def test_a_left_out_parameter_is_null(runner: Runner, place: Place) -> None:
    sql = "select count(*) from dong where $dong_codes is null or dong_code = any($dong_codes)"
    everything = asked(runner, place, "select count(*) from dong")
    assert asked(runner, place, sql) == everything


def test_the_order_that_was_asked_for_stays(runner: Runner, place: Place) -> None:
    found = asked(runner, place, "select range as i from range(9000) order by hash(i)")
    with duckdb.connect() as connection:
        expected = connection.execute("select range i from range(9000) order by hash(i)").fetchall()
    assert found == expected


def test_a_year_that_has_nothing_gives_no_rows_but_columns(runner: Runner, place: Place) -> None:
    result = runner.run(
        "select name, opened_on from establishment where false", who="t", snapshot=place.snapshot
    )
    assert list(result.frame().columns) == ["name", "opened_on"]
    assert len(result.frame()) == 0


def test_tables_that_do_not_fit_say_how_large_they_are(
    names: Catalog, place: Place, parser: duckdb.DuckDBPyConnection
) -> None:
    plan = gate.check("select * from establishment", names, parser)
    with duckdb.connect(":memory:") as connection, pytest.raises(TooLarge) as refused:
        load_tables(connection, names, plan, str(place.data), 2**20)
    assert float(refused.value.params["needed"]) > 1
    assert refused.value.params["memory"] == "1"
    assert "establishment (permit_id" in refused.value.params["tables"]


def test_files_and_columns_that_a_snapshot_lacks_are_empty(
    names: Catalog, parser: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = tmp_path_factory.mktemp("old")
    pq.write_table(pa.table({"dong_code": ["1"]}), old / "dong.parquet")
    sql = "select dong_code, name_ko, (select count(*) from establishment) from dong"
    plan = gate.check(sql, names, parser)
    with duckdb.connect(":memory:") as connection:
        load_tables(connection, names, plan, str(old), 2**30)
        assert connection.execute(sql).fetchall() == [("1", None, 0)]
