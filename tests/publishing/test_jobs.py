"""Dry runs in a process of their own: progress, cancel, reloads, restarts, refusals."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from pathlib import Path

import pytest

from commerce.errors import Refused
from commerce.i18n import set_language
from commerce.publishing import Options, jobs, proposals
from tests.publishing.vintages import FIRST, first, many, write


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def wait(job: jobs.Job, until=lambda state: state.done, seconds: float = 120) -> jobs.JobState:
    end = time.monotonic() + seconds
    while not until(state := job.state()):
        assert time.monotonic() < end, state
        time.sleep(0.02)
    return state


def lives(group: int) -> bool:
    """Whether a process group is still there after four seconds at most."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    return True


def test_a_job_makes_a_proposal_and_a_reload_finds_it(state, data, tmp_path):
    inbox = jobs.inbox(state)
    file = write(inbox, first(), FIRST)
    begun = jobs.start(state, data, [file], who="나리", options=Options())
    assert begun.folder == inbox.parent
    again = jobs.job(state, begun.id)  # as another session sees it
    assert again == begun
    assert jobs.jobs(state) == [begun]
    ended = wait(again)
    assert (ended.phase, ended.failed, ended.share) == ("done", None, 1.0)
    (proposal,) = proposals(data)
    assert (ended.proposal_id, proposal.who) == (proposal.id, "나리")
    assert (proposal.report.rows_in, ended.rows) == (20, 20)
    assert not (data / "CURRENT").exists()
    begun.cancel()  # too late, and no error
    assert begun.state() == ended


def test_a_refusal_is_a_sentence_in_the_language_of_the_reader(state, data, tmp_path):
    path = tmp_path / "식품_일반음식점.csv"
    path.write_bytes(b"")
    job = jobs.start(state, data, [path], who="", options=Options())
    ended = wait(job)
    assert ended.phase == "failed"
    assert "빈 파일" in ended.failed
    set_language("en")
    assert "empty" in job.state().failed


def test_options_reach_the_ingest(state, data, tmp_path):
    file = write(tmp_path, first(), FIRST)
    options = Options(district="99999", fresh=True)
    job = jobs.start(state, data, [file], who="", options=options)
    assert jobs.job(state, job.id).options == options
    assert "99999" in wait(job).failed


def test_cancelling_ends_the_process_and_what_it_built(state, data, tmp_path):
    file = write(tmp_path, many(30_000), FIRST)
    job = jobs.start(state, data, [file], who="", options=Options())
    wait(job, lambda found: found.phase == "reading" or list(data.glob(".building-*")))
    group = json.loads((job.folder / "process.json").read_text())["group"]
    job.cancel()
    assert job.state().phase == "cancelled"
    assert job.state().done
    assert not lives(group)
    assert proposals(data) == []


def test_a_job_whose_process_was_killed_is_told_as_stopped(state, data, tmp_path):
    file = write(tmp_path, many(3_000), FIRST)
    job = jobs.start(state, data, [file], who="", options=Options())
    os.killpg(json.loads((job.folder / "process.json").read_text())["group"], signal.SIGKILL)
    ended = wait(job)
    assert (ended.phase, ended.proposal_id) == ("stopped", None)
    assert not (data / "CURRENT").exists()


def test_progress_goes_up_and_tells_what_is_left(state, tmp_path):
    folder = state / "jobs" / "0123456789ab"
    folder.mkdir(parents=True)
    told = {"id": folder.name, "data_dir": "d", "who": "", "files": ["a"], "options": {
        "district": None, "fresh": False, "snapshot_on": None},
        "started_at": "2026-01-01T00:00:00+00:00"}  # fmt: skip
    (folder / "job.json").write_text(json.dumps(told))
    job = jobs.job(state, folder.name)
    with (folder / "alive").open("w") as alive:  # as its process holds it
        fcntl.flock(alive, fcntl.LOCK_EX)
        assert job.state().phase == "starting"
        from commerce.publishing.__main__ import Progress

        progress = Progress(folder)
        progress("files/가.csv", 500, 0.25)
        found = job.state()
        assert (found.phase, found.file, found.rows, found.share) == (
            "reading",
            "가.csv",
            500,
            0.25,
        )
        assert found.seconds_left == pytest.approx(found.seconds * 3)
        progress("files/가.csv", 2000, 1.0, True)
        assert (job.state().phase, job.state().seconds_left) == ("building", None)
        progress.tell("checking")
        assert job.state().phase == "checking"
    assert job.state().phase == "stopped"


def test_unknown_and_damaged_jobs(state):
    for id in ("", "../..", "0123456789ab", "x" * 12):
        assert jobs.job(state, id) is None
    (state / "jobs" / "0123456789ab").mkdir(parents=True)
    (state / "jobs" / "0123456789ab" / "job.json").write_text("{")
    assert jobs.jobs(state) == []


def test_a_state_folder_that_cannot_be_written(tmp_path, data):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(Refused, match="COMMERCE_STATE"):
        jobs.start(tmp_path / "state", data, [tmp_path], who="", options=Options())
