"""The command line: exit status, one sentence on standard error, no traceback."""

from pathlib import Path

import pytest

from commerce.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
DEMO = str(ROOT / "data" / "demo")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["query", "openings/monthly", "--data", DEMO], 0),
        (["query", "openings/monthly", "-p", "from_month=2024-01", "--data", DEMO], 0),
        (["query", "openings/by_dong", "-p", "category_ids=cafe,bakery", "--data", DEMO], 0),
        (["query", "openings/monthly", "--data", "/nowhere"], 1),
        (["query", "no/such", "--data", DEMO], 2),
        (["query", "../../etc/passwd", "--data", DEMO], 2),
        (["query", "openings/monthly", "-p", "from_month=soon", "--data", DEMO], 2),
        (["query", "openings/monthly", "-p", "nope=1", "--data", DEMO], 2),
        (["query", "openings/monthly", "-p", "nothing", "--data", DEMO], 2),
        (["query", "openings/monthly", "--format", "xml", "--data", DEMO], 2),
        (["dance"], 2),
        ([], 2),
        (["ingest"], 2),
        (["demo", "--data", "x", "--scale", "0"], 2),
    ],
)
@pytest.mark.parametrize("language", ["ko_KR.UTF-8", "en_US.UTF-8"])
def test_exit_status_and_one_sentence(
    arguments: list[str],
    status: int,
    language: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    monkeypatch.delenv("SRC", raising=False)
    assert main(arguments) == status
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    if status:
        assert shown.err.strip()
        assert not shown.out
        hangul = any("가" <= letter <= "힣" for letter in shown.err)
        assert hangul == language.startswith("ko")


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
def test_every_format_is_written(form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["query", "openings/monthly", "--data", DEMO, "--format", form]) == 0
    assert capfdbinary.readouterr().out
