"""Lists of shops: the dirt in them, their trades, which list counts, where they stand."""

from __future__ import annotations

import csv
import io
from collections import Counter

import h3
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commerce.errors import Refused
from commerce.ingest import ingest
from commerce.ingest.inventory import datasets, format_datasets
from commerce.ingest.reference import categories, rows
from commerce.ingest.shop_trades import category, category_of_code, category_of_name
from commerce.ingest.shops import day_in_name
from tests.ingest.permits import table
from tests.ingest.test_named_areas import X, Y, box, feature, geojson

# The publisher's 39 columns in their order.
COLUMNS = """
상가업소번호,상호명,지점명,상권업종대분류코드,상권업종대분류명,상권업종중분류코드,
상권업종중분류명,상권업종소분류코드,상권업종소분류명,표준산업분류코드,표준산업분류명,
시도코드,시도명,시군구코드,시군구명,행정동코드,행정동명,법정동코드,법정동명,지번코드,
대지구분코드,대지구분명,지번본번지,지번부번지,지번주소,도로명코드,도로명,건물본번지,
건물부번지,건물관리번호,건물명,도로명주소,구우편번호,신우편번호,동정보,층정보,호정보,경도,위도
""".replace("\n", "").split(",")
SHOP = {
    "상가업소번호": "MA010120220800000001",
    "상호명": "수완국밥",
    "지점명": "",
    "상권업종소분류코드": "I20102",
    "상권업종소분류명": "국/탕/찌개류",
    "시군구코드": "29200",
    "지번주소": "광주광역시 광산구 수완동 1452",
    "도로명주소": "광주광역시 광산구 장신로 164",
    "층정보": "1",
    "경도": str(X),
    "위도": str(Y),
}
JUNE, SEPTEMBER = "상가(상권)정보_광주_202406.csv", "상가(상권)정보_광주_202409.csv"


def one(number=1, **changes):
    return SHOP | {"상가업소번호": f"MA0101202208{number:08d}"} | changes


def csv_text(shops):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(shops)
    return buffer.getvalue()


def write(folder, shops, name=JUNE, encoding="utf-8"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(csv_text(shops).encode(encoding))
    return path


def shops(data):
    return table(data, "shop", "shop_id")


def refused(data):
    return [(row["line"], row["reason"]) for row in table(data, "refused", "line")]


def source(data, part):
    return next(row for row in table(data, "dataset", "title") if part in row["title"])


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig"])
def test_a_shop_with_its_dirt(tmp_path, data, encoding):
    dirty = one(
        도로명주소="세종특별자치시 세종특별자치시 한누리대로 311",
        층정보="2.0",
        지점명="nan",
        시군구코드="29200.0",
    )
    ingest([write(tmp_path, [dirty], encoding=encoding)], data)
    (row,) = shops(data)
    assert row["name"] == "수완국밥"
    assert (row["branch"], row["floor"]) == (None, "2")
    assert row["address_road"] == "세종특별자치시 한누리대로 311"
    assert (row["category_id"], row["trade_code"]) == ("korean_food", "I20102")
    assert row["trade_name"] == "국/탕/찌개류"
    assert (row["lon"], row["lat"]) == (X, Y)
    assert row["h3_9"] == h3.latlng_to_cell(Y, X, 9)
    assert row["dong_code"].startswith("12330")
    assert row["trade_area_codes"] is None
    found = source(data, "상가")
    assert (found["adapter"], str(found["snapshot_on"])) == ("semas_shops", "2024-06-30")
    assert found["unit"] == "shops"


def test_a_parquet_file_with_any_types(tmp_path, data):
    path = tmp_path / "sangga.parquet"
    row = {name: [one().get(name)] for name in COLUMNS} | {
        "시군구코드": [29200],
        "경도": [X],
        "위도": [Y],
        "지번본번지": [732.0],
        "층정보": ["nan"],
    }
    pq.write_table(pa.table(row), path)
    ingest([path], data)
    (found,) = shops(data)
    assert (found["lon"], found["lat"], found["floor"]) == (X, Y, None)
    assert str(source(data, "상가")["snapshot_on"]) == "2022-08-31"


def test_every_row_is_kept_or_refused_with_its_reason(tmp_path, data):
    lines = [
        one(1),
        one(1),
        one(2, 상가업소번호="nan"),
        one(3, 상호명=" "),
        one(4, 상권업종소분류코드="7"),
        one(5, 시군구코드="광산구"),
        one(6, 경도="126.93", 위도="35.22"),
        one(7, 경도="", 위도=""),
        one(8, 경도="nan", 위도="nan", 시군구코드="11110"),
        one(9, 경도="1", 위도="2"),
    ]
    path = write(tmp_path, lines)
    path.write_text(path.read_text() + "하나,둘\n", encoding="utf-8")
    ingest([path], data)
    assert [(row["shop_id"][-1], row["lon"] is None) for row in shops(data)] == [
        ("1", False),
        ("7", True),
        ("9", True),
    ]
    assert refused(data) == [
        (2, "duplicate_id"),
        (3, "no_id"),
        (4, "no_name"),
        (5, "bad_code"),
        (6, "bad_code"),
        (7, "outside_district"),
        (9, "outside_district"),
        (11, "columns"),
    ]
    found = source(data, "상가")
    assert (found["rows_in"], found["rows_kept"], found["rows_refused"]) == (11, 3, 8)
    raw = {row["line"]: row["raw"] for row in table(data, "refused", "line")}
    assert raw[2].startswith("MA010120220800000001,수완국밥")


def test_all_districts_keep_their_rows_without_a_dong(tmp_path, data):
    path = write(tmp_path, [one(1, 경도="127.25", 위도="36.49", 시군구코드="36110")])
    ingest([path], data, district="all")
    (row,) = shops(data)
    assert row["dong_code"] is None
    assert row["h3_9"] == h3.latlng_to_cell(36.49, 127.25, 9)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_full_list_of_a_district_wins(tmp_path, data, together, newest_first):
    old = write(tmp_path, [one(1), one(2), one(3, 시군구코드="29170")], JUNE)
    new = write(tmp_path, [one(2, 상호명="새 이름"), one(4)], SEPTEMBER)
    files = [new, old] if newest_first else [old, new]
    for batch in [files] if together else [[file] for file in files]:
        ingest(batch, data, district="all")
    # 29170 (Buk-gu) is in the older list alone and stays.
    assert [(row["shop_id"][-1], row["name"]) for row in shops(data)] == [
        ("2", "새 이름"),
        ("3", "수완국밥"),
        ("4", "수완국밥"),
    ]
    assert source(data, "202406")["rows_superseded"] == 2
    assert source(data, "202409")["rows_superseded"] == 0


@pytest.mark.parametrize("newest_first", [True, False])
def test_an_extract_does_not_replace_a_whole_list(tmp_path, data, newest_first):
    old = write(tmp_path, [one(number) for number in range(1, 6)], JUNE)
    new = write(tmp_path, [one(2, 상호명="새 이름"), one(9)], SEPTEMBER)
    for file in [new, old] if newest_first else [old, new]:
        ingest([file], data)
    assert [row["shop_id"][-1] for row in shops(data)] == ["1", "2", "3", "4", "5", "9"]
    assert [row["name"] for row in shops(data)].count("새 이름") == 1


def test_the_same_file_again_changes_nothing(tmp_path, data):
    path = write(tmp_path, [one(1), one(2), one(2)])
    ingest([path], data)
    before = shops(data)
    copy = write(tmp_path / "copy", [one(1), one(2), one(2)], "202406_again.csv")
    report = ingest([path, copy], data)
    assert shops(data) == before
    assert refused(data) == [(3, "duplicate_id")]
    assert sum(row.repeated_of is not None for row in report.sources) == 1


def test_named_areas_hold_shops_and_move_with_them(tmp_path, data):
    ingest([write(tmp_path, [one(1), one(2, 경도="", 위도="")])], data)
    ingest([geojson(tmp_path, feature(box(X, Y), name="가", code="A"))], data)
    assert [row["trade_area_codes"] for row in shops(data)] == [["A"], None]


def test_new_boundaries_leave_shops_outside(tmp_path, data):
    ingest([write(tmp_path, [one(1)])], data, district="all")
    dong = feature(
        box(127.0, 35.2), adm_nm="광주광역시 북구 가동", adm_cd2="1230051000", sggnm="북구"
    )
    ingest([geojson(tmp_path, dong)], data)
    assert shops(data) == []
    found = source(data, "상가")
    assert (found["rows_kept"], found["rows_refused"], found["rows_superseded"]) == (0, 1, 0)


def workbook(path, pairs):
    book = openpyxl.Workbook()
    book.active.append(["대분류코드", "소분류코드"])
    sheet = book.create_sheet("연계표")
    sheet.append(["기존 업종분류", *[None] * 7])
    sheet.append(["코드", "대분류", "중분류", "소분류", "코드", "대분류", "중분류", "소분류"])
    for before, name, now in pairs:
        sheet.append([before, "가", "나", name, now, "다", "라", "마"])
    book.save(path)
    return path


PAIRS = [
    ("Q01A01", "한식/백반/한정식", "I20101"),
    ("Z01A01", "무엇인가", "S20701"),
    ("Z01A02", "갈린 것", "S20701"),
    ("Z01A02", "갈린 것", "I20101"),
    (None, None, "I20202"),
    ("Z01A03", "사라진 것", None),
]


def test_older_codes_with_and_without_the_workbook(tmp_path, data):
    older = [
        one(1, 상권업종소분류코드="Q01A01", 상권업종소분류명="한식/백반/한정식"),
        one(2, 상권업종소분류코드="Z01A01", 상권업종소분류명="무엇인가"),
        one(3, 상권업종소분류코드="Z01A02", 상권업종소분류명="갈린 것"),
        one(4, 상권업종소분류코드="Z01A03", 상권업종소분류명="사라진 것"),
    ]
    path = write(tmp_path, older, "상가업소정보_202009.csv", "cp949")
    ingest([path], data)
    assert [row["category_id"] for row in shops(data)] == ["korean_food", "other", "other", "other"]
    assert "업종 연계표" in format_datasets(datasets(data))
    book = workbook(tmp_path / "연계표.xlsx", PAIRS)
    ingest([book], data)
    mapped = ["korean_food", "hair_salon", "other", "other"]
    assert [row["category_id"] for row in shops(data)] == mapped
    assert shops(data)[0]["trade_code"] == "Q01A01"
    assert "업종 연계표(엑셀)" not in format_datasets(datasets(data))
    found = source(data, "연계표")
    assert (found["rows_in"], found["rows_kept"]) == (6, 6)
    ingest([path], data)
    assert [row["category_id"] for row in shops(data)] == mapped


def test_other_spreadsheets_are_refused_in_one_sentence(tmp_path, data):
    plain = openpyxl.Workbook()
    plain.active.append(["이름", "값"])
    plain.save(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_bytes((tmp_path / "a.xlsx").read_bytes()[:-30])
    for name in ("a.xlsx", "b.xlsx"):
        with pytest.raises(Refused) as error:
            ingest([tmp_path / name], data)
        assert "\n" not in str(error.value)


def test_a_list_of_no_known_day(tmp_path, data):
    path = write(tmp_path, [one(상가업소번호="19905471")], "sangga.csv")
    with pytest.raises(Refused) as error:
        ingest([path], data)
    assert error.value.key == "ingest.no_day"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("소상공인시장진흥공단_상가(상권)정보_광주_202409.csv", "2024-09-30"),
        ("소상공인시장진흥공단_상가업소정보_20200930.csv", "2020-09-30"),
        ("상가_2022-12.csv", "2022-12-31"),
        ("sangga.csv", "None"),
        ("202413.csv", "None"),
    ],
)
def test_the_day_in_a_name(name, day):
    assert str(day_in_name(name)) == day


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("커피전문점/카페/다방", "cafe"),
        ("약국", "pharmacy"),
        ("인장/도장", None),
        ("빠/카페/스탠드빠", None),
        ("", None),
        (None, None),
    ],
)
def test_names_that_are_certain(name, expected):
    assert category_of_name(name) == expected


def test_longer_rules_come_first():
    assert category_of_code("I20199") == "korean_food"
    assert category_of_code("I20107") == "meat_grill"
    assert category_of_code("A00000") is None
    assert category("I20107", None, {}) == "meat_grill"


def test_rules_name_categories_that_exist():
    leaves = {one.category_id for one in categories() if one.parent_id}
    assert {row["category_id"] for row in rows("trade_codes")} <= leaves | {"other"}
    keys = [(row["scheme"], row["code"]) for row in rows("trade_codes")]
    assert len(keys) == len(set(keys))


_CELL = st.text(
    st.characters(exclude_characters="\x00", codec="utf-8"), max_size=6
) | st.sampled_from(
    ["nan", "1.0", "MA0101202208A1", "29200", "I20101", "Q01A01", "126.8", "35.2", "inf", "1e400"]
)
_ROW = st.dictionaries(st.sampled_from([*SHOP]), _CELL, max_size=4)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(_ROW, min_size=1, max_size=5))
def test_any_cells_are_kept_or_refused(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("any")
    lines = [one(), *(one(2) | change for change in changes)]
    path = write(folder, lines, encoding="utf-8-sig")
    (folder / JUNE).write_bytes(csv_text(lines).encode("utf-8-sig", "replace"))
    ingest([path], folder / "data")
    found = source(folder / "data", "상가")
    assert found["rows_in"] == len(lines)
    assert found["rows_in"] == found["rows_kept"] + found["rows_refused"]
    assert len(shops(folder / "data")) + found["rows_superseded"] == found["rows_kept"]
    assert len(refused(folder / "data")) == found["rows_refused"]


def test_the_real_shops_of_sejong(real, data):
    ingest([real / "semas"], data, district="all")
    found = shops(data)
    assert len(found) == 13221
    assert sum(row["category_id"] != "other" for row in found) > 0.95 * 13221
    given = pq.read_table(real / "semas" / "semas_sangga_sejong.parquet").to_pylist()
    small = Counter(row["상권업종소분류명"] for row in given)
    ours = Counter(row["category_id"] for row in found)
    # One of our categories each, by the publisher's own names.
    for name, category_id in (
        ("카페", "cafe"),
        ("약국", "pharmacy"),
        ("미용실", "hair_salon"),
        ("부동산 중개/대리업", "real_estate"),
        ("노래방", "karaoke"),
        ("치과의원", "clinic"),
    ):
        assert ours[category_id] >= small[name]
    assert ours["cafe"] == small["카페"]
    middle = Counter(row["상권업종중분류명"] for row in given)
    food = {"korean_food", "meat_grill", "japanese_food"}
    assert sum(ours[one] for one in food) == middle["한식"] + middle["일식"]
    for row in table(data, "dataset", "title"):
        assert row["rows_in"] == row["rows_kept"] + row["rows_refused"]
    by_id = {row["shop_id"]: row for row in found}
    for row in given[:200]:
        mine = by_id[row["상가업소번호"]]
        assert (mine["lon"], mine["lat"]) == (row["경도"], row["위도"])
        assert mine["floor"] != "nan"
        assert "세종특별자치시 세종특별자치시" not in mine["address_road"]


def test_the_real_workbook_maps_all_codes(real, data):
    (path,) = (real / "semas").glob("*.xlsx")
    ingest([path], data)
    found = source(data, "연계표")
    assert found["rows_in"] == found["rows_kept"] == 891
    book = openpyxl.load_workbook(path, read_only=True)
    codes = {row[4] for row in book.worksheets[0].iter_rows(min_row=3, values_only=True) if row[4]}
    assert len(codes) == 247
    # Rooms by the month (고시원) are the one trade that we have no category for.
    assert {code for code in codes if category_of_code(code) is None} == {"I10201"}
