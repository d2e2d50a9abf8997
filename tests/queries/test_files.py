"""Every file of ``queries``: one read-only statement that keeps what its header says."""

from __future__ import annotations

import datetime as dt
import re

import duckdb
import pytest

from commerce.db import Database
from commerce.i18n import LANGUAGES, messages, set_language
from commerce.queries import Query, bind, load, names
from commerce.snapshot import DEMO_DIR, Snapshot, resolve
from commerce.ui import query_words
from tests.conftest import Row, shop, write_snapshot

#: A value of each type; what a parameter would not take is beside it by name.
VALUES: dict[str, object] = {
    "varchar[]": ["1233000100"],
    "date": dt.date(2024, 1, 1),
    "boolean": False,
    "integer": 3,
    "double": 126.82,
    "varchar": "dong",
}
NAMED: dict[str, object] = {
    "category_ids": ["restaurant", "cafe"],
    "from_month": dt.date(2015, 1, 1),
    "level": "group",
    "resolution": 10,
    "order_by": "left",
    "text": "카페",
    "status": "closed",
    "lat": 35.19,
    "site_id": "1-1",
    "reliable_from": dt.date(2008, 1, 1),
}


@pytest.fixture(scope="module")
def demo() -> Database:
    if not (DEMO_DIR / "dataset.parquet").is_file() and not (DEMO_DIR / "CURRENT").is_file():
        pytest.skip("data/demo is not there: python -m commerce demo --data data/demo")
    return Database(resolve(DEMO_DIR))


def made(factory: pytest.TempPathFactory, rows: list[Row], **others: list[Row]) -> Database:
    folder = factory.mktemp("snapshot")
    write_snapshot(folder, rows, **others)
    return Database(Snapshot(folder, folder.name))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return made(tmp_path_factory, [], dong=[], category=[], dataset=[])


@pytest.fixture(scope="module")
def without_permits(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return made(tmp_path_factory, [])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return made(tmp_path_factory, [shop("2020-01-01", "2021-01-01"), shop("2024-01-01")])


def params(query: Query) -> dict[str, object]:
    return {f.name: NAMED.get(f.name, VALUES[f.type]) for f in query.parameters}


def result_types(database: Database, query: Query, given: dict[str, object]) -> dict[str, str]:
    relation = database.cursor().execute(query.sql, bind(query, given))
    return {name: str(kind).lower() for name, kind, *_ in relation.description}


def test_there_are_queries() -> None:
    assert len(names()) >= 20


@pytest.mark.parametrize("name", names())
def test_one_read_only_statement_with_the_parameters_of_its_header(name: str) -> None:
    query = load(name)
    statements = duckdb.extract_statements(query.sql)
    assert len(statements) == 1
    assert statements[0].type == duckdb.StatementType.SELECT
    with duckdb.connect() as connection:
        tree = connection.execute("select json_serialize_sql(?)", [query.sql]).fetchall()
    assert '"error":false' in tree[0][0]
    assert not re.search(r"\b(insert|update|delete|copy|attach|create|drop)\b", body(query))
    assert statements[0].named_parameters == {field.name for field in query.parameters}


@pytest.mark.parametrize("name", names())
def test_the_catalogues_say_what_the_header_says_in_both_languages(name: str) -> None:
    query = load(name)
    set_language("en")
    assert (query_words.title(query), query_words.grain(query)) == (query.title, query.grain)
    set_language("ko")
    for said, header in (
        (query_words.title(query), query.title),
        (query_words.grain(query), query.grain),
    ):
        # Korean, not the header itself nor the key of a message that is missing.
        assert re.search("[가-힣]", said)
        assert said != header
        assert not said.startswith("query.")


def test_no_catalogue_speaks_of_a_query_that_is_gone() -> None:
    for language in LANGUAGES:
        told = {key for key in messages(language) if key.startswith("query.") and "/" in key}
        assert told == {f"query.{name}{part}" for name in names() for part in ("", ".grain")}


def test_every_folder_is_a_subject_and_no_subject_is_gone() -> None:
    prefix = "workbench.subject."
    told = {key.removeprefix(prefix) for key in messages("ko") if key.startswith(prefix)}
    assert told == {name.partition("/")[0] for name in names()}


def test_every_parameter_is_told_in_korean_and_none_that_is_gone() -> None:
    declared = {(field.name, field.doc) for name in names() for field in load(name).parameters}
    set_language("ko")
    for name, doc in declared:
        assert re.search("[가-힣]", query_words.parameter(name, doc)), (name, doc)
    keys = {key for key in messages("en") if key.startswith("parameter.")}
    assert {(key.split(".")[1], messages("en")[key]) for key in keys} == declared
    assert len(keys) == len(declared)


def body(query: Query) -> str:
    return "\n".join(line.split("--")[0] for line in query.sql.splitlines())


@pytest.mark.parametrize("name", names())
def test_header_is_whole(name: str) -> None:
    query = load(name)
    assert query.title.endswith((".", "…")) or "." in query.title
    for field in (*query.parameters, *query.columns):
        assert field.doc.strip()
        assert field.type in {*VALUES, "bigint", "double", "timestamp"}
    for field in query.columns:
        if field.type == "double" and field.name != "value":
            assert field.unit, f"{field.name} has no unit"


@pytest.mark.parametrize("name", names())
def test_columns_are_those_of_the_header_on_demo(name: str, demo: Database) -> None:
    query = load(name)
    expected = {field.name: field.type for field in query.columns}
    assert result_types(demo, query, {}) == expected
    assert result_types(demo, query, params(query)) == expected


@pytest.mark.parametrize("name", names())
def test_runs_on_an_empty_snapshot(name: str, empty: Database, without_permits: Database) -> None:
    query = load(name)
    expected = {field.name: field.type for field in query.columns}
    assert result_types(empty, query, {}) == expected
    assert result_types(empty, query, params(query)) == expected
    without_permits.execute(query, bind(query, params(query)))


@pytest.mark.parametrize("name", names())
def test_odd_values_give_a_result(name: str, small: Database) -> None:
    query = load(name)
    odd: dict[str, object] = {
        "varchar[]": ["nowhere", "' or 1=1 --"],
        "date": dt.date(9998, 12, 31),
        "boolean": True,
        "integer": 0,
        "double": 1e9,
        "varchar": "' or 1=1 --",
    }
    small.execute(query, {f.name: odd[f.type] for f in query.parameters})
    nothing = {f.name: [] if f.type == "varchar[]" else None for f in query.parameters}
    small.execute(query, nothing)
