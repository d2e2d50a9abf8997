"""Ten questions that staff ask, in the page from typing to the downloaded file.

Each answer is counted another way, with pandas over the demo's Parquet files. All are asked in
one tab, one after the other, as a member of staff would.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from commerce.snapshot import DEMO_DIR
from tests.browser.conftest import Visit

WAIT = 30_000


@dataclass
class Desk:
    """The workbench in one tab."""

    visit: Visit

    @property
    def page(self) -> Page:
        return self.visit.page

    def open(self, **query: str) -> None:
        self.visit.open("workbench", **query)

    def view(self, name: str) -> None:
        self.page.get_by_role("radio", name=name, exact=True).click()

    def day(self, label: str, day: str) -> None:
        """Type a day into the input of this label."""
        box = self.page.get_by_test_id("stDateInput").filter(has_text=label).locator("input")
        box.fill(day, timeout=WAIT)
        box.press("Enter")
        self.page.locator("h1.headline").click()  # away from the calendar, which lies over all
        expect(box).to_have_value(day)

    def type(self, sql: str, header: str = "") -> None:
        """Type a statement into the empty editor; a header is pasted before it."""
        self.view("질의")
        frame = self.page.frame_locator('iframe[title*="sql_editor"]')
        frame.locator("#editor .ace_content").click(timeout=WAIT)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        if header:
            self.page.keyboard.insert_text(header)
        self.page.keyboard.type(" ".join(sql.split()) + " ")

    def run(self) -> None:
        self.page.keyboard.press("Control+Enter")

    def rows(self, count: str, columns: int) -> None:
        """Wait for a result of this many rows and columns."""
        size = re.compile(rf"(^|\s){re.escape(count)}행 × {columns}열")
        expect(self.page.get_by_test_id("stMain").get_by_text(size)).to_be_visible(timeout=WAIT)

    def file(self, form: str) -> bytes:
        """Click on a download and return what came."""
        button = self.page.get_by_test_id("stDownloadButton").get_by_role("button", name=form)
        with self.page.expect_download() as waiting:
            button.click(timeout=WAIT)
        return Path(waiting.value.path()).read_bytes()

    def csv(self, **kinds: str) -> pd.DataFrame:
        text = self.file("CSV")
        assert text.startswith(b"\xef\xbb\xbf")  # or Excel would not read Korean
        return pd.read_csv(io.BytesIO(text), dtype=kinds)

    def xlsx(self, **kinds: str) -> pd.DataFrame:
        return pd.read_excel(io.BytesIO(self.file("XLSX")), dtype=kinds)

    def parquet(self) -> pd.DataFrame:
        return pd.read_parquet(io.BytesIO(self.file("Parquet")))

    def choose(self, label: str, *options: str) -> None:
        """Choose options in the input of this label by typing and Enter."""
        box: Locator = self.page.get_by_test_id("stMultiSelect").filter(has_text=label)
        for option in options:
            box.locator("input").fill(option)
            self.page.get_by_role("option", name=re.compile(re.escape(option))).first.click()
        self.page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def desk(app: str, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1400, "height": 1600})
    visit = Visit(context.new_page(), app)
    visit.page.on("console", lambda m: visit.errors.append(m.text) if m.type == "error" else None)
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.open("workbench")
    yield Desk(visit)
    context.close()
    assert visit.errors == []


def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(DEMO_DIR / f"{name}.parquet")


@pytest.fixture(scope="module")
def permits() -> pd.DataFrame:
    found = table("establishment")
    for day in ("opened_on", "exit_on", "observed_until"):
        found[day] = pd.to_datetime(found[day])
    return found


@pytest.fixture(scope="module")
def dongs() -> pd.DataFrame:
    return table("dong")


def code_of(dongs: pd.DataFrame, name: str) -> str:
    return str(dongs.loc[dongs["name_ko"] == name, "dong_code"].item())


def same(found: pd.DataFrame, expected: dict[str, list[object]]) -> None:
    assert found.to_dict("list") == expected


def test_how_did_suwan_grow_year_by_year(
    desk: Desk, permits: pd.DataFrame, dongs: pd.DataFrame
) -> None:
    """A CTE and a window."""
    desk.type(
        """with opened as (select year(opened_on) as y, count(*) as n from establishment
        join dong using (dong_code) where name_ko = '수완동' group by all)
        select y, n, sum(n) over (order by y) as total from opened order by y"""
    )
    desk.run()
    there = permits[permits["dong_code"] == code_of(dongs, "수완동")]
    years = there["opened_on"].dt.year.value_counts().sort_index()
    desk.rows(str(len(years)), 3)
    expected = {"y": list(years.index), "n": list(years), "total": list(years.cumsum())}
    same(desk.csv(), expected)


def test_in_what_state_are_cafes_of_two_dongs(
    desk: Desk, permits: pd.DataFrame, dongs: pd.DataFrame
) -> None:
    """A list as a parameter, for which an input with names appears."""
    desk.type(
        """select status, count(*) as n from establishment
        where category_id = 'cafe' and dong_code = any($dong_codes) group by all order by status"""
    )
    desk.choose("$dong_codes", "수완동", "첨단1동")
    desk.page.get_by_role("button", name="실행").first.click()
    codes = [code_of(dongs, "수완동"), code_of(dongs, "첨단1동")]
    kept = permits[(permits["category_id"] == "cafe") & permits["dong_code"].isin(codes)]
    counts = kept["status"].value_counts().sort_index()
    desk.rows(str(len(counts)), 2)
    same(desk.xlsx(), {"status": list(counts.index), "n": list(counts)})


def test_who_left_since_a_day_and_how(desk: Desk, permits: pd.DataFrame) -> None:
    """A day as a parameter, declared in the header; Parquet keeps the types."""
    header = "-- parameters:\n--   $since date: first day\n"
    desk.type(
        """select exit_kind, exit_on, name from establishment where exit_on >= $since
        order by exit_on, permit_id""",
        header,
    )
    desk.day("$since", "2025-07-01")
    desk.page.get_by_role("button", name="실행").first.click()
    kept = permits[permits["exit_on"] >= "2025-07-01"].sort_values(["exit_on", "permit_id"])
    desk.rows(f"{len(kept):,}", 3)
    found = desk.parquet()
    assert found["name"].tolist() == kept["name"].tolist()
    assert found["exit_kind"].tolist() == kept["exit_kind"].tolist()
    assert pd.to_datetime(found["exit_on"]).tolist() == kept["exit_on"].tolist()


def test_where_did_most_open_and_close(desk: Desk, permits: pd.DataFrame) -> None:
    """A query of the library, run with one click."""
    desk.view("질의 모음")
    desk.page.get_by_label("이름, 설명, 열로 찾기").fill("openings/by_dong")
    desk.page.keyboard.press("Enter")
    entry = desk.page.locator(".st-key-workbench_entry_openings_by_dong")
    expect(desk.page.locator("[class*=st-key-workbench_entry_]")).to_have_count(1, timeout=WAIT)
    entry.get_by_role("button", name="실행").click()
    usable = permits[
        (permits["opened_on"] <= permits["observed_until"])
        & (permits["exit_date_quality"] != "unknown")
        & (permits["exit_on"].notna() | permits["exit_kind"].isna())
        & ~(permits["exit_on"] < permits["opened_on"])
    ]
    closed = usable["exit_kind"].isin(["closed", "cancelled"]) & (
        usable["exit_on"] <= usable["observed_until"]
    )
    opened = usable.groupby("dong_code").size().to_dict()
    desk.rows(str(len(opened)), 16)
    found = desk.csv(dong_code="str").set_index("dong_code")
    assert found["opened"].to_dict() == opened
    assert found["closed"].to_dict() == closed.groupby(usable["dong_code"]).sum().to_dict()


def test_which_trades_sell_most_by_a_colleagues_link(desk: Desk) -> None:
    """A query that was saved with its values, opened by its link."""
    desk.type(
        """select category_id, sum(sales_krw) as krw from card_sales
        where area_kind = 'dong' and period = $period group by all
        order by krw desc nulls last limit 5""",
        "--   $period date: month\n",
    )
    desk.day("$period", "2026-09-01")
    desk.page.get_by_role("button", name="저장·공유").click()
    bubble = desk.page.get_by_test_id("stPopoverBody")
    bubble.get_by_role("textbox", name="제목").fill("9월에 많이 판 업종")
    bubble.get_by_role("button", name="저장", exact=True).click()
    bubble.get_by_text("저장했습니다").wait_for(timeout=WAIT)
    link = bubble.get_by_text(re.compile(r"\?q=\w{10}")).first.inner_text()
    desk.open()  # another day, an empty desk
    desk.page.goto(link.strip())
    desk.visit.settle()
    desk.page.get_by_role("button", name="실행").first.click()
    desk.rows("5", 2)
    cells = table("card_sales").query("area_kind == 'dong'")
    month = cells[pd.to_datetime(cells["period"]) == "2026-09-01"]
    most = month.groupby("category_id")["sales_krw"].sum(min_count=1).nlargest(5)
    same(desk.csv(), {"category_id": list(most.index), "krw": list(most)})


def test_how_do_sales_of_cafes_go_as_a_chart(desk: Desk) -> None:
    """A chart of a series."""
    desk.type(
        """select period, sum(sales_krw) as krw from card_sales
        where area_kind = 'dong' and category_id = 'cafe' group by period order by period"""
    )
    desk.run()
    cells = table("card_sales").query("area_kind == 'dong' and category_id == 'cafe'")
    sums = cells.groupby("period")["sales_krw"].sum()
    desk.rows(str(len(sums)), 2)
    desk.page.get_by_role("radio", name="차트", exact=True).click()
    drawn = desk.page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first
    drawn.wait_for(timeout=WAIT)
    expect(desk.page.get_by_role("combobox", name="종류")).to_have_value("선")
    found = desk.csv()
    assert found["period"].tolist() == [str(period)[:10] for period in sums.index]
    assert found["krw"].tolist() == sums.tolist()


def test_where_are_chicken_shops_as_a_map(desk: Desk) -> None:
    """A map of H3 cells."""
    desk.type(
        """select h3_9, count(*) as n from shop where category_id = 'chicken' and h3_9 is not null
        group by all order by n desc, h3_9"""
    )
    desk.run()
    counts = table("shop").query("category_id == 'chicken'")["h3_9"].value_counts()
    desk.rows(str(len(counts)), 2)
    desk.page.get_by_role("radio", name="지도", exact=True).click()
    desk.visit.wait_for_map()
    found = desk.csv()
    assert dict(zip(found["h3_9"], found["n"], strict=True)) == counts.to_dict()


def test_every_permit_as_a_file_says_how_many_there_are(desk: Desk, permits: pd.DataFrame) -> None:
    """More rows than are shown: the page says so, and the file holds all."""
    desk.type("select permit_id, name, opened_on, area_m2 from establishment order by permit_id")
    desk.run()
    desk.rows("앞의 10,000", 4)
    desk.page.get_by_text("처음 10,000행만 담았습니다").wait_for(timeout=WAIT)
    desk.page.get_by_role("button", name="전체 결과를 파일용으로 실행").click()
    total = f"{len(permits):,}"
    desk.page.get_by_text(f"전체 {total}행 가운데 {total}행을").wait_for(timeout=WAIT)
    found = desk.csv(permit_id="str")
    expected = permits.sort_values("permit_id")
    assert found["permit_id"].tolist() == expected["permit_id"].tolist()
    assert found["area_m2"].sum() == pytest.approx(expected["area_m2"].sum())


def test_a_question_that_takes_too_long_is_taken_back_and_put_smaller(
    desk: Desk, permits: pd.DataFrame
) -> None:
    """Neighbouring shops: all pairs first, which nobody waits for; then those of one lot."""
    desk.type(
        """select count(*) from establishment a, establishment b, establishment c
        where a.name < b.name and b.name < c.name"""
    )
    desk.run()
    desk.page.get_by_role("button", name="취소").click(timeout=WAIT)
    desk.page.get_by_text("취소했습니다").wait_for(timeout=WAIT)
    desk.type(
        """select site_id, count(*) as n from establishment where site_id is not null
        group by all having n >= 5 order by n desc, site_id limit 20"""
    )
    desk.run()
    counts = permits["site_id"].value_counts()
    most = sorted((-n, site) for site, n in counts[counts >= 5].items())[:20]
    desk.rows(str(len(most)), 2)
    same(desk.csv(site_id="str"), {"site_id": [s for _, s in most], "n": [-n for n, _ in most]})


def test_what_do_bakeries_sell_per_dong_without_a_word_of_sql(
    desk: Desk, dongs: pd.DataFrame
) -> None:
    """The builder: table, condition and measure chosen; suppressed cells are told."""
    desk.view("골라서 묻기")
    chosen = desk.page.get_by_test_id("stSelectbox").filter(has_text="무엇을 보나요?")
    chosen.locator("input").click()
    desk.page.get_by_role("option", name="카드 매출", exact=True).click()
    desk.page.get_by_text("더하면 같은 것을 두 번 셀 수 있습니다").wait_for(timeout=WAIT)
    desk.choose("조건", "곳의 종류", "업종")
    desk.choose("곳의 종류 값", "dong")
    desk.page.get_by_text("더하면 같은 것을 두 번").wait_for(state="hidden", timeout=WAIT)
    desk.choose("업종 값", "제과·빵집")
    expect(desk.page.get_by_test_id("stCode")).to_contain_text("category_ids", timeout=WAIT)
    desk.page.get_by_role("button", name="실행").first.click()
    cells = table("card_sales").query("area_kind == 'dong' and category_id == 'bakery'")
    grouped = cells.groupby("dong_code")
    desk.rows(str(grouped.ngroups), 5)
    found = desk.xlsx(dong_code="str").set_index("dong_code")
    names = dongs.set_index("dong_code")["name_ko"]
    assert found["dong_name"].to_dict() == {code: names[code] for code in found.index}
    sums = grouped["sales_krw"].sum(min_count=1)
    assert found["sum_sales_krw"].to_dict() == pytest.approx(sums.to_dict(), nan_ok=True)
    assert found["suppressed_cells"].to_dict() == grouped["suppressed"].sum().to_dict()
    assert cells["suppressed"].any()
