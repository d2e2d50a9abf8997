"""The gate: no attack passes, everything that people write does, and each refusal says why."""

from __future__ import annotations

import fnmatch
import re

import duckdb
import pytest

from commerce.i18n import LANGUAGES, messages, set_language
from commerce.queries import load
from commerce.queries import names as query_names
from commerce.sandbox import gate
from commerce.sandbox.catalog import WITHHELD, Catalog
from commerce.sandbox.functions import denied, functions
from commerce.sandbox.limits import LIMITS
from commerce.sandbox.refusal import Rejected, explain, place
from commerce.schema import tables
from tests.sandbox.lists import ROOT, attacks, good

ATTACKS = attacks(data="/nowhere/data", secret="/nowhere/secret.txt", out="/nowhere/out")
REFUSED = [
    (heading, number, sql)
    for heading, statements in ATTACKS.items()
    if heading != "bombs"
    for number, sql in enumerate(statements)
]


def test_the_list_of_attacks_is_long() -> None:
    assert sum(map(len, ATTACKS.values())) >= 200
    assert len(good()) >= 60


@pytest.mark.parametrize(
    ("heading", "sql"), [(h, s) for h, _, s in REFUSED], ids=[f"{h}-{n}" for h, n, _ in REFUSED]
)
def test_no_attack_passes(
    heading: str, sql: str, names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(Rejected) as refused:
        gate.check(sql, names, parser)
    for language in LANGUAGES:
        set_language(language)
        said = str(refused.value)
        assert refused.value.key not in said
        assert "{" not in said.replace("{}", "")
    set_language("ko")


@pytest.mark.parametrize("sql", good())
def test_what_people_write_passes(
    sql: str, names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    gate.check(sql, names, parser)


@pytest.mark.parametrize("name", query_names())
def test_every_query_of_the_pages_passes(
    name: str, names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    query = load(name)
    plan = gate.check(query.sql, names, parser)
    assert set(plan.parameters) == {field.name for field in query.parameters}
    assert plan.tables


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("drop table dong", "sandbox.only_select"),
        ("with x as (delete from dong returning *) select * from x", "sandbox.writes"),
        ("select * from '/etc/passwd'", "sandbox.table"),
        ("select * from permits", "sandbox.table_near"),
        ("select * from read_csv('x')", "sandbox.function.files"),
        ("select ('x').read_text()", "sandbox.function.files"),
        ("select * from query('select 1')", "sandbox.function.sql_text"),
        ("select getvariable('a')", "sandbox.function.settings"),
        ("select nextval('a')", "sandbox.function.state"),
        ("select sleep_ms(1)", "sandbox.function.waiting"),
        ("select __internal_decompress_string(1)", "sandbox.function.internal"),
        ("from json_each('{}')", "sandbox.function.not_needed"),
        ("select uper('a')", "sandbox.function_near"),
        ("select zzzzzz('a')", "sandbox.function"),
        ("pivot dong on name_ko", "sandbox.pivot"),
        ("explain select 1", "sandbox.explain"),
        ("show tables", "sandbox.show"),
        ("select 1; select 2", "sandbox.one_statement"),
        (" -- nothing", "sandbox.nothing"),
        ("select ?", "sandbox.positional"),
        ("select $1", "sandbox.positional"),
        ("select default", "sandbox.kind"),
        ("select 'a\0b'", "sandbox.control_character"),
        ("selct 1", "sandbox.syntax.near"),
        ("select 1,, 2", "sandbox.syntax.at"),
        ("select count(* from dong", "sandbox.syntax.open_bracket"),
        ("select 'abc", "sandbox.syntax.open_text"),
        ('select "abc', "sandbox.syntax.open_name"),
    ],
)
def test_the_refusal_names_the_rule(
    sql: str, key: str, names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(Rejected) as refused:
        gate.check(sql, names, parser)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("sql", "word", "near", "column"),
    [
        ("select 1 frm dong", "frm", "from", 10),
        ("select * from dong wher name_ko = 'a'", "wher", "where", 20),
        ("select '가나', name_ko from dong grup by 1", "grup", "group", 32),
        ("select case when 1 than 2 end", "than", "then", 20),
    ],
)
def test_a_word_of_sql_that_is_misspelt_is_pointed_at(
    sql: str, word: str, near: str, column: int, names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(Rejected) as refused:
        gate.check(sql, names, parser)
    assert refused.value.params == {"word": word, "near": near}
    assert (refused.value.line, refused.value.column) == (1, column)
    assert near in str(refused.value)


@pytest.mark.parametrize(
    ("sql", "line", "column"),
    [
        ("selct 1", 1, 1),
        ("select name_ko,\n  '한글', selct from from", 2, 20),
        ("select *\nfrom permits", 2, 6),
        ("select 'é', uper('a')", 1, 13),
    ],
)
def test_the_refusal_points_at_the_place(
    sql: str, line: int, column: int, names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(Rejected) as refused:
        gate.check(sql, names, parser)
    assert (refused.value.line, refused.value.column) == (line, column)
    shown, caret = refused.value.pointer(sql).split("\n")
    assert shown == sql.split("\n")[line - 1]
    assert caret.endswith("^")


def test_an_error_of_the_database_is_placed_by_letters_not_by_columns_on_the_screen() -> None:
    sql = "select 1,\n  '한글', opend_on from permit"
    with duckdb.connect() as connection:
        connection.execute("create table permit (opened_on date)")
        with pytest.raises(duckdb.BinderException) as failed:
            connection.execute(sql)
    error = explain(str(failed.value), sql, ["opened_on", "dong_code"])
    assert error.key == "sandbox.column_near"
    assert error.params == {"name": "opend_on", "near": "opened_on"}
    assert (error.line, error.column) == (2, sql.split("\n")[1].index("opend_on") + 1)


def test_place_counts_bytes_as_the_parser_does() -> None:
    sql = "가나\n다 라"
    assert place(sql, len("가나\n다 ".encode())) == {"line": 2, "column": 3}
    assert place(sql, 2**64 - 1) == {}
    assert place(sql, None) == {}


def test_a_name_is_a_cte_only_where_it_is_in_scope(
    names: Catalog, parser: duckdb.DuckDBPyConnection
) -> None:
    gate.check("with a as (select 1), b as (from a) from b", names, parser)
    gate.check(
        "with recursive a as (select 1 x union all select x + 1 from a) from a", names, parser
    )
    gate.check("with a as (select 1) select (select count(*) from a)", names, parser)
    for sql in (
        "with b as (from a), a as (select 1) from b",
        "select * from (with a as (select 1) from a), a",
        "select (with a as (select 1) select 1 from a) from a",
        "with a as (from a) from a",
    ):
        with pytest.raises(Rejected) as refused:
            gate.check(sql, names, parser)
        assert refused.value.key == "sandbox.table"


@pytest.mark.parametrize(
    ("sql", "loaded"),
    [
        ("select name_ko from dong", {"dong": {"name_ko"}}),
        ("select d.name_ko.upper() from dong d", {"dong": {"name_ko"}}),
        ("select count(*) from category", {"category": {"category_id"}}),
        ("with a as (select name_ko from dong) select * from a", {"dong": {"name_ko"}}),
        ("select NAME_KO from Dong", {"dong": {"name_ko"}}),
        ("from dong", {"dong": None}),
        ("select d from dong d", {"dong": None}),
        ("select dong from dong", {"dong": None}),
        ("select a from dong as d(a)", {"dong": None}),
        ("select #2 from dong", {"dong": None}),
        ("describe dong", {"dong": None}),
        ("select columns('name.*') from dong", {"dong": None}),
        ("select count(*) from dong natural join category", {"dong": None, "category": None}),
        ("select * from (from refused)", {"refused": None}),
    ],
)
def test_only_the_columns_that_are_named_are_loaded(
    sql: str,
    loaded: dict[str, set[str] | None],
    names: Catalog,
    parser: duckdb.DuckDBPyConnection,
) -> None:
    found = {t: set(columns) for t, columns in gate.check(sql, names, parser).tables.items()}
    every = {t: set(names.relations[t].columns) for t in loaded}
    assert found == {table: columns or every[table] for table, columns in loaded.items()}


def test_the_catalogue_is_what_is_published() -> None:
    from commerce.sandbox.catalog import catalog

    readable = catalog()
    for table, columns in tables().items():
        expected = [c.name for c in columns if (table, c.name) not in WITHHELD]
        assert list(readable.relations[table].columns) == expected
    assert "raw" not in readable.relations["refused"].columns
    assert readable.relations["permit"].uses == ("category", "establishment")
    permit = readable.columns_needed({"permit": True}, ())
    assert "name" not in permit["establishment"]
    assert "address_road" not in permit["establishment"]
    assert readable.relations["poisson_limits"].kind == "reference"
    assert {"period_start", "period_end"} <= readable.macros("macro")


def test_every_function_of_this_version_is_judged() -> None:
    rows = duckdb.execute(
        "select distinct function_name, function_type from duckdb_functions()"
    ).fetchall()
    places = {"table": "table", "table_macro": "table", "pragma": None}
    really = {(places.get(kind, "scalar"), name.lower()) for name, kind in rows}
    listed = {(where, name) for where, known in functions().items() for name in known}
    families = {(where, name) for where, name in listed if len(name) > 2 and name.endswith("*")}
    new = {
        (where, name)
        for where, name in really - listed
        if where and not any(w == where and fnmatch.fnmatch(name, f) for w, f in families)
    }
    assert not new
    assert listed - really - families == {("scalar", "unnest")}


def test_functions_that_read_files_or_settings_are_denied() -> None:
    allowed_tables = {name for name, why in functions()["table"].items() if not why}
    assert allowed_tables == {"range", "generate_series", "unnest"}
    for name in ("read_text", "glob", "query", "current_setting", "getvariable", "write_log"):
        assert denied("scalar", name)
    suspicious = re.compile("file|read_|write|scan|secret|setting|load|http|shell|system|env")
    allowed = {name for name, why in functions()["scalar"].items() if not why}
    assert {name for name in allowed if suspicious.search(name)} == {"parse_filename"}


def test_every_key_and_every_reason_has_its_words() -> None:
    text = "".join(f.read_text("utf-8") for f in (ROOT / "commerce" / "sandbox").glob("*.py"))
    keys = set(re.findall(r'"(sandbox\.[a-z_.]+[a-z])"', text))
    reasons = {why for known in functions().values() for why in known.values() if why}
    keys |= {f"sandbox.function.{reason}" for reason in reasons}
    keys |= {limit.help for limit in LIMITS}
    for language in LANGUAGES:
        known = messages(language)
        assert keys <= set(known)
        assert {key for key in known if key.startswith("sandbox.")} == keys


def test_every_limit_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    from commerce.__main__ import main

    with pytest.raises(SystemExit):
        main(["sql", "--help"])
    shown = capsys.readouterr().out
    for limit in LIMITS:
        assert f"{limit.name} " in shown
        assert f"{limit.default:,}" in shown
