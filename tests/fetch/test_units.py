"""The systemd units and the README say what the command understands."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from commerce.__main__ import _parser
from commerce.i18n import messages

ROOT = Path(__file__).resolve().parent.parent.parent
UNITS = ROOT / "deploy" / "systemd"


def unit(name: str) -> configparser.ConfigParser:
    # Keys may repeat in a unit, and % and case mean something to systemd.
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / name, encoding="utf-8")
    return parser


def test_the_service_runs_the_command_and_the_timer_runs_the_service() -> None:
    start = unit("commerce-update.service")["Service"]["ExecStart"].split()
    assert start[1:3] == ["-m", "commerce"]
    assert _parser().parse_args(start[3:]).command == "update"
    assert unit("commerce-update.timer")["Timer"]["OnCalendar"].endswith("Asia/Seoul")
    assert unit("commerce-update.timer")["Install"]["WantedBy"] == "timers.target"


def test_each_setting_is_told_by_the_help_in_both_languages() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "commerce/fetch").glob("*.py"))
    known = set(re.findall(r'"(COMMERCE_[A-Z_]+)"', source)) - {"COMMERCE_STATE"}
    assert len(known) > 8
    for language in ("ko", "en"):
        told = messages(language)["cli.update.settings"]
        assert set(re.findall(r"COMMERCE_[A-Z_]+", told)) == known
    text = (UNITS / "commerce-update.service").read_text("utf-8")
    text += (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"COMMERCE_(?:FETCH\w*|DATA_GO_KR_KEY)", text))
    assert named <= known
