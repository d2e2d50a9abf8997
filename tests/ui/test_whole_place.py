"""What the whole place of the data is called: a district, several of a city, or this area."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd
import pytest

from commerce.i18n import set_language
from commerce.ingest import reference
from commerce.snapshot import Snapshot
from commerce.ui.whole_place import whole_place
from tests.conftest import DONGS, shop
from tests.ui.test_pages import html_of, run

GWANGSAN = ("12330", "광산구", "Gwangsan-gu")
BUKGU = ("12300", "북구", "Buk-gu")
JONGNO = ("11110", "종로구", "Jongno-gu")
BUKGU_OF_BUSAN = ("26320", "북구", "Buk-gu")
SUWON, GAPYEONG = (
    ("41111", "수원시장안구", "Suwon-si Jangan-gu"),
    ("41820", "가평군", "Gapyeong-gun"),
)
UNKNOWN = ("99110", "어디구", "Eodi-gu"), ("99120", "거기구", "Geogi-gu")


@pytest.fixture(autouse=True)
def _korean_again() -> Iterator[None]:
    yield
    set_language("ko")


def dongs(*districts: tuple[str, str, str]) -> pd.DataFrame:
    """Return rows of ``dong/list``, two dongs of each district."""
    columns = ["district_code", "district_name_ko", "district_name_en"]
    return pd.DataFrame([*districts, *districts], columns=columns, dtype="str")


@pytest.mark.parametrize(
    ("districts", "korean", "english"),
    [
        ((GWANGSAN,), "광산구", "Gwangsan-gu"),
        ((GWANGSAN, BUKGU), "전남광주통합특별시 2개 구", "2 districts of Jeonnam-Gwangju"),
        ((SUWON, GAPYEONG), "경기도 2개 시군구", "2 districts of Gyeonggi-do"),
        # of several cities, also where the districts have one name; of a code that nobody knows
        ((GWANGSAN, JONGNO), "이 지역", "this area"),
        ((BUKGU, BUKGU_OF_BUSAN), "이 지역", "this area"),
        (UNKNOWN, "이 지역", "this area"),
        ((), "이 지역", "this area"),
    ],
)
def test_the_whole_place_is_named_where_its_name_is_known(
    districts: tuple[tuple[str, str, str], ...], korean: str, english: str
) -> None:
    for language, said in (("ko", korean), ("en", english)):
        set_language(language)
        assert whole_place(dongs(*districts)) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [("한국어", "전남광주통합특별시 2개 구"), ("English", "2 districts of Jeonnam-Gwangju")],
)
def test_a_page_of_two_districts_says_of_which_city_they_are(
    make_snapshot: Callable[..., Snapshot],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    said: str,
) -> None:
    other = dict(zip(("district_code", "district_name_ko", "district_name_en"), BUKGU, strict=True))
    rows = [shop("2020-01-01") for _ in range(12)]
    snapshot = make_snapshot(
        rows, dong=[*DONGS[:2], DONGS[2] | {"dong_code": "1230000300"} | other]
    )
    monkeypatch.setenv("COMMERCE_DATA", str(snapshot.path))
    app = run("openings", lang=language)
    assert said in html_of(app)


def test_every_known_district_lies_in_a_known_city() -> None:
    known = {row["sido_code"]: row["name_ko"] for row in reference.rows("provinces")}
    districts = reference.rows("districts")
    assert districts
    assert {(d["district_code"][:2], d["sido_ko"]) for d in districts} <= set(known.items())
