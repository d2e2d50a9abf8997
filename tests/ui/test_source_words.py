"""Sources, publishers and terms in English: what ingest and the demo write, and unknown text."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from commerce.db import Database
from commerce.i18n import set_language
from commerce.ingest import ingest, ledger, reference
from commerce.snapshot import resolve
from commerce.ui import about_tables, figures, source_words
from tests.ingest.permits import shop, table, write
from tests.ui.test_pages import html_of, run

ROOT = Path(__file__).resolve().parent.parent.parent
HANGUL = re.compile("[가-힣]")
#: Titles as ingest writes them: what a file is, before its name.
WRITTEN = re.compile(r"f\"([^\"{}]*[가-힣][^\"{}]*) · \{")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COMMERCE_DATA", str(ROOT / "data" / "demo"))
    monkeypatch.chdir(ROOT)
    set_language("en")
    yield
    set_language("ko")


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    return pd.read_parquet(ROOT / "data" / "demo" / "dataset.parquet")


def test_everything_of_the_demo_has_english_words_and_keeps_its_korean_title(
    demo: pd.DataFrame,
) -> None:
    said = source_words.said(demo)
    assert len(said) > 60
    for column in ("title", "publisher", "licence"):
        assert not [text for text in said[column] if HANGUL.search(text)]
    assert said["title_ko"].tolist() == demo["title"].tolist()
    by_id = said.set_index("source_id")["title"]
    assert by_id["demo-general_restaurants"] == "General restaurants: permits (synthetic)"
    assert by_id["demo-footfall"] == "Footfall by dong and named area (synthetic)"
    set_language("ko")
    assert source_words.said(demo) is demo


def test_what_a_permit_file_is_called_has_english_words(tmp_path: Path) -> None:
    ingest([write(tmp_path, [shop(1)], "식품_일반음식점.csv")], tmp_path / "data")
    rows = table(tmp_path / "data", "dataset", "source_id")
    permits = next(row for row in rows if row["title"].endswith("식품_일반음식점.csv"))
    assert (
        source_words.title(permits["title"]) == "General restaurants: permits · 식품_일반음식점.csv"
    )
    assert source_words.name(permits["publisher"]).startswith("Ministry of the Interior and Safety")
    for row in rows:
        assert not HANGUL.search(source_words.title(row["title"]).partition(" · ")[0])
        assert not HANGUL.search(source_words.name(row["publisher"]))
        assert not HANGUL.search(source_words.name(row["licence"]))


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        (
            "일반음식점, 휴게음식점, 제과점영업 … 인허가 · a.csv",
            "General restaurants, Rest cafes, Bakeries …: permits · a.csv",
        ),
        (
            "서울시 상권분석서비스 추정매출 · 매출 · 2.csv",
            "서울시 상권분석서비스 추정매출 · 매출 · 2.csv",
        ),
        ("서울시 상권분석서비스 추정매출 · b.csv", "Seoul estimated sales · b.csv"),
        ("없는업종 인허가 · c.csv", "없는업종 인허가 · c.csv"),
        ("우리가 모르는 자료", "우리가 모르는 자료"),
        ("{x} 인허가", "{x} 인허가"),
        ("", ""),
    ],
)
def test_a_title_is_told_as_far_as_it_is_known(korean: str, english: str) -> None:
    assert source_words.title(korean) == english


def test_every_kind_of_file_that_ingest_names_is_known() -> None:
    files = [*ROOT.glob("commerce/ingest/**/*.py")]
    written = {what for file in files for what in WRITTEN.findall(file.read_text("utf-8"))}
    assert len(written) >= 4
    titles = [f"{what} · file.csv" for what in written]
    titles += [ledger.boundary_title(str(ledger.DEFAULT_FILE)), ledger.boundary_title("a.geojson")]
    assert not [title for title in titles if HANGUL.search(source_words.title(title))]


def test_every_adapter_and_service_has_an_english_name() -> None:
    for row in reference.rows("adapters"):
        for column in ("title", "publisher"):
            korean = row["publisher" if column == "publisher" else "title_ko"]
            english = row[f"{column}_en"]
            assert bool(english) == bool(korean)
            assert not HANGUL.search(english)
        assert not HANGUL.search(source_words.name(row["licence"]))
    services = reference.rows("services")
    assert not [row for row in services if not row["name_en"] or HANGUL.search(row["name_en"])]
    assert len({row["name_en"] for row in services}) == len(services)


@pytest.mark.parametrize("page", ["about", "sales", "footfall", "openings"])
def test_no_korean_is_left_on_an_english_page(page: str) -> None:
    app = run(page, lang="English")
    assert not app.exception
    shown = [html_of(app), *(str(block.value) for block in (*app.caption, *app.markdown))]
    assert not HANGUL.findall(" ".join(shown))
    for frame in app.dataframe:
        told = frame.value.drop(columns="title_ko", errors="ignore")
        assert not HANGUL.findall(" ".join(map(str, told.to_numpy().ravel())))


def test_the_about_page_keeps_korean_titles_beside_english_ones_only(demo: pd.DataFrame) -> None:
    assert "title_ko" in about_tables.sources(demo)
    assert set(about_tables.sources(demo)) == set(about_tables.source_columns())
    set_language("ko")
    assert "title_ko" not in about_tables.sources(demo)
    assert set(about_tables.sources(demo)) == set(about_tables.source_columns())


@pytest.mark.parametrize("query", ["data/sources", "openings/bulk_days"])
def test_the_table_behind_a_figure_has_english_words_too(query: str) -> None:
    rows = Database(resolve(ROOT / "data" / "demo")).run(query)
    assert len(rows)
    told = figures._readable(rows).drop(columns="Title in Korean", errors="ignore")
    assert not HANGUL.findall(" ".join(map(str, [*told.columns, *told.to_numpy().ravel()])))
