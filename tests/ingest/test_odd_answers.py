"""Files that fetching may leave: several answers in one, empty pages, errors and web pages."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from commerce.errors import Refused
from commerce.ingest import ingest
from commerce.ingest.files import RawFile
from commerce.ingest.records import RecordFile
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


FORMS = {
    "list": lambda some: {"item": some},
    "bare or list": lambda some: {"item": some[0] if len(some) == 1 else some} if some else "",
    "empty": lambda some: "",
    "null": lambda some: None,
    "nothing in it": lambda some: {"item": []},
}


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.lists(
        st.tuples(st.sampled_from(sorted(FORMS)), st.integers(0, 4)), min_size=1, max_size=8
    ),
    block=st.sampled_from([5, 64, 1 << 16]),
)
def test_whatever_the_forms_each_record_comes_once(
    tmp_path: Path, pages: list[tuple[str, int]], block: int
) -> None:
    documents, wanted, number = [], [], 0
    for form, count in pages:
        some = rows(*range(number, number + count))
        number += count
        documents.append(answer(FORMS[form](some), totalCount=99))
        if "list" in form:
            wanted += [row["MNG_NO"] for row in some]
    path = write(tmp_path / "raw", *documents)
    raw = RawFile(path, None, str(path), named=True)
    with mock.patch("commerce.ingest.records.BLOCK", block):
        try:
            file = RecordFile(raw, "json")
        except Refused:
            assert not wanted
            return
        pieces = [piece() for piece in file.pieces()]
        again = [json.loads(text) for _, text in file.raw(np.arange(len(wanted)))]
    found = [name for piece in pieces for name in piece.columns["permit_id"].to_pylist()]
    assert sorted(found) == wanted
    assert [row["MNG_NO"] for row in again] == found


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["item", "items", "data", "totalCount", "MNG_NO", "LCPMT_YMD", "a", ""]
            ),
            inner,
            max_size=5,
        )
        | st.just(rows(1)[0])
    ),
    max_leaves=12,
)


@how(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(ANY, min_size=1, max_size=4))
def test_any_json_is_read_or_refused(tmp_path: Path, documents: list[Any]) -> None:
    path = write(tmp_path / "raw", *documents)
    with contextlib.suppress(Refused):
        file = RecordFile(RawFile(path, None, str(path), named=True), "json")
        for piece in file.pieces():
            found = piece()
            assert found.count == len(found.line) + len(found.bad)
