"""The page that compares places: what it says, against counts and intervals made elsewhere."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import lifelines
import pandas as pd
import pytest
from scipy.stats import chi2
from streamlit.testing.v1 import AppTest

from commerce.db import Database
from commerce.place import Place
from commerce.snapshot import Snapshot
from commerce.ui import compare_charts, compare_map, compare_side, filters
from commerce.ui.theme import LIGHT
from tests.conftest import DONGS, Row, shop
from tests.ui.test_pages import ROOT, html_of, run

CHEOMDAN, USAN = "1233062400", "1233058000"
TWO = [f"dong:{CHEOMDAN}", f"dong:{USAN}"]
UNTIL = pd.Timestamp(2026, 10, 31)
Make = Callable[..., Snapshot]
SQUARE = [[126.7, 35.1], [126.9, 35.1], [126.9, 35.3], [126.7, 35.3], [126.7, 35.1]]
PLACES = [
    {
        **dong,
        "boundary": json.dumps({"type": "Polygon", "coordinates": [SQUARE]}),
        "label_lon": 126.8,
        "label_lat": 35.2,
    }
    for dong in DONGS
]


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(ROOT / "data" / "demo"))
    monkeypatch.chdir(ROOT)


def text_of(app: AppTest) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<.*?>", " ", html_of(app))))


def headline(app: AppTest) -> str:
    found = re.search(r'<h1 class="headline">(.*?)</h1>', html_of(app))
    assert found
    return html.unescape(re.sub("<.*?>", "", found[1]))


def titles(app: AppTest) -> list[str]:
    return [block.value.replace("\\", "") for block in app.subheader]


def rows_of(app: AppTest) -> list[str]:
    """Return the rows of all small tables as HTML."""
    return [row.split("</table>")[0] for row in html_of(app).split("<tr>")[1:]]


def cells(app: AppTest, row: str) -> list[str]:
    """Return the cells of the row of a small table whose head begins with ``row``."""
    lines = [
        [
            html.unescape(re.sub("<br>", "|", c))
            for c in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", line)
        ]
        for line in rows_of(app)
    ]
    plain = [[re.sub("<.*?>", "", cell) for cell in line] for line in lines]
    return next(line[1:] for line in plain if line and line[0].startswith(row))


def permits() -> pd.DataFrame:
    """Return the permits of the demo that figures may use, read without any SQL of ours."""
    rows = pd.read_parquet(ROOT / "data" / "demo" / "establishment.parquet")
    for name in ("opened_on", "exit_on"):
        rows[name] = pd.to_datetime(rows[name])
    unknown = (rows["exit_date_quality"] == "unknown") | (
        rows["exit_on"].isna() & rows["exit_kind"].notna()
    )
    rows = rows[(rows["opened_on"] <= UNTIL) & ~unknown & ~(rows["exit_on"] < rows["opened_on"])]
    left = rows["exit_on"] <= UNTIL
    ends = rows["exit_on"].where(left, UNTIL)
    return rows.assign(
        left=left,
        ends=ends,
        days=(ends - rows["opened_on"]).dt.days,
        closed=left & rows["exit_kind"].isin(["closed", "cancelled"]),
    )


def signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{abs(value):.1f}"


def shown(value: float, low: float, high: float) -> str:
    return f"{signed(value)} ({signed(low)} … {signed(high)})"


def test_a_difference_of_survival_is_that_of_lifelines() -> None:
    rows = permits()
    fits = []
    for code in (USAN, CHEOMDAN):
        part = rows[rows["dong_code"] == code]
        fit = lifelines.KaplanMeierFitter().fit(part["days"], part["closed"])
        until = fit.event_table[fit.event_table.index <= 3 * 365.25]
        d, n = until["observed"], until["at_risk"]
        survival = float(fit.predict(3 * 365.25))
        fits.append((survival, survival**2 * float((d / (n * (n - d))).sum())))
    value = (fits[0][0] - fits[1][0]) * 100
    margin = 1.959963984540054 * math.sqrt(fits[0][1] + fits[1][1]) * 100
    app = run("compare", at=TWO)
    differences = [row for row in rows_of(app) if "verdict" in row]
    assert len(differences) == 1
    found = re.findall(r"<td>(.*?)<br>", differences[0])
    assert found[1] == shown(value, value - margin, value + margin)
    assert "높습니다" in headline(app)
    for (survival, _), name in zip(fits, ("우산동", "첨단1동"), strict=True):
        assert f"{name}: 3년 생존율 {survival * 100:.0f}%" in text_of(app)


def test_a_difference_of_closure_rates_has_the_limits_of_its_exact_intervals() -> None:
    rows, since = permits(), pd.Timestamp(2023, 11, 1)
    rates = []
    for code in (USAN, CHEOMDAN):
        part = rows[(rows["dong_code"] == code) & (rows["ends"] >= since)]
        years = (part["ends"] - part["opened_on"].clip(lower=since)).dt.days.sum() / 365.25
        n = int(part["closed"].sum())
        limits = chi2.ppf(0.025, 2 * n) / 2, chi2.ppf(0.975, 2 * n + 2) / 2
        rates.append([count / years * 100 for count in (n, *limits)])
    (r1, l1, u1), (r2, l2, u2) = rates
    value = r1 - r2
    low, high = value - math.hypot(r1 - l1, u2 - r2), value + math.hypot(u1 - r1, r2 - l2)
    app = run("compare", at=TWO)
    assert shown(value, low, high) in html_of(app)
    assert cells(app, "폐업률")[1].startswith(f"{r1:.1f}|{l1:.1f}–{u1:.1f}")
    assert cells(app, "영업 중")[0].startswith(
        f"{(~rows[rows['dong_code'] == CHEOMDAN]['left']).sum():,}|"
    )


@pytest.mark.parametrize(
    ("language", "word"), [("한국어", "구분할 수 없"), ("English", "cannot be told apart")]
)
def test_what_cannot_be_told_apart_is_said_in_both_languages(language: str, word: str) -> None:
    app = run("compare", at=["dong:1233063700", f"dong:{CHEOMDAN}"], trade=["카페"], lang=language)
    assert not app.exception
    assert word in headline(app)
    assert "0점" not in text_of(app)
    assert len(app.get("vega_lite_chart")) + len(app.get("arrow_vega_lite_chart")) == 3
    spec = json.loads(app.get("deck_gl_json_chart")[0].proto.json)
    numbers = [mark["number"] for mark in spec["layers"][-1]["data"]]
    assert numbers == ["1", "2"]


@pytest.mark.parametrize("at", [[], TWO[:1]])
@pytest.mark.parametrize("language", ["한국어", "English"])
def test_fewer_than_two_places_say_what_to_do_and_two_examples_lead_on(
    at: list[str], language: str
) -> None:
    app = run("compare", at=at, lang=language)
    assert not app.exception
    assert not titles(app)
    examples = [button for button in app.button if str(button.key).startswith("compare_example")]
    assert len(examples) == 2
    examples[0].click()
    app.run()
    assert not app.exception
    assert len(titles(app)) == 6


def test_five_places_are_four_and_it_is_said() -> None:
    codes = [CHEOMDAN, USAN, "1233054000", "1233055000", "1233063700"]
    app = run("compare", at=[f"dong:{code}" for code in codes])
    assert not app.exception
    assert any("4곳만" in warning.value for warning in app.warning)
    assert len(cells(app, "영업 중")) == 4
    assert "수완동" not in headline(app)


def test_circles_that_overlap_share_shops_and_get_no_log_rank_test() -> None:
    at = ["at:126.81201,35.15688", "at:126.81400,35.15700"]
    app = run("compare", at=at)
    assert not app.exception
    inside = []
    for lon, lat in ((126.81201, 35.15688), (126.814, 35.157)):
        rows = permits()
        p, q = rows["lat"].map(math.radians), math.radians(lat)
        a = ((p - q) / 2).map(math.sin) ** 2 + p.map(math.cos) * math.cos(q) * (
            (rows["lon"].map(math.radians) - math.radians(lon)) / 2
        ).map(math.sin) ** 2
        inside.append(2 * 6_371_008.8 * a.map(math.sqrt).map(math.asin) <= 300)
    both = int((inside[0] & inside[1]).sum())
    assert both > 100
    assert any(f"{both}건" in warning.value for warning in app.warning)
    assert any("로그순위 검정은 하지 않습니다" in caption.value for caption in app.caption)
    assert "†" in html_of(app)
    apart = run("compare", at=[at[0], "at:126.82116,35.19115"])
    assert "†" not in html_of(apart)
    assert not apart.warning
    assert any("카이제곱" in caption.value for caption in apart.caption)


def test_an_area_within_a_dong_shares_its_shops_and_footfall_is_of_the_dong() -> None:
    app = run("compare", at=["area:G06", f"dong:{USAN}"])
    assert not app.exception
    rows = permits()
    inside = rows["trade_area_codes"].map(lambda codes: codes is not None and "G06" in codes)
    both = (inside & (rows["dong_code"] == USAN)).sum()
    assert any(f"{both}건" in warning.value for warning in app.warning)
    people = [cell.split("|")[0] for cell in cells(app, "유동인구")]
    assert people[0] == people[1]
    assert any("동 전체의 값" in caption.value for caption in app.caption)


def test_named_areas_are_told_of_themselves() -> None:
    people = [c.split("|")[0] for c in cells(run("compare", at=["area:G06", "area:G02"]), "유동")]
    rows = pd.read_parquet(ROOT / "data" / "demo" / "footfall.parquet")
    rows = rows[(rows["dimension"] == "total") & (rows["area_kind"] == "trade_area")]
    rows = rows[pd.to_datetime(rows["period"]) >= "2025-11-01"]
    means = [rows[rows["area_code"] == code]["persons"].mean() for code in ("G06", "G02")]
    assert people == [f"{mean:,.0f}" for mean in means]


@pytest.mark.parametrize(
    "at",
    [
        ["<script>alert(1)</script>", "'; drop table permit; --"],
        ["dong:" + "9" * 5000, "at:999,999", "site:../../x", "area:\u202e"],
        ["at:nan,nan", "at:126.8,35.1; --", "", ":"],
        [*TWO, "<img src=x onerror=alert(1)>"],
        [TWO[0], TWO[0], TWO[0]],
    ],
)
def test_hostile_links_are_answered_with_a_page(at: list[str]) -> None:
    app = run("compare", at=at, radius="-5", trade=["=cmd()"])
    assert not app.exception
    assert "<script>" not in html_of(app)
    assert "<img" not in html_of(app)
    assert len(cells(app, "영업 중") if titles(app) else []) in (0, 2)


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_empty_data_says_so_and_shows_no_zero(
    language: str, empty_snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(empty_snapshot))
    app = run("compare", at=TWO, lang=language)
    assert not app.exception
    row = "영업 중" if language == "한국어" else "Standing"
    assert all(cell.startswith("–|") for cell in cells(app, row))
    assert not re.search(r"(?<![0-9,.])0(%|곳|원| shops)", text_of(app).split("</style>")[-1])


def test_fewer_than_ten_are_not_quoted_and_fewer_than_thirty_are_marked(
    make_snapshot: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lasting(n: int, dong: str) -> list[Row]:
        gone = [shop("2015-01-01", "2016-01-01", dong_code=dong) for _ in range(2)]
        return [shop("2015-01-01", dong_code=dong) for _ in range(n)] + gone

    rows = lasting(9, "1233000300") + lasting(29, "1233000200") + lasting(30, "1233000100")
    monkeypatch.setenv("COMMERCE_DATA", str(make_snapshot(rows, dong=PLACES).path))
    app = run("compare", at=[f"dong:{dong['dong_code']}" for dong in DONGS])
    assert not app.exception
    values = [cell.split("|")[0] for cell in cells(app, "3년 생존율")]
    assert values == ["94%", "94%*", "–"]  # 30 of 32, 29 of 31
    assert "송정동은 수완동과 견주기에" in headline(app)


def test_a_trade_without_permits_is_not_counted_as_none() -> None:
    app = run("compare", at=TWO, trade=["꽃집"])
    assert not app.exception
    assert "인허가가 없는 업종" in headline(app)
    assert not re.search(r"영업 중 \(곳\)", text_of(app))


def test_two_keys_of_one_place_are_one_place() -> None:
    app = run("compare", at=["at:126.81201,35.15688", "at:126.812010000,35.156880001"])
    assert not app.exception
    assert not titles(app)


def test_shared_and_standing_count_by_hand(make_database: Callable[..., Database]) -> None:
    here: Any = {"lon": 126.80, "lat": 35.20}
    database = make_database(
        [
            shop("2020-01-01", **here),
            shop("2020-01-01", "2021-01-01", **here, dong_code="1233000200"),
            shop("2020-01-01", lon=126.90, lat=35.20),
            shop("2020-01-01"),
            shop("2020-01-01", category_id="chicken", **here),
        ]
    )
    asked = {"lon": 126.8, "lat": 35.2, "radius_m": 100, "category_ids": ["korean_food"]}
    found = database.run("compare/shared", other_dong_codes=["1233000100"], **asked).iloc[0]
    assert found.tolist() == [1, 2, 3]
    standing = database.run("compare/standing", **asked).iloc[0]
    assert standing["active"] == 1
    assert standing["density"] == pytest.approx(1 / (math.pi * 0.01))
    dong = database.run("compare/standing", dong_codes=["1233000100"]).iloc[0]
    assert (dong["active"], dong["area_km2"], dong["density"]) == (4, 2.0, 2.0)


def test_the_map_as_a_file_is_drawn_with_numbers_apart_and_names_escaped() -> None:
    chosen = filters.Selection(None, None)
    sides = [
        compare_side.Side(
            order,
            Place("address", "<b>&</b>", 126.80, 35.20, DONGS[0]["dong_code"], None, "1-1", "k"),
            300,
            chosen,
        )
        for order in (1, 2)
    ]
    dongs = pd.DataFrame(PLACES)
    dongs.loc[1, "boundary"] = None  # an outline may be missing
    drawn = ElementTree.fromstring(compare_map.svg(sides, dongs, LIGHT))
    circles = [e for e in drawn.iter() if e.tag.endswith("circle")]
    assert [circle.get("fill") for circle in circles] == list(LIGHT.groups[:2])
    assert abs(float(circles[0].get("cx", 0)) - float(circles[1].get("cx", 0))) > 20
    assert any("<b>&</b>" in (e.text or "") for e in drawn.iter())


def test_names_of_lines_never_cover_each_other() -> None:
    placed = compare_charts.spread([10.0, 10.1, 90.0, 9.9], 100.0)
    assert placed[3] < placed[0] < placed[1] < placed[2]
    ordered = sorted(placed)
    assert min(b - a for a, b in pairwise(ordered)) >= 7.4
