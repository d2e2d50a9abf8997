"""One lot, one building, one floor, however it was spelt."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from commerce.ingest.clean import ROLES, Cleaner, sql
from commerce.ingest.delimited import Rows
from commerce.ingest.places import Districts, canonical, legal_dong
from commerce.ingest.recognise import Match
from commerce.ingest.reference import layouts


def read(lot: str = "", road: str = "") -> tuple[int | None, int | None, str | None]:
    """Return the keys and the floor that the ingest reads out of two addresses."""
    connection = duckdb.connect()
    for script in ("address", "tables"):
        connection.execute(sql(script))
    given = dict.fromkeys(ROLES, "") | {
        "permit_id": "1",
        "opened_on": "2020-01-01",
        "address_lot": lot,
        "address_road": road,
    }
    columns = {role: pa.array([value]) for role, value in given.items()}
    cleaner = Cleaner(connection, Match(layouts()[0], {}, "bakeries"), Districts(()), 0)
    cleaner.clean(Rows(1, np.array([0]), columns, []), 0)
    row = connection.execute("select lot_key, road_key, floor from staged").fetchone()
    assert row
    return row


LOT = "광주광역시 광산구 수완동 1452"


@pytest.mark.parametrize(
    "spelt",
    [
        LOT,
        LOT + " ",
        "광주광역시  광산구   수완동  1452",
        "광주광역시 광산구 수완동 1452번지",
        "광주광역시 광산구 수완동 1452 번지",
        "전남광주통합특별시 광산구 수완동 1452",
        "광주 광산구 수완동 1452",
        "광주광역시광산구수완동1452",
        "광주광역시 광산구 수완동 1452 104호 103호일부",
        "광주광역시 광산구 수완동 1452 롯데쇼핑몰",
        "광주광역시 광산구 수완동 1452, 1층",
        "광주광역시 광산구 수완동 1452\n1층",
        "광주광역시 광산구 수완동 01452",
    ],
)
def test_one_lot(spelt):
    assert read(spelt)[0] == read(LOT)[0] is not None


@pytest.mark.parametrize(
    "other",
    [
        "광주광역시 광산구 수완동 1452-1",
        "광주광역시 광산구 수완동 산 1452",
        "광주광역시 광산구 수완동 1453",
        "광주광역시 광산구 신가동 1452",
        "광주광역시 북구 수완동 1452",
        "서울특별시 광산구 수완동 1452",
    ],
)
def test_other_lots(other):
    assert read(other)[0] not in (None, read(LOT)[0])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("강원도 춘천시 퇴계동 100-2", "강원특별자치도 춘천시 퇴계동 100-2번지"),
        ("전라북도 전주시 덕진구 인후동1가 12", "전북특별자치도 전주시 덕진구 인후동1가 12"),
        ("서울특별시 중구 충무로2가 61-1", "서울시 중구 충무로2가  61 - 1"),
        ("전라남도 나주시 남평읍 남평리 12", "전남광주통합특별시 나주시 남평읍 남평리 12번지"),
        ("광주광역시 북구 용봉동 691번지 3호", "광주광역시 북구 용봉동 691-3"),
    ],
)
def test_places_that_changed_their_names(first, second):
    assert read(first)[0] == read(second)[0] is not None


def test_a_lot_is_not_read_out_of_a_street_block():
    assert read("서울특별시 영등포구 당산동1가 123")[0] != read("서울특별시 영등포구 당산동 1")[0]
    assert read("광주광역시 북구 신용동")[0] is None


ROAD = "광주광역시 광산구 장신로 164"


@pytest.mark.parametrize(
    "spelt",
    [
        ROAD,
        "광주광역시 광산구 장신로164",
        "광주광역시 광산구 장신로 164 (수완동)",
        "광주광역시 광산구 장신로 164, 1층 (수완동)",
        "광주광역시 광산구 장신로 164(수완동, 롯데빌딩)",
        "전남광주통합특별시 광산구  장신로  164",
        "광주광역시광산구장신로 164",
    ],
)
def test_one_building(spelt):
    assert read("", spelt)[1] == read("", ROAD)[1] is not None


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("광주광역시 북구 첨단연신로91번길 44", "광주광역시 북구 첨단연신로91번길44", True),
        (
            "광주광역시 북구 첨단연신로91번길 44",
            "광주광역시 북구 첨단연신로 91번길 44, 105호",
            True,
        ),
        ("광주광역시 북구 첨단연신로91번길 44", "광주광역시 북구 첨단연신로 91", False),
        ("서울특별시 종로구 창경궁로35길 19", "서울특별시 종로구 창경궁로 35길 19", True),
        ("서울특별시 중구 을지로 지하 12", "서울특별시 중구 을지로 12", False),
        ("광주광역시 북구 서하로 319-1", "광주광역시 북구 서하로 319", False),
    ],
)
def test_roads(first, second, same):
    assert (read("", first)[1] == read("", second)[1]) is same


@pytest.mark.parametrize(
    ("detail", "floor"),
    [
        ("", None),
        ("1층", "1"),
        ("지상 1층", "1"),
        ("2층 201호", "2"),
        ("지하1층", "B1"),
        ("지하 1층", "B1"),
        ("B1층", "B1"),
        ("105호", "1"),
        ("1203호", "12"),
        ("지하 105호", "B1"),
        ("101,201호", "1"),
        ("나동 8호", None),
        ("케이원오피스타운 101호", "1"),
        ("206~7호", "2"),
    ],
)
def test_floor(detail, floor):
    assert read(f"{LOT} {detail}")[2] == floor
    assert read("", f"{ROAD}, {detail} (수완동)")[2] == floor


def test_canonical():
    assert canonical("광주광역시  광산구 수완동") == canonical("전라남도광산구 수완동")
    assert canonical("경기도 광주시 오포읍") == "경기광주시오포읍"


@pytest.mark.parametrize(
    ("lot", "road", "found"),
    [
        ("광주광역시 북구 신용동", None, ("전남광주북구", "신용동")),
        ("광주광역시 북구 신용동 691번지", None, ("전남광주북구", "신용동")),
        (None, "광주광역시 북구 첨단연신로 1 (신용동, 대성)", ("전남광주북구", "신용동")),
        (None, "광주광역시 북구 첨단연신로 1 (신용동 12-3)", ("전남광주북구", "신용동")),
        (None, "광주광역시 북구 첨단연신로 1", None),
        ("", "", None),
    ],
)
def test_legal_dong(lot, road, found):
    assert legal_dong(lot, road) == found
