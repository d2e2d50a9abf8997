"""Boundaries: what defines the district, from files in whatever projection."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from commerce.ingest import boundaries, ingest
from commerce.ingest.boundaries import default
from commerce.ingest.files import find
from commerce.ingest.romanise import place_name
from tests.ingest.permits import NOWHERE, shop, table, write
from tests.ingest.test_bad_input import WHOLE, square

EAST = tuple((x + 0.1, y) for x, y in WHOLE)


def two_dongs() -> bytes:
    first, second = (json.loads(part) for part in (
        square(*WHOLE),
        square(*EAST, adm_nm="광주광역시 북구 용봉동", adm_cd2="29170590", sggnm="북구"),
    ))  # fmt: skip
    first["features"] += second["features"]
    return json.dumps(first).encode()


def test_gwangsan_in_an_empty_folder(tmp_path, data):
    ingest([write(tmp_path, [shop(1)])], data)
    dongs = table(data, "dong", "dong_code")
    assert len(dongs) == 21
    assert {row["district_name_en"] for row in dongs} == {"Gwangsan-gu"}
    assert sum(len(row["boundary"]) for row in dongs) <= 80_000
    assert "Bonnyang-dong" in {row["name_en"] for row in dongs}


def test_given_boundaries_replace_the_district_and_stay(tmp_path, data):
    ingest([write(tmp_path / "a", [shop(1)])], data)
    (tmp_path / "two.geojson").write_bytes(two_dongs())
    report = ingest([tmp_path / "two.geojson"], data)
    assert report.districts == ["광산구", "북구"]
    ingest([write(tmp_path / "b", [shop(2)])], data)
    dongs = table(data, "dong", "dong_code")
    assert [(d["dong_code"], d["dong_code_before_2026_07"]) for d in dongs] == [
        ("1230059000", "2917059000"),
        ("1233063700", "2920063700"),
    ]
    assert len(table(data)) == 2
    titles = [d["title"] for d in table(data, "dataset", "title") if "경계" in d["title"]]
    assert titles == ["행정동 경계 · two.geojson"]


def test_rows_that_new_boundaries_leave_outside_are_refused(tmp_path, data):
    ingest([write(tmp_path / "a", [shop(1), shop(2)])], data)
    (tmp_path / "far.geojson").write_bytes(
        square(*EAST, adm_nm="광주광역시 북구 용봉동", adm_cd2="2917059000", sggnm="북구")
    )
    ingest([tmp_path / "far.geojson"], data)
    assert table(data) == []
    (source,) = [d for d in table(data, "dataset", "title") if d["adapter"] == "file_server_csv"]
    assert (source["rows_in"], source["rows_kept"], source["rows_refused"]) == (2, 0, 2)
    assert {r["reason"] for r in table(data, "refused", "line")} == {"outside_district"}


@pytest.mark.parametrize("crs", [5179, 5181, 5186])
@pytest.mark.parametrize("spelling", ["urn:ogc:def:crs:EPSG::{}", "EPSG:{}"])
def test_projections(crs, spelling, tmp_path):
    forward = Transformer.from_crs(4326, crs, always_xy=True)
    document = json.loads(square(*(forward.transform(*point) for point in WHOLE)))
    document["crs"] = {"type": "name", "properties": {"name": spelling.format(crs)}}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(document))
    outlines, count = boundaries.read(find([path])[0])
    assert count == 1
    there = shapely.get_coordinates(outlines.dongs[0].outline)
    assert np.allclose(there, WHOLE, atol=1e-7)


def test_rows_without_a_point_belong_by_authority_or_address(tmp_path, data):
    shops = [
        shop(1),
        shop(2, **NOWHERE, authority="3630000", lot="", road=""),
        shop(3, **NOWHERE, authority="", lot="전남광주통합특별시 광산구 왕동 1", road=""),
        shop(4, **NOWHERE, authority="3620000", lot="광주광역시 북구 용봉동 1", road=""),
        shop(5, **NOWHERE, authority="", lot="", road=""),
    ]
    ingest([write(tmp_path, shops)], data)
    assert [row["permit_id"][-1] for row in table(data)] == ["1", "2", "3"]


def test_a_point_on_a_common_border_has_one_dong():
    outlines = default()
    lon, lat = np.array([126.82116, 0.0, np.nan]), np.array([35.19115, 0.0, np.nan])
    found = outlines.which(lon, lat)
    assert outlines.dongs[found[0]].name_ko == "수완동"
    assert list(found[1:]) == [-1, -1]
    for dong in outlines.dongs:
        edge = shapely.get_coordinates(dong.outline)
        assert (outlines.which(edge[:, 0], edge[:, 1]) >= 0).all()


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        ("송정1동", "Songjeong 1-dong"),
        ("광산구", "Gwangsan-gu"),
        ("첨단2동", "Cheomdan 2-dong"),
        ("종로1·2·3·4가동", "Jongno1·2·3·4ga-dong"),
        ("신림동", "Sillim-dong"),
        ("왕십리도선동", "Wangsimnidoseon-dong"),
        ("독립문", "Dongnimmun"),
        ("평동", "Pyeong-dong"),
    ],
)
def test_romanisation(korean, latin):
    assert place_name(korean) == latin


def test_romanisation_agrees_with_the_reference():
    english = {dong.name_ko: dong.name_en for dong in default().dongs}
    assert {k: place_name(k) for k in english if k != "본량동"} == {
        k: v for k, v in english.items() if k != "본량동"
    }
