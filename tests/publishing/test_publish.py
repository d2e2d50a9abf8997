"""The switch: who may publish what, going back, pruning, a full disk, clocks, two at once."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from commerce import snapshot as snapshots
from commerce.errors import Refused, UsageError
from commerce.ingest import lock, space
from commerce.publishing import (
    discard,
    events,
    history,
    load,
    proposals,
    propose,
    publish,
    rollback,
)
from commerce.publishing.checks import CheckResult
from commerce.publishing.proposal import Proposal
from tests.ingest.permits import table
from tests.publishing.vintages import FIRST, SECOND, first, second, write

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """A data folder with the first version published and the second proposed twice."""
    folder = tmp_path_factory.mktemp("template")
    data = folder / "data"
    made = propose([write(folder / "a", first(), FIRST)], data, who="가람")
    publish(data, made.id, who="가람", why="처음")
    second_file = write(folder / "b", second(), SECOND)
    for _ in range(2):
        propose([second_file], data, who="나리")
    return data


@pytest.fixture
def data(template, tmp_path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "data"))


def served(data: Path) -> tuple[str, int]:
    return (data / "CURRENT").read_text().strip(), len(table(data))


def test_the_history_says_who_when_and_why(data):
    before = served(data)[0]
    start = dt.datetime.now(dt.UTC)
    snapshot = publish(data, proposals(data)[0].id, who="나리", why=" 5월치 ")
    assert served(data) == (snapshot.path.name, 21)
    newest, oldest = events(data)
    assert (newest.who, newest.action, newest.why) == ("나리", "publish", "5월치")
    assert (newest.snapshot, newest.before) == (snapshot.path.name, before)
    assert start <= newest.at <= dt.datetime.now(dt.UTC)
    assert (oldest.who, oldest.why, oldest.before) == ("가람", "처음", None)
    manifest = json.loads((snapshot.path / "manifest.json").read_text("utf-8"))
    assert manifest["event"]["why"] == "5월치"
    assert manifest["sources"][0]["rows_in"] == 20
    assert manifest["checks"]


def test_somebody_published_in_between(data):
    one, other = proposals(data)
    publish(data, one.id, who="가", why="")
    with pytest.raises(Refused, match="그사이") as caught:
        publish(data, other.id, who="나", why="")
    assert "\n" not in str(caught.value)
    assert served(data)[0] == events(data)[0].snapshot
    assert [proposal.id for proposal in proposals(data)] == [other.id]
    discard(data, other.id)
    assert proposals(data) == []
    with pytest.raises(Refused, match="없습니다"):
        publish(data, other.id, who="나", why="")
    with pytest.raises(Refused):
        load(data, "../../etc")


def _failing(data: Path) -> Proposal:
    """Let a proposal on disk have a blocking check that failed."""
    proposal = proposals(data)[0]
    file = proposal.folder / "proposal.json"
    found = json.loads(file.read_text("utf-8"))
    found["checks"][0] |= {"passed": False, "value": 3.0, "n": 100, "level": "block"}
    file.write_text(json.dumps(found), encoding="utf-8")
    return load(data, proposal.id)


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_blocking_check_wants_a_reason(data, reason):
    proposal = _failing(data)
    assert [check.id for check in proposal.blocking] == ["columns"]
    before = served(data)
    with pytest.raises(Refused, match="검사 1건") as caught:
        publish(data, proposal.id, who="나리", why="", confirmed=reason)
    assert "\n" not in str(caught.value)
    assert served(data) == before


def test_the_reason_is_kept(data):
    proposal = _failing(data)
    snapshot = publish(data, proposal.id, who="나리", why="", confirmed="구청에 확인함")
    event = events(data)[0]
    assert (event.confirmed, event.failed) == ("구청에 확인함", ("columns",))
    manifest = json.loads((snapshot.path / "manifest.json").read_text("utf-8"))
    assert manifest["event"]["confirmed"] == "구청에 확인함"
    assert manifest["event"]["failed"] == ["columns"]


def test_a_reason_without_need_is_no_confirmation(data):
    publish(data, proposals(data)[0].id, who="나리", why="", confirmed="그냥")
    assert events(data)[0].confirmed is None


def test_going_back_and_forth(data):
    before, rows = served(data)
    after = publish(data, proposals(data)[0].id, who="나리", why="").path.name
    assert rollback(data, who="다온", why="틀림").path.name == before
    assert served(data) == (before, rows)
    assert (events(data)[0].action, events(data)[0].who, events(data)[0].before) == (
        "rollback",
        "다온",
        after,
    )
    with pytest.raises(Refused, match="앞선 자료가"):
        rollback(data, who="다온", why="")
    rollback(data, after, who="다온", why="")
    assert served(data)[0] == after
    for name in ("nothing", "../data", ".proposed-" + proposals(data)[0].id):
        with pytest.raises(Refused):
            rollback(data, name, who="다온", why="")
    assert served(data)[0] == after


def test_after_going_back_the_dry_runs_of_then_fit_again(data):
    one, other = proposals(data)
    publish(data, one.id, who="가", why="")
    rollback(data, who="가", why="")
    publish(data, other.id, who="나", why="")
    assert [event.action for event in events(data)] == ["publish", "rollback", "publish", "publish"]


def test_old_snapshots_are_pruned_by_a_setting(data, monkeypatch):
    monkeypatch.setenv("COMMERCE_KEEP", "2")
    oldest = served(data)[0]
    one, other = proposals(data)
    middle = publish(data, one.id, who="가", why="").path.name
    assert snapshots.history(data) == [oldest, middle]
    rollback(data, who="가", why="")
    newest = publish(data, other.id, who="가", why="").path.name
    assert snapshots.history(data) == [middle, newest]
    pruned = events(data)[0]
    assert (pruned.action, pruned.snapshot) == ("prune", oldest)
    for wrong in ("1", "0", "-3", "many"):
        monkeypatch.setenv("COMMERCE_KEEP", wrong)
        with pytest.raises(UsageError, match="COMMERCE_KEEP"):
            snapshots.keep()


def test_proposals_of_a_week_ago_go(data, tmp_path, monkeypatch):
    later = history.now() + dt.timedelta(days=7, minutes=5)
    monkeypatch.setattr(history, "now", lambda: later)
    made = propose([write(tmp_path / "c", second(), SECOND)], data, who="")
    assert [proposal.id for proposal in proposals(data)] == [made.id]


def test_the_disk_is_looked_at_before_anything_is_built(data, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    file = write(tmp_path / "c", second(), SECOND)
    before, names = served(data), sorted(path.name for path in data.iterdir())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 2**20, 2**20))
    with pytest.raises(Refused, match=r"MB쯤 필요한데 1\.0MB 남았습니다") as caught:
        propose([file], data, who="")
    assert "\n" not in str(caught.value)
    assert (served(data), sorted(path.name for path in data.iterdir())) == (before, names)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(Refused, match="남았습니다"):
        publish(data, proposals(data)[0].id, who="", why="")
    assert served(data) == before


def test_the_estimate_covers_what_was_written(data):
    snapshot = snapshots.resolve(data)
    for proposal in proposals(data):
        read = Path(proposal.sources[0].shown).stat().st_size
        assert (
            proposal.size <= space.folder_size(snapshot.path) + space.PER_BYTE * read + space.MARGIN
        )


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from commerce.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("limit", [300, 6_000])
def test_a_disk_that_fills_midway_leaves_the_old_data(data, tmp_path, limit):
    """No file may grow beyond the limit: what the system answers is an error like a full disk's."""
    file = write(tmp_path / "c", second(), SECOND)
    before = served(data)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), "ingest", str(file), "--data", str(data)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "ko_KR.UTF-8", "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "디스크가 가득" in done.stderr
    assert "Traceback" not in done.stderr
    assert served(data) == before
    assert not list(data.glob(".building-*"))


@pytest.mark.parametrize("at", ["place", "switch"])
def test_a_disk_that_fills_at_the_switch_leaves_the_dry_run_too(data, monkeypatch, at):
    before = served(data)
    ids = {proposal.id for proposal in proposals(data)}
    with monkeypatch.context() as patched:

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr(snapshots, at, fail)
        with pytest.raises(Refused, match="디스크가 가득"):
            publish(data, proposals(data)[0].id, who="", why="")
    assert served(data) == before
    assert {proposal.id for proposal in proposals(data)} == ids
    publish(data, proposals(data)[0].id, who="", why="")
    assert served(data)[1] == 21


def test_clocks_that_go_back_do_not_shuffle(data, monkeypatch):
    class Slow(dt.datetime):
        @classmethod
        def now(cls, zone=None):
            return dt.datetime(2001, 1, 1, tzinfo=zone)

    monkeypatch.setattr(snapshots, "datetime", Slow)
    monkeypatch.setattr(history, "now", lambda: Slow.now(dt.UTC))
    old = served(data)[0]
    one, other = proposals(data)
    new = publish(data, one.id, who="가", why="옛 시각").path.name
    assert "20010101" in new
    assert snapshots.history(data) == [old, new]
    assert [event.snapshot for event in events(data)] == [new, old]
    assert rollback(data, who="가", why="").path.name == old
    again = publish(data, other.id, who="가", why="").path.name
    assert len({old, new, again}) == 3
    assert snapshots.history(data) == [old, new, again]


def test_names_of_before_and_of_now_are_in_order(tmp_path):
    for name in ("20261125T214132Z-d5e93d", "000002-20200101T000000Z", "000011-20190101T000000Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "dataset.parquet").touch()
    assert snapshots.history(tmp_path) == [
        "20261125T214132Z-d5e93d",
        "000002-20200101T000000Z",
        "000011-20190101T000000Z",
    ]
    assert snapshots.next_name(tmp_path).startswith("000012-")


def test_a_torn_history_spoils_only_its_line(data):
    path = data / history.FILE
    path.write_bytes(path.read_bytes() + b'{"at": "2026-01-01T00:00:0')
    assert [event.who for event in events(data)] == ["가람"]
    publish(data, proposals(data)[0].id, who="나리", why="")
    assert [event.who for event in events(data)] == ["나리", "가람"]
    path.write_bytes(b"\xff\xfe[1]\n\nnull\n3\n" + path.read_bytes())
    assert [event.who for event in events(data)] == ["나리", "가람"]


@pytest.mark.parametrize("point", ["intend", "place", "switch", "append"])
def test_killed_at_each_step_the_record_is_finished(data, monkeypatch, point):
    """Each step is the last that the process did; what comes next must finish the record."""
    old = served(data)[0]
    one = proposals(data)[0]
    module = snapshots if point in ("place", "switch") else history
    real_step = getattr(module, point)

    class Killed(BaseException):
        pass

    def stop(*given: object) -> None:
        real_step(*given)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module, point, stop)
        if point in ("intend", "place", "switch"):  # a killed process settles nothing
            patched.setattr(history, "settle", lambda _: None)
        with pytest.raises(Killed):
            publish(data, one.id, who="나리", why="끊김")
    switched = point in ("switch", "append")
    assert (served(data)[0] == old) is not switched
    assert [event.why for event in events(data)] == (["끊김"] * switched + ["처음"])
    if switched:
        rollback(data, who="다온", why="")
        assert [event.why for event in events(data)] == ["", "끊김", "처음"]
    else:
        publish(data, one.id, who="나리", why="다시")
        assert [event.why for event in events(data)] == ["다시", "처음"]
        assert len(snapshots.history(data)) == 2


def _hold(data, ready, done):
    with lock.hold(data):
        ready.set()
        done.wait(60)


def test_while_one_publishes_the_other_is_told(data, tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(data, ready, done))
    other.start()
    try:
        assert ready.wait(60)
        for attempt in (
            lambda: publish(data, proposals(data)[0].id, who="", why=""),
            lambda: rollback(data, served(data)[0], who="", why=""),
            lambda: discard(data, proposals(data)[0].id),
            lambda: propose([write(tmp_path / "c", second(), SECOND)], data, who=""),
        ):
            with pytest.raises(Refused, match="진행 중"):
                attempt()
    finally:
        done.set()
        other.join()
    publish(data, proposals(data)[0].id, who="", why="")


def _publish(data, id, barrier, answers):
    barrier.wait(60)
    try:
        answers.put(("ok", publish(data, id, who=id, why="").path.name))
    except Refused as error:
        answers.put((error.key, str(error)))


def test_of_two_at_once_one_publishes(data):
    """Two processes publish two dry runs of one base: one is served, the other told why not."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(2), context.Queue()
    both = [
        context.Process(target=_publish, args=(data, proposal.id, barrier, answers))
        for proposal in proposals(data)
    ]
    for process in both:
        process.start()
    found = dict(answers.get(timeout=120) for _ in both)
    for process in both:
        process.join()
    assert len(found) == 2
    assert served(data)[0] == found.pop("ok")
    assert set(found) <= {"ingest.locked", "publishing.base_changed"}
    assert len(events(data)) == 2


def test_sentences_of_checks_are_of_the_reader(data):
    from commerce.i18n import set_language

    check = CheckResult("permits_renamed", "establishment", "block", False, 12.34, 10, 2000, "가")
    assert check.sentence == "이름이 바뀐 인허가(%): 12.3 (가), 기준 10을 넘었습니다."
    set_language("en")
    assert check.sentence == "Permits with another name (%): 12.3 (가), more than the 10 allowed."
