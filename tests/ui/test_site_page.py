"""The page of one spot: both languages, hostile links, what is missing said, sentences true."""

import re
from concurrent.futures import Future
from html import unescape
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from commerce.break_even import Costs
from commerce.comparison import distance_m
from commerce.i18n import set_language
from commerce.place import Place
from commerce.survival import Difference
from commerce.ui import (
    site_around,
    site_change,
    site_cost,
    site_hot_spots,
    site_map,
    site_shape,
    site_summary,
)
from commerce.ui.filters import Selection
from commerce.ui.site_spot import Spot
from tests.ui.test_pages import ROOT, html_of, run

DEMO = ROOT / "data" / "demo"
SITE, POINT, TRADE = "site:367-1", "at:126.82143,35.19014", "cafe"
HOSTILE = (
    "at:1,1",
    "at:nan,nan",
    "at:126.8,99999",
    "site:999999999-1",
    "site:'; drop table permit; --",
    "dong:<script>alert(1)</script>",
    "area:" + "G" * 5000,
    "가나다라마바사아자차카타파하" * 40,
    "=cmd()",
    "{0.__class__}",
    "\u202e%s",
)


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(DEMO))
    monkeypatch.chdir(ROOT)


def text_of(app: object) -> str:
    """Return all words of a page without their markup."""
    parts = [re.sub(r"<[^>]+>", "", html_of(app))]  # type: ignore[arg-type]
    for kind in ("header", "subheader", "caption", "markdown", "metric", "warning", "info"):
        parts += [str(getattr(block, "value", "")) for block in app.get(kind)]  # type: ignore[attr-defined]
    return unescape(" ".join(parts))


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.parametrize("at", [SITE, "site:367", POINT, "dong:1233063700", "area:G01"])
def test_every_kind_of_place_gives_a_whole_report(language: str, at: str) -> None:
    app = run("site", lang=language, at=at, trade=[TRADE])
    assert not app.exception
    assert len(app.header) == 7
    assert not app.warning
    said = text_of(app)
    assert "site." not in re.sub(r"site\.(sql|py)|queries/site", "", said)
    assert ("합성 자료" if language == "한국어" else "Synthetic data") in said


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_without_a_place_the_page_says_what_to_do(language: str) -> None:
    app = run("site", lang=language)
    assert not app.exception
    assert ("장소를 고르세요" if language == "한국어" else "choose a place") in html_of(app)
    assert len([b for b in app.button if str(b.key).startswith("site_example_")]) == 3
    assert len(app.get("deck_gl_json_chart")) == 1


def test_an_example_opens_its_report() -> None:
    app = run("site")
    example = next(b for b in app.button if str(b.key).startswith("site_example_"))
    app = example.click().run()
    assert not app.exception
    assert len(app.header) == 7


@pytest.mark.parametrize("at", HOSTILE)
def test_a_place_that_is_not_there_is_said_in_one_sentence(at: str) -> None:
    app = run("site", at=at, trade=[TRADE])
    assert not app.exception
    assert len(app.warning) == 1
    assert "<script>alert" not in html_of(app)
    assert "장소를 고르세요" in html_of(app)


@pytest.mark.parametrize("radius", ["-5", "99999", "nan", "abc", "1e400", ""])
def test_a_radius_stays_within_its_limits(radius: str) -> None:
    app = run("site", at=POINT, trade=[TRADE], radius=radius)
    assert not app.exception
    found = re.search(r"반경 ([\d,]+) m", html_of(app))
    assert found
    assert 100 <= int(found[1].replace(",", "")) <= 1000


@pytest.mark.parametrize(
    "costs",
    [
        {"cost_rent": "-100", "cost_variable": "100"},
        {"cost_rent": "1e99", "cost_days": "0", "cost_ticket": "0"},
        {"cost_variable": "abc", "cost_hoped": "<script>"},
    ],
)
def test_costs_of_a_link_never_break_the_page(costs: dict[str, str]) -> None:
    app = run("site", at=POINT, trade=[TRADE], **costs)
    assert not app.exception
    assert len(app.header) == 7


def test_a_cost_changes_what_must_be_sold() -> None:
    app = run("site", at=POINT, trade=[TRADE])
    assert "1,636만 원" in text_of(app)  # (200+250+300+70+80) / 0.55 = 1636.4
    rent = next(widget for widget in app.number_input if widget.key == "cost_rent_10000")
    app = rent.set_value(420).run()
    assert not app.exception
    assert "2,036만 원" in text_of(app)  # (420+250+300+70+80) / 0.55 = 2036.4


def test_costs_are_typed_in_won_in_english() -> None:
    app = run("site", lang="English", at=POINT, trade=[TRADE])
    values = {widget.key: widget.value for widget in app.number_input}
    assert values["cost_rent_1"] == 2_000_000
    assert "₩16.4M" in text_of(app)


def test_a_link_with_costs_means_the_same_in_both_languages() -> None:
    korean = run("site", at=POINT, trade=[TRADE], cost_rent="4200000")
    english = run("site", lang="English", at=POINT, trade=[TRADE], cost_rent="4200000")
    assert {w.key: w.value for w in korean.number_input}["cost_rent_10000"] == 420
    assert {w.key: w.value for w in english.number_input}["cost_rent_1"] == 4_200_000
    assert "2,036만 원" in text_of(korean)
    assert "₩20.4M" in text_of(english)


def test_a_trade_without_permits_says_so_and_shows_the_rest() -> None:
    app = run("site", at=SITE, trade=["꽃집"])
    assert not app.exception
    said = text_of(app)
    assert len(app.header) == 7
    assert "인허가가 필요 없는 업종" in said
    assert not re.search(r"(?<![0-9,])0곳이 3년을", said)
    assert "이 건물에서 28건" in said  # the spot has a history all the same
    assert "수완동의 꽃집 한 곳은" in said  # card sales know trades that need no permit


def test_a_trade_without_sales_is_reckoned_all_the_same() -> None:
    app = run("site", at=SITE, trade=["tobacco"])
    assert not app.exception
    said = text_of(app)
    assert "카드 매출을 아는 칸이 없어 견줄 수 없습니다" in said
    assert "1,636만 원" in said
    assert "수완동의 담배소매는 카드 매출 자료에 없습니다" in said


def test_a_group_has_no_expectation_of_its_own() -> None:
    assert "업종을 하나만 고르면" in text_of(run("site", at=SITE, trade=["bar"]))
    assert "업종을 하나만 고르면" not in text_of(run("site", at=SITE, trade=["pub"]))


def test_a_lonely_place_says_that_too_little_is_known() -> None:
    app = run("site", lang="English", at="dong:1233068000", trade=["pc_bang"], radius="100")
    assert not app.exception
    said = text_of(app)
    assert "too few earlier openings" in said
    assert "no closure rate is quoted" in said
    assert "No permit of PC rooms was ever given within 100 m" in said
    assert "None opened or closed in 36 months" in said
    assert "In 36 months 0 opened" not in said
    assert "0.0 shop-years" not in said


def test_all_that_opened_around_are_not_called_the_latest() -> None:
    said = text_of(run("site", at="dong:1233060000", trade=["animal_hospital"]))
    assert "5 km 안에서 3년 전까지 문을 연 동물병원 17곳 가운데 8곳이 3년을 넘겼습니다" in said
    assert "가운데 최근 17곳" not in said


@pytest.mark.parametrize(
    ("percentile", "words"), [(0.0, "모두 점포당 매출이"), (1.0, "보다 적었습니다"), (0.5, "50%는")]
)
def test_none_and_all_are_said_in_words(percentile: float, words: str) -> None:
    rank = pd.Series(
        {
            "cells": 12,
            "merchants": 40,
            "percentile": percentile,
            "from_month": pd.Timestamp("2025-11-01"),
            "to_month": pd.Timestamp("2026-10-01"),
        }
    )
    costs = Costs(2e6, 2.5e6, 3e6, 7e5, 8e5, 0.45, 8e7)
    place = Place("dong", "수완동", None, None, None, None, None, "dong:1")
    spot = Spot(place, 300, Selection(None, None))
    said = " ".join(site_cost.said(site_cost.Plan(costs, 12000.0, 26, None), rank, spot))
    assert words in said
    assert ("모두" in said) == (percentile in (0, 1))


def test_the_page_stands_without_any_permit(
    monkeypatch: pytest.MonkeyPatch, empty_snapshot: Path
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(empty_snapshot))
    assert not run("site").exception
    for at in ("dong:1233063700", POINT):
        app = run("site", at=at, trade=[TRADE])
        assert not app.exception
        assert len(app.header) == 7


def test_the_sentences_agree_with_a_count_of_their_own() -> None:
    """The demo's permits, counted anew in another way than the queries do."""
    lon, lat = 126.82143, 35.19014
    rows = duckdb.sql(
        f"""select lon, lat, opened_on, exit_on, exit_kind, observed_until
        from '{DEMO / "establishment.parquet"}'
        where category_id = '{TRADE}' and lon is not null and opened_on <= observed_until
        and (exit_on is null or exit_on >= opened_on)
        and exit_date_quality is distinct from 'unknown'"""
    ).df()
    until = rows["observed_until"].max()
    since = until - pd.DateOffset(months=36)
    away = np.array(
        [distance_m((a, b), (lon, lat)) for a, b in zip(rows["lon"], rows["lat"], strict=True)]
    )
    near = rows[away <= 300]
    left = near["exit_on"] <= until
    standing = int((~left).sum())
    closed = int(
        (left & near["exit_kind"].isin(["closed", "cancelled"]) & (near["exit_on"] > since)).sum()
    )
    opened = int((near["opened_on"] > since).sum())
    old = rows[(away <= 500) & (rows["opened_on"] + pd.DateOffset(years=3) <= until)]
    last = old.sort_values("opened_on", ascending=False).head(20)
    anniversary = last["opened_on"] + pd.DateOffset(years=3)
    kept = int(((last["exit_on"].isna()) | (last["exit_on"] > anniversary)).sum())

    said = text_of(run("site", lang="English", at=POINT, trade=[TRADE]))
    assert "Of the latest 20 openings at least three years ago within 500 m (Cafes" in said
    assert f"tea houses), {kept} lasted three years" in said
    assert f"{standing} shops stand within 300 m (Cafes and tea houses)" in said
    assert f"In 36 months {opened} opened and {closed} closed" in said


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "계산하고 있습니다"),
        ("failed", "계산이 끝나지 못해"),
        ("done", "30칸 가운데"),
    ],
)
def test_hot_spots_never_block_the_page(
    monkeypatch: pytest.MonkeyPatch, state: str, words: str
) -> None:
    future: Future[pd.DataFrame] = Future()
    if state == "failed":
        future.set_exception(MemoryError())
    if state == "done":
        cells = [f"{i:015x}" for i in range(30)]
        future.set_result(pd.DataFrame({"h3_cell": cells, "value": 0.0, "spot": ""}))
    monkeypatch.setattr(site_change, "begin", lambda *_: future)
    app = run("site", at=SITE, trade=[TRADE])
    assert not app.exception
    assert len(app.header) == 7
    assert words in text_of(app)


def test_hot_spots_are_worked_out_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    excess = pd.DataFrame({"h3_cell": ["a", "b"], "excess": [1.0, -1.0]})
    asked: list[int] = []

    def find(cells: list[str], _values: object) -> pd.DataFrame:
        asked.append(len(cells))
        return pd.DataFrame({"h3_cell": cells})

    monkeypatch.setattr(site_hot_spots, "find", find)
    first = site_hot_spots.begin(excess, ["no such trade"])
    assert site_hot_spots.begin(excess, ["no such trade"]) is first
    assert site_hot_spots.begin(excess, ["nor this"]) is not first
    assert len(first.result(timeout=30)) == 2
    site_hot_spots.begin(excess, ["nor this"]).result(timeout=30)
    assert asked == [2, 2]


def test_an_interval_that_holds_0_is_not_told_apart() -> None:
    assert site_summary.verdict(Difference(1.0, -0.1, 2.0)) == "same"
    assert site_summary.verdict(Difference(1.0, 0.1, 2.0)) == "higher"
    assert site_summary.verdict(Difference(-1.0, -2.0, -0.1)) == "lower"
    assert site_summary.verdict(Difference(float("nan"), float("nan"), float("nan"))) == "same"


def test_quotients_of_several_trades_are_one_share_over_one_share() -> None:
    # 100 shops here, 1,000 in the district: 5 of 20 and 15 of 80, so 20 % over 10 %.
    rows = pd.DataFrame(
        {
            "active": [5, 15],
            "share": [0.05, 0.15],
            "location_quotient": [0.05 / 0.02, 0.15 / 0.08],
            "all_active": [100, 100],
        }
    )
    assert site_around.quotient(rows) == pytest.approx(2.0)


def test_a_ring_is_a_circle_on_the_ground() -> None:
    ring = site_map.ring(126.8, 35.15, 300)
    assert ring[0] == pytest.approx(ring[-1])
    away = [distance_m((lon, lat), (126.8, 35.15)) for lon, lat in ring]
    assert min(away) == pytest.approx(300, abs=1)
    assert max(away) == pytest.approx(300, abs=1)


def history() -> pd.DataFrame:
    """Three permits of one unit, the newest first: one gap of 31 days, empty since."""
    days = pd.to_datetime
    return pd.DataFrame(
        {
            "opened_on": days(["2020-02-01", "2015-01-01", "2015-01-01"]),
            "exit_on": days(["2022-01-01", "2020-01-01", None]),
            "name": ["나", "가", "가"],
            "category_ko": ["한식", None, "카페"],
            "category_en": ["Korean food", None, "Cafe"],
            "floor": ["1", "1", "2"],
            "is_same_unit": [True, True, False],
            "exit_kind": ["closed", "closed", None],
            "days_open": [700, 1826, 4000],
            "gap_days": [31.0, float("nan"), float("nan")],
            "observed_until": days(["2026-10-31"] * 3),
        }
    )


def test_a_permit_of_the_same_name_within_a_month_is_counted_as_renewed() -> None:
    def days(*texts: str | None) -> pd.Series:
        return pd.Series(pd.to_datetime(list(texts)))

    rows = pd.DataFrame(
        {
            "name": ["김밥 나라", "김밥나라", "김밥나라", "분식", None, None],
            # 30 days after the first left; 32 days after the second left; another name; no names
            "opened_on": days(
                "2010-01-01", "2012-01-31", "2014-03-05", "2016-01-02", "2017-01-01", "2018-01-01"
            ),
            "exit_on": days("2012-01-01", "2014-02-01", "2016-01-01", None, "2018-01-01", None),
        }
    )
    assert site_shape.renewed(rows) == 1


def test_lives_are_in_order_of_time_with_their_gaps() -> None:
    set_language("ko")
    rows = site_shape.lives(history())
    assert [label.strip("\u200b") for label in rows["label"]] == [
        "— 이 자리",
        "가",
        "나",
        "지금은 인허가 없음",
        "— 같은 건물",
        "2층 가",
    ]
    assert rows["label"].is_unique
    second = rows.iloc[2]
    assert (second["gap_start"], second["start"], second["end"]) == (
        "2020-01-01",
        "2020-02-01",
        "2022-01-01",
    )
    assert rows.iloc[3]["gap_start"] == "2022-01-01"
    assert rows.iloc[5]["state"] == "영업 중"


def test_no_score_out_of_100_stands_on_the_page() -> None:
    said = text_of(run("site", at=SITE, trade=[TRADE]))
    assert not re.search(r"\d+\s*점(?!포)|/\s*100\b|100점", said)
