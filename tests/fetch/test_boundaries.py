"""Boundaries through the real package admdongkor, with files of ours in its cache."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest
import requests
import shapely

from commerce.__main__ import main
from commerce.errors import Refused
from commerce.fetch import boundaries
from commerce.fetch.store import Store
from commerce.ingest import ingest
from tests.ingest.permits import csv_bytes, shop, table

#: (code, name, sggcd, district, province, west edge), each half a degree of land 0.1 wide
NOW = [
    ("1233063000", "수완동", "12330", "광산구", "전남광주통합특별시", 126.80),
    ("1233051500", "송정1동", "12330", "광산구", "전남광주통합특별시", 126.70),
    ("1230059000", "용봉동", "12300", "북구", "전남광주통합특별시", 126.90),
]
BEFORE = [
    ("2920063000", "수완동", "29200", "광산구", "광주광역시", 126.80),
    ("2917059000", "용봉동", "29170", "북구", "광주광역시", 126.90),
]


def frame(rows: list[tuple[str, str, str, str, str, float]]) -> gpd.GeoDataFrame:
    """The package's table of one version, by its documented columns, in its own projection."""
    return gpd.GeoDataFrame(
        {
            "emd7": [None] * len(rows),
            "emd8": [None] * len(rows),
            "emdcd": [row[0] for row in rows],
            "emdnm": [row[1] for row in rows],
            "sggcd": [row[2] for row in rows],
            "sggnm": [row[3] for row in rows],
            "sidocd": [row[2][:2] for row in rows],
            "sidonm": [row[4] for row in rows],
            "area": [1.0] * len(rows),
            "geom": [shapely.box(row[5], 35.1, row[5] + 0.1, 35.3) for row in rows],
        },
        geometry="geom",
        crs="EPSG:4326",
    ).to_crs(5179)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("ADMDONGKOR_CACHE_DIR", str(folder))
    frame(NOW).to_parquet(folder / "emd_20261001.parquet")
    frame(BEFORE).to_parquet(folder / "emd_20260401.parquet")
    return folder


def names(data: Path) -> list[tuple[str, str]]:
    return [(row["dong_code"], row["name_ko"]) for row in table(data, "dong", "dong_code")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_the_version_of_a_day_becomes_boundaries_that_ingest_takes(
    cache: Path, store: Store, data: Path
) -> None:
    result = boundaries.fetch(store, ["12330"], dt.date(2026, 11, 25))
    assert (result.state, result.rows) == ("new", 2)
    assert result.file is not None
    permits = store.folder / "식품_일반음식점.csv"
    permits.write_bytes(csv_bytes([shop(1, authority="5825000")]))
    ingest([result.file, permits], data)
    assert names(data) == [("1233051500", "송정1동"), ("1233063000", "수완동")]
    (dong,) = [d for d in table(data, "dong", "dong_code") if d["name_ko"] == "수완동"]
    assert (dong["district_name_ko"], dong["dong_code_before_2026_07"]) == ("광산구", "2920063000")
    # 0.1 by 0.2 degrees at 35.2 north: 111.32 km * cos(35.2°) * 0.1 by 110.95 km * 0.2.
    assert float(dong["area_km2"]) == pytest.approx(11.132 * 0.8171 * 22.19, rel=0.01)
    assert table(data)[0]["dong_code"] == "1233063000"
    assert boundaries.fetch(store, ["29200"], dt.date(2026, 12, 1)).state == "unchanged"


def test_an_earlier_day_takes_an_earlier_version_and_its_codes(
    cache: Path, store: Store, data: Path
) -> None:
    result = boundaries.fetch(store, ["12330", "29170"], dt.date(2026, 6, 30))
    assert result.file is not None
    ingest([result.file, _permit(store)], data)
    # Published with the codes in force now.
    assert names(data) == [("1230059000", "용봉동"), ("1233063000", "수완동")]


def _permit(store: Store) -> Path:
    path = store.folder / "식품_일반음식점.csv"
    path.write_bytes(csv_bytes([shop(1)]))
    return path


@pytest.mark.parametrize(
    ("districts", "on", "key"),
    [
        (["11110"], dt.date(2026, 11, 25), "fetch.no_such_district"),
        (["12330"], dt.date(1970, 1, 1), "fetch.no_version"),
    ],
)
def test_what_the_package_does_not_know_is_one_sentence(
    cache: Path, store: Store, districts: list[str], on: dt.date, key: str
) -> None:
    with pytest.raises(Refused) as refused:
        boundaries.fetch(store, districts, on)
    assert refused.value.key == key
    assert "\n" not in str(refused.value)
    assert not store.files()


def test_a_download_that_fails_keeps_the_old_file(
    cache: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    boundaries.fetch(store, ["12330"], dt.date(2026, 11, 25))
    (cache / "emd_20261001.parquet").unlink()

    def offline(*_: object, **__: object) -> Any:
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(requests, "get", offline)
    with pytest.raises(Refused) as refused:
        boundaries.fetch(store, ["12330"], dt.date(2026, 11, 25))
    assert refused.value.key == "fetch.boundaries_unreachable"
    (cache / "emd_20261001.parquet").write_bytes(b"<html>")
    with pytest.raises(Refused) as refused:
        boundaries.fetch(store, ["12330"], dt.date(2026, 11, 25))
    assert refused.value.key == "fetch.boundaries_broken"
    assert [file.name for file in store.files()] == ["행정동_12330.geojson"]


def test_without_the_package_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, boundaries.PACKAGE, None)
    into = str(tmp_path / "fetched")
    assert main(["fetch", "boundaries", "--district", "12330", "--into", into]) == 1
    said = capsys.readouterr().err
    assert "pip install admdongkor==0.7.1" in said
    assert "Traceback" not in said


def test_columns_that_are_missing_are_one_sentence(store: Store) -> None:
    package = SimpleNamespace(
        versions=lambda: ["20260101"],
        get=lambda *_, **__: frame(NOW).drop(columns="sidonm"),
    )
    with pytest.raises(Refused) as refused:
        boundaries.fetch(store, ["12330"], dt.date(2026, 11, 25), lambda: package)
    assert refused.value.key == "fetch.boundaries_broken"
