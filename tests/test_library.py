"""Saved queries and the history of runs: kept as given, each in its own place, never half."""

import json
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from commerce import library
from commerce.errors import Refused
from commerce.sandbox import journal


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_without_a_file_there_is_nothing_and_none_is_made(state: Path) -> None:
    assert library.saved() == []
    assert library.find("abcdefghij") is None
    assert library.history("me") == []
    assert not state.exists()


def test_what_is_saved_is_found_by_its_id_as_it_was() -> None:
    sql = "select '김치; drop table saved' as 이름 -- 메모\nwhere dong_code in $dong_codes"
    values = {"dong_codes": ["1233000100"], "n": 3, "from_month": "2024-01-01", "none": None}
    entry = library.save("  수완동\n 국밥 ", " 왜 '그런가' ", sql, values, "me")
    found = library.find(entry.id)
    assert found == entry
    assert (found.title, found.note, found.sql) == ("수완동 국밥", "왜 '그런가'", sql)
    assert found.values == {"dong_codes": ["1233000100"], "n": 3, "from_month": "2024-01-01"}
    assert [other.id for other in library.saved()] == [entry.id]


def test_the_newest_stands_first_and_a_removed_one_is_gone() -> None:
    first, second, third = (library.save(f"q{i}", "", f"select {i}", {}, "me") for i in range(3))
    library.remove(second.id)
    library.remove("not there")
    assert [entry.title for entry in library.saved()] == ["q2", "q0"]
    assert library.find(second.id) is None
    assert {first.id, third.id} == {e["id"] for e in json.loads(library.to_json())}


@pytest.mark.parametrize("id_", ["", "' or 1=1 --", "../../etc/passwd", "A" * 10, "a" * 11, "%"])
def test_an_id_that_cannot_be_one_finds_nothing(id_: str) -> None:
    library.save("q", "", "select 1", {}, "me")
    assert library.find(id_) is None


@pytest.mark.parametrize(
    ("title", "sql", "key"),
    [
        (" \n", "select 1", "workbench.save.no_title"),
        ("q", " ", "sandbox.nothing"),
        ("q", "x" * 50_001, "sandbox.too_long"),
    ],
)
def test_what_cannot_be_saved_is_said_and_leaves_nothing(title: str, sql: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        library.save(title, "", sql, {}, "me")
    assert refused.value.key == key
    assert library.saved() == []


def test_long_titles_and_half_letters_are_kept_within_bounds() -> None:
    entry = library.save("가" * 500, "나" * 9000, "select '\ud800'", {}, "me")
    assert library.find(entry.id) == entry
    assert (len(entry.title), len(entry.note)) == (120, 2000)
    assert entry.sql == "select '?'"


def test_the_file_is_for_its_owner_alone_and_damage_is_one_sentence(state: Path) -> None:
    library.save("q", "", "select 1", {}, "me")
    file = state / "library.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_bytes(b"not a database, and long enough to be looked at" * 100)
    with pytest.raises(Refused) as refused:
        library.saved()
    assert refused.value.key == "workbench.save.no_file"
    assert "library.sqlite" in str(refused.value)


def test_many_savers_at_once_lose_nothing(state: Path) -> None:
    threads = [
        threading.Thread(target=library.save, args=(f"q{i}", "", "select 1", {}, "me"))
        for i in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({entry.id for entry in library.saved()}) == 12
    with sqlite3.connect(state / "library.sqlite") as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_history_holds_ones_own_runs_newest_first_and_skips_half_lines() -> None:
    for i in range(5):
        journal.write(
            who="me" if i % 2 == 0 else "other",
            sql=f"select {i}",
            values={"n": str(i)},
            rows=i,
            seconds=0.5,
            outcome="done",
        )
    with journal.file().open("ab") as file:
        file.write(b'{"at": "2026-01-01", "who": "me", "sq\n[]\n{"who": "me"}\n')
    runs = library.history("me")
    assert [run.sql for run in runs] == ["select 4", "select 2", "select 0"]
    assert runs[0].values == {"n": "4"}
    assert [run.sql for run in library.history("me", most=1)] == ["select 4"]
    assert library.history("nobody") == []
