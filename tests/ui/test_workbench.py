"""The workbench: guarded, its parameters and files right, links that run nothing by themselves."""

import csv
import datetime as dt
import io
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from commerce import library
from commerce.db import Database
from commerce.i18n import messages, set_language
from commerce.queries import Field
from commerce.sandbox.runner import Result
from commerce.schema import tables
from commerce.snapshot import DEMO_DIR, Snapshot
from commerce.ui import (
    guard,
    workbench_chart,
    workbench_dictionary,
    workbench_files,
    workbench_map,
    workbench_values,
)
from commerce.ui.theme import LIGHT
from commerce.ui.workbench_dictionary import facts

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ("127.0.0.1", [("Host", "localhost:8501")])


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COMMERCE_DATA", str(DEMO_DIR))
    monkeypatch.chdir(ROOT)
    set_language("ko")


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_connection", lambda: HOME)


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    # By its link, as a browser does: on the way from another page the harness loses the language.
    app.switch_page("pages/staff/workbench.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def html_of(app: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in app.get("html"))


def typed(app: AppTest) -> str:
    """Return what stands in the plain text box."""
    app.toggle(key="workbench_plain").set_value(True).run()
    return str(app.text_area[0].value)


def finished(app: AppTest) -> AppTest:
    """Wait until the run has ended."""
    for _ in range(200):
        app.run()
        if not any("workbench_cancel" in str(button.key) for button in app.button):
            return app
        time.sleep(0.1)
    raise AssertionError("the run did not end")


@pytest.mark.parametrize(
    "end",
    [
        (None, []),
        ("10.0.0.3", HOME[1]),
        ("127.0.0.1", [("Host", "commerce.example.kr")]),
        ("127.0.0.1", [*HOME[1], ("X-Forwarded-For", "127.0.0.1")]),
    ],
)
@pytest.mark.parametrize("language", ["한국어", "English"])
def test_others_are_told_how_to_sign_in_and_see_nothing(
    monkeypatch: pytest.MonkeyPatch, end: tuple[str | None, list[tuple[str, str]]], language: str
) -> None:
    monkeypatch.setattr(guard, "_connection", lambda: end)
    app = opened(lang=language, sql="select 1", query="openings/total")
    assert not app.exception
    assert ("직원만" if language == "한국어" else "for staff") in html_of(app)
    assert any("ssh -L" in str(block.value) for block in app.markdown)
    assert not [b.key for b in app.button if str(b.key).startswith("workbench")]
    assert not app.text_area
    assert not app.get("component_instance")


def test_without_a_connection_the_guard_is_shut() -> None:
    assert guard._connection() == (None, ())
    assert not guard.is_staff()


@pytest.mark.parametrize(
    "view", ["질의", "골라서 묻기", "질의 모음", "저장한 질의", "실행 기록", "자료 사전"]
)
@pytest.mark.usefixtures("at_home")
def test_every_view_is_drawn(view: str) -> None:
    app = opened(workbench_view=view)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.usefixtures("at_home")
def test_the_library_tells_its_queries_in_the_readers_language(language: str) -> None:
    view = "질의 모음" if language == "한국어" else "Library"
    set_language("ko" if language == "한국어" else "en")  # the harness names options itself
    app = opened(lang=language, workbench_view=view)
    app.text_input(key="workbench_search").set_value("대권거리 없는말").run()
    assert not [text for text in app.markdown if "**`" in text.value]
    app.text_input(key="workbench_search").set_value("유동인구 카드 인허가").run()
    assert not app.exception
    (entry,) = [text.value for text in app.markdown if "**`" in text.value]
    assert entry.startswith("**`footfall/per_shop`** — ")
    korean = "행정동마다 유동인구, 카드 매출, 인허가 수를 나란히" in entry
    assert korean == (language == "한국어")
    assert ("How many people" in entry) == (language == "English")
    grain = "행정동 하나에 한 행" if korean else "one row per dong"
    assert any(grain in caption.value for caption in app.caption)


@pytest.mark.parametrize("asked", ["sales", "카드 매출", "Card sales"])
@pytest.mark.usefixtures("at_home")
def test_a_link_to_a_subject_holds_in_both_languages(asked: str) -> None:
    app = opened(workbench_view="질의 모음", subject=asked)
    assert not app.exception
    entries = [text.value for text in app.markdown if "**`" in text.value]
    assert entries
    assert all(entry.startswith("**`sales/") for entry in entries)


@pytest.mark.usefixtures("at_home")
def test_a_query_is_run_and_its_rows_come() -> None:
    app = opened(sql="select count(*) as n from dong where dong_code <> $dong_code")
    assert not app.dataframe  # a link runs nothing by itself
    assert typed(app).startswith("select count(*)")
    app.button(key="workbench_run").click().run()
    app = finished(app)
    assert not app.exception
    assert not app.error
    assert int(app.dataframe[0].value["n"].iloc[0]) == 0  # compared with null
    assert [run.outcome for run in library.history(guard.AT_THIS_MACHINE)] == ["done"]


@pytest.mark.parametrize(
    ("sql", "said", "pointer"),
    [
        ("select 1\nfrm dong", "2번째 줄", "^"),
        ("select dong_cod from dong", "dong_code", "^"),
        ("delete from dong", "SELECT", ""),
        ("select * from read_csv('/etc/passwd')", "read", "^"),
    ],
)
@pytest.mark.usefixtures("at_home")
def test_what_is_wrong_is_said_with_its_place(sql: str, said: str, pointer: str) -> None:
    app = opened(sql=sql)
    typed(app)
    app.button(key="workbench_run").click().run()
    app = finished(app)
    assert not app.exception
    assert said in app.error[0].value.replace("\\", "")
    assert (pointer in "".join(code.value for code in app.code)) or not pointer
    assert not app.dataframe


@pytest.mark.usefixtures("at_home")
def test_a_figure_opens_with_its_sql_and_parameters() -> None:
    given = {"dong_codes": ["1233051500"], "from_month": "2020-03-01", "include_bulk": False}
    app = opened(query="openings/monthly", p=json.dumps(given))
    assert not app.exception
    values = {str(w.label): w.value for w in [*app.multiselect, *app.selectbox]}
    assert values["$dong_codes"] == ["1233051500"]
    assert values["$from_month"] == dt.date(2020, 3, 1)
    assert values["$include_bulk"] is False
    assert values["$to_month"] is None
    assert typed(app) == (ROOT / "queries/openings/monthly.sql").read_text("utf-8").strip("\n") or (
        "openings" in typed(app)
    )


@pytest.mark.parametrize(
    "query",
    [
        {"query": "../../etc/passwd"},
        {"query": "openings/monthly", "p": "["},
        {"query": "openings/monthly", "p": '{"dong_codes": [["x"], {}], "from_month": "<b>"}'},
        {"query": "openings/monthly", "p": '{"include_bulk": "maybe", "nothing": 1e999}'},
        {"query": "openings/monthly", "p": "[" * 30_000},
        {"q": "' or 1=1 --"},
        {"q": "abcdefghij"},
        {"sql": "select '<script>alert(1)</script>'\0"},
        {"sql": "x" * 100_000},
        {"workbench_view": "../secret"},
        {"look": "<img src=x>"},
    ],
)  # fmt: skip
@pytest.mark.usefixtures("at_home")
def test_hostile_links_fall_back(query: dict[str, str]) -> None:
    app = opened(**query)
    assert not app.exception
    assert "<script>alert" not in html_of(app)
    assert library.history(guard.AT_THIS_MACHINE) == []


@pytest.mark.usefixtures("at_home")
def test_a_saved_query_opens_by_its_link() -> None:
    entry = library.save("수완동만", "", "select $n::integer as n", {"n": "3"}, "me")
    app = opened(q=entry.id)
    assert typed(app) == "select $n::integer as n"
    assert any(str(box.value) == "3" for box in app.text_input if box.label == "$n")


@pytest.mark.usefixtures("at_home")
def test_what_is_chosen_is_written_as_sql_and_run() -> None:
    app = opened(workbench_view="골라서 묻기")
    app.selectbox(key="build_table").set_value("card_sales").run()
    app.multiselect(key="build_filters_card_sales").set_value(["category_id", "period"]).run()
    app.multiselect(key="build_card_sales_category_id_values").set_value(["cafe"]).run()
    app.date_input(key="build_card_sales_period_low").set_value(dt.date(2025, 1, 1)).run()
    assert not app.exception
    assert "t.category_id = any($category_ids)" in app.code[0].value
    app.button(key="build_run").click().run()
    app = finished(app)
    assert not app.error
    cells = pd.read_parquet(DEMO_DIR / "card_sales.parquet")
    kept = cells[(cells["category_id"] == "cafe") & (cells["period"] >= dt.date(2025, 1, 1))]
    got = app.dataframe[0].value.set_index("dong_code")
    want = kept.groupby("dong_code", dropna=False)["sales_krw"].sum(min_count=1)
    assert got["sum_sales_krw"].sum() == want.sum()
    assert got["suppressed_cells"].sum() == kept["suppressed"].sum()
    assert "any($category_ids)" in typed(app)  # the SQL can be edited
    assert app.multiselect[0].label == "$category_ids"


@pytest.mark.usefixtures("at_home")
def test_a_method_goes_on_from_the_rows_and_is_named() -> None:
    app = opened(query="sales/decomposition")
    app.button(key="workbench_run").click().run()
    app = finished(app)
    assert not app.error
    assert any("commerce.decomposition:decompose" in str(c.value) for c in app.caption)
    rows = app.dataframe[0].value
    parts = rows[["trend", "season", "holiday", "rest"]].sum(axis=1)
    known = rows["trend"].notna()
    assert known.sum() >= 24
    assert parts[known].tolist() == pytest.approx(rows["log_sales"][known].tolist())


def test_parameters_are_found_quickly_in_any_text() -> None:
    lines = "\n" * 50_000  # once a search over all pairs of them: a minute
    assert workbench_values.parameters(f"{lines}select $a") == [Field("a", "varchar", "", "")]
    many = " ".join(f"$p{i}" for i in range(8_000))
    assert len(workbench_values.parameters(many)) == 8_000


@pytest.mark.usefixtures("at_home")
def test_thousands_of_parameters_are_not_thousands_of_inputs() -> None:
    app = opened(sql="select " + ", ".join(f"$p{i}" for i in range(200)))
    shown = [box for box in app.text_input if box.label.startswith("$p")]
    assert len(shown) == workbench_values.MOST_INPUTS
    assert any("40" in str(block.value) for block in app.caption)


def test_parameters_are_found_outside_texts_and_comments() -> None:
    sql = """-- $not_me is a comment
    --   $from_day date: typed by the header
    select '$nor_me', "$or_me", /* $nope */ $dong_codes, $free, $$ $inside $$
    where x >= $from_day and y = $dong_codes and z = 'it''s $no'
    """
    assert workbench_values.parameters(sql) == [
        Field("dong_codes", "varchar[]", "", ""),
        Field("free", "varchar", "", ""),
        Field("from_day", "date", "", "typed by the header"),
    ]


@pytest.mark.parametrize(
    ("kind", "given", "first"),
    [
        ("integer", "12", 12), ("integer", 12, 12), ("integer", "x", None), ("integer", True, None),
        ("integer", 10**30, None), ("double", "1.5", 1.5), ("double", 2, 2.0),
        ("double", [1], None), ("date", "2024-02-29", dt.date(2024, 2, 29)),
        ("date", "2024-02-30", None), ("date", 5, None), ("varchar", None, ""), ("varchar", 5, "5"),
        ("varchar[]", "a, b", ["a", "b"]), ("varchar[]", ["a", 1], ["a", "1"]),
        ("varchar[]", {"a": 1}, []), ("boolean", "true", True), ("boolean", "no", None),
    ],
)  # fmt: skip
def test_a_given_value_is_taken_if_it_fits(kind: str, given: object, first: object) -> None:
    assert workbench_values._first(Field("thing", kind, "", ""), given) == first


@pytest.fixture
def result() -> Iterator[Result]:
    table = pa.table(
        {
            "=cmd()": ["=1+1", "-2", "+가", "@x", 'plain, "quoted"\n', None],
            "n": pa.array([1, 2, 10**17, None, 5, 6], pa.int64()),
            "x": [1.5, float("nan"), float("inf"), 0.0, None, 1e-9],
            "day": [dt.date(2020, 1, 2), dt.date(1800, 1, 1), None, None, None, None],
            "codes": [["a"], [], None, ["b", "c"], None, None],
        }
    )
    return Result(table, "", 0, 0.1, {}, {})


def test_csv_and_workbook_hold_no_formula_and_every_row(result: Result) -> None:
    text = workbench_files.csv(result.table)
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[0] == ["'=cmd()", "n", "x", "day", "codes"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'-2", "'+가", "'@x", 'plain, "quoted"\n', ""]
    assert [row[1] for row in rows[1:]] == ["1", "2", "100000000000000000", "", "5", "6"]
    book = openpyxl.load_workbook(io.BytesIO(workbench_files.xlsx(result.table)))
    cells = list(book.active.iter_rows())
    assert len(cells) == 7
    assert not [c for row in cells for c in row if c.data_type == "f"]
    assert (cells[1][0].value, cells[1][0].quotePrefix) == ("=1+1", True)
    assert cells[1][3].value == dt.datetime(2020, 1, 2)
    assert cells[3][1].value == "100000000000000000"  # more digits than a spreadsheet keeps


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_large_file_is_written_by_a_process_of_its_own(
    result: Result, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = workbench_files.made(form, result.table)
    monkeypatch.setattr(workbench_files, "_FEW_CELLS", 0)
    started = []
    run = subprocess.run
    monkeypatch.setattr(
        workbench_files.subprocess, "run", lambda *a, **k: started.append(a) or run(*a, **k)
    )
    there = workbench_files.made(form, result.table)
    assert len(started) == (form != "parquet")
    if form == "xlsx":  # the file says when it was made
        books = [openpyxl.load_workbook(io.BytesIO(book)) for book in (here, there)]
        here, there = [[[c.value for c in row] for row in b.active.iter_rows()] for b in books]
    assert here == there


def test_a_workbook_stops_where_it_says_and_parquet_keeps_types(result: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbench_files.xlsx(result.table, most=2)))
    assert book.active.max_row == 3
    read = pq.read_table(io.BytesIO(workbench_files.parquet(result.table)))
    assert [str(kind) for kind in read.schema.types[:4]] == [
        "string",
        "int64",
        "double",
        "date32[day]",
    ]
    columns = ["=cmd()", "n", "day", "codes"]
    assert read.select(columns).to_pylist() == result.table.select(columns).to_pylist()


def test_a_chart_begins_with_what_the_rows_are() -> None:
    day = pd.DataFrame({"k": ["a"], "m": pd.to_datetime(["2024-01-01"]), "n": [1]})
    assert workbench_chart.first_choice(day) == ("m", "n", "line")
    assert workbench_chart.first_choice(day[["k", "n"]]) == ("k", "n", "bar")
    assert workbench_chart.first_choice(day[["n"]].assign(o=2.0)) == ("n", "o", "point")
    assert workbench_chart.first_choice(day[["k"]]) is None


def test_a_chart_keeps_its_colours_to_a_few_groups_and_any_name_of_a_column() -> None:
    rows = pd.DataFrame({"a.b[0]": range(8), "y'": range(8), "g": list("abcdefgh")})
    made, groups = workbench_chart.shaped(rows, "a.b[0]", "y'", "g", "line", 5)
    assert groups[:5] == ["h", "g", "f", "e", "d"]
    assert len(groups) == 6
    assert set(made["by"]) == set(groups)
    for kind in workbench_chart.KINDS:
        spec = workbench_chart.chart(made, ("a.b[0]", "y'", "g"), kind, "number", groups, LIGHT)
        assert spec["encoding"]["x"]["field"] == "x"
        assert spec["encoding"]["color"]["scale"]["domain"] == groups


@pytest.mark.usefixtures("at_home")
def test_bars_of_several_rows_are_added_up_and_say_so() -> None:
    rows = pd.DataFrame({"k": ["a", "b", "a"], "g": ["x", "x", "y"], "n": [2, 3, 4]})
    assert workbench_chart.is_summed(rows, "k", "", "bar")
    assert not workbench_chart.is_summed(rows, "k", "g", "bar")
    assert not workbench_chart.is_summed(rows, "k", "", "point")
    made, _ = workbench_chart.shaped(rows, "k", "n", "", "bar", 5)
    assert made.to_dict("records") == [{"x": "a", "y": 6}, {"x": "b", "y": 3}]
    app = opened(sql="select unnest(['a', 'b', 'a']) as k, unnest([2, 3, 4]) as n")
    app.button(key="workbench_run").click().run()
    app = finished(app)
    app.segmented_control(key="look").set_value("chart").run()
    assert any("더해서" in str(caption.value) for caption in app.caption)


def test_a_map_is_known_by_its_columns() -> None:
    assert workbench_map.places_of(pd.DataFrame({"dong_code": ["1"], "n": [1]}))[0] == "dong"
    cells = pd.DataFrame({"h3_9": ["8930e0d9b2fffff"], "n": [1]})
    assert workbench_map.places_of(cells) == ("cell", "h3_9")
    assert workbench_map.places_of(cells.assign(h3_9="x")) == ("", "")
    points = pd.DataFrame({"lon": [126.8], "lat": [35.2]})
    assert workbench_map.places_of(points)[0] == "point"
    assert workbench_map.places_of(points.assign(lon="x")) == ("", "")


def test_the_dictionary_counts_gaps_and_common_values() -> None:
    database = Database(Snapshot(DEMO_DIR, "dictionary"))
    rows, known = facts(database, "refused")
    assert "raw" not in known
    rows, known = facts(database, "establishment")
    plain = pd.read_parquet(DEMO_DIR / "establishment.parquet", columns=["exit_on", "status"])
    assert rows == len(plain)
    assert known["exit_on"][0] == pytest.approx(100 * plain["exit_on"].isna().mean())
    most = plain["status"].value_counts()
    assert known["status"][1].startswith(f"{most.index[0]} ({most.iloc[0]:,})")


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.usefixtures("at_home")
def test_an_input_says_the_whole_of_what_a_header_says_of_its_parameter(language: str) -> None:
    set_language("ko" if language == "한국어" else "en")  # the harness names options itself
    app = opened(lang=language, query="survival/curve")
    (bulk,) = [box for box in app.selectbox if box.label == "$include_bulk"]
    korean = "false면 일괄 정리일에 폐업 처리된 가게는 그날까지만 지켜본 것으로 칩니다. 비우면 true"
    english = "false censors shops closed on a bulk clean-up day on that day; null means true"
    assert bulk.help == (korean if language == "한국어" else english)


@pytest.mark.usefixtures("at_home")
def test_what_somebody_else_says_of_a_parameter_stays_as_it_is() -> None:
    app = opened(sql="--   $dong_code varchar: 우리가 쓴 말\nselect $dong_code as code")
    (box,) = [box for box in app.selectbox if box.label == "$dong_code"]
    assert box.help == "우리가 쓴 말"


@pytest.mark.parametrize(("language", "said"), [("ko", "원"), ("en", "KRW")])
def test_the_dictionary_tells_units_in_the_readers_language(language: str, said: str) -> None:
    set_language(language)
    column = next(c for c in tables()["card_sales"] if c.name == "sales_krw")
    assert workbench_dictionary.unit(column) == said
    assert workbench_dictionary._match((column,), [said.lower()]) == (column,)
    prefix = "schema.unit."
    known = {key.removeprefix(prefix) for key in messages(language) if key.startswith(prefix)}
    assert known == {c.unit for columns in tables().values() for c in columns if c.unit}
