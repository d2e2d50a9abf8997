"""The real animal hospitals of Gwangju and the nation, read where they lie."""

from __future__ import annotations

import csv
import gzip

import pytest

from commerce.ingest import ingest
from commerce.ingest.inventory import datasets, format_datasets
from tests.ingest.permits import table


@pytest.fixture(scope="module")
def gwangju(real, tmp_path_factory):
    data = tmp_path_factory.mktemp("gwangju")
    outline = real / "boundaries" / "hangjeongdong_광주광역시_ver20210401.geojson"
    return ingest([real / "localdata", outline], data), data


@pytest.fixture(scope="module")
def nation(real, tmp_path_factory):
    data = tmp_path_factory.mktemp("nation")
    files = [real / "localdata" / name for name in (
        "fulldata_02_03_01_P_동물병원.csv.gz", "동물_동물병원_202602수집.csv.gz")]  # fmt: skip
    return ingest(files, data, district="all"), data


def test_gwangju_is_placed(gwangju):
    report, data = gwangju
    rows = table(data)
    assert report.refused_files == []
    assert len(rows) == 239
    assert len({row["identity_key"] for row in rows}) == 239
    # The thresholds; we measured 227 and 49.
    assert sum(row["dong_code"] is not None for row in rows) >= 218
    gwangsan = [row for row in rows if row["authority_code"] == "5825000"]
    assert len(gwangsan) == 53
    assert sum(row["coordinate_quality"] == "reported" for row in gwangsan) == 30
    assert sum(row["dong_code"] is not None for row in gwangsan) >= 47


def test_every_row_is_accounted_for(gwangju):
    _, data = gwangju
    sources = {d["title"].split(" · ")[-1]: d for d in table(data, "dataset", "title")}
    for source in sources.values():
        assert source["rows_in"] == source["rows_kept"] + source["rows_refused"]
    assert sources["fulldata_02_03_01_P_동물병원.csv.gz"]["rows_in"] == 9736
    assert sources["동물_동물병원_202602수집.csv.gz"]["rows_in"] == 10455
    assert sources["동물_동물병원_202602수집_광주행만.csv"]["rows_superseded"] == 239
    refused = table(data, "refused", "source_id, line")
    assert len(refused) == sum(d["rows_refused"] for d in sources.values())
    text = format_datasets(datasets(data))
    assert "10,455행 = 받음 239 + 돌려보냄 10,216" in text


def test_refused_text_is_the_line_of_the_file(gwangju, real):
    _, data = gwangju
    path = real / "localdata" / "동물_동물병원_202602수집.csv.gz"
    lines = gzip.decompress(path.read_bytes()).decode("cp949").split("\n")
    (source,) = [d for d in table(data, "dataset", "title") if path.name in d["title"]]
    mine = [r for r in table(data, "refused", "line") if r["source_id"] == source["source_id"]]
    assert len(mine) == 10216
    for row in mine[:: len(mine) // 50]:
        assert row["raw"] == lines[row["line"]]


def test_reissued_numbers_are_one_shop(nation, real):
    """406 numbers of Gangwon and Jeonbuk, 122 of Hwaseong were issued anew."""
    _, data = nation
    rows = {row["permit_id"]: row for row in table(data)}

    def ids(name: str) -> dict[str, str]:
        with gzip.open(real / "localdata" / name, "rt", encoding="cp949") as file:
            return {r["관리번호"]: r["개방자치단체코드"] for r in csv.DictReader(file)}

    before = ids("fulldata_02_03_01_P_동물병원.csv.gz")
    now = ids("동물_동물병원_202602수집.csv.gz")
    gone = set(before) - set(now)
    assert len(gone) == 541
    anew = {
        old: new
        for old in gone
        for new in set(now) - set(before)
        if old[7:] == new[7:] and before[old][:3] == now[new][:3]
    }
    provinces = {old for old in anew if before[old] != now[anew[old]]}
    assert len(provinces) == 406
    # The others are twins that cannot be told apart, or changed both name and address.
    assert sum(old not in rows for old in provinces) >= 390
    assert sum(old not in rows for old in anew) >= 510
    assert all(old in anew for old in gone if old not in rows)
    assert len(rows) <= len(before) + len(now) - (len(before) - 541) - 510


def test_what_is_missing_from_the_newer_nation_has_vanished(nation):
    _, data = nation
    vanished = [row for row in table(data) if row["exit_kind"] == "vanished"]
    assert 5 <= len(vanished) <= 30
    assert {str(row["exit_on"]) for row in vanished} == {"2023-07-01"}


def test_other_public_files_are_refused_in_words(real, data):
    from commerce.errors import Refused

    for folder in ("seoul_trdar", "local_gov", "card_sales", "population"):
        with pytest.raises(Refused) as caught:
            ingest([real / folder], data)
        assert "\n" not in str(caught.value)
