"""Sales and footfall: what the pages say with suppressed, absent, quarterly and several sources."""

from __future__ import annotations

import datetime as dt
import html
import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from commerce.db import Database
from commerce.i18n import briefly, month_of_year, set_language
from commerce.snapshot import Snapshot
from commerce.ui import (
    footfall_shape,
    multiples,
    period_charts,
    profile_charts,
    profile_shape,
    sales_charts,
    sales_parts,
    sales_shape,
    sales_trend,
    series,
)
from commerce.ui.theme import DARK, LIGHT, Palette
from tests.conftest import DONGS, Row, part, seen, sold
from tests.ui.test_pages import ROOT, html_of, run

Make = Callable[..., Snapshot]
HOSTILE = "<script>alert(1)</script>"
CORNERS = [[126.7, 35.1], [126.8, 35.1], [126.8, 35.2], [126.7, 35.2], [126.7, 35.1]]
SQUARE = json.dumps({"type": "Polygon", "coordinates": [CORNERS]})
PLACES: list[Row] = [
    {**dong, "boundary": SQUARE, "label_lon": 126.75, "label_lat": 35.15} for dong in DONGS
]
OTHER, THIRD = "1233000200", "1233000300"


@pytest.fixture(autouse=True)
def _korean(monkeypatch: pytest.MonkeyPatch) -> None:
    set_language("ko")
    monkeypatch.chdir(ROOT)


@pytest.fixture
def show(make_snapshot: Make, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Return a function that runs a page over rows, in a language and with a query."""

    def shown(page: str, rows: dict[str, list[Row]], **query: str) -> AppTest:
        snapshot = make_snapshot(dong=PLACES, **rows)
        monkeypatch.setenv("COMMERCE_DATA", str(snapshot.path))
        return run(page, **query)

    return shown


def headline(app: AppTest) -> str:
    found = re.search(r'<h1 class="headline">(.*?)</h1><p class="basis">(.*?)</p>', html_of(app))
    assert found
    return re.sub("<.*?>", "", " | ".join(found.groups()))


@pytest.mark.parametrize("language", ["한국어", "English"])
@pytest.mark.parametrize("page", ["sales", "footfall"])
def test_without_data_a_page_says_what_to_load_and_nothing_else(
    page: str, language: str, empty_snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(empty_snapshot))
    app = run(page, lang=language)
    assert not app.exception
    assert "make ingest" in headline(app)
    assert len(app.metric) == len(app.subheader) == 0


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_low_coverage_comes_first_in_the_headline(
    language: str, show: Callable[..., AppTest]
) -> None:
    # 20 of 80 merchants stand in the known cell: 25 %. 100 million / 20 shops = 5 million.
    cells = [
        sold("2026-01", 100_000_000, merchants=20),
        sold("2026-01", None, OTHER, merchants=60),
    ]
    app = show("sales", {"card_sales": cells}, lang=language)
    assert not app.exception
    said = headline(app)
    assert "25%" in said.split("|")[0]
    assert ("500만 원" if language == "한국어" else "₩5M") in said
    assert said.index("25%") < said.index("500만" if language == "한국어" else "₩5M")


def test_suppressed_and_absent_are_never_zero(show: Callable[..., AppTest]) -> None:
    cells = [
        sold("2026-01", 100_000_000, merchants=20),
        sold("2026-01", None, OTHER, merchants=12),
    ]
    app = show("sales", {"card_sales": cells})
    features = _features(app)
    assert {name: f["tip"].split("\n")[1] for name, f in features.items() if name != "수완동"} == {
        "첨단동": "매출이 가려짐",
        "송정동": "자료 없음",
    }
    grey = features["첨단동"]["fill"]
    assert grey == features["송정동"]["fill"] == [0xDA, 0xD6, 0xCC, 255]
    assert features["수완동"]["fill"] != grey
    assert not re.search(r"(?<![0-9,.])0(만|억)? ?원", html_of(app))


def _features(app: AppTest) -> dict[str, dict[str, object]]:
    """Return what the map draws of each place, its tooltip as the browser writes it."""
    map_ = app.get("deck_gl_json_chart")[0].proto
    template = json.loads(map_.tooltip)
    rows = json.loads(map_.json)["layers"][0]["data"]
    return {row["name"]: row | {"tip": _hovered(template, row)} for row in rows}


def _hovered(template: dict[str, str], row: dict[str, object]) -> str:
    """Return the tooltip of an object as Streamlit and the browser make it."""
    if "text" in template:
        return template["text"].replace("{tip}", str(row["tip"]))

    def field(found: re.Match[str]) -> str:
        return html.escape(str(row[found[1]])) if found[1] in row else found[0]

    spans = re.findall(
        r'<span style="(.*?)">(.*?)</span>',
        re.sub(r"\{(.*?)\}", field, template["html"]),
        re.DOTALL,
    )
    shown = [
        text
        for style, text in spans
        # A declaration that is none, such as display:{words}, leaves the one before it.
        if (re.findall(r"display:(none|inline)", style) or ["inline"])[-1] == "inline"
    ]
    assert len(spans) == 2
    return html.unescape("".join(shown).replace("<br>", "\n"))


def test_all_suppressed_says_so(show: Callable[..., AppTest]) -> None:
    app = show("sales", {"card_sales": [sold("2026-01", None, merchants=40)]})
    assert not app.exception
    assert "가려져" in headline(app)


def test_a_place_without_sales_is_said_to_be_without_not_zero(
    show: Callable[..., AppTest],
) -> None:
    cells = [sold("2026-01", 100_000_000, merchants=20)]
    app = show("sales", {"card_sales": cells}, dong="송정동")
    assert not app.exception
    assert "송정동" in headline(app)
    assert "0원이라는 뜻이 아닙니다" in headline(app)
    assert len(app.subheader) == 0


def test_sales_know_trades_that_need_no_permit(show: Callable[..., AppTest]) -> None:
    cells = [sold("2026-01", 100_000_000, merchants=20, category_id="flower_shop")]
    said = headline(show("sales", {"card_sales": cells}, trade="꽃집"))
    assert "꽃집" in said
    assert "500만 원" in said


def test_a_source_that_counts_no_shops_shows_totals(show: Callable[..., AppTest]) -> None:
    cells = [sold("2026-01", 30_000_000, merchants=None, period_months=3)]
    app = show("sales", {"card_sales": cells})
    assert not app.exception
    assert "1,000만 원" in headline(app)  # a third of the quarter's
    assert "가게 수가 없어" in headline(app)


def test_quarters_are_called_quarters_and_units_are_named(show: Callable[..., AppTest]) -> None:
    counts = [
        seen("2025-10", 4_000.0, period_months=3, unit="persons_per_quarter"),
        seen("2025-10", 6_000.0, OTHER, period_months=3, unit="persons_per_quarter"),
    ]
    korean = headline(show("footfall", {"footfall": counts}))
    english = headline(show("footfall", {"footfall": counts}, lang="English"))
    assert "석 달" in korean
    assert "10,000명" in korean
    assert "명/분기" in korean
    assert "people per quarter" in english


def test_series_that_cannot_be_compared_stand_behind_a_select(
    show: Callable[..., AppTest],
) -> None:
    rows = {
        "footfall": [
            seen("2026-01", 5_000.0),
            seen("2026-01", 90.0, unit="persons_present", source_id="other"),
        ],
        "dataset": [
            {"adapter": "one", "title": "하나"},
            {"adapter": "two", "title": "둘", "source_id": "other"},
        ],
    }
    app = show("footfall", rows)
    assert not app.exception
    assert [list(box.options) for box in app.selectbox] == [["하나", "둘"]]
    assert "5,000명" in headline(app)
    assert "90명" in headline(show("footfall", rows, source="둘"))
    assert "90명" in headline(show("footfall", rows, source="two"))
    assert "5,000명" in headline(show("footfall", rows, source="셋"))


@pytest.mark.parametrize(("language", "said"), [("한국어", "90명"), ("English", "90 people")])
@pytest.mark.parametrize("link", ["KT 유동인구 · 8월.csv", "KT footfall · 8월.csv", "kt_footfall"])
def test_a_link_to_a_source_outlives_a_switch_of_language(
    make_snapshot: Make, monkeypatch: pytest.MonkeyPatch, language: str, said: str, link: str
) -> None:
    snapshot = make_snapshot(
        dong=PLACES,
        footfall=[
            seen("2026-01", 5_000.0),
            seen("2026-01", 90.0, unit="persons_present", source_id="other"),
        ],
        dataset=[
            {"adapter": "first", "title": "하나"},
            {"adapter": "kt_footfall", "title": "KT 유동인구 · 8월.csv", "source_id": "other"},
        ],
    )
    monkeypatch.setenv("COMMERCE_DATA", str(snapshot.path))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    # By its link, as a browser does: on the way from another page the harness loses the language.
    app.switch_page("pages/explore/footfall.py")
    app.query_params["lang"], app.query_params["source"] = language, link
    app.run()
    assert not app.exception
    title = "KT 유동인구 · 8월.csv" if language == "한국어" else "KT footfall · 8월.csv"
    assert list(app.selectbox[0].options) == ["하나", title]
    assert app.query_params["source"] == title
    assert said in headline(app)


def test_a_band_in_the_link_chooses_the_hours_of_the_map(show: Callable[..., AppTest]) -> None:
    counts = [seen("2026-01", 100.0)] + [
        seen("2026-01", persons, dimension="hour_band", bucket=band)
        for band, persons in (("06-11", 30.0), ("11-14", 70.0))
    ]
    whole = _features(show("footfall", {"footfall": counts}))["수완동"]["tip"]
    noon = _features(show("footfall", {"footfall": counts}, band="11–14"))["수완동"]["tip"]
    odd = _features(show("footfall", {"footfall": counts}, band="<b>"))["수완동"]["tip"]
    assert "100 명/일" in str(whole)
    assert "70 명/일" in str(noon)
    assert odd == whole


def test_hours_are_compared_per_hour_unless_people_are_present() -> None:
    rows = pd.DataFrame(
        [
            {"dimension": "hour_band", "bucket": "00-06", "share": 0.6, "persons": 60.0},
            {"dimension": "hour_band", "bucket": "06-08", "share": 0.4, "persons": 40.0},
        ]
    )
    assert list(profile_shape.hours(rows, "persons")["value"]) == [10.0, 20.0]
    assert list(profile_shape.hours(rows, "persons", flows=False)["value"]) == [60.0, 40.0]
    assert profile_shape.largest(rows, "hour_band") == ("06–08시", 0.4)
    assert profile_shape.largest(rows, "hour_band", flows=False) == ("00–06시", 0.6)
    assert not footfall_shape.flows("persons_present")


def test_a_band_over_midnight_stands_at_both_ends_of_the_day() -> None:
    row = {"dimension": "hour_band", "bucket": "23-05", "share": 1.0, "persons": 60.0}
    drawn = profile_shape.hours(pd.DataFrame([row]), "persons")
    assert [tuple(r) for r in drawn[["starts", "ends", "value"]].to_numpy()] == [
        (23, 24, 10.0),
        (0, 5, 10.0),
    ]
    assert profile_shape.hour_words("23-05") == "23–05시"


def test_the_mean_hour_of_the_week_is_one() -> None:
    rows = pd.DataFrame(
        [
            {"dimension": "weekday_hour", "bucket": f"{day} {band}", "share": share / 7}
            for day in range(1, 8)
            for band, share in (("00-12", 0.25), ("12-24", 0.75))
        ]
    )
    assert sorted(set(profile_shape.week(rows)["level"])) == [0.5, 1.5]


def test_parts_alike_have_no_largest() -> None:
    rows = pd.DataFrame(
        [{"dimension": "sex", "bucket": b, "share": s} for b, s in (("F", 0.501), ("M", 0.499))]
    )
    assert profile_shape.largest(rows, "sex")[0] == ""


def test_age_and_hours_in_words() -> None:
    assert profile_shape.age_words("20-29") == "20대"
    assert profile_shape.age_words("60+") == "60세 이상"
    assert profile_shape.age_words("0-9") == "10세 미만"
    assert profile_shape.hour_words("17") == "17–18시"
    set_language("en")
    assert profile_shape.age_words("20-29") == "20–29"
    assert briefly(1_234_567.0) == "1.2M"
    set_language("ko")
    assert briefly(1_234_567.0) == "123만"
    assert footfall_shape.unit_words("<b>new unit") == "<b>new unit"


def test_what_rests_on_fewer_than_ten_shops_is_not_drawn_and_small_bases_are_not_ranked() -> None:
    row = {"name_ko": "한식", "name_en": "k", "category_id": "a", "group_id": "g"}
    row |= {"cells": 3, "yoy": math.nan}
    row |= {"sales_per_shop": 5e6, "sales_krw": 5e7, "coverage": 0.5, "yoy_cells": 0}
    rows = pd.DataFrame([row | {"merchants": n} for n in (19.0, 20.0, 59.0, 60.0)])
    drawn = sales_shape.trades(rows, "sales_per_shop")
    assert sorted(drawn["label"]) == ["한식", "한식 *", "한식 *"]
    assert not drawn["pale"].any()
    assert len(sales_shape.trades(rows, "sales_per_shop", ("g",), most=1)) == 3
    assert sales_shape.trades(rows, "sales_per_shop", ("b",), most=1)["pale"].all()
    pair = {"dong_ko": "동", "dong_en": "d", "category_ko": "업", "category_en": "c"}
    pair |= {"merchants": 9, "base_krw": 1e8, "sales_krw": 5e7, "change": -0.5}
    ranked = sales_shape.growth(
        pd.DataFrame([pair | {"is_small": False}, pair | {"is_small": True, "change": -0.9}])
    )
    assert list(ranked["change"]) == [-50.0]


def test_small_multiples_share_one_axis_and_break_at_gaps() -> None:
    drawn = multiples.panels(
        [
            multiples.Panel("높음", (10.0, 10.0), ""),
            multiples.Panel("낮음", (5.0, None, 5.0), ""),
            multiples.Panel(HOSTILE, (), HOSTILE, "가려짐"),
        ],
        "#111111",
        "#222222",
        "#333333",
    )
    assert "<script>" not in drawn
    assert '<div class="hatched">가려짐</div>' in drawn
    assert drawn.count("<img") == 2
    top, middle = (multiples._lines((v, v), 10.0, "c", 1) for v in (10.0, 5.0))
    assert [re.findall(r"M0 (\d+)", path) for path in (top, middle)] == [["3"], ["88"]]
    # Two periods alone are two dots; a line and a period alone are a line and a dot, drawn wider.
    alone = multiples._lines((5.0, None, 5.0), 10.0, "c", 1)
    assert re.findall(r"M(\d+) \d+h\.1", alone) == ["12", "468"]
    mixed = multiples._lines((5.0, 5.0, None, 5.0), 10.0, "c", 1)
    assert [path.count("M") for path in mixed.split("<path ")[1:]] == [1, 1]
    assert re.findall(r'stroke-width="(\d+)"', mixed) == ["1", "3"]


def test_bars_are_in_proportion_and_text_is_escaped() -> None:
    drawn = multiples.bars(
        ["a", "b"],
        [("x", [multiples.Bar(0.25, HOSTILE)]), (HOSTILE, [multiples.Bar(None, "가려짐")])],
        ["#111111"],
    )
    assert "--share:0.250" in drawn
    assert "<script>" not in drawn
    assert '<span class="hatched">가려짐</span>' in drawn


def test_the_change_without_holidays_divides_their_shift_out() -> None:
    monthly = pd.DataFrame(
        [
            {"period": pd.Timestamp("2026-01-01"), "period_months": 1, "sales_krw": 110.0}
            | {"yoy": 0.10, "merchants": 5.0, "coverage": 1.0}
        ]
    )
    parts = pd.DataFrame(
        [{"period": pd.Timestamp("2026-01-01"), "trend_krw": 100.0, "holiday_shift": 0.04}]
    )
    row = sales_trend.levels(monthly, parts).iloc[0]
    assert row["yoy_adjusted"] == pytest.approx((1.10 / 1.04 - 1) * 100)
    assert row["yoy_text"] == "+10.0%"


@pytest.mark.parametrize("name", series.WINDOWS)
def test_windows_end_with_the_last_month_of_a_quarter(name: str) -> None:
    rows = pd.DataFrame(
        [
            {"series": "q", "area_kind": "dong", "period_months": 3, "unit": "u", "title": "t"}
            | {"first_period": pd.Timestamp("2022-01-01"), "last_period": "2025-10-01"}
            | {"areas": 3, "publisher": "p", "synthetic": False, "is_main": True}
        ]
    )
    found = series._listed(rows, False)["q"]
    spans = {
        "last12": ("2025-01-01", "2025-12-01"),
        "last3": ("2025-10-01", "2025-12-01"),
        "before12": ("2024-01-01", "2024-12-01"),
        "all": ("2022-01-01", "2025-12-01"),
    }
    assert tuple(map(str, series.window(found, name).values())) == spans[name]
    assert name in series.windows(found)
    assert series._listed(rows, True) == {}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_chart_specifications_hold_no_data_and_follow_the_language(
    palette: Palette, lang: str
) -> None:
    set_language(lang)
    rows = pd.DataFrame([{"value": 1.0, "trend": 1.0, "holiday": "seol", "yoy_adjusted": 1.0}])
    specs = [
        period_charts.change(palette, palette.sales, rows),
        profile_charts.week(palette, palette.sales_steps, True),
        profile_charts.hours(palette, palette.sales, "x"),
        profile_charts.weekdays(palette, palette.footfall, "x"),
        profile_charts.pyramid(palette, 6),
        sales_charts.trades(palette, "x", 5, "p"),
        sales_charts.growth(palette, 5),
        period_charts.level(palette, palette.sales, "x", "y", rows),
    ]
    for spec in specs:
        text = json.dumps(spec, ensure_ascii=False)
        assert "datasets" not in spec
        assert '"name": "rows"' not in text
        assert any("가" <= letter <= "힣" for letter in text) == (lang == "ko")


def test_a_profile_told_apart_is_drawn_apart(show: Callable[..., AppTest]) -> None:
    rows = {
        "card_sales": [sold("2026-01", 100_000_000, merchants=20)],
        "card_sales_profile": [
            part("2026-01", "weekday", "1", 60),
            part("2026-01", "weekday", "5", 40),
            part("2026-01", "hour_band", "06-11", 100),
            part("2026-01", "sex", "F", 70),
            part("2026-01", "sex", "M", 30),
        ],
    }
    app = show("sales", rows)
    assert not app.exception
    assert "월요일" in " ".join(block.value for block in app.subheader)
    assert "70.0%" in html_of(app)


def test_sources_are_held_against_each_other_on_about(show: Callable[..., AppTest]) -> None:
    app = show("about", {"card_sales": [sold("2026-01", 100_000_000, merchants=20)]})
    assert not app.exception
    tables = [frame.value for frame in app.dataframe if "merchants_per_permit" in frame.value]
    assert len(tables) == 1
    assert tables[0]["merchants"].max() == 20
    # No permits and no list of shops are loaded: that is not "no shops".
    assert set(tables[0]["permits"]) == set(tables[0]["shops"]) == {"불러오지 않음"}
    assert "인허가는 아직 불러오지 않음" in headline(app)
    assert any("인허가를 아직 불러오지 않아" in block.value for block in app.markdown)


def test_the_overview_shows_sales_and_footfall_where_there_are_any(
    show: Callable[..., AppTest],
) -> None:
    both = {
        "card_sales": [sold("2026-01", 100_000_000, merchants=20)],
        "footfall": [seen("2026-01", 5_000.0)],
    }
    assert len(show("overview", {}).metric) == 4
    app = show("overview", both)
    # no permits: a figure of openings would be a zero that nobody counted
    assert {metric.label: metric.value for metric in app.metric} == {
        "점포당 월매출": "500만 원",
        "유동인구 (명/일)": "5,000",
    }
    assert "인허가가 없어" in headline(app)
    # What is known comes first.
    assert "500만 원" in headline(app).split("|")[0]


def test_without_permits_the_overview_says_when_and_who_and_of_how_many_areas(
    show: Callable[..., AppTest],
) -> None:
    area = {"area_kind": "trade_area", "area_code": "A1"}
    parts = [("weekday", "1", 70_000_000), ("weekday", "2", 30_000_000), ("sex", "F", 60_000_000)]
    rows: dict[str, list[Row]] = {
        "card_sales": [sold("2026-01", 100_000_000, merchants=20, **area)],
        "card_sales_profile": [part("2026-01", *one, **area) for one in parts],
        "trade_area": [{"area_code": "A1", "kind": "상점가", "name_ko": "시장", "name_en": "m"}],
        "footfall": [
            seen("2026-01", 4_000.0, dimension="hour_band", bucket="17-21"),
            seen("2026-01", 1_000.0, dimension="hour_band", bucket="21-24"),
        ],
    }
    app = show("overview", rows)
    assert not app.exception
    assert re.findall(r"<li>(.*?)</li>", html_of(app)) == [
        "카드 매출: 월요일에 가장 많이 씁니다",
        "유동인구: 17–21시에 가장 붐빕니다",
        "이 자료에는 성별이나 나이로 나눈 유동인구가 없습니다.",
        "유동인구: 저녁 7시 무렵(17–21시) 1,000 (명/일, 한 시간당)",
    ]
    assert any("상권 1곳의 자료" in block.value for block in app.caption)


def test_a_source_without_shops_says_so_and_draws_only_what_it_knows(
    show: Callable[..., AppTest],
) -> None:
    rows = {
        "card_sales": [sold("2026-01", 100_000_000, merchants=None)],
        "footfall": [seen("2026-01", 5_000.0)],
    }
    sales = show("sales", rows)
    assert not sales.exception
    figures = {metric.label: (metric.value, metric.delta) for metric in sales.metric}
    # Nothing is called sales per shop; the total stands in its place, under its own name.
    assert "점포당 월매출" not in figures
    assert figures["한 달 카드 매출"] == ("1.0억 원", "가게 수가 없는 자료")
    assert figures["1년 전 대비"] == ("–", "한 해 전과 견줄 칸이 없음")
    footfall = show("footfall", rows)
    assert not footfall.exception
    said = html_of(footfall)
    assert "점포당 월매출</th>" not in said
    assert "가게 한 곳당 유동인구</th>" not in said
    captions = " ".join(caption.value for caption in footfall.caption)
    assert "매출 자료에 가게 수가 없어" in captions + said


def _hours(shares: dict[str, float], persons: float = 1_000.0) -> pd.DataFrame:
    """Return rows of a footfall profile by hour of day, and a Monday alone."""
    return pd.DataFrame(
        [
            {"dimension": "hour_band", "bucket": band, "share": s, "persons": persons * s}
            for band, s in shares.items()
        ]
    )


def test_seven_in_the_evening_is_found_in_bands_of_any_length() -> None:
    apart = {"05-09": 0.2, "09-18": 0.3, "18-23": 0.4, "23-05": 0.1}
    assert profile_shape.around(_hours(apart), 19, True) == ("18–23시", 80.0)
    assert profile_shape.around(_hours(apart), 19, False) == ("18–23시", 400.0)
    assert profile_shape.around(_hours(apart), 2, True) == ("23–05시", pytest.approx(100 / 6))
    assert profile_shape.around(_hours({"06-11": 1.0}), 19, True) is None
    # The axis writes the hours at which these bands end, not those of another source.
    drawn = profile_shape.hours(_hours(apart), "persons")
    spec = profile_charts.hours(LIGHT, LIGHT.footfall, "x", drawn)
    assert spec["encoding"]["x"]["axis"]["values"] == [0, 5, 9, 18, 23, 24]


def test_hours_that_are_nearly_alike_are_said_to_be() -> None:
    even = _hours({"00-12": 0.5, "12-24": 0.5})
    assert profile_shape.is_even(even, True)
    assert not profile_shape.is_even(_hours({"00-12": 0.4, "12-24": 0.6}), True)
    # As many people in half the time are twice as many an hour.
    assert not profile_shape.is_even(_hours({"00-12": 0.5, "12-18": 0.5}), True)
    assert profile_shape.is_even(_hours({"00-12": 0.5, "12-18": 0.5}), False)
    assert not profile_shape.is_even(even.head(1), True)


def test_sex_and_age_apart_are_drawn_on_one_scale() -> None:
    shares = [("sex", "F", 0.6), ("sex", "M", 0.4), ("age_group", "60+", 0.3)]
    rows = pd.DataFrame(shares, columns=["dimension", "bucket", "share"])
    assert [bar.share for _, (bar,) in profile_shape.people(rows)] == pytest.approx([1, 2 / 3, 0.5])


def test_footfall_alone_is_not_said_to_stand_beside_sales(show: Callable[..., AppTest]) -> None:
    rows = {"footfall": [seen("2026-01", 5_000.0), seen("2026-01", 9_000.0, OTHER)]}
    app = show("footfall", rows)
    assert not app.exception
    said = [block.value for block in app.subheader]
    assert "사람은 첨단동에 가장 많습니다" in said
    assert not any("나란히" in words for words in said)


def _years(months: int) -> list[Row]:
    """Return sales of so many months, half as much again in July and a little less in February."""
    by_month = {7: 150_000_000, 2: 90_000_000}
    periods = [(2022 + n // 12, n % 12 + 1) for n in range(months)]
    return [
        sold(f"{year}-{month:02d}", by_month.get(month, 100_000_000), merchants=20)
        for year, month in periods
    ]


@pytest.mark.parametrize(
    ("language", "axes", "month"),
    [
        ("한국어", {"계절, 추세 대비", "명절, 추세 대비", "나머지, 추세 대비"}, "7월"),
        (
            "English",
            {"Season, against the trend", "Holidays, against the trend", "Rest, against the trend"},
            "July",
        ),
    ],
)
def test_season_holidays_and_rest_are_drawn_from_24_periods_on(
    language: str, axes: set[str], month: str, show: Callable[..., AppTest]
) -> None:
    def drawn(app: AppTest) -> set[str]:
        assert not app.exception
        charts = [*app.get("vega_lite_chart"), *app.get("arrow_vega_lite_chart")]
        specs = [json.dumps(json.loads(c.proto.spec), ensure_ascii=False) for c in charts]
        return {axis for axis in axes if any(f'"{axis}"' in spec for spec in specs)}

    short = show("sales", {"card_sales": _years(23)}, lang=language)
    assert drawn(short) == set()
    assert any("24" in block.value for block in short.caption)
    long = show("sales", {"card_sales": _years(36)}, lang=language)
    assert drawn(long) == axes
    assert any(month in block.value for block in long.subheader)


def test_the_parts_of_sales_multiply_to_sales_and_share_one_axis(
    make_database: Callable[..., Database],
) -> None:
    answer = make_database(card_sales=_years(36)).run("sales/decomposition")
    parts = sales_trend.taken_apart(answer)
    product = parts["trend_krw"]
    for name in sales_parts.STRIPS.values():
        product = product * (1 + parts[name])
    assert product.to_numpy() == pytest.approx(parts["sales_krw"].to_numpy(float))
    season = sales_parts.strip(parts, "season").set_index("period")["value"]
    assert season.loc["2024-07-01"] == pytest.approx(45, abs=8)
    reach = sales_parts.reach(parts)
    assert reach == 50
    for palette in (LIGHT, DARK):
        for name in sales_parts.STRIPS:
            spec = sales_parts.chart(palette, name, reach)
            assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [-50, 50]
            labels = spec["layer"][0]["encoding"]["x"]["axis"]["labels"]
            assert labels == (name == "rest")


def test_months_and_quarters_of_no_year() -> None:
    first = dt.date(2026, 10, 1)
    assert (month_of_year(first, 1), month_of_year(first, 3)) == ("10월", "10–12월")
    set_language("en")
    assert (month_of_year(first, 1), month_of_year(first, 3)) == ("October", "Oct–Dec")


def test_a_map_of_footfall_says_why_named_areas_are_not_in_it(
    show: Callable[..., AppTest],
) -> None:
    area = {"area_kind": "trade_area", "area_code": "A1"}
    rows: dict[str, list[Row]] = {
        "footfall": [seen("2026-01", 5_000.0), seen("2026-01", 700.0, **area)],
        "trade_area": [{"area_code": "A1", "kind": "상점가", "name_ko": "시장", "name_en": "m"}],
    }
    why = "동네 넓이로 나누지 않습니다"
    assert why not in html_of(show("footfall", rows))
    chosen = show("footfall", rows, area="시장")
    assert not chosen.exception
    assert "시장" in headline(chosen)
    assert why in html_of(chosen)
