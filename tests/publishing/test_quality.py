"""Quality over time, counted by hand: kept when published, through pruning and going back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from commerce.publishing import (
    Published,
    events,
    history,
    over_snapshots,
    propose,
    publish,
    rollback,
)
from tests.ingest.permits import NOWHERE, shop
from tests.publishing.vintages import FIRST, SECOND, THIRD, first, write

#: Of 22 rows one lies in Seoul and one has no day that anybody can read; of the 20 that are left
#: two have no point, and of two that left one has no day of leaving.
BEFORE = {
    "permits": 20,
    "no_coordinates": 2,
    "exits": 2,
    "exit_unsure": 1,
    "unmapped": 0,
    "rows_local": 21,
    "rows_refused": 1,
}
#: The next file mends all but one missing point, and supersedes every row of the first.
AFTER = BEFORE | {
    "no_coordinates": 1,
    "exit_unsure": 0,
    "rows_local": 20,
    "rows_refused": 0,
}
SEOUL = {
    "authority": "3000000",
    "id": "300000001020200022",
    "road": "서울특별시 종로구 자하문로 1 (통인동)",
    "lot": "서울특별시 종로구 통인동 1",
} | NOWHERE


def _shops() -> dict[int, dict[str, str]]:
    shops = first()
    shops[3] |= NOWHERE
    shops[4] |= NOWHERE
    shops[5] |= {"state": "폐업", "code": "03", "closed": ""}
    shops[6] |= {"state": "폐업", "code": "03", "closed": "2025-04-01"}
    return shops


def _mended() -> dict[int, dict[str, str]]:
    shops = _shops()
    shops[3] = first()[3]
    shops[5]["closed"] = "2025-11-30"
    return shops


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the first file was published, and the second after it."""
    folder = tmp_path_factory.mktemp("quality")
    data = folder / "data"
    dirty = [*_shops().values(), shop(21, opened="모름"), shop(22, **SEOUL)]
    for shops, day, part in ((dirty, FIRST, "a"), (_mended(), SECOND, "b")):
        publish(
            data, propose([write(folder / part, shops, day)], data, who="").id, who="가", why=""
        )
    return data


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "data"))


def _without_counts(data: Path) -> None:
    """Let the history be one of before anything was counted."""
    file = data / history.FILE
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    kept = [{key: value for key, value in line.items() if key != "quality"} for line in lines]
    file.write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")


def _states(found: list[Published]) -> list[tuple[str, bool]]:
    return [(one.state, one.led_here) for one in found]


def test_counts_are_taken_when_a_snapshot_is_published(data: Path) -> None:
    newest, oldest = events(data)
    assert (oldest.quality, newest.quality) == (BEFORE, AFTER)
    old, new = over_snapshots(data)
    assert (old.counts, new.counts) == (BEFORE, AFTER)
    assert _states([old, new]) == [("kept", True), ("current", True)]
    assert (old.name, new.name, new.before) == (oldest.snapshot, newest.snapshot, old.name)
    assert (old.at, old.who) == (oldest.at, "가")
    assert old.share("no_coordinates") == 10
    assert old.share("exit_unsure") == 50
    assert old.share("unmapped") == 0
    assert old.share("rows_refused") == pytest.approx(100 / 21)
    assert new.share("exit_unsure") == 0


def test_older_snapshots_are_counted_from_their_files(data: Path) -> None:
    _without_counts(data)
    assert events(data)[0].quality is None
    assert [one.counts for one in over_snapshots(data)] == [BEFORE, AFTER]
    (data / history.FILE).unlink()
    old, new = over_snapshots(data)
    assert (old.counts, new.counts, old.who) == (BEFORE, AFTER, "")
    assert _states([old, new]) == [("kept", True), ("current", True)]


def test_what_was_pruned_is_remembered(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COMMERCE_KEEP", "2")
    made = propose([write(tmp_path / "c", _shops(), THIRD)], data, who="")
    publish(data, made.id, who="나", why="")
    found = over_snapshots(data)
    assert _states(found) == [("removed", True), ("kept", True), ("current", True)]
    # The file lacks the point of shop 3 again, but the one before knew it at that address.
    third = BEFORE | {"no_coordinates": 1, "rows_local": 20, "rows_refused": 0}
    assert [one.counts for one in found] == [BEFORE, AFTER, third]
    _without_counts(data)
    assert [one.counts for one in over_snapshots(data)] == [None, AFTER, third]
    assert over_snapshots(data)[0].share("unmapped") is None


def test_what_was_taken_back_did_not_lead_here(data: Path, tmp_path: Path) -> None:
    rollback(data, who="다", why="")
    assert _states(over_snapshots(data)) == [("current", True), ("kept", False)]
    made = propose([write(tmp_path / "c", _shops(), THIRD)], data, who="")
    publish(data, made.id, who="나", why="")
    found = over_snapshots(data)
    assert _states(found) == [("kept", True), ("kept", False), ("current", True)]
    rollback(data, found[1].name, who="다", why="")
    assert _states(over_snapshots(data)) == [("kept", True), ("current", True), ("kept", False)]


def test_a_history_that_says_nonsense_is_not_believed(data: Path) -> None:
    file = data / history.FILE
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    lines[0]["quality"], lines[1]["quality"] = {"permits": "many"}, [1, 2]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert [one.counts for one in over_snapshots(data)] == [BEFORE, AFTER]


def test_a_snapshot_that_cannot_be_read_is_unknown(data: Path) -> None:
    _without_counts(data)
    old = over_snapshots(data)[0]
    (data / old.name / "establishment.parquet").write_bytes(b"PAR1")
    assert [one.counts for one in over_snapshots(data)] == [None, AFTER]


def test_a_folder_without_data_has_nothing(tmp_path: Path) -> None:
    assert over_snapshots(tmp_path / "nothing") == []
