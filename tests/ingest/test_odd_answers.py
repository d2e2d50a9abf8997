"""Files that fetching may leave: several answers in one, empty pages, errors and web pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from commerce.errors import Refused
from commerce.ingest import ingest
from tests.ingest.permits import NAMES, csv_bytes, shop, table

EMPTY = {"resultType": "JSON", "items": "", "pageNo": 3, "numOfRows": 100, "totalCount": 0}


def rows(*numbers: int) -> list[dict[str, str]]:
    return [{NAMES["C"][role]: v for role, v in shop(n).items()} for n in numbers]


def answer(items: Any, code: str = "0", **body: Any) -> dict[str, Any]:
    header = {"resultCode": code, "resultMsg": "x"}
    return {"response": {"header": header, "body": EMPTY | {"items": items} | body}}


def page(*numbers: int) -> dict[str, Any]:
    return answer({"item": rows(*numbers)}, totalCount=9)


def one(number: int) -> dict[str, Any]:
    return answer({"item": rows(number)[0]}, totalCount=9)


def write(folder: Path, *documents: Any, name: str = "rest_cafes.json", gap: str = "\n") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(gap.join(json.dumps(d, ensure_ascii=False) for d in documents), "utf-8")
    return path


def numbers(data: Path) -> list[int]:
    return sorted(int(row["permit_id"][-4:]) for row in table(data))


@pytest.mark.parametrize(
    ("documents", "wanted"),
    [
        ([page(1, 2), page(3, 4)], [1, 2, 3, 4]),
        ([page(1, 2), one(3)], [1, 2, 3]),
        ([page(1, 2), one(3), page(4, 5), one(6)], [1, 2, 3, 4, 5, 6]),
        ([one(1), page(2, 3)], [1, 2, 3]),
        ([one(1)], [1]),
        ([one(1), one(2)], [1, 2]),
        ([answer(""), page(1, 2)], [1, 2]),
        ([answer({"item": []}), answer(""), one(7)], [7]),
        ([page(1), answer("")], [1]),
        ([answer(rows(1, 2)), answer(rows(3)[0])], [1, 2, 3]),
        ([rows(1, 2), rows(3)], [1, 2, 3]),
        ([*rows(1, 2, 3)], [1, 2, 3]),
        ([{"data": rows(1, 2)}, {"data": rows(3)}], [1, 2, 3]),
        ([{"note": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "data": rows(1, 2)}], [1, 2]),
    ],
)
@pytest.mark.parametrize("gap", ["\n", ""])
def test_answers_in_one_file_lose_no_row(
    tmp_path: Path, data: Path, documents: list[Any], wanted: list[int], gap: str
) -> None:
    report = ingest([write(tmp_path / "raw", *documents, gap=gap)], data)
    assert numbers(data) == wanted
    assert report.rows_in == report.rows_kept == len(wanted)


def test_a_refused_bare_record_is_found_again(tmp_path: Path, data: Path) -> None:
    bad = one(3)
    bad["response"]["body"]["items"]["item"]["LCPMT_YMD"] = "언젠가"
    report = ingest([write(tmp_path / "raw", page(1, 2), bad, page(4))], data)
    assert (report.rows_in, report.rows_kept, report.rows_refused) == (4, 3, 1)
    (refused,) = table(data, "refused", "line")
    assert json.loads(refused["raw"])["MNG_NO"] == shop(3)["id"]


def test_text_that_looks_like_the_other_form_is_only_text(tmp_path: Path, data: Path) -> None:
    sly = page(1, 2)
    sly["response"]["body"]["items"]["item"][0]["BPLC_NM"] = '"item": {'
    assert ingest([write(tmp_path / "raw", sly)], data).rows_in == 2


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (json.dumps(answer("")), "ingest.no_rows"),
        (json.dumps(answer({"item": []})), "ingest.no_rows"),
        ("\n".join([json.dumps(answer("")), json.dumps(answer([]))]), "ingest.no_rows"),
        (json.dumps(answer("", code="22")), "ingest.error_answer"),
        (json.dumps(page(1)) + json.dumps(answer("", code="04")), "ingest.error_answer"),
        ("<OpenAPI_ServiceResponse><cmmMsgHeader><returnReasonCode>30</returnReasonCode>"
         "</cmmMsgHeader></OpenAPI_ServiceResponse>", "ingest.error_answer"),
        (json.dumps(page(1)) + "<OpenAPI_ServiceResponse/>", "ingest.broken_json"),
        (json.dumps(page(1, 2))[:-30], "ingest.truncated"),
        (json.dumps(page(1, 2)) + json.dumps(page(3))[:-30], "ingest.truncated"),
        (json.dumps(rows(1, 2, 3))[:-1], "ingest.truncated"),
        (json.dumps(rows(1, 2, 3))[1:], "ingest.broken_json"),
        ("{}", "ingest.unrecognised"),
        ("[]", "ingest.unrecognised"),
        ("[[], [[]], null, 3]", "ingest.unrecognised"),
        (json.dumps({"error": "Unauthorized"}), "ingest.unrecognised"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["rest_cafes.json", "rest_cafes.csv"])
def test_answers_without_all_their_rows_are_refused(
    tmp_path: Path, data: Path, content: str, key: str, name: str
) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(Refused) as refused:
        ingest([path], data)
    assert refused.value.key == key


@pytest.mark.parametrize(
    "content",
    [
        "<!DOCTYPE html>\n<html><head><meta charset=utf-8><br></head><body>login</body></html>",
        "\n\n  <html lang='ko'><p>오류",
        "\ufeff<!-- a comment --> <!doctype HTML PUBLIC '-//W3C//DTD'><HTML></HTML>",
        '<?xml version="1.0"?>\n<!DOCTYPE html><html><body/></html>',
        "<script>location.href='/login'</script>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_web_page_saved_as_data_is_called_by_its_name(
    tmp_path: Path, data: Path, content: str, encoding: str
) -> None:
    if encoding == "cp949":
        content = content.lstrip("\ufeff")
    path = tmp_path / "식품_휴게음식점.csv"
    path.write_bytes(content.encode(encoding))
    with pytest.raises(Refused) as refused:
        ingest([path], data)
    assert refused.value.key == "ingest.web_page"


def test_a_bad_page_in_a_folder_holds_back_no_other_file(tmp_path: Path, data: Path) -> None:
    raw = tmp_path / "raw"
    write(raw, page(1, 2), name="rest_cafes_1.json")
    write(raw, page(3), answer("", code="22"), name="rest_cafes_2.json")
    write(raw, answer(""), name="rest_cafes_3.json")
    (raw / "rest_cafes_4.csv").write_text("<html></html>")
    (raw / "rest_cafes_5.csv").write_bytes(csv_bytes([shop(8)]))
    report = ingest([raw], data)
    assert numbers(data) == [1, 2, 8]
    assert sorted(error.key for _, error in report.refused_files) == [
        "ingest.error_answer",
        "ingest.no_rows",
        "ingest.web_page",
    ]


def test_an_error_is_seen_where_two_blocks_meet(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.ingest.records.BLOCK", 7)
    with pytest.raises(Refused) as refused:
        ingest([write(tmp_path / "raw", page(1, 2), answer("", code="30"))], data)
    assert refused.value.key == "ingest.error_answer"
    report = ingest([write(tmp_path / "other", page(1, 2), one(3))], data)
    assert report.rows_kept == 3
