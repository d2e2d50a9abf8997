"""The command line of publishing: ingest with a dry run, publish, history, rollback."""

from __future__ import annotations

import getpass
import re

import pytest

from commerce.__main__ import main
from commerce.publishing import events, proposals
from tests.ingest.permits import table
from tests.publishing.vintages import FIRST, SECOND, first, many, second, write


@pytest.fixture(params=["ko_KR.UTF-8", "en_US.UTF-8"])
def language(request, monkeypatch):
    monkeypatch.setenv("LC_ALL", request.param)
    monkeypatch.delenv("SRC", raising=False)
    return request.param[:2]


def test_from_a_dry_run_to_the_history_and_back(language, tmp_path, data, capsys):
    where = ["--data", str(data)]
    assert main(["ingest", str(write(tmp_path / "a", first(), FIRST)), *where, "--why", "1"]) == 0
    before = (data / "CURRENT").read_text()
    capsys.readouterr()
    second_file = str(write(tmp_path / "b", second(), SECOND))
    assert main(["ingest", second_file, *where, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert (data / "CURRENT").read_text() == before
    (proposal,) = proposals(data)
    assert proposal.id in shown
    counts = "새로 1건 · 바뀜 5건" if language == "ko" else "1 new · 5 changed"
    assert counts in shown
    assert main(["publish", proposal.id, *where, "--why", "2"]) == 0
    assert len(table(data)) == 21
    assert main(["publish", proposal.id, *where]) == 1
    assert main(["rollback", *where, "--why", "3"]) == 0
    assert (data / "CURRENT").read_text() == before
    capsys.readouterr()
    assert main(["history", *where]) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"(?:까닭|why): (\d)", shown) == ["3", "2", "1"]
    assert {event.who for event in events(data)} == {getpass.getuser()}
    assert main(["history", "--data", str(tmp_path)]) == 0


def test_a_failed_check_wants_a_reason(language, tmp_path, data, capsys):
    where = ["--data", str(data)]
    shops = many(1100)
    for one in shops[:20]:
        one["opened"] = "언젠가"
    file = str(write(tmp_path, shops, FIRST))
    assert main(["ingest", file, *where]) == 1
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert "--confirm" in told.err
    assert not (data / "CURRENT").exists()
    (proposal,) = proposals(data)
    assert main(["publish", proposal.id, *where, "--confirm", "확인"]) == 0
    assert events(data)[0].confirmed == "확인"
    assert events(data)[0].failed == ("rows_refused",)
