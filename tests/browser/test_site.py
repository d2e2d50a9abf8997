"""The site report in a real browser: a place is typed, chosen by keyboard or clicked on a map, and
becomes the link; the report to take away is downloaded and opened."""

import io
import json
import math
import re
from html import unescape
from urllib.parse import parse_qs, unquote, urlparse

import duckdb
import h3
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from tests.browser.conftest import ROOT, Visit

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


def points_of(boundary: str) -> list[list[float]]:
    geometry = json.loads(boundary)
    polygons = geometry["coordinates"]
    rings = polygons if geometry["type"] == "Polygon" else [r for p in polygons for r in p]
    return [point for ring in rings for point in ring]


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Return where a point lies on a square of side 1 that holds the whole world."""
    turned = math.radians(lat)
    return lon / 360, -math.log(math.tan(math.pi / 4 + turned / 2)) / (2 * math.pi)


def click_at(map_: Locator, lon: float, lat: float) -> None:
    """Click a point on a map that shows the whole district, 345 px wide or as high as it is."""
    rows = duckdb.connect().execute(
        "select boundary from read_parquet($f)", {"f": str(ROOT / "data/demo/dong.parquet")}
    )
    points = [point for (text,) in rows.fetchall() for point in points_of(text)]
    corners = [mercator(*point) for point in points]
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    north, south = min(y for _, y in corners), max(y for _, y in corners)
    scale = min(345 / (east - west), (410 - 16) / (south - north))
    middle_lat = (min(p[1] for p in points) + max(p[1] for p in points)) / 2
    middle = mercator((min(p[0] for p in points) + max(p[0] for p in points)) / 2, middle_lat)
    x, y = mercator(lon, lat)
    box = map_.bounding_box()
    assert box
    at = {
        "x": box["width"] / 2 + (x - middle[0]) * scale,
        "y": box["height"] / 2 + (y - middle[1]) * scale,
    }
    # A map that was never pointed at may miss the first click: people point before they click.
    address = map_.page.url
    for _ in range(5):
        map_.hover(position=at)  # type: ignore[arg-type]
        map_.page.wait_for_timeout(700)
        map_.click(position=at)  # type: ignore[arg-type]
        for _ in range(20):
            if map_.page.url != address:
                return
            map_.page.wait_for_timeout(250)


def test_a_dong_clicked_on_the_map_is_the_place(visit: Visit) -> None:
    visit.open("site")
    visit.wait_for_map()
    code, name, lon, lat = (
        duckdb.connect()
        .execute(
            "select dong_code, name_ko, label_lon, label_lat from read_parquet($f)"
            " where name_ko = '본량동'",
            {"f": str(ROOT / "data/demo/dong.parquet")},
        )
        .fetchall()[0]
    )
    click_at(visit.page.get_by_test_id("stDeckGlJsonChart").first, lon, lat)
    visit.page.wait_for_url("**at=dong**", timeout=20_000)
    visit.settle()
    assert parse_qs(urlparse(visit.page.url).query)["at"] == [f"dong:{code}"]
    assert name in visit.page.locator("p.eyebrow").inner_text()
    assert visit.errors == []


def test_a_cell_clicked_on_the_map_of_closures_is_the_place(visit: Visit) -> None:
    visit.open("site", at="at:126.82143,35.19014")
    cells = visit.page.locator(".st-key-figure-site-spots").get_by_test_id("stDeckGlJsonChart")
    cells.wait_for(timeout=60_000)
    cells.scroll_into_view_if_needed()
    visit.page.wait_for_timeout(3000)
    # The cell in which most shops stand, by a count of our own.
    cell = (
        duckdb.connect()
        .execute(
            "select h3_9 from read_parquet($f) where h3_9 is not null"
            " group by h3_9 order by count(*) desc, h3_9 limit 1",
            {"f": str(ROOT / "data/demo/establishment.parquet")},
        )
        .fetchall()[0][0]
    )
    lat, lon = h3.cell_to_latlng(cell)
    click_at(cells, lon, lat)
    visit.page.wait_for_url(re.compile(rf"at=at(:|%3A){lon:.5f}(,|%2C){lat:.5f}"), timeout=20_000)
    visit.settle()
    assert f"{lat:.5f}, {lon:.5f}" in visit.page.locator("p.eyebrow").inner_text()
    assert visit.errors == []


def test_the_report_to_take_away_is_downloaded_and_can_be_opened(visit: Visit) -> None:
    visit.open("site", **PLACE)
    link = visit.page.url
    visit.page.get_by_role("button", name="리포트 만들기").click()
    files: dict[str, bytes] = {}
    for form, label in (("html", "HTML"), ("pdf", "PDF")):
        offer = visit.page.get_by_role("button", name=label, exact=False).last
        offer.wait_for(timeout=90_000)
        with visit.page.expect_download() as waiting:
            offer.click()
        assert waiting.value.suggested_filename.endswith(f".{form}")
        files[form] = waiting.value.path().read_bytes()
    page = unescape(files["html"].decode())
    sheets = pypdf.PdfReader(io.BytesIO(files["pdf"])).pages
    printed = "".join("".join(sheet.extract_text() for sheet in sheets).split())
    (snapshot,) = re.findall(r"<dt>스냅샷</dt><dd>(.*?)</dd>", page)
    assert snapshot
    for words in ("첨단1동", "카페·찻집", snapshot):
        assert words in page
        assert words.replace(" ", "") in printed
    # The link printed on it leads back to the same place and trade.
    written = re.search(r"https?://[^<\s]+at=dong[^<\s]*", page)
    assert written
    asked = parse_qs(urlparse(written[0]).query)
    assert asked["at"] == [PLACE["at"]] == parse_qs(urlparse(link).query)["at"]
    assert unquote(written[0]) in unquote(printed.replace("\u200b", ""))
    assert visit.errors == []
