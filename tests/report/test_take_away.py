"""The end of the site page: a report is made in the background, offered, and may fail politely."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from commerce.snapshot import DEMO_DIR
from commerce.ui import take_away
from tests.ui.test_pages import ROOT, run

POINT = "at:126.82143,35.19014"


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(DEMO_DIR))
    monkeypatch.chdir(ROOT)


def press(app: AppTest) -> AppTest:
    """Press the button, wait for the report, and return the page as it is then."""
    next(b for b in app.button if b.key == "take_away_make").click().run()
    job = app.session_state["take_away"]
    job.future.exception(timeout=120)
    return app.run()


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_a_report_is_made_on_the_page_in_its_language(language: str) -> None:
    app = press(run("site", lang=language, at=POINT, trade=["cafe"]))
    assert not app.exception
    files = app.session_state["take_away"].files
    assert files["pdf"].startswith(b"%PDF-")
    assert files["zip"].startswith(b"PK")
    korean = language == "한국어"
    assert (b'<html lang="ko"' if korean else b'<html lang="en"') in files["html"]
    offered = [block.label for block in app.get("download_button")]
    assert {"HTML", "PDF", "CSV 묶음" if korean else "CSV bundle"} <= set(offered)


def test_a_report_that_fails_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(take_away, "gather", broken)
    app = press(run("site", at=POINT, trade=["cafe"]))
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.startswith("리포트를 만들지 못했습니다.")
    assert "secret" not in app.error[0].value


def test_costs_that_were_typed_are_in_the_report() -> None:
    app = press(run("site", at=POINT, trade=["cafe"], cost_rent="7770000"))
    document = app.session_state["take_away"].files["html"].decode()
    assert "777만 원" in document
    assert "비용을 바꾸지 않아" not in document


def test_without_costs_the_report_says_that_they_are_placeholders() -> None:
    app = press(run("site", at=POINT, trade=["cafe"]))
    assert "비용을 바꾸지 않아" in app.session_state["take_away"].files["html"].decode()


def test_a_choice_changed_since_is_said() -> None:
    app = press(run("site", at=POINT, trade=["cafe"]))
    captions = " ".join(str(block.value) for block in app.caption)
    assert "고른 것이 바뀌었습니다" not in captions
    app.slider(key="radius").set_value(500).run()
    captions = " ".join(str(block.value) for block in app.caption)
    assert "고른 것이 바뀌었습니다" in captions


def test_a_number_of_a_link_is_held_within_its_limits() -> None:
    assert take_away._within(1e99, 0, 1e10) == 1e10
    assert take_away._within(-5, 0, 1e10) == 0
    assert take_away._within(float("nan"), 1, 31) == 1
    assert take_away._within(26, 1, 31) == 26


def test_the_link_of_a_report_opens_the_same_page() -> None:
    app = press(run("site", at=POINT, trade=["cafe"], radius="500", lang="English"))
    link = app.session_state["take_away"].key[-1]
    if link:  # an app under test may have no address
        asked = parse_qs(urlsplit(link).query)
        assert asked == {"at": [POINT], "radius": ["500"], "trade": ["cafe"], "lang": ["English"]}
