"""``python -m commerce sql``: exit status, one sentence, and the place of an error."""

from __future__ import annotations

import io
import json

import pytest

from commerce.__main__ import main
from tests.sandbox.conftest import Place


@pytest.mark.parametrize("language", ["ko_KR.UTF-8", "en_US.UTF-8"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["select count(*) from permit"], 0),
        (
            ["select name_ko from dong where dong_code = any($dong_codes)", "-p", "dong_codes=1,2"],
            0,
        ),
        (["select count(*) from range(10000000000000)"], 1),
        (["drop table dong"], 1),
        (["select a from"], 1),
        (["select * from range(10001)"], 1),
        (["select $a", "-p", "b=1"], 1),
        (["select 1", "-p", "nothing"], 2),
        (["select 1", "--format", "xml"], 2),
        ([], 2),
    ],
)
def test_exit_status_and_one_sentence(
    arguments: list[str],
    status: int,
    language: str,
    place: Place,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    if "10000000000000" in str(arguments):
        monkeypatch.setenv("COMMERCE_SQL_SECONDS", "1")
    assert main(["sql", *arguments, "--data", str(place.data)]) == status
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    assert bool(shown.err.strip()) == bool(status)
    if status:
        assert any("가" <= letter <= "힣" for letter in shown.err) == language.startswith("ko")


def test_the_place_of_an_error_is_shown(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    sql = "select name_ko,\n  are_km2\nfrom dong"
    assert main(["sql", sql, "--data", str(place.data)]) == 1
    sentence, line, caret = capsys.readouterr().err.rstrip("\n").split("\n")
    assert sentence.startswith("Line 2, column 3:")
    assert "area_km2" in sentence
    assert (line, caret) == ("  are_km2", "  ^")


def test_a_statement_from_standard_input_as_json(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select '수완동' as 이름, sum(1) as n"))
    assert main(["sql", "-", "--data", str(place.data), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"이름": "수완동", "n": 1}]
