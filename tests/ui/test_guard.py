"""What a staff page says to each kind of reader, where people sign in; and to which it opens."""

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from commerce.ui import guard

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ("127.0.0.1", [("Host", "localhost:8501")])
KIM = {"is_logged_in": True, "sub": "1", "email": "kim@x.kr", "email_verified": True}


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Claims of whoever opens the page, at the machine itself, where people sign in."""
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path))
    monkeypatch.setenv("COMMERCE_DATA", str(ROOT / "data" / "demo"))
    monkeypatch.setenv("COMMERCE_CONTACT", "상권팀 <062>")
    monkeypatch.chdir(ROOT)
    (tmp_path / "secrets.toml").write_text("[auth]\n")
    (tmp_path / "staff.txt").write_text("kim@x.kr\n")
    found: dict[str, Any] = {}
    monkeypatch.setattr(guard, "_connection", lambda: HOME)
    monkeypatch.setattr(guard, "_claims", lambda: found)
    monkeypatch.setattr(guard, "_can_sign_in", lambda: True)
    return found


def opened(language: str = "한국어") -> tuple[AppTest, str, set[str]]:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["lang"] = language
    app.run()
    app = app.switch_page("pages/staff/workbench.py").run()
    assert not app.exception
    words = " ".join(str(block.proto.body) for block in app.get("html"))
    return app, words, {str(button.key) for button in app.button}


@pytest.mark.parametrize(
    ("given", "korean", "english"),
    [
        ({}, "직원만", "for staff"),
        (KIM | {"email": "lee@x.kr"}, "명단에 없는", "not on the staff list"),
        (KIM | {"email": None, "sub": "<img src=x>"}, "명단에 없는", "not on the staff list"),
        (KIM | {"email_verified": False}, "확인되지 않은", "not verified"),
        (KIM | {"iat": 1}, "오래되어", "expired"),
    ],
)
@pytest.mark.parametrize("language", ["한국어", "English"])
def test_others_are_told_why_and_what_to_do(
    claims: dict[str, Any], given: dict[str, Any], korean: str, english: str, language: str
) -> None:
    claims |= {"iat": time.time()} | given if given else {}
    app, words, buttons = opened(language)
    assert (korean if language == "한국어" else english) in words
    assert "sign_in_here" in buttons
    assert ("sign_out" in buttons) == bool(given)
    assert not [key for key in buttons if key.startswith("workbench")]
    assert not app.text_area
    assert "<img" not in words
    assert "<062>" not in words
    if given.get("email") == "lee@x.kr":
        assert "lee<wbr>@x.kr" in words
        assert "상권팀 &lt;062&gt;" in words


def test_staff_come_in_and_may_sign_out(claims: dict[str, Any]) -> None:
    claims |= KIM | {"iat": time.time()}
    _, _, buttons = opened()
    assert "workbench_run" in buttons
    assert "sign_out" in buttons
    assert "sign_in_here" not in buttons


def test_who_stays_in_somebody_elses_hands_is_nobody(
    claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(guard.config, "get_option", lambda _name: {"X-User": "email"})
    assert guard._claims() == {}
    del claims


def test_settings_that_came_after_the_start_shut_the_doors_and_ask_for_a_restart(
    claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_can_sign_in", lambda: False)
    app, words, buttons = opened()
    assert "직원만" in words
    assert "sign_in_here" not in buttons
    assert any("다시 시작" in str(block.value) for block in app.markdown)
    assert claims == {}
