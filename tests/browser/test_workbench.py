"""The workbench in a real browser: typing, completing, running, cancelling, downloading."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FrameLocator, expect

from tests.browser.conftest import Visit


def editor(visit: Visit) -> FrameLocator:
    """Return the editor, ready and empty, with the keyboard in it."""
    found = visit.page.frame_locator('iframe[title*="sql_editor"]')
    found.locator("#editor .ace_content").click()
    visit.page.keyboard.press("Control+A")
    visit.page.keyboard.press("Delete")
    return found


def complete(visit: Visit, frame: FrameLocator, word: str) -> None:
    """Complete to ``word`` from the list; where that closed before it was taken, open it anew."""
    shown = frame.locator(".ace_autocomplete:visible .ace_line").first
    for _ in range(5):
        expect(shown).to_contain_text(word.rpartition(".")[2], timeout=30_000)
        visit.page.keyboard.press("Enter")
        try:
            expect(frame.locator("#editor .ace_text-layer")).to_contain_text(word, timeout=5_000)
        except AssertionError:
            visit.page.keyboard.press("Backspace")  # a new line was begun instead
            visit.page.keyboard.press("Control+Space")
        else:
            return
    raise AssertionError("nothing was completed")


def test_a_query_is_typed_completed_run_and_downloaded(visit: Visit) -> None:
    visit.open("workbench")
    frame = editor(visit)
    visit.page.keyboard.type("select dong_code, count(*) as n from permit p where p.dong", delay=30)
    complete(visit, frame, "p.dong_code")
    visit.page.keyboard.type(" is not null group by all order by n desc ", delay=10)
    visit.page.keyboard.press("Control+Enter")
    visit.page.get_by_text(re.compile("21행 × 2열")).wait_for(timeout=60_000)
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="CSV").last.click()
    lines = waiting.value.path().read_bytes().decode("utf-8-sig").splitlines()
    assert lines[0] == "dong_code,n"
    assert len(lines) == 22
    visit.page.get_by_text("지도", exact=True).click()
    visit.wait_for_map()
    assert visit.errors == []
    assert visit.foreign == []


def test_a_long_run_is_cancelled(visit: Visit) -> None:
    visit.open("workbench")
    editor(visit)
    visit.page.keyboard.type(
        "select count(*) from range(1000000) a, range(10000000) b where a.range * b.range % 7 = 3 "
    )
    visit.page.keyboard.press("Control+Enter")
    visit.page.get_by_role("button", name="취소").click(timeout=20_000)
    visit.page.get_by_text("취소했습니다").wait_for(timeout=20_000)
    assert visit.errors == []


def test_the_place_of_an_error_is_marked(visit: Visit) -> None:
    visit.open("workbench")
    frame = editor(visit)
    visit.page.keyboard.type("select 1 frm dong ")
    visit.page.get_by_role("button", name="실행").first.click()
    visit.page.get_by_text(re.compile("1번째 줄")).first.wait_for(timeout=30_000)
    frame.locator(".ace_gutter-cell.ace_error").wait_for(timeout=10_000)


def test_a_figure_opens_in_the_workbench_with_its_parameters(visit: Visit) -> None:
    visit.open("openings", dong="수완동")
    visit.page.get_by_role("button", name="SQL").first.click()
    title = visit.page.get_by_text("달마다 개업한 인허가, 폐업한 인허가, 영업 중인 인허가의 수.")
    title.wait_for(timeout=20_000)
    visit.page.get_by_role("link", name="작업대에서 열기").click(timeout=20_000)
    visit.page.wait_for_url(re.compile("/workbench"), timeout=20_000)
    visit.settle()
    frame = visit.page.frame_locator('iframe[title*="sql_editor"]')
    frame.get_by_text("How many permits opened").first.wait_for(timeout=20_000)
    assert visit.page.get_by_test_id("stMain").get_by_text("수완동", exact=True).count() > 0


@pytest.mark.parametrize(
    "visit", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True,
    ids=["light", "dark"],
)  # fmt: skip
@pytest.mark.parametrize("view", ["질의", "골라서 묻기", "질의 모음", "자료 사전"])
def test_axe_finds_no_serious_violation(visit: Visit, view: str) -> None:
    visit.open("workbench", workbench_view=view)
    found = Axe().run(visit.page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


@pytest.mark.parametrize(
    "visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True, ids=["phone"]
)
@pytest.mark.parametrize("view", ["질의", "골라서 묻기", "질의 모음", "자료 사전"])
def test_a_phone_need_not_scroll_sideways(visit: Visit, view: str) -> None:
    visit.open("workbench", workbench_view=view)
    wide = visit.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert wide <= 1


@pytest.mark.parametrize(
    "visit",
    [{"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}],
    indirect=True,
    ids=["dark phone"],
)
def test_what_the_builder_asks_is_answered_on_a_phone(visit: Visit) -> None:
    visit.open("workbench", workbench_view="골라서 묻기")
    visit.page.get_by_role("button", name="실행").first.click()
    visit.page.get_by_text(re.compile("22행 × 3열|21행 × 3열")).wait_for(timeout=60_000)
    visit.settle()
    found = Axe().run(visit.page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
    wide = visit.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert wide <= 1
    assert not visit.page.get_by_label("동네").is_visible()  # filters that do nothing here
    assert visit.errors == []


@pytest.mark.parametrize(
    "visit",
    [{"extra_http_headers": {"X-Forwarded-For": "127.0.0.1"}}],
    indirect=True,
    ids=["proxy"],
)
def test_through_a_proxy_the_workbench_is_shut_and_not_in_the_menu(visit: Visit) -> None:
    visit.open("workbench")
    assert "직원만" in visit.headline()
    assert visit.page.locator('iframe[title*="sql_editor"]').count() == 0
    assert visit.page.get_by_role("link", name="SQL 작업대").count() == 0


def test_at_this_machine_it_stands_in_the_menu(visit: Visit) -> None:
    visit.open("overview")
    visit.page.get_by_role("link", name="SQL 작업대").click()
    visit.page.wait_for_url(re.compile("/workbench"), timeout=20_000)


def test_what_is_redrawn_alone_keeps_its_language(visit: Visit) -> None:
    visit.open("workbench", lang="English", sql="select dong_code, 1 as n from dong")
    visit.page.get_by_role("button", name="Run").first.click()
    visit.page.get_by_text("Chart", exact=True).click(timeout=30_000)
    visit.page.get_by_text("Colour", exact=True).wait_for(timeout=20_000)
    visit.page.get_by_text("Map", exact=True).click()
    visit.wait_for_map()
    words = visit.page.get_by_test_id("stMain").inner_text()
    assert "표" not in words
    assert "실행" not in words
