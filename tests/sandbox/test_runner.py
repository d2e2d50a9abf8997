"""The runner: limits on rows, cells, bytes, places and time; the journal; answers not trusted."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from commerce.errors import Refused, UsageError
from commerce.sandbox import journal, lockdown
from commerce.sandbox.cells import cut
from commerce.sandbox.limits import LIMITS, limits
from commerce.sandbox.parameters import bound_values, plain_values
from commerce.sandbox.process import Answer, Child
from commerce.sandbox.refusal import Rejected, explain
from commerce.sandbox.runner import Runner
from tests.sandbox.conftest import SECRET, Place


def small(**changed: int) -> Runner:
    return Runner(keep_spare=False, given=limits(**({"seconds": 30} | changed)))


def entries() -> list[dict[str, object]]:
    return [json.loads(line) for line in journal.file().read_text("utf-8").splitlines()]


def test_rows_beyond_the_limit_are_cut_and_said(place: Place) -> None:
    runner = small(rows_shown=100, rows_exported=3000)
    sql = "select range as i from range($n) order by i"
    for n, export, expected, cut_off in (
        (100, False, 100, ""),
        (101, False, 100, "rows"),
        (2999, True, 2999, ""),
        (9999, True, 3000, "rows"),
    ):
        result = runner.run(sql, {"n": n}, who="t", snapshot=place.snapshot, export=export)
        assert result.table.num_rows == expected
        assert result.cut == cut_off
        assert result.table["i"].to_pylist() == list(range(expected))
    assert result.shortfall().key == "sandbox.cut.rows"


def test_bytes_beyond_the_limit_are_cut_and_said(place: Place) -> None:
    sql = "select repeat('x', 5000) as a, range as i from range(2000)"
    result = small(mb_shown=1).run(sql, who="t", snapshot=place.snapshot)
    assert result.cut == "size"
    assert result.table.nbytes <= 2**20
    assert result.shortfall().key == "sandbox.cut.size"


def test_more_columns_than_anybody_reads_are_refused(place: Place) -> None:
    runner = small(columns=5)
    runner.run("select 1, 2, 3, 4, 5", who="t", snapshot=place.snapshot)
    with pytest.raises(Rejected) as refused:
        runner.run("select *, 1 from permit", who="t", snapshot=place.snapshot)
    assert refused.value.key == "sandbox.too_many_columns"


def test_wide_cells_are_cut_and_counted(place: Place) -> None:
    sql = "select repeat('가', 30) as a, repeat('b', 10) as b, range(50) as l, {'a': 1} as s"
    result = small(cell_chars=20).run(sql, who="t", snapshot=place.snapshot)
    assert result.table.to_pylist() == [{"a": "가" * 20, "b": "b" * 10, "l": None, "s": {"a": 1}}]
    assert result.cut_cells == 2
    assert result.shortfall().key == "sandbox.cut.cells"


def test_cells_of_every_kind() -> None:
    columns = {
        "text": pa.array(["abc", "가나다라", None]),
        "bytes": pa.array([b"abc", b"abcd", None]),
        "list": pa.array([[1], [1, 2, 3, 4, 5, 6], None]),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "number": pa.array([1, 2, None]),
    }
    batch, count = cut(pa.RecordBatch.from_pydict(columns), 3)
    found = batch.to_pydict()
    assert found["text"] == ["abc", "가나다", None]
    assert found["bytes"] == [b"abc", None, None]
    assert found["list"] == [[1], None, None]
    assert found["map"] == [None, None, []]
    assert found["number"] == [1, 2, None]
    assert count == 4


def test_a_name_that_stands_twice_is_told_apart(place: Place) -> None:
    result = small().run("select 1 as a, 2 as a, 3 as a_1", who="t", snapshot=place.snapshot)
    assert result.table.column_names == ["a", "a_1", "a_1_1"]
    assert result.frame().iloc[0].tolist() == [1, 2, 3]


def test_the_frame_holds_numbers_and_days(place: Place) -> None:
    sql = "select sum(1) as n, 1.5 as d, date '2024-01-02' as day, 'x'::enum('x', 'y') as e"
    frame = small().run(sql, who="t", snapshot=place.snapshot).frame()
    assert [str(kind) for kind in frame.dtypes][:2] == ["int64", "float64"]
    assert str(frame["day"].dtype).startswith("datetime64")
    assert frame.iloc[0].tolist()[3] == "x"


def test_only_so_many_run_at_once(place: Place) -> None:
    runner = small(at_once=1, wait_seconds=1, seconds=4)
    began = threading.Event()

    def hold() -> None:
        runner._places.acquire()
        began.set()

    threading.Thread(target=hold).start()
    began.wait()
    with pytest.raises(Rejected) as refused:
        runner.run("select 1", who="t", snapshot=place.snapshot)
    assert refused.value.key == "sandbox.busy"
    runner._places.release()
    assert runner.run("select 1", who="t", snapshot=place.snapshot).table.num_rows == 1


def test_a_place_is_free_again_after_every_end(place: Place) -> None:
    runner = small(at_once=1, wait_seconds=1, seconds=1)
    for sql in ("drop table dong", "select nosuch", "select count(*) from range(10000000000000)"):
        with pytest.raises(Rejected):
            runner.run(sql, who="t", snapshot=place.snapshot)
    assert runner._places.acquire(blocking=False)


def test_a_spare_waits_warm_and_ends_with_the_runner(place: Place) -> None:
    runner = Runner(given=limits(seconds=30))
    runner.warm()
    first = runner._spare
    assert first
    runner.run("select 1", who="t", snapshot=place.snapshot)
    second = runner._spare
    assert second
    assert second is not first
    assert not first.alive()
    assert second.alive()
    second.end()  # whatever ends a spare, the next query gets another
    assert runner.run("select 1", who="t", snapshot=place.snapshot).table.num_rows == 1
    third = runner._spare
    runner.close()
    assert third
    assert not third.alive()
    with pytest.raises(Rejected):
        runner.run("select 1", who="t", snapshot=place.snapshot)


def test_every_run_is_in_the_journal(place: Place) -> None:
    runner = small()
    runner.run("select $a::integer", {"a": 1}, who="kim", snapshot=place.snapshot)
    for sql in ("drop table dong", "select nosuch from dong", "select '\ud800'"):
        with pytest.raises(Rejected):
            runner.run(sql, who="lee", snapshot=place.snapshot)
    done, dropped, unknown, half = entries()
    assert (done["who"], done["sql"], done["values"]) == ("kim", "select $a::integer", {"a": "1"})
    assert (done["rows"], done["outcome"]) == (1, "done")
    assert (dropped["who"], dropped["outcome"]) == ("lee", "sandbox.only_select")
    assert str(unknown["outcome"]).startswith("sandbox.column")
    assert (half["sql"], half["outcome"]) == ("select '\ud800'", "sandbox.control_character")
    for entry in (done, dropped, unknown, half):
        assert float(str(entry["seconds"])) >= 0
        dt.datetime.fromisoformat(str(entry["at"]))
    assert journal.file().stat().st_mode & 0o077 == 0


def test_without_a_journal_nothing_runs(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "file"))
    with pytest.raises(Refused) as refused:
        small().run("select 1", who="t", snapshot=place.snapshot)
    assert refused.value.key == "sandbox.no_journal"


def test_the_raw_text_of_refused_rows_is_out_of_reach(place: Place) -> None:
    runner = small()
    with pytest.raises(Rejected) as refused:
        runner.run("select raw from refused", who="t", snapshot=place.snapshot)
    assert refused.value.key == "sandbox.withheld"
    for sql in ("from refused", "select r from refused r", "select to_json(r) from refused r"):
        result = runner.run(sql, who="t", snapshot=place.snapshot)
        assert SECRET not in str(result.table.to_pylist())
        assert result.table.num_rows > 0


def test_too_large_is_said_with_the_size(place: Place) -> None:
    with pytest.raises(Rejected) as refused:
        small(memory_mb=2).run("from establishment", who="t", snapshot=place.snapshot)
    assert refused.value.key in ("sandbox.too_large", "sandbox.memory", "sandbox.died")


def test_a_column_is_suggested_from_the_whole_table_not_from_what_was_loaded(place: Place) -> None:
    sql = "select name_ko,\n  are_km2 from dong"
    with pytest.raises(Rejected) as refused:
        small().run(sql, who="t", snapshot=place.snapshot)
    assert refused.value.key == "sandbox.column_near"
    assert refused.value.params["near"] == "area_km2"
    assert (refused.value.line, refused.value.column) == (2, 3)


@pytest.mark.parametrize(
    "end",
    [
        {},
        {"refused": "sandbox.table"},
        {"refused": "sandbox.table", "params": {"other": 1}},
        {"refused": 1, "params": 2},
        {"failed": "error"},
        {"failed": "error", "message": 1, "relations": ["nosuch"]},
        {"cut": "", "cut_cells": "x", "seconds": 1, "tables": {}},
        {"cut": "", "cut_cells": 0, "seconds": 1, "tables": {"a": 1}},
    ],
)
@pytest.mark.parametrize("arrow", [b"", b"ARROW1", b"\xff\xff\xff\xff\x7f\x00\x00\x00" + b"x" * 99])
def test_a_bad_answer_is_thrown_away(end: dict[str, object], arrow: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        small()._read(Answer(arrow, end), "select 1", {})
    assert refused.value.key == "sandbox.bad_answer"


class _Liar(Child):
    """A child that says what it was given, whatever it is asked."""

    def __init__(self, said: bytes) -> None:
        self._process = __import__("subprocess").Popen(
            ["cat"], stdin=-1, stdout=-1, start_new_session=True
        )
        self._in, self._out = os.pipe()[1], os.pipe()[0]
        self._is_warm = True
        self._said = said

    def _send(self, data: bytes, deadline: float) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._out = self._process.stdout.fileno()
        self._process.stdin.write(self._said)
        self._process.stdin.close()


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (b"", "sandbox.died"),
        (b"A", "sandbox.died"),
        (b"A" + (2**40).to_bytes(8, "big"), "sandbox.bad_answer"),
        (b"E" + (2**40).to_bytes(8, "big"), "sandbox.bad_answer"),
        (b"X" + (1).to_bytes(8, "big") + b"x", "sandbox.bad_answer"),
        (b"E" + (3).to_bytes(8, "big") + b"xxx", "sandbox.bad_answer"),
        (b"E" + (2).to_bytes(8, "big") + b"[]", "sandbox.bad_answer"),
        (b"A" + (9).to_bytes(8, "big") + b"xxx", "sandbox.died"),
    ],
)
def test_what_a_child_says_is_bounded_and_checked(said: bytes, key: str) -> None:
    child = _Liar(said)
    with pytest.raises(Rejected) as refused:
        child.ask({}, 20, 1000)
    assert refused.value.key == key
    assert not child.alive()


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits().seconds == next(x.default for x in LIMITS if x.name == "seconds") == 10
    monkeypatch.setenv("COMMERCE_SQL_SECONDS", "3")
    assert limits().seconds == 3
    assert limits(seconds=4).seconds == 4
    for bad in ("0", "-1", "1.5", "x", "٣"):
        monkeypatch.setenv("COMMERCE_SQL_SECONDS", bad)
        with pytest.raises(UsageError):
            limits()


def test_values_go_there_and_back() -> None:
    given = {
        "day": dt.date(2024, 2, 29), "at": dt.datetime(2024, 1, 1, 12), "l": ["a", None],
        "n": 1, "x": 1.5, "b": False, "none": None,
    }  # fmt: skip
    sent = json.loads(json.dumps(plain_values("", given)))
    assert bound_values(sent, list(given)) == given
    with pytest.raises(Rejected):
        bound_values({"a": 1}, ["b"])
    with pytest.raises(UsageError):
        plain_values("", {"a": object()})
    with pytest.raises(UsageError):
        plain_values("-- $a integer: how many", {"a": "x"})


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ('Binder Error: column "a" must appear in the GROUP BY clause or', "sandbox.not_grouped"),
        ('Binder Error: Ambiguous reference to column name "a" (use: "t.a")', "sandbox.ambiguous"),
        ('Referenced column "zz" not found in FROM clause!', "sandbox.column"),
        ("Something else\nLINE 1: select 1\n        ^", "sandbox.failed"),
        ("", "sandbox.failed"),
    ],
)
def test_messages_of_the_database_are_put_in_words(message: str, key: str) -> None:
    error = explain(message, "select 1")
    assert error.key == key
    assert str(error)


def test_lockdown_does_nothing_worse_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert lockdown.see_only(["/"]) is False
