"""The builder: any choice is SQL that passes the gate and runs; answers as pandas has them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commerce.db import Database
from commerce.errors import Refused
from commerce.sandbox import builder, gate, wanted
from commerce.sandbox.builder import write
from commerce.sandbox.catalog import WITHHELD, Catalog, catalog
from commerce.sandbox.wanted import Filter, Group, Measure, Question
from commerce.schema import tables
from tests.sandbox.conftest import Place

#: Texts that would end a literal, a comment or a parameter, were they ever SQL.
HOSTILE = ["'", "' or 1=1 --", '"; drop table dong; --', "$most", "*/", "\\", "%", "", "{}", "--",
           "\n; delete from dong", "수완동"]  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8))
dates = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
numbers = st.integers(-(2**31), 2**31 - 1) | st.floats(-1e9, 1e9)


@st.composite
def filters(draw: st.DrawFn, table: str) -> Filter:
    columns = [c for c in wanted.readable(table).values() if wanted.kind(c) in wanted.FILTERS]
    column = draw(st.sampled_from(columns))
    kind = wanted.kind(column)
    how = draw(st.sampled_from(wanted.FILTERS[kind]))
    if how == "between":
        ends = dates if kind == "date" else st.integers(-(2**31), 2**31 - 1)
        if column.type == "double":
            ends = numbers
        low, high = draw(st.none() | ends), draw(st.none() | ends)
        return Filter(column.name, how, low=low, high=high)
    if how == "is":
        return Filter(column.name, how, (draw(st.booleans()),))
    return Filter(column.name, how, tuple(draw(st.lists(texts, max_size=3))))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    table = draw(st.sampled_from(list(tables())))
    columns = wanted.readable(table).values()
    groups = [
        Group(c.name, step)
        for c in columns
        if wanted.may_group(c)
        for step in (wanted.STEPS if wanted.kind(c) == "date" else ("",))
    ]
    measures = [Measure()] + [
        Measure(how, c.name) for c in columns for how in wanted.MEASURES.get(wanted.kind(c), ())
    ]
    asked = Question(
        table,
        tuple(draw(st.lists(filters(table), max_size=3))),
        tuple(draw(st.lists(st.sampled_from(groups), max_size=3))),
        tuple(draw(st.lists(st.sampled_from(measures), max_size=3))),
        tuple(draw(st.lists(st.sampled_from([c.name for c in columns]), max_size=4))),
        falling=draw(st.booleans()),
        most=draw(st.integers(1, wanted.MOST_ROWS)),
    )
    order = draw(st.sampled_from(["", *builder.names(asked)]))
    return Question(**vars(asked) | {"order": order})


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=questions(), language=st.sampled_from(["ko", "en"]), title=texts)
def test_any_choice_passes_the_gate_and_runs(
    asked: Question, language: str, title: str, full: Database, parser: duckdb.DuckDBPyConnection
) -> None:
    sql, values = write(asked, language, title)
    plan = gate.check(sql, catalog(), parser)
    assert set(plan.parameters) == set(values)
    assert set(plan.tables) <= {asked.table, "dong", "category"}
    for table, column in WITHHELD:
        assert column not in plan.tables.get(table, [])
    with full.cursor() as cursor:
        rows = cursor.sql(sql, params=values)
        assert [name.strip('"') for name in builder.names(asked)] == rows.columns
        assert len(rows.fetchall()) <= asked.most


@given(word=texts)
@settings(max_examples=50, deadline=None)
def test_no_value_stands_in_the_text(word: str) -> None:
    marked = f"mark{word}"
    asked = Filter("name", "contains", (marked,)), Filter("dong_code", "among", (marked,))
    sql, values = write(Question("establishment", asked))
    assert "mark" not in sql
    assert values["name"] == marked
    assert values["dong_codes"] == [marked]


@pytest.mark.parametrize(
    "asked",
    [
        Question("nosuch"),
        Question("permit"),
        Question("refused", columns=("raw",)),
        Question("refused", (Filter("raw", "contains", ("x",)),)),
        Question("dong", (Filter("name_ko; drop table dong", "known"),)),
        Question("dong", groups=(Group("boundary\" from dong --"),)),
        Question("dong", groups=(Group("area_km2"),)),
        Question("establishment", groups=(Group("opened_on"),)),
        Question("establishment", groups=(Group("opened_on", "month'); --"),)),
        Question("establishment", groups=(Group("name", "month"),)),
        Question("establishment", measures=(Measure("sum", "name"),)),
        Question("establishment", measures=(Measure("read_text", "area_m2"),)),
        Question("dong", (Filter("area_km2", "contains", ("1",)),)),
        Question("dong", (Filter("area_km2", "between", low="1"),)),
        Question("establishment", (Filter("opened_on", "between", low=5),)),
        Question("dong", order="name_ko desc, (select 1)"),
        Question("dong", most=0),
        Question("dong", most=10_001),
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused(asked: Question) -> None:
    with pytest.raises(Refused) as refused:
        write(asked)
    assert refused.value.key.startswith("builder.")
    assert "{" not in str(refused.value)


def test_every_table_can_be_asked_but_nothing_withheld(names: Catalog) -> None:
    for table in tables():
        assert list(wanted.readable(table)) == list(names.relations[table].columns)


def test_names_that_are_words_of_sql_are_quoted(parser: duckdb.DuckDBPyConnection) -> None:
    sql, _ = write(Question("model_term", columns=("position",)))
    assert 't."position"' in sql
    for columns in tables().values():
        for column in columns:
            parser.sql(f"select 1 as {builder._quoted(column.name)}")


def asked(full: Database, question: Question) -> pd.DataFrame:
    sql, values = write(question)
    with full.cursor() as cursor:
        return cursor.sql(sql, params=values).df()


@pytest.fixture(scope="module")
def frames(place: Place) -> dict[str, pd.DataFrame]:
    found = {}
    for name in ("establishment", "card_sales", "footfall", "dong", "category", "shop"):
        found[name] = pd.read_parquet(place.data / f"{name}.parquet")
    for name, column in (("establishment", "opened_on"), ("establishment", "exit_on"),
                         ("card_sales", "period"), ("footfall", "period")):  # fmt: skip
        found[name][column] = pd.to_datetime(found[name][column])
    return found


def test_how_many_of_each(full: Database, frames: dict[str, pd.DataFrame]) -> None:
    got = asked(full, Question("establishment", groups=(Group("status"),), measures=(Measure(),)))
    want = frames["establishment"]["status"].value_counts(dropna=False)
    assert dict(zip(got["status"], got["rows_counted"], strict=True)) == want.to_dict()


def test_names_stand_beside_codes(full: Database, frames: dict[str, pd.DataFrame]) -> None:
    got = asked(
        full, Question("shop", groups=(Group("dong_code"), Group("category_id")),
                       measures=(Measure(),), most=10_000),
    )  # fmt: skip
    want = (
        frames["shop"]
        .groupby(["dong_code", "category_id"], dropna=False)
        .size()
        .rename("n")
        .reset_index()
        .merge(frames["dong"][["dong_code", "name_ko"]], how="left")
        .merge(frames["category"][["category_id", "name_ko"]], on="category_id", how="left")
    )
    assert list(got.columns[:4]) == ["dong_code", "dong_name", "category_id", "category_name"]
    pick = ["dong_code", "name_ko_x", "category_id", "name_ko_y", "n"]
    assert rows_of(got) == rows_of(want[pick])


def rows_of(frame: pd.DataFrame) -> list[str]:
    plain = frame.astype(object).where(frame.notna(), None)
    return sorted(str(row) for row in plain.itertuples(index=False, name=None))


@pytest.mark.parametrize(("step", "letter"), [("year", "Y"), ("quarter", "Q"), ("month", "M")])
def test_days_by_a_step(
    step: str, letter: str, full: Database, frames: dict[str, pd.DataFrame]
) -> None:
    days = frames["establishment"]["opened_on"].dropna()
    want = days.dt.to_period(letter).dt.start_time.value_counts().sort_index()
    question = Question(
        "establishment", (Filter("opened_on", "known"),), (Group("opened_on", step),),
        (Measure(),), order=f"opened_on_{step}", falling=False, most=10_000,
    )  # fmt: skip
    got = asked(full, question)
    assert pd.to_datetime(got[f"opened_on_{step}"]).tolist() == want.index.tolist()
    assert got["rows_counted"].tolist() == want.tolist()


def test_suppressed_cells_are_in_no_sum_and_are_counted(
    full: Database, frames: dict[str, pd.DataFrame]
) -> None:
    cells = frames["card_sales"].query("area_kind == 'dong' and period_months == 1")
    question = Question(
        "card_sales",
        (
            Filter("area_kind", "among", ("dong",)),
            Filter("period_months", "between", low=1, high=1),
        ),
        (Group("category_id"),), (Measure("sum", "sales_krw"), Measure("mean", "transactions")),
        most=10_000,
    )  # fmt: skip
    got = asked(full, question).set_index("category_id")
    grouped = cells.groupby("category_id")
    assert cells["suppressed"].sum() > 0
    assert got["suppressed_cells"].to_dict() == grouped["suppressed"].sum().to_dict()
    known = grouped["sales_krw"].sum(min_count=1)
    for category, total in known.items():
        assert got["sum_sales_krw"][category] == total or (
            pd.isna(total) and pd.isna(got["sum_sales_krw"][category])
        )
    means = grouped["transactions"].mean()
    assert got["mean_transactions"].to_dict() == pytest.approx(means.to_dict(), nan_ok=True)
    unknown = cells[cells["sales_krw"].isna() & ~cells["suppressed"]].groupby("category_id").size()
    assert got["sales_krw_unknown"].sum() == unknown.sum()


def test_what_is_not_known_is_counted_beside_a_mean(
    full: Database, frames: dict[str, pd.DataFrame]
) -> None:
    ways = ("mean", "median", "min", "max", "sum")
    question = Question(
        "establishment", groups=(Group("service_code"),),
        measures=tuple(Measure(how, "area_m2") for how in ways), most=10_000,
    )  # fmt: skip
    got = asked(full, question).set_index("service_code")
    areas = frames["establishment"].groupby("service_code")["area_m2"]
    for how in ways:
        # Of a group of which nothing is known the sum is not known either.
        want = (areas.sum(min_count=1) if how == "sum" else areas.agg(how)).to_dict()
        assert got[f"{how}_area_m2"].to_dict() == pytest.approx(want, nan_ok=True)
    missing = areas.agg(lambda values: values.isna().sum())
    assert got["area_m2_unknown"].to_dict() == missing.to_dict()
    assert missing.sum() > 0


@pytest.mark.parametrize(
    ("asked_for", "query"),
    [
        (Filter("status", "among", ("open", "closed")), "status in ('open', 'closed')"),
        (Filter("exit_kind", "not_among", ("closed",)), "exit_kind != 'closed'"),
        (Filter("exit_on", "unknown"), "exit_on.isna()"),
        (Filter("lon", "known"), "lon.notna()"),
        (Filter("area_m2", "between", low=30, high=99.5), "area_m2 >= 30 and area_m2 <= 99.5"),
        (
            Filter("opened_on", "between", low=dt.date(2020, 2, 29), high=dt.date(2020, 3, 31)),
            "opened_on >= '2020-02-29' and opened_on <= '2020-03-31'",
        ),
        (Filter("updated_at", "between", high=dt.date(2020, 1, 1)), "updated_at < '2020-01-02'"),
        (Filter("name", "contains", ("카페",)), "name.str.contains('카페', regex=False)"),
        (Filter("name", "contains", ("_",)), "name.str.contains('_', regex=False)"),
        (Filter("status", "among", ()), "status == status"),
    ],
)
def test_filters_keep_what_pandas_keeps(
    asked_for: Filter, query: str, full: Database, frames: dict[str, pd.DataFrame]
) -> None:
    kept = frames["establishment"].query(query, engine="python")
    got = asked(full, Question("establishment", (asked_for,), measures=(Measure(),)))
    assert got["rows_counted"].tolist() == [len(kept)]


def test_a_list_holds_any_of_the_values(full: Database, frames: dict[str, pd.DataFrame]) -> None:
    lists = frames["establishment"]["trade_area_codes"].dropna()
    some = next(str(code) for codes in lists for code in codes)
    question = Question(
        "establishment", (Filter("trade_area_codes", "among", (some,)),), measures=(Measure(),)
    )
    expected = sum(some in codes for codes in lists)
    assert asked(full, question)["rows_counted"].tolist() == [expected]
    assert expected > 0


def test_the_first_rows_as_they_are(full: Database, frames: dict[str, pd.DataFrame]) -> None:
    question = Question("dong", columns=("name_ko", "area_km2"), order="area_km2", most=3)
    want = frames["dong"].nlargest(3, "area_km2")[["name_ko", "area_km2"]]
    assert rows_of(asked(full, question)) == rows_of(want)


def test_sums_that_count_twice_are_known() -> None:
    total = Question("footfall", measures=(Measure("sum", "persons"),))
    assert wanted.mixed(total) == ["area_kind", "period_months", "dimension", "unit", "source_id"]
    narrowed = Question(
        "footfall",
        (
            Filter("dimension", "among", ("total",)),
            Filter("period_months", "between", low=1, high=1),
            Filter("unit", "among", ("a", "b")),
        ),
        (Group("area_kind"),),
        (Measure("sum", "persons"),),
    )
    assert wanted.mixed(narrowed) == ["unit", "source_id"]
    assert wanted.mixed(Question("footfall", measures=(Measure(),))) == []
    assert wanted.mixed(Question("shop", measures=(Measure(),))) == []


def test_the_header_declares_what_the_inputs_of_the_page_are() -> None:
    sql, values = write(
        Question(
            "card_sales",
            (
                Filter("dong_code", "among", ("1", "2")),
                Filter("period", "between", low=dt.date(2024, 1, 1), high=dt.date(2024, 2, 1)),
                Filter("suppressed", "is", (False,)),
                Filter("merchants", "between", low=3),
            ),
        )
    )
    declared: dict[str, Any] = dict(re.findall(r"^--   \$(\w+) ([a-z]+(?:\[\])?): ", sql, re.M))
    assert declared == {
        "dong_codes": "varchar[]", "from_period": "date", "to_period": "date",
        "suppressed": "boolean", "from_merchants": "bigint", "most": "integer",
    }  # fmt: skip
    assert set(values) == set(declared)
