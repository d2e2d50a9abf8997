"""The site report in a real browser: a place is typed, chosen by keyboard, and becomes the link."""

from urllib.parse import parse_qs, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit

PLACE = {"at": "dong:1233062400", "trade": "카페·찻집"}


def test_initial_consonants_find_a_dong_and_the_link_keeps_it(visit: Visit) -> None:
    visit.open("site")
    before = visit.headline()
    box = visit.page.get_by_role("combobox", name="장소나 업종")
    box.click()
    box.press_sequentially("ㅅㅇㄷ", delay=80)
    visit.page.get_by_role("option", name="수완동").first.wait_for(timeout=15_000)
    box.press("Enter")
    visit.page.wait_for_url("**at=dong**", timeout=15_000)
    visit.settle()
    assert parse_qs(urlparse(visit.page.url).query)["at"][0].startswith("dong:")
    assert "수완동" in visit.page.locator("p.eyebrow").inner_text()
    assert visit.headline() != before
    assert visit.errors == []
    assert visit.foreign == []


@pytest.mark.parametrize(
    "visit",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}],
    indirect=True,
    ids=["light", "dark"],
)
@pytest.mark.parametrize(
    ("name", "query"),
    [("site", PLACE), ("compare", PLACE | {"at": "dong:1233058000"})],
)
def test_axe_finds_no_serious_violation(visit: Visit, name: str, query: dict[str, str]) -> None:
    visit.open(name, **query)
    found = Axe().run(visit.page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
    assert visit.errors == []


@pytest.mark.parametrize(
    "visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True, ids=["phone"]
)
def test_the_report_fits_a_phone(visit: Visit) -> None:
    visit.open("site", **PLACE)
    wide = visit.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert wide <= 1
