"""Every page in a real browser: it opens, draws, filters, complains of nothing, calls nobody."""

import re
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit

PAGES = ("overview", "openings", "survival", "sales", "footfall", "site", "compare", "about")
WITH_MAP = ("overview", "openings", "survival", "sales", "footfall", "site")


@pytest.mark.parametrize(
    ("visit", "language"),
    [({"color_scheme": "light"}, "한국어"), ({"color_scheme": "dark"}, "English")],
    indirect=["visit"],
    ids=["light Korean", "dark English"],
)
@pytest.mark.parametrize("name", PAGES)
def test_a_deep_link_opens_the_page_whole(visit: Visit, name: str, language: str) -> None:
    visit.open(name, lang=language)
    assert visit.page.get_by_test_id("stAlert").count() == 0
    assert (
        visit.page.get_by_text("합성 자료" if language == "한국어" else "Synthetic data").count()
        > 0
    )
    hangul = re.search("[가-힣]", visit.headline())
    assert bool(hangul) == (language == "한국어")
    found = Axe().run(visit.page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
    if name in WITH_MAP:
        visit.wait_for_map()
    assert visit.errors == []
    assert visit.foreign == []


def test_every_chart_is_drawn(visit: Visit) -> None:
    visit.open("openings")
    charts = visit.page.get_by_test_id("stVegaLiteChart")
    assert charts.count() >= 4
    for chart in charts.all():
        assert chart.locator("svg path, canvas").count() > 0


def click_the_middle_of_the_map(visit: Visit) -> None:
    """Click until it counts: software rendering may be too slow to see a tap in a press."""
    box = visit.page.get_by_test_id("stDeckGlJsonChart").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for attempt in range(8):
        visit.page.mouse.move(x - 3 - attempt, y)
        visit.page.wait_for_timeout(1000)
        visit.page.mouse.click(x, y)
        visit.page.wait_for_timeout(2500)
        if "dong=" in visit.page.url:
            return
    raise AssertionError("no click on the map was taken")


def test_a_click_on_a_dong_filters_and_the_link_keeps_it(visit: Visit) -> None:
    visit.open("overview")
    visit.wait_for_map()
    before = visit.headline()
    colours = visit.map_colours()
    click_the_middle_of_the_map(visit)
    visit.settle()
    dong = parse_qs(urlparse(visit.page.url).query)["dong"][0]
    assert dong.endswith("동")
    assert dong in visit.page.locator("p.eyebrow").inner_text()
    assert visit.headline() != before
    after = visit.headline()
    visit.page.mouse.move(5, 5)
    visit.page.wait_for_timeout(800)
    assert abs(visit.map_colours() - colours) <= 2  # what is not selected is not paled
    visit.open("overview", dong=dong)
    assert visit.headline() == after


def test_filters_stay_when_the_page_and_the_language_change(visit: Visit) -> None:
    visit.open("overview", dong="수완동", trade="카페·찻집")
    visit.page.get_by_role("link", name="창업 생존율").first.click()
    visit.page.wait_for_url(re.compile("/survival"), timeout=20_000)
    visit.settle()
    assert "수완동" in visit.headline()
    visit.page.get_by_text("English", exact=True).click()
    visit.page.wait_for_function(
        "document.querySelector('h1.headline').innerText.replaceAll('\\u2060', '')"
        ".includes('Suwan-dong')",
        timeout=20_000,
    )


def test_a_link_taken_after_a_switch_of_language_says_what_is_chosen(visit: Visit) -> None:
    visit.open("survival", dong="수완동", trade="cafe")
    visit.page.get_by_test_id("stMain").get_by_text("동네", exact=True).first.click()
    visit.page.wait_for_url(re.compile("by="), timeout=20_000)
    visit.settle()
    assert parse_qs(urlparse(visit.page.url).query)["by"] == ["동네"]
    for language, said in (
        (
            "English",
            {"by": ["Neighbourhood"], "dong": ["Suwan-dong"], "trade": ["Cafes and tea houses"]},
        ),
        ("한국어", {"by": ["동네"], "dong": ["수완동"], "trade": ["카페·찻집"]}),
    ):
        visit.page.get_by_text(language, exact=True).click()
        visit.page.wait_for_url(re.compile(urlencode(said, doseq=True).split("&")[0]))
        visit.settle()
        query = parse_qs(urlparse(visit.page.url).query)
        assert {key: query[key] for key in said} == said
        headline = visit.headline()
        visit.page.reload()
        visit.settle()
        assert visit.headline() == headline
        assert {key: parse_qs(urlparse(visit.page.url).query)[key] for key in said} == said


def test_a_period_in_the_link_goes_along_to_other_pages(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/openings?years=2018&years=2021&nobulk=true")
    visit.settle()
    visit.page.get_by_role("link", name="창업 생존율").first.click()
    visit.settle()
    assert "2018년 1월–2021년 12월" in visit.basis()
    query = parse_qs(urlparse(visit.page.url).query)
    assert query["years"] == ["2018", "2021"]
    assert query["nobulk"] == ["true"]


def test_everyday_words_find_trades(visit: Visit) -> None:
    visit.open("overview", trade="커피")
    assert "카페·찻집" in visit.headline()


def test_the_table_and_the_sql_stand_behind_each_figure(visit: Visit) -> None:
    visit.open("openings")
    visit.page.get_by_role("button", name="SQL").first.click()
    visit.page.get_by_text("queries/openings/monthly.sql").wait_for(timeout=20_000)
    visit.page.keyboard.press("Escape")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="CSV").first.click()
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    assert text.startswith("month,opened,closed")


def test_a_map_is_downloaded_as_it_is_shown(visit: Visit) -> None:
    visit.open("openings", lang="English")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Image").first.click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert text.count("<path") == 21  # one a dong
    assert "Synthetic data" in text
    legend = visit.page.locator(".legend").first.inner_text().split()
    assert all(f">{end}<" in text for end in (legend[0], legend[1]))


@pytest.mark.parametrize(
    "visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True, ids=["phone"]
)
@pytest.mark.parametrize("name", PAGES)
def test_a_phone_need_not_scroll_sideways(visit: Visit, name: str) -> None:
    visit.open(name)
    wide = visit.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert wide <= 1


def test_our_typeface_is_used(visit: Visit) -> None:
    visit.open("overview")
    loaded = visit.page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status === 'loaded')"
        ".map(f => f.family.replaceAll('\"', '')))"
    )
    assert "Uridongne Sans" in loaded
    assert "Uridongne Sans Rare" not in loaded
