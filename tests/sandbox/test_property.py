"""SQL that nobody would write: the parent never fails, and everything ends."""

from __future__ import annotations

import contextlib

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commerce.sandbox import gate
from commerce.sandbox.catalog import catalog
from commerce.sandbox.functions import functions
from commerce.sandbox.limits import limits
from commerce.sandbox.refusal import Rejected
from commerce.sandbox.runner import Runner
from tests.sandbox.conftest import SECRET, Place

TABLES = [*catalog().readable(), "nosuch", "'/etc/passwd'", "read_text('x')", "range(9)", "c"]
COLUMNS = ["dong_code", "name_ko", "opened_on", "area_km2", "d.dong_code", "*", "d", "raw", "x"]
FUNCTIONS = sorted(name for known in functions().values() for name in known if name[0].isalpha())
OPERATORS = ["+", "-", "*", "/", "//", "%", "||", "=", "<", "and", "or", "like", "~", "in", "**"]

leaves = st.one_of(
    st.sampled_from(COLUMNS),
    st.integers(-(10**20), 10**20).map(str),
    st.text(max_size=5).map(lambda text: "'" + text.replace("'", "''") + "'"),
    st.sampled_from(["null", "true", "$a", "date '2024-01-01'", "interval 1 month", "[1, 2]", "?"]),
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return expressions, and selects, that hold smaller ones."""
    named = st.builds("{}({})".format, st.sampled_from(FUNCTIONS), inner)
    return st.one_of(
        named,
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("case when {} then {} end".format, inner, inner),
        st.builds("{} over (order by {})".format, named, inner),
        st.builds("list_transform([{}], lambda x: {})".format, inner, inner),
        st.builds("{}::{}".format, inner, st.sampled_from(["int", "varchar", "date", "json"])),
        st.builds("(select {} from {} d limit 3)".format, inner, st.sampled_from(TABLES)),
        st.builds("exists (from {})".format, st.sampled_from(TABLES)),
    )


expressions = st.recursive(leaves, nested, max_leaves=6)
selects = st.builds(
    "{}select {} from {} d {} {}".format,
    st.sampled_from(["", "with c as (select 1 as x) ", "with recursive c as (select 1 x) "]),
    st.lists(expressions, min_size=1, max_size=3).map(", ".join),
    st.sampled_from(TABLES),
    st.builds(
        "{}".format,
        st.one_of(st.just(""), expressions.map("where {}".format), st.just("natural join dong")),
    ),
    st.one_of(
        st.sampled_from(["", "limit 5", "group by all", "order by all", "union all select 1", ";"]),
        expressions.map("qualify {}".format),
    ),
)
WORDS = ["select", "from", "with", "delete", "(", ")", "'", '"', ";", "--", "/*", "*/", "$", "dong"]
TORN = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=12).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(sql=st.one_of(selects, TORN))
def test_the_gate_says_yes_or_no_and_nothing_else(sql: str) -> None:
    with contextlib.suppress(Rejected):
        gate.check(sql, catalog(), _PARSER)


_PARSER = duckdb.connect(":memory:")


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sql=st.one_of(selects, TORN))
def test_whatever_is_asked_ends_with_rows_or_a_sentence(sql: str, place: Place) -> None:
    runner = Runner(keep_spare=False, given=limits(seconds=2, memory_mb=512))
    said = ""
    try:
        said = str(runner.run(sql, {}, who="test", snapshot=place.snapshot).table.to_pylist())
    except Rejected as error:
        said = str(error)
    assert said
    assert SECRET not in said
    assert runner._places.acquire(blocking=False)
