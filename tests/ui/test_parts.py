"""The parts that pages are made of: maps, legends, sentences, what is too small to be shown."""

import json
import math
from xml.dom import minidom

import pandas as pd
import pytest

from commerce.i18n import set_language
from commerce.ui import (
    charts,
    map_image,
    map_legend,
    map_rows,
    maps,
    rate_charts,
    scales,
    shape,
    survival_charts,
)
from commerce.ui.figures import _literal, _literally
from commerce.ui.theme import DARK, LIGHT, Palette, luminance

HOSTILE = '<script>alert(1)</script>"{name}'
CORNERS = [[126.6, 35.0], [126.9, 35.0], [126.9, 35.3], [126.6, 35.3], [126.6, 35.0]]
SQUARE = json.dumps({"type": "Polygon", "coordinates": [CORNERS]})


@pytest.fixture(autouse=True)
def _korean() -> None:
    set_language("ko")


def dongs(**changes: object) -> pd.DataFrame:
    row = {
        "dong_code": "1233000100",
        "name": "수완동",
        "boundary": SQUARE,
        "label_lon": 126.75,
        "label_lat": 35.15,
        "value": 12.0,
        "tip": "수완동 12",
    }
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_map_is_valid_json_and_holds_boundaries_as_they_stand(palette: Palette) -> None:
    deck = maps.dong_map(
        dongs(name=HOSTILE, tip=HOSTILE), scales.Scale(0, 20, palette.sequential), palette
    )
    spec = json.loads(deck.to_json())
    row = spec["layers"][0]["data"][0]
    ring = json.loads(SQUARE)["coordinates"][0]
    drawn = row["polygon"]
    assert [list(point) for point in zip(drawn[::2], drawn[1::2], strict=True)] == ring[:-1]
    assert row["tip"] == HOSTILE
    assert json.loads(deck.to_json()) == spec
    assert spec.get("mapProvider") is None


def test_a_dong_of_several_parts_and_holes_is_drawn_whole() -> None:
    hole = [[1.2, 1.2], [1.4, 1.2], [1.4, 1.4], [1.2, 1.2]]
    around = [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]]
    alone = [[3.0, 1.0], [4.0, 1.0], [4.0, 2.0], [3.0, 1.0]]
    parts = json.dumps({"type": "MultiPolygon", "coordinates": [[around, hole], [alone]]})
    deck = maps.dong_map(
        dongs(boundary=parts), scales.Scale(0, 20, LIGHT.sequential), LIGHT, ["1233000100"]
    )
    drawn, chosen, *_ = json.loads(deck.to_json())["layers"]
    assert [row["polygon"] for row in drawn["data"]] == [
        [around[:-1], hole[:-1]],
        [3.0, 1.0, 4.0, 1.0, 4.0, 2.0],
    ]
    assert {row["dong_code"] for row in drawn["data"]} == {"1233000100"}
    assert chosen["data"]["features"][0]["geometry"] == json.loads(parts)


def test_words_of_tooltips_are_sent_once_and_are_no_html() -> None:
    words = "{name}  {a} <b>{x\n&"
    known = dongs(said={"a": "12"}, tip="").to_dict("records")[0]
    absent = dongs(said="자료 없음", tip="").to_dict("records")[0]
    frame = pd.DataFrame([known, absent])
    deck = maps.dong_map(frame, scales.Scale(0, 20, LIGHT.sequential), LIGHT, words=words)
    rows = json.loads(deck.to_json())["layers"][0]["data"]
    assert rows[0]["a"] == "12"
    assert "tip" not in rows[0]
    assert rows[1]["why"] == "자료 없음"
    template = map_rows.tooltip(words)["html"]
    assert ">{name}  {a} &lt;b&gt;&#123;x<br>&amp;<" in template
    assert map_rows.full("{name}  {a}", HOSTILE, {"a": "12"}) == f"{HOSTILE}  12"
    assert map_rows.full("{name}  {a}", "수완동", "자료 없음") == "수완동\n자료 없음"


def test_the_view_fits_a_phone() -> None:
    spec = json.loads(
        maps.dong_map(dongs(), scales.Scale(0, 20, LIGHT.sequential), LIGHT).to_json()
    )
    pixels = 512 * 2 ** spec["initialViewState"]["zoom"]
    assert (126.9 - 126.6) / 360 * pixels <= 346
    north, south = (
        math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)
        for lat in (35.3, 35.0)
    )
    assert (north - south) * pixels <= maps.HEIGHT


def test_unknown_values_are_grey() -> None:
    spec = json.loads(
        maps.dong_map(dongs(value=math.nan), scales.Scale(0, 20, LIGHT.sequential), LIGHT).to_json()
    )
    fill = spec["layers"][0]["data"][0]["fill"]
    assert fill[:3] == [0xDA, 0xD6, 0xCC]


def test_scales_reach_both_ends_and_turn_where_more_is_worse() -> None:
    values = pd.Series([8.0, 13.0, 18.0])
    scale = scales.diverging(values, 13.0, LIGHT, more_is_worse=True)
    assert (scale.low, scale.high) == (8.0, 18.0)
    assert scale.colour(18.0) == LIGHT.diverging[0]
    assert scale.colour(8.0) == LIGHT.diverging[-1]
    assert scale.colour(13.0) == LIGHT.diverging[3]
    even = scales.sequential(pd.Series([1.0, 4.0]), LIGHT)
    wide = scales.sequential(pd.Series([1.0, 10_000.0]), LIGHT)
    assert even.middle() is None
    assert wide.middle() == pytest.approx(100.0)
    assert wide.colour(100.0) == LIGHT.sequential[3]
    nothing = scales.sequential(pd.Series([], dtype=float), LIGHT)
    assert nothing.colour(0.0) in LIGHT.sequential


def test_a_legend_and_an_svg_hold_names_as_text() -> None:
    scale = scales.Scale(0, 20, LIGHT.sequential)
    assert "<script>" not in map_legend.legend(scale, LIGHT, HOSTILE, HOSTILE)
    drawn = map_image.dongs_image(dongs(name=HOSTILE, tip=HOSTILE), scale, LIGHT, HOSTILE)
    assert minidom.parseString(drawn).getElementsByTagName("script") == []
    cells = pd.DataFrame([{"cell": "8930e1d8d4bffff", "value": 3.0, "tip": HOSTILE}])
    drawn = map_image.cells_image(cells, dongs(), scale, LIGHT, HOSTILE)
    assert minidom.parseString(drawn).getElementsByTagName("script") == []


def test_a_downloaded_map_says_its_scale_its_date_its_source_and_that_it_is_invented() -> None:
    scale = scales.Scale(8, 18, LIGHT.diverging, digits=1)
    drawn = map_image.dongs_image(dongs(), scale, LIGHT, "폐업률").decode()
    for words in ("폐업률", ">8.0<", ">18.0<", "2026년 10월 31일까지", "SGIS", "합성 자료"):
        assert words in drawn
    assert all(f'fill="{colour}"' in drawn for colour in LIGHT.diverging)


def test_groups_with_fewer_than_ten_shop_years_are_not_drawn_and_fewer_than_thirty_are_marked() -> (
    None
):
    row = {"name_ko": "동", "name_en": "d", "dong_code": "1", "closed": 2, "closure_rate": 9.0}
    row |= {"ci_low": 1.0, "ci_high": 30.0, "shrunken_rate": 8.0}
    rows = pd.DataFrame([row | {"shop_years": years} for years in (9.9, 10.0, 29.0, 31.0)])
    drawn = shape.rates(rows, "dong_code", 10)
    assert len(drawn) == 3
    assert sorted(drawn["label"]) == ["동", "동 *", "동 *"]


def test_a_dong_with_too_few_has_no_value_and_says_so() -> None:
    rows = pd.DataFrame(
        [
            {"dong_code": "1233000100", "rate": 50.0, "raw": 60.0}
            | {"ci_low": 1.0, "ci_high": 99.0, "n": 9}
        ]
    )
    drawn = shape.dong_values(dongs().drop(columns=["value", "tip"]), rows, "rate", "raw", "n")
    assert math.isnan(drawn["value"].iloc[0])
    assert "10곳 미만" in drawn["tip"].iloc[0]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_chart_specifications_hold_no_data_and_follow_the_language(
    palette: Palette, lang: str
) -> None:
    set_language(lang)
    specs = [
        charts.openings_and_closures(palette),
        charts.openings_and_closures(palette, 12),
        charts.active_shops(palette),
        charts.active_shops(palette, 12),
        charts.bulk_calendar(palette, 2023, 2025),
        rate_charts.rates_with_intervals(palette, "x", 5, "p"),
        rate_charts.movers(palette, 5, "p"),
        survival_charts.curves(palette, ("a", "b"), 10),
        survival_charts.cohort_triangle(palette, 5),
        survival_charts.hazard(palette),
    ]
    for spec in specs:
        text = json.dumps(spec, ensure_ascii=False)
        assert "datasets" not in spec
        assert '"name": "rows"' not in text
        assert any("가" <= letter <= "힣" for letter in text) == (lang == "ko")


def test_titles_are_text_not_markdown() -> None:
    assert _literally("[x](http://a) :material/home: <b>*") == (
        r"\[x\]\(http\://a\) \:material/home\: \<b\>\*"
    )


def test_values_stand_in_the_sql_comment_on_one_line() -> None:
    import datetime as dt

    assert _literal(None) == "null"
    assert _literal(True) == "true"
    assert _literal(dt.date(2026, 10, 1)) == "date '2026-10-01'"
    assert _literal(["a'b", "c\n; drop table permit"]) == "['a''b', 'c ; drop table permit']"


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_colours_have_contrast(palette: Palette) -> None:
    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    for colour in (palette.ink, palette.muted, palette.opened, palette.active):
        assert contrast(colour, palette.paper) >= 4.5
    for colour in (palette.closed, *palette.groups):
        assert contrast(colour, palette.paper) >= 3
