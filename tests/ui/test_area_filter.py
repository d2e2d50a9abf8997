"""The filter of named areas: absent without areas, found by code or name in either language."""

from pathlib import Path

import pandas as pd
import pytest

from commerce.i18n import set_language
from commerce.ui import filters
from commerce.ui.asked import by_name
from tests.conftest import DONGS, shop, write_snapshot
from tests.ui.test_pages import html_of, run

AREAS = [
    {"area_code": "A1", "name_ko": "시장길", "name_en": "Market Lane", "boundary": "{}"},
    {"area_code": "A2", "name_ko": "역 앞", "boundary": "{}"},
]
OUTLINE = '{"type":"Polygon","coordinates":[[[126.7,35.1],[126.9,35.1],[126.9,35.3],[126.7,35.1]]]}'
DISTRICT = [dong | {"boundary": OUTLINE} for dong in DONGS]


@pytest.fixture
def with_areas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    permits = [shop("2020-01-10", trade_area_codes=["A1"]) for _ in range(12)]
    permits += [shop("2020-02-10") for _ in range(20)]
    write_snapshot(tmp_path, permits, trade_area=AREAS, dong=DISTRICT)
    monkeypatch.setenv("COMMERCE_DATA", str(tmp_path))


@pytest.mark.usefixtures("with_areas")
@pytest.mark.parametrize(
    ("asked", "language"), [("A1", "English"), ("시장길", "English"), ("market lane", "한국어")]
)
def test_an_area_in_the_link_narrows_the_figures(asked: str, language: str) -> None:
    app = run("openings", area=[asked], lang=language)
    assert not app.exception
    page = html_of(app)
    assert ("Market Lane" if language == "English" else "시장길") in page
    assert run("openings", lang=language).session_state["chosen"].area_codes is None
    assert app.session_state["chosen"].area_codes == ["A1"]


@pytest.mark.usefixtures("with_areas")
def test_an_unknown_area_is_named_and_left_out() -> None:
    app = run("overview", area=["<b>nowhere</b>"])
    assert not app.exception
    assert app.session_state["chosen"].area_codes is None
    assert any("nowhere" in caption.value for caption in app.caption)


def test_without_areas_there_is_no_filter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_snapshot(tmp_path, [shop("2020-01-10")], dong=DISTRICT)
    monkeypatch.setenv("COMMERCE_DATA", str(tmp_path))
    app = run("overview")
    assert "area" not in [widget.key for widget in app.multiselect]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_dong_is_found_with_its_district_in_either_language(language: str) -> None:
    set_language(language)
    rows = filters._named_dongs(
        pd.DataFrame(
            [
                ("1", "중앙동", "Jungang-dong", "동구", "Dong-gu"),
                ("2", "중앙동", "Jungang-dong", "북구", "Buk-gu"),
            ],
            columns=["dong_code", "name_ko", "name_en", "district_name_ko", "district_name_en"],
        )
    )
    for text in ("북구 중앙동", "Jungang-dong, Buk-gu"):
        assert by_name(rows, "dong_code", text) == "2"
    assert by_name(rows, "dong_code", "중앙동") is None
    set_language("ko")
