"""Every page by Streamlit's own test harness: both languages, hostile links, empty data."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ("overview", "openings", "survival", "sales", "footfall", "site", "compare", "about")
HOSTILE = {
    "dong": ["<script>alert(1)</script>", "'; drop table permit; --", "없는동", "1" * 5000],
    "trade": ["=cmd()", "{trade}", "%s%n", "꽃집", "`", "\u202e"],
    "years": ["9999", "-1"],
    "level": ["../../etc/passwd"],
    "measure": ["__class__"],
    "by": ["dong' or 1=1"],
    "lang": ["xx"],
    "nobulk": ["maybe"],
    "source": ["<img src=x>"],
    "period": ["last12' or 1=1"],
    "band": ["25-99"],
}

#: Where a key of HOSTILE means something, if not on openings.
HOSTILE_ON = {
    "source": ("sales", "footfall"),
    "period": ("sales",),
    "band": ("footfall",),
    "dong": ("openings", "sales", "footfall"),
}


def run(page: str, data: str = "data/demo", **query: list[str] | str) -> AppTest:
    """Run a page with a query string and return what it drew."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    return app.switch_page(f"pages/explore/{page}.py").run()


def html_of(app: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in app.get("html"))


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(ROOT / "data" / "demo"))
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_and_says_that_the_data_is_synthetic(page: str, language: str) -> None:
    app = run(page, lang=language)
    assert not app.exception
    assert ("합성 자료" if language == "한국어" else "Synthetic data") in html_of(app)


@pytest.mark.parametrize("page", PAGES)
def test_hostile_links_fall_back(page: str) -> None:
    app = run(page, **HOSTILE)
    assert not app.exception
    assert "<script>alert" not in html_of(app)


@pytest.mark.parametrize("key", sorted(HOSTILE))
def test_each_hostile_value_falls_back(key: str) -> None:
    for value in HOSTILE[key]:
        for page in HOSTILE_ON.get(key, ("openings",)):
            app = run(page, **{key: [value]})
            assert not app.exception, (page, key, value)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_without_any_permit(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_snapshot: Path
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(empty_snapshot))
    assert not run(page).exception


def test_no_data_at_all_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "something else.csv").write_text("1,2\n")  # an empty folder begins with the demo
    monkeypatch.setenv("COMMERCE_DATA", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "make ingest" in app.error[0].value


def test_a_trade_without_permits_says_so_and_shows_no_zero() -> None:
    app = run("overview", trade=["꽃집"])
    assert not app.exception
    assert any("자유업" in warning.value for warning in app.warning)
    assert not re.search(r"(?<![0-9,])0곳", html_of(app))


def test_an_everyday_word_finds_its_trade() -> None:
    assert "미용실" in html_of(run("overview", trade=["헤어샵"]))


def test_a_link_in_the_other_language_still_means_the_same() -> None:
    korean, english = run("overview", dong=["Suwan-dong"]), run("overview", dong=["수완동"])
    assert html_of(korean).split("headline")[1][:80] == html_of(english).split("headline")[1][:80]
