"""Each layout says the same of the same shop."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import zipfile

import pytest

from commerce.errors import Refused
from commerce.ingest import ingest
from commerce.ingest.recognise import service_of_name
from tests.ingest.permits import NAMES, csv_bytes, json_bytes, shop, table

OPENAPI = {
    "authority": "opnSfTeamCode",
    "id": "mgtNo",
    "opened": "apvPermYmd",
    "cancelled": "apvCancelYmd",
    "state": "trdStateNm",
    "code": "trdStateGbn",
    "closed": "dcbYmd",
    "area": "siteArea",
    "name": "bplcNm",
    "refreshed": "updateDt",
    "modified": "lastModTs",
    "road": "rdnWhlAddr",
    "lot": "siteWhlAddr",
    "x": "x",
    "y": "y",
    "trade": "uptaeNm",
}
UPPER = {role: name.upper() for role, name in OPENAPI.items()}
SHOPS = [shop(1), shop(2, code="03", state="폐업", closed="2023-03-04", name='<b>"수,완"</b>')]
COMPACT = [
    one | {k: one[k].replace("-", "").replace(":", "").replace(" ", "") for k in
           ("opened", "closed", "refreshed", "modified")}
    for one in SHOPS
]  # fmt: skip


def _xml(names: dict[str, str]) -> bytes:
    from xml.sax.saxutils import escape

    rows = "".join(
        "<row>"
        + "".join(f"<{names[k]}>{escape(v)}</{names[k]}>" for k, v in one.items())
        + "</row>"
        for one in SHOPS
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><result><body>{rows}</body></result>'.encode()


def _seoul(names: dict[str, str]) -> bytes:
    rows = [{names[k]: v for k, v in one.items()} for one in SHOPS]
    answer = {"LOCALDATA_072404": {"list_total_count": 2, "row": rows}}
    return json.dumps(answer, ensure_ascii=False).encode()


FILES = {
    "A": ("fulldata.csv", csv_bytes(SHOPS, "A"), "localdata_csv"),
    "A with bare dates": ("x.csv", csv_bytes(COMPACT, "A"), "localdata_csv"),
    "B": ("식품_일반음식점.csv", csv_bytes(SHOPS), "file_server_csv"),
    "B as UTF-8": ("식품_일반음식점.csv", csv_bytes(SHOPS, "B", "utf-8-sig"), "file_server_csv"),
    "B with CRLF": (
        "식품_일반음식점.csv",
        csv_bytes(SHOPS).replace(b"\n", b"\r\n"),
        "file_server_csv",
    ),
    "C": ("general_restaurants.json", json_bytes(SHOPS), "data_go_kr_api"),
    "C as a list": (
        "general_restaurants.json",
        json.dumps([{NAMES["C"][k]: v for k, v in one.items()} for one in SHOPS]).encode(),
        "data_go_kr_api",
    ),
    "D": ("LOCALDATA_072404.csv", csv_bytes(SHOPS, "D"), "seoul_open_data"),
    "D as JSON": ("서울시 일반음식점 인허가 정보.json", _seoul(NAMES["D"]), "seoul_open_data"),
    "D in Korean": (
        "서울시 일반음식점 인허가 정보.csv",
        csv_bytes(SHOPS).replace("최종수정시점".encode("cp949"), "최종수정일자".encode("cp949")),
        "seoul_open_data",
    ),
    "OpenAPI": ("일반음식점.json", json_bytes(SHOPS, OPENAPI), "localdata_openapi"),
    "OpenAPI as XML": ("일반음식점.xml", _xml(OPENAPI), "localdata_openapi"),
    "OpenAPI in capitals": ("일반음식점.json", json_bytes(SHOPS, UPPER), "seoul_open_data"),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_layout_reads_the_same(kind, tmp_path, data):
    name, content, adapter = FILES[kind]
    (tmp_path / name).write_bytes(content)
    report = ingest([tmp_path / name], data)
    assert [(s.adapter, s.rows_in, s.rows_kept) for s in report.sources] == [(adapter, 2, 2)]
    first, second = table(data)
    assert first["service_code"] == "general_restaurants"
    assert first["service_name"] == "일반음식점"
    assert first["opened_on"] == dt.date(2020, 1, 15)
    assert (first["status"], first["exit_on"], first["exit_kind"]) == ("open", None, None)
    assert first["observed_until"] == dt.date(2026, 2, 7)
    assert first["updated_at"] == dt.datetime(2024, 5, 1, 10, 0)
    assert first["area_m2"] == 66.1
    assert first["dong_code"] == "1233063700"
    assert first["authority_code"] == "5825000"
    assert first["category_id"] == "korean_food"
    assert first["coordinate_quality"] == "reported"
    assert second["name"] == '<b>"수,완"</b>'
    assert (second["status"], second["exit_on"]) == ("closed", dt.date(2023, 3, 4))
    assert second["site_id"] == first["site_id"]


@pytest.mark.parametrize("pack", ["gz", "zip", "folder"])
def test_containers(pack, tmp_path, data):
    source = tmp_path / "in"
    source.mkdir()
    name, content, _ = FILES["B"]
    if pack == "gz":
        (source / f"{name}.gz").write_bytes(gzip.compress(content))
    elif pack == "zip":
        with zipfile.ZipFile(source / "자료.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"안/{name}", content)
    else:
        (source / "깊은 (폴더)").mkdir()
        (source / "깊은 (폴더)" / name).write_bytes(content)
    assert ingest([source], data).rows_kept == 2


class _OldZipInfo(zipfile.ZipInfo):
    def _encodeFilenameFlags(self):
        return self.filename.encode("cp949"), 0


def test_old_zip_names_are_cp949(tmp_path, data):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_OldZipInfo("식품_일반음식점.csv"), csv_bytes(SHOPS))
    assert ingest([path], data).rows_kept == 2


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("동물_동물병원_202602수집.csv", "animal_hospitals"),
        ("fulldata_02_03_01_P_동물병원.csv.gz", "animal_hospitals"),
        ("식품_일반음식점.csv", "general_restaurants"),
        ("fulldata_07_24_04_P_일반음식점.csv", "general_restaurants"),
        ("서울시 일반음식점 인허가 정보.csv", "general_restaurants"),
        ("LOCALDATA_072404.csv", "general_restaurants"),
        ("general_restaurants.json", "general_restaurants"),
        ("생활_미용업.csv", "beauty_salons"),
        ("동물_동물미용업.csv", "pet_grooming"),
        ("건강_병원.csv", "hospitals"),
        ("건강_의료기기판매(임대)업.csv", "medical_device_sales_rental"),
        ("동물_동물약국.csv", "animal_pharmacies"),
        ("약국.csv", "pharmacies"),
        ("permits.csv", None),
        ("병원과 약국.csv", None),
    ],
)
def test_service_of_name(name, slug):
    assert service_of_name(name) == slug


def test_without_a_service_the_file_says_what_to_do(tmp_path, data):
    (tmp_path / "permits.csv").write_bytes(csv_bytes(SHOPS))
    with pytest.raises(Refused, match="파일 이름에 업종"):
        ingest([tmp_path / "permits.csv"], data)
    assert not (data / "CURRENT").exists()
