"""Refused rows handed back in the original columns: mended and sent again, they are kept."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest

from commerce import refused_rows
from commerce.i18n import set_language
from commerce.ingest import headers, ingest
from commerce.snapshot import Snapshot, resolve
from tests.ingest.permits import B, csv_bytes, json_bytes, shop, table
from tests.ingest.test_market import dongs, sale, sales_file


def handed_back(data: Path, elsewhere: bool = True) -> tuple[list[list[str]], str, bytes]:
    """Return the rows that the only source with refusals gives back, its file's name and bytes."""
    [source] = [s for s in table(data, "dataset", "source_id") if s["rows_refused"]]
    content = refused_rows.to_file(resolve(data), source["source_id"], source["title"], elsewhere)
    text = content.decode("utf-8-sig")
    name = refused_rows.file_name(source["title"])
    return list(csv.reader(io.StringIO(text, newline=""))), name, content


def sent_again(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("layout", ["A", "B"])
def test_mended_permits_are_kept(tmp_path: Path, layout: str) -> None:
    data = tmp_path / "data"
    file = tmp_path / "식품_일반음식점.csv"
    whole = [shop(1), shop(2, opened="2019-13-31", name='=cmd|"/c calc"!A1'), shop(3)]
    file.write_bytes(csv_bytes([*whole, shop(4, id=""), shop(5, opened="어제")], layout))
    ingest([file], data)
    rows, name, content = handed_back(data)
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows[0][:2] == ["돌려보낸 까닭", "원래 행 번호"]
    if layout == "B":
        assert rows[0][2:] == ["업태구분명", *B]
    assert [row[1] for row in rows[1:]] == ["2", "4", "5"]
    assert [row[0] for row in rows[1:]] == [
        "날짜를 읽을 수 없음",
        "관리번호가 없음",
        "날짜를 읽을 수 없음",
    ]
    column = {title: place for place, title in enumerate(rows[0])}
    assert rows[1][column["사업장명"]] == '\'=cmd|"/c calc"!A1'
    assert rows[1][column["전화번호" if layout == "B" else "소재지전화"]] == ""
    for row in rows[1:]:
        row[column["인허가일자"]] = "2019-12-31"
    rows[2][column["관리번호"]] = "363000001020209999"
    again = sent_again(tmp_path / f"{name}.csv", rows, "cp949")  # as a spreadsheet saves it
    report = ingest([again], data)
    assert (report.rows_in, report.rows_kept) == (3, 3)
    names = {row["permit_id"]: row["name"] for row in table(data)}
    assert len(names) == 5
    assert names["363000001020200002"] == '=cmd|"/c calc"!A1'
    assert names["363000001020209999"] == "수완식당"


def test_rows_of_another_shape_come_back_as_they_were_and_are_refused_again(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "식품_일반음식점.csv"
    lines = csv_bytes([shop(1), shop(2), shop(3), shop(4)], encoding="utf-8").decode().splitlines()
    lines[2] = ",".join(lines[2].split(",")[:5])
    lines[3] = lines[3] + ",하나 더,둘 더"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ingest([file], data)
    rows, name, _ = handed_back(data)
    assert [len(row) - 2 for row in rows] == [26, 5, 28]
    again = sent_again(tmp_path / f"{name}.csv", [*rows, [*rows[2][:2], *csv_row(shop(9))]])
    report = ingest([again], data)
    assert (report.rows_kept, report.rows_refused) == (1, 2)


def csv_row(one: dict[str, str]) -> list[str]:
    return list(csv.reader(io.StringIO(csv_bytes([one]).decode("cp949"))))[1]


def test_records_of_the_api_come_back_as_columns(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "general_restaurants.json"
    file.write_bytes(json_bytes([shop(1), shop(2, opened="20231301", name="@카페")]))
    ingest([file], data)
    rows, name, _ = handed_back(data)
    column = {title: place for place, title in enumerate(rows[0])}
    assert rows[1][column["BPLC_NM"]] == "'@카페"
    rows[1][column["LCPMT_YMD"]] = "20231201"
    report = ingest([sent_again(tmp_path / f"{name}.csv", rows)], data)
    assert report.rows_kept == 1
    assert {row["name"] for row in table(data)} == {"수완식당", "@카페"}


def test_mended_card_sales_are_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    a, b = dongs()[:2]
    file = sales_file(
        tmp_path / "bought.csv",
        sale("cafe", 1000),
        sale("bakery", "많음"),
        sale("pub", 500, area_code="1111051500"),
        sale("chicken", 700, area_code=b, period="2026-13"),
    )
    ingest([file], data)
    rows, name, _ = handed_back(data)
    assert len(rows) == 4
    rows, name, _ = handed_back(data, elsewhere=False)
    assert [row[1] for row in rows[1:]] == ["2", "4"]
    column = {title: place for place, title in enumerate(rows[0])}
    rows[1][column["sales_krw"]] = "2,500"
    rows[2][column["period"]] = "2026-02"
    report = ingest([sent_again(tmp_path / f"{name}.csv", rows)], data)
    assert (report.rows_in, report.rows_kept) == (2, 2)
    cells = {
        (str(row["period"])[:7], row["area_code"], row["trade_code"]): row["sales_krw"]
        for row in table(data, "card_sales", "period")
    }
    assert cells == {
        ("2026-01", a, "cafe"): 1000,
        ("2026-01", a, "bakery"): 2500,
        ("2026-02", b, "chicken"): 700,
    }


def test_a_name_that_tells_no_service_gets_one(tmp_path: Path) -> None:
    assert refused_rows.file_name("일반음식점 인허가 · 자료.csv.gz") == "일반음식점_자료_돌려보낸행"
    assert refused_rows.file_name("카드 매출 · ../<a>=b.csv") == "..__a__b_돌려보낸행"
    set_language("en")
    assert refused_rows.file_name("일반음식점 인허가 · 식품_일반음식점.csv").endswith("_refused")


def test_a_file_in_english_is_known_too(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "식품_일반음식점.csv"
    file.write_bytes(csv_bytes([shop(1), shop(2, opened="x", name="-하나")]))
    ingest([file], data)
    set_language("en")
    rows, name, _ = handed_back(data)
    assert rows[0][0] == "Reason refused"
    rows[1][rows[0].index("인허가일자")] = "2020-01-01"
    ingest([sent_again(tmp_path / f"{name}.csv", rows)], data)
    assert {row["name"] for row in table(data)} == {"수완식당", "-하나"}


def test_headers_stay_while_their_source_does(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first, second = tmp_path / "일반음식점.csv", tmp_path / "휴게음식점.csv"
    first.write_bytes(csv_bytes([shop(1), shop(2, opened="x")]))
    second.write_bytes(csv_bytes([shop(3)]))
    ingest([first], data)
    ingest([second], data)
    kept = headers.load(resolve(data))
    assert {header.names for header in kept.values()} == {("업태구분명", *B)}
    assert len(kept) == 2
    ingest([second], data, fresh=True)
    assert len(headers.load(resolve(data))) == 1


def test_without_a_header_the_text_comes_as_it_stood(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "식품_일반음식점.csv"
    file.write_bytes(csv_bytes([shop(1), shop(2, opened="x")]))
    ingest([file], data)
    (resolve(data).path / headers.STATE_FILE).unlink()
    rows, _, _ = handed_back(data)
    assert rows[0][2:] == ["원래 글"]
    assert rows[1][2] == csv_bytes([shop(2, opened="x")]).decode("cp949").splitlines()[1]


def test_many_rows_come_zipped_and_are_read_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = tmp_path / "data", tmp_path / "식품_일반음식점.csv"
    file.write_bytes(csv_bytes([shop(1), *(shop(n, opened="x") for n in range(2, 8))]))
    ingest([file], data)
    monkeypatch.setattr(refused_rows, "ZIPPED_ABOVE", 5)
    [source] = [s for s in table(data, "dataset", "source_id") if s["rows_refused"]]
    content = refused_rows.to_file(resolve(data), source["source_id"], source["title"])
    packed = zipfile.ZipFile(io.BytesIO(content))
    assert packed.namelist() == ["식품_일반음식점_돌려보낸행.csv"]
    assert len(packed.read(packed.namelist()[0]).decode().splitlines()) == 7


def test_examples_are_a_few_of_each_reason(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "식품_일반음식점.csv"
    bad = [shop(n, opened="x") for n in range(2, 8)] + [shop(8, id="")]
    file.write_bytes(csv_bytes([shop(1), *bad]))
    ingest([file], data)
    [source] = [s for s in table(data, "dataset", "source_id") if s["rows_refused"]]
    snapshot: Snapshot = resolve(data)
    found = refused_rows.examples(snapshot, source["source_id"], 2)
    assert [(row.reason, row.line) for row in found] == [
        ("bad_date", 2),
        ("bad_date", 3),
        ("no_permit_id", 8),
    ]
    assert "수완식당" in found[0].values
