"""The staff list: what a line names, what only looks alike, and that changes are seen."""

import os
from pathlib import Path

import pytest

from commerce.staff_list import ReadAnew, StaffList, is_email, parse, staff_list

LIST = """\ufeff# 상권팀
Kim@Gwangsan.go.kr   # 팀장
홍길동@광산.한국
@Sangkwon.or.kr
lee#team@example.com
sub:auth0|Kim
117203445

"""


def test_each_kind_of_line_names_whom_it_says() -> None:
    found = parse(LIST)
    assert found.has_email("kim@gwangsan.go.kr")
    assert found.has_email("KIM@GWANGSAN.GO.KR")
    assert found.has_email("홍길동@광산.한국")
    assert found.has_email("anybody@sangkwon.OR.kr")
    assert found.has_email("lee#team@example.com")
    assert found.has_subject("auth0|Kim")
    assert found.has_subject("117203445")


@pytest.mark.parametrize(
    "email",
    ["kim@gwangsan.go.kr.example.com", "kim@example.com", "akim@gwangsan.go.kr",
     "kim@@gwangsan.go.kr", "a@b@sangkwon.or.kr", "x@sub.sangkwon.or.kr", "@sangkwon.or.kr",
     "x@sangkwon.or.kr.", "x@sangkwon.or.kr\n", " x@sangkwon.or.kr", "x y@sangkwon.or.kr",
     "x@sangkwon.or.k\u200br", "x@ｓangkwon.or.kr", "\u212aim@gwangsan.go.kr",
     "ⓚim@gwangsan.go.kr", "kim@gwangsan\u3002go.kr", "кim@gwangsan.go.kr", "", "@", "117203445",
     "x@sang\u212bwon.or.kr", "x@sang\u212awon.or.kr", "\ud800@sangkwon.or.kr",
     "# 상권팀", "team@example.com", "\u1112\u1169\u11bc길동@광산.한국"],
)  # fmt: skip
def test_what_only_looks_alike_is_not_listed(email: str) -> None:
    assert not parse(LIST).has_email(email)


@pytest.mark.parametrize("subject", ["auth0|kim", "AUTH0|KIM", "sub:auth0|Kim", "11720344", ""])
def test_subjects_are_compared_letter_by_letter(subject: str) -> None:
    assert not parse(LIST).has_subject(subject)


@pytest.mark.parametrize(
    "line",
    ["@", "a@b@c", "kim @gwangsan.go.kr", "김 팀장", "k\u200bim@gwangsan.go.kr", "\x00",
     "\ufffd@x.kr", "*@gwangsan.go.kr, lee@gwangsan.go.kr"],
)  # fmt: skip
def test_a_line_that_says_nothing_clear_names_nobody(
    line: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert parse("\n" + line) == StaffList()
    assert "Line 2 of the staff list" in caplog.text


def test_a_subject_that_is_none_names_nobody() -> None:
    assert parse("sub:\nsub:  # nobody\n#sub:1") == StaffList()


def test_a_name_typed_in_pieces_is_the_whole_one() -> None:
    assert parse("\u1112\u1169\u11bc@x.kr").has_email("홍@x.kr")
    assert not is_email("\u1112\u1169\u11bc@x.kr")


def test_a_subject_is_no_email_and_an_email_no_subject() -> None:
    found = parse("kim@x.kr\n@y.kr")
    assert not found.has_subject("kim@x.kr")
    assert not found.has_subject("@y.kr")


def test_the_file_is_read_anew_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list of staff.txt"
    monkeypatch.setenv("COMMERCE_STAFF", str(path))
    assert staff_list() == StaffList()
    path.write_text("a@x.kr\n")
    assert staff_list().has_email("a@x.kr")
    times = path.stat()
    path.write_text("b@x.kr\n")  # as long, and as old by its date
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert not staff_list().has_email("a@x.kr")
    assert staff_list().has_email("b@x.kr")
    path.write_bytes("# 상권팀\nc@x.kr\n".encode("cp949"))
    assert staff_list().has_email("c@x.kr")
    path.unlink()
    assert staff_list() == StaffList()
    path.mkdir()
    assert staff_list() == StaffList()


def test_the_file_stands_in_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMMERCE_STAFF", raising=False)
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path))
    (tmp_path / "staff.txt").write_text("a@x.kr")
    assert staff_list().has_email("a@x.kr")


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("1")
    read: list[str] = []
    kept = ReadAnew(path, lambda text: read.append(text) or text, "")
    assert [kept.now(), kept.now()] == ["1", "1"]
    assert read == ["1"]
