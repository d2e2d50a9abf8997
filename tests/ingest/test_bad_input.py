"""Bad input: one clear sentence each, and what is published stays as it was."""

from __future__ import annotations

import errno
import gzip
import io
import json
import multiprocessing
import zipfile

import duckdb
import pytest

from commerce.errors import Refused, UsageError
from commerce.i18n import messages, set_language
from commerce.ingest import files, ingest, run
from tests.ingest.permits import csv_bytes, json_bytes, shop, table, write

GOOD = csv_bytes([shop(n) for n in range(1, 40)])
NAME = "식품_일반음식점.csv"


def square(*points: tuple[float, float], **properties: str) -> bytes:
    known = {"adm_nm": "광주광역시 광산구 수완동", "adm_cd2": "2920063700", "sggnm": "광산구",
             "sidonm": "광주광역시"}  # fmt: skip
    ring = [list(p) for p in points]
    feature = {
        "type": "Feature",
        "properties": known | properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


WHOLE = ((126.8, 35.1), (126.9, 35.1), (126.9, 35.2), (126.8, 35.2), (126.8, 35.1))


def zipped(content: bytes, name: str = NAME) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    raw = bytearray(zipped(GOOD))
    raw[6] |= 1
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 8] |= 1
    return bytes(raw)


BAD = {
    "empty": (NAME, b"", "빈 파일"),
    "blank": (NAME, b"\n \n", "빈 파일"),
    "header only": (NAME, GOOD.split(b"\n")[0] + b"\n", "머리글만"),
    "half a file": (NAME, GOOD[: len(GOOD) // 2], "중간에 끊겨"),
    "cut in the last value": (NAME, GOOD[:-5], "중간에 끊겨"),
    "half a gz": (NAME + ".gz", gzip.compress(GOOD)[:-200], "중간에 끊겨"),
    "half a json": ("일반음식점.json", json_bytes([shop(1), shop(2)])[:-30], "중간에 끊겨"),
    "broken json": ("일반음식점.json", b'[{"MNG_NO": 1,, }]', "JSON"),
    "broken zip": ("a.zip", zipped(GOOD)[:-40], "압축"),
    "encrypted zip": ("a.zip", encrypted(), "암호"),
    "wrong encoding": (NAME, csv_bytes([shop(1)], "B", "utf-16"), "UTF-16"),
    "shifted letters": (NAME, GOOD.decode("cp949").encode("euc_jp", "replace"), "인허가|가장 가깝"),
    "spreadsheet": ("a.xlsx", zipped(b"<a/>", "[Content_Types].xml"), "엑셀"),
    "binary": (NAME, bytes(range(256)) * 20, "글자로 된"),
    "other table": (NAME, "업소명,주소\n가,나\n".encode(), "아는 자료가"),
    "missing columns": (
        NAME,
        "사업장명,인허가일자,지번주소\n가,2020-01-01,나\n".encode(),
        "관리번호",
    ),
    "html": ("a.csv", b"<html><body>302 Found</body></html>", "웹 페이지"),
    "all outside": (NAME, csv_bytes([shop(1, x="200079.66", y="453836.09")]), "지역 경계 밖"),
    "impossible dates": (NAME, csv_bytes([shop(1, opened="0001-01-01")]), "있을 수 없는 날짜"),
    "far future": (NAME, csv_bytes([shop(1, opened="2099-01-01")]), "있을 수 없는 날짜"),
    "open ring": ("a.geojson", square(*WHOLE[:-1]), "경계선이 닫히지"),
    "short ring": ("a.geojson", square(*WHOLE[:2], WHOLE[0]), "경계선이 닫히지"),
    "bow tie": ("a.geojson", square(WHOLE[0], WHOLE[2], WHOLE[1], WHOLE[3], WHOLE[0]), "엇갈립"),
    "metres": ("a.geojson", square(*((x * 1e4, y * 1e4) for x, y in WHOLE)), "경위도가 아닙"),
    "half a geojson": ("a.geojson", square(*WHOLE)[:-9], "중간에 끊겨"),
    "no dongs": ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "행정동이 없"),
    "no code": ("a.geojson", square(*WHOLE, adm_cd2=""), "adm_cd2"),
}


@pytest.mark.parametrize("kind", BAD)
def test_refused_with_a_sentence(kind, tmp_path, data):
    name, content, sentence = BAD[kind]
    ingest([write(tmp_path / "good", [shop(1)])], data)
    before = (data / "CURRENT").read_text()
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused, match=sentence) as caught:
        ingest([path], data)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith((".", "주세요."))
    assert (data / "CURRENT").read_text() == before
    assert not list(data.glob(".building-*"))


def test_in_a_folder_the_rest_is_published(tmp_path, data):
    folder = tmp_path / "in"
    write(folder, [shop(1)])
    (folder / "readme.txt").write_text("안녕하세요")
    (folder / "빈.csv").write_bytes(b"")
    (folder / "업종없음.csv").write_bytes(GOOD)
    report = ingest([folder], data)
    refused = {shown.rsplit("/", 1)[-1]: str(error) for shown, error in report.refused_files}
    assert set(refused) == {"readme.txt", "빈.csv", "업종없음.csv"}
    assert all("/in/" in sentence for sentence in refused.values())
    assert report.rows_kept == 1


def test_a_folder_without_any_known_file(tmp_path, data):
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(Refused, match="읽을 파일이 없습니다"):
        ingest([folder], data)
    (folder / "a.txt").write_text("a")
    (folder / "b.txt").write_text("b")
    with pytest.raises(Refused, match="파일 2개 가운데"):
        ingest([folder], data)
    with pytest.raises(Refused, match="없습니다"):
        ingest([tmp_path / "nothing.csv"], data)
    assert not (data / "CURRENT").exists()


def test_a_line_of_200_megabytes(tmp_path, data):
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.write(GOOD)
        for _ in range(200):
            file.write(b"x" * 2**20)
    with pytest.raises(Refused, match="1MB"):
        ingest([path], data)
    with path.open("wb") as file:
        for _ in range(20):
            file.write(b"x" * 2**20)
    with pytest.raises(Refused, match="1MB"):
        ingest([path], data)


def test_a_quote_that_never_closes(tmp_path, data):
    path = tmp_path / NAME
    row = csv_bytes([shop(1, road="")]).split(b"\n")[1]
    path.write_bytes(GOOD + b'"' + (row + b"\n") * 60_000)
    with pytest.raises(Refused, match=r"닫히지 않은 따옴표|중간에 끊겨"):
        ingest([path], data)


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_a_bomb(pack, tmp_path, data, monkeypatch):
    monkeypatch.setattr(files, "RATIO_FREE_BYTES", 2**20)
    path = tmp_path / ("일반음식점.csv.gz" if pack is gzip.compress else "a.zip")
    path.write_bytes(pack(GOOD + b"\n" * (8 * 2**20)))
    with pytest.raises(Refused, match="200배가 넘게"):
        ingest([path], data)


@pytest.mark.parametrize(
    "trouble",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        duckdb.IOException("No space left on device"),
    ],
)
def test_a_full_disk(trouble, tmp_path, data, monkeypatch):
    ingest([write(tmp_path / "a", [shop(1)])], data)
    before = (data / "CURRENT").read_text()

    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(run, "write_tables", fail)
    with pytest.raises(Refused, match="디스크가 가득"):
        ingest([write(tmp_path / "b", [shop(2)])], data)
    assert (data / "CURRENT").read_text() == before
    assert not list(data.glob(".building-*"))


def _hold(data, ready, done):
    from commerce.ingest import lock

    with lock.hold(data):
        ready.set()
        done.wait(30)


def test_two_at_once(tmp_path, data):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(data, ready, done))
    other.start()
    try:
        assert ready.wait(30)
        with pytest.raises(Refused, match="다른 수집"):
            ingest([write(tmp_path, [shop(1)])], data)
    finally:
        done.set()
        other.join()
    (data / ".building-left").mkdir()
    ingest([write(tmp_path, [shop(1)])], data)
    assert not list(data.glob(".building-*"))


def test_wrong_district(tmp_path, data):
    with pytest.raises(UsageError, match="5자리"):
        ingest([write(tmp_path, [shop(1)])], data, district="광산구")


def test_a_broken_last_record_among_refused_rows_is_counted(tmp_path, data):
    content = GOOD + b"1,2\n"
    (tmp_path / NAME).write_bytes(content)
    report = ingest([tmp_path / NAME], data)
    assert (report.rows_in, report.rows_kept, report.rows_refused) == (40, 39, 1)
    assert len(table(data, "refused", "line")) == 1


def test_both_languages_have_every_sentence():
    korean, english = messages("ko"), messages("en")
    ours = ("ingest.", "reason.", "datasets.")
    assert {k for k in korean if k.startswith(ours)} == {k for k in english if k.startswith(ours)}
    set_language("en")
    assert "cut off" in str(Refused("ingest.truncated", file="a.csv"))
