"""Named areas: polygons with a name, and Seoul's points, and which permits lie in them."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from commerce.errors import Refused
from commerce.ingest import ingest
from commerce.ingest.files import RawFile
from commerce.ingest.geojson import Collection
from commerce.ingest.named_areas import code_of, mend, read
from tests.ingest.permits import shop, table, write

#: where the shop of ``permits.SHOP`` stands, and a place in the north of Gwangju, outside
X, Y = Transformer.from_crs(5174, 4326, always_xy=True).transform(183772.5, 187898.2)
ELSEWHERE = (126.93, 35.22)


def box(lon, lat, half=0.001):
    """A square around a point, as GeoJSON."""
    return json.loads(
        shapely.to_geojson(shapely.box(lon - half, lat - half, lon + half, lat + half))
    )


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(folder, *features, name="areas.geojson"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    document = {"type": "FeatureCollection", "features": list(features)}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def areas(data):
    return table(data, "trade_area", "area_code")


def codes(data):
    return [row["trade_area_codes"] for row in table(data)]


def test_a_polygon_becomes_an_area_and_holds_its_permits(tmp_path, data):
    path = geojson(
        tmp_path / "in",
        feature(box(X, Y), 상점가명="수완지구 상점가", 구분="골목형상점가", 코드="S1"),
        feature(box(X, Y, 0.01), name="수완", name_en="Suwan quarter"),
        feature(box(X, Y + 0.01), name="빈 곳", kind="상점가"),
    )
    permits = write(tmp_path / "in", [shop(1), shop(2, x="", y="", lot="", road="")])
    ingest([path, permits], data)
    rows = {row["name_ko"]: row for row in areas(data)}
    first, wide = rows["수완지구 상점가"], rows["수완"]
    assert (first["area_code"], first["kind"]) == ("S1", "골목형상점가")
    assert (wide["kind"], wide["name_en"]) == ("이름 있는 구역", "Suwan quarter")
    assert first["name_en"] == "Suwanjigu Sangjeomga"
    assert (first["lon"], first["lat"]) == (round(X, 6), round(Y, 6))
    assert first["dong_code"].startswith("12330")
    # The area by the formula for a zone of the ellipsoid would be the same; by hand: sides.
    west, south, east, north = X - 0.001, Y - 0.001, X + 0.001, Y + 0.001
    _, _, wide_m = Geod(ellps="GRS80").inv(west, Y, east, Y)
    _, _, high_m = Geod(ellps="GRS80").inv(X, south, X, north)
    assert first["area_m2"] == pytest.approx(wide_m * high_m, rel=1e-4)
    drawn = shapely.from_geojson(first["boundary"])
    assert drawn.symmetric_difference(shapely.box(west, south, east, north)).area < 1e-7
    assert codes(data) == [sorted(["S1", wide["area_code"]]), None]


def test_later_ingests_keep_areas_and_assign_anew(tmp_path, data):
    permits = write(tmp_path / "in", [shop(1)])
    ingest([permits], data)
    assert codes(data) == [None]
    ingest([geojson(tmp_path, feature(box(X, Y), name="가", code="A"))], data)
    assert codes(data) == [["A"]]
    ingest([geojson(tmp_path, feature(box(X, Y), name="나", code="B"), name="b.geojson")], data)
    assert codes(data) == [["A", "B"]]
    later = write(tmp_path / "in", [shop(1), shop(2)], "식품_휴게음식점.csv")
    ingest([later], data)
    assert codes(data) == [["A", "B"]] * 3
    moved = geojson(tmp_path, feature(box(X, Y + 0.01), name="가", code="A"), name="c.geojson")
    ingest([moved], data)
    assert codes(data) == [["B"]] * 3
    sources = {row["title"]: row for row in table(data, "dataset", "title")}
    assert sources["이름 있는 구역 · areas.geojson"]["rows_superseded"] == 1
    assert sources["이름 있는 구역 · c.geojson"]["rows_superseded"] == 0


def test_the_full_outline_decides_after_a_coarse_one_was_published(tmp_path, data):
    circle = shapely.Point(X, Y).buffer(0.004, quad_segs=400)
    ingest([geojson(tmp_path, feature(json.loads(shapely.to_geojson(circle)), name="원"))], data)
    published = areas(data)[0]["boundary"]
    assert len(published) <= 4000 < len(shapely.to_geojson(circle))
    ingest([write(tmp_path / "in", [shop(1)])], data)
    assert codes(data) == [[code_of("원", "이름 있는 구역")]]


def test_bad_features_are_refused_one_by_one(tmp_path, data):
    open_ring = {"type": "Polygon", "coordinates": [[[X, Y], [X + 1, Y], [X, Y + 1]]]}
    metres = box(183772.5, 187898.2, 100)
    path = geojson(
        tmp_path,
        feature(box(X, Y), name="좋음"),
        feature(open_ring, name="열림"),
        feature(metres, name="미터"),
        feature(box(X, Y), kind="상점가"),
        feature(box(*ELSEWHERE), name="북구"),
        feature(box(X, Y), name="좋음"),
        feature({"type": "Point", "coordinates": [X, Y]}, name="점"),
    )
    ingest([path], data)
    assert [row["name_ko"] for row in areas(data)] == ["좋음"]
    refused = {row["line"]: row["reason"] for row in table(data, "refused", "line")}
    assert refused == {
        2: "broken_outline",
        3: "not_degrees",
        4: "no_name",
        5: "outside_district",
        6: "repeated_key",
        7: "broken_outline",
    }
    source = table(data, "dataset", "title")[0]
    assert (source["rows_in"], source["rows_kept"], source["rows_refused"]) == (7, 1, 6)


def test_outside_the_district_with_all(tmp_path, data):
    ingest([geojson(tmp_path, feature(box(*ELSEWHERE), name="북구"))], data, district="all")
    assert areas(data)[0]["dong_code"] is None


def test_an_area_that_crosses_itself_a_little_is_mended(tmp_path, data):
    west, south, east, north = X - 0.01, Y - 0.01, X + 0.01, Y + 0.01
    tip = 1e-6
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    ring[3:3] = [[X, north], [X + tip, north + tip], [X + tip, north], [X, north + tip], [X, north]]
    assert not shapely.Polygon(ring).is_valid
    ingest(
        [geojson(tmp_path, feature({"type": "Polygon", "coordinates": [ring]}, name="가"))], data
    )
    assert len(areas(data)) == 1


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, "이름도"),
        ({"adm_nm": "광주광역시 광산구 수완동"}, "코드"),
    ],
)
def test_neither_dongs_nor_areas(tmp_path, data, properties, words):
    with pytest.raises(Refused) as refused:
        ingest([geojson(tmp_path, feature(box(X, Y), **properties))], data)
    assert words.replace("이름도", "구역 이름(name)도") in str(refused.value)
    assert "\n" not in str(refused.value)


def test_nothing_of_a_named_file_kept_is_one_sentence(tmp_path, data):
    with pytest.raises(Refused) as refused:
        ingest([geojson(tmp_path, feature(box(*ELSEWHERE), name="북구"))], data)
    assert refused.value.key == "ingest.all_refused"


def test_half_a_letter_in_a_name(tmp_path, data):
    path = tmp_path / "half.geojson"
    document = {"type": "FeatureCollection", "features": [feature(box(X, Y), name="가 \ud83d")]}
    path.write_text(json.dumps(document), encoding="ascii")
    ingest([path], data)
    assert areas(data)[0]["name_ko"] == "가 ?"


def test_dongs_are_still_boundaries(tmp_path, data):
    dong = feature(
        box(*ELSEWHERE, 0.05), adm_nm="광주광역시 북구 가동", adm_cd2="1230051000", sggnm="북구"
    )
    area = geojson(tmp_path, feature(box(*ELSEWHERE), name="가"), name="a.geojson")
    ingest([geojson(tmp_path, dong, name="dong.geojson"), area], data)
    assert [row["name_ko"] for row in table(data, "dong", "dong_code")] == ["가동"]
    assert areas(data)[0]["dong_code"] == "1230051000"


HEADER = (
    "상권_구분_코드,상권_구분_코드_명,상권_코드,상권_코드_명,엑스좌표_값,와이좌표_값,"
    "자치구_코드,자치구_코드_명,행정동_코드,행정동_코드_명,영역_면적"
)


def test_seouls_points_become_areas_without_boundaries(tmp_path, data):
    path = tmp_path / "서울시 상권분석서비스(영역-상권).csv"
    lines = [
        HEADER,
        "D,관광특구,3001496,종로?청계 관광특구,199505,452131,11110,종로구,11110615,가동,1000",
        "A,골목상권,3110008,배화여자대학교,197093,453418,11110,종로구,11110515,청운효자동,149264",
        "A,골목상권,3110008,또,197093,453418,11110,종로구,11110515,청운효자동,149264",
        "A,골목상권,3110009,어디,x,453418,11110,종로구,11110515,청운효자동,149264",
        "A,골목상권,,이름뿐,197093,453418,11110,종로구,11110515,청운효자동,149264",
    ]
    path.write_bytes("\n".join(lines).encode("cp949"))
    ingest([path], data, district="all")
    rows = areas(data)
    assert [row["name_ko"] for row in rows] == ["종로·청계 관광특구", "배화여자대학교"]
    # SOURCES.md gives (126.96709, 37.58031) for this point; the common mistake is 300 m off.
    assert (rows[1]["lon"], rows[1]["lat"]) == pytest.approx((126.96709, 37.58031), abs=2e-5)
    assert rows[1]["area_m2"] == 149264
    assert rows[1]["boundary"] is None
    refused = [(row["line"], row["reason"]) for row in table(data, "refused", "line")]
    assert refused == [(3, "repeated_key"), (4, "no_point"), (5, "bad_code")]


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("종로?청계 관광특구", "종로·청계 관광특구"),
        ("종로1?2?3?4가", "종로1·2·3·4가"),
        ("어디?", "어디?"),
    ],
)
def test_middle_dots_are_mended(broken, name):
    assert mend(broken) == name


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
_POINT = st.tuples(st.floats(126.7, 126.9), st.floats(35.1, 35.3)).map(list)
_RING = st.lists(_POINT, min_size=2, max_size=7).map(lambda points: [*points, points[0]])
_GEOMETRY = _JSON | st.fixed_dictionaries(
    {"type": st.sampled_from(["Polygon", "MultiPolygon", "Point"]),
     "coordinates": _JSON | st.lists(_RING, max_size=2)}
)  # fmt: skip
_FEATURE = _JSON | st.fixed_dictionaries(
    {"properties": st.dictionaries(st.sampled_from(["name", "kind", "code"]), _JSON),
     "geometry": _GEOMETRY}
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_FEATURE, min_size=1, max_size=6))
def test_any_features_are_kept_or_refused(tmp_path, features):
    collection = Collection(RawFile(tmp_path, None, "x", named=True), features, None, "0" * 16)
    rows = read(collection)
    assert [row.line for row in rows] == list(range(1, len(features) + 1))
    assert all((row.area is None) == bool(row.reason) for row in rows)
    kept = [row.area for row in rows if row.area]
    assert len({area.area_code for area in kept}) == len(kept)
    assert all(shapely.is_valid(area.outline) and area.area_m2 > 0 for area in kept)


def test_permits_inside_are_those_that_shapely_counts(real, tmp_path, data):
    middle = shapely.Polygon(
        [(126.83, 35.13), (126.90, 35.12), (126.93, 35.16), (126.88, 35.19), (126.82, 35.17)]
    )
    tiny = shapely.Point(126.85, 35.16).buffer(0.012)
    path = geojson(
        tmp_path,
        feature(json.loads(shapely.to_geojson(middle)), name="가운데", code="M"),
        feature(json.loads(shapely.to_geojson(tiny)), name="작은 곳", code="T"),
    )
    outline = real / "boundaries" / "hangjeongdong_광주광역시_ver20210401.geojson"
    ingest([real / "localdata", outline, path], data)
    rows = table(data)
    points = [(row, shapely.Point(row["lon"], row["lat"])) for row in rows if row["lon"]]
    assert len(points) > 150
    for code, shape in (("M", middle), ("T", tiny)):
        inside = {row["permit_id"] for row, point in points if shape.intersects(point)}
        held = {row["permit_id"] for row in rows if code in (row["trade_area_codes"] or [])}
        assert held == inside
        assert 0 < len(inside) < len(points)


def test_the_real_areas_of_seoul(real, data):
    path = real / "seoul_trdar" / "서울시 상권분석서비스(영역-상권).csv"
    sample = real / "seoul_trdar" / "sample_area.csv"
    ingest([path, sample], data, district="all")
    rows = areas(data)
    assert len(rows) == 1650
    assert not [row for row in rows if "?" in row["name_ko"]]
    assert sum(row["kind"] == "골목상권" for row in rows) == 1090
    for source in table(data, "dataset", "title"):
        assert source["rows_in"] == source["rows_kept"] + source["rows_refused"]
