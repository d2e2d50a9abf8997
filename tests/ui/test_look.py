"""What people look at: signs of numbers, text on colours, names that are not cut."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from shapely import Point
from shapely.geometry import shape

from commerce.i18n import messages, money, number, percent, set_language, t
from commerce.report import drawing
from commerce.report.model import Chart
from commerce.ui import (
    compare_charts,
    map_names,
    maps,
    market_figures,
    multiples,
    profile_charts,
    profile_shape,
    rate_charts,
    scales,
    series,
    site_around,
    site_charts,
    survival_charts,
    workbench_chart,
)
from commerce.ui.theme import DARK, LIGHT, Palette, luminance

ROOT = Path(__file__).resolve().parent.parent.parent
MODES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture(autouse=True)
def _korean() -> None:
    set_language("ko")


def texts(svg: str) -> dict[str, ElementTree.Element]:
    """Return the text elements of a drawing by what they say, lines joined by a slash."""
    found = {}
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        found["/".join(part.strip() for part in element.itertext() if part.strip())] = element
    return found


def svg_of(spec: dict[str, Any], rows: list[dict[str, Any]], width: int = drawing.WIDTH) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawing, "WIDTH", width)
        return _drawn(spec, rows)


def _drawn(spec: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    return drawing.chart_svg(Chart(spec, pd.DataFrame(rows), ""), "x")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_negative_has_the_minus_sign_and_nothing_has_none(language: str) -> None:
    set_language(language)
    assert number(-1234) == "−1,234"
    assert percent(-2.06) == "−2.1%"
    assert number(-0.3) == "0"
    assert number(-0.04, 1) == "0.0"
    assert money(-1.2e8) == ("−1.2억 원" if language == "ko" else "−₩120M")


def test_one_more_and_one_fewer_are_one_shop() -> None:
    set_language("en")
    said = [t("overview.active.delta", change=change) for change in ("+1", "−1", "−6", "0")]
    assert said == [
        "+1 shop in a year",
        "−1 shop in a year",
        "−6 shops in a year",
        "0 shops in a year",
    ]


@pytest.mark.parametrize(
    ("change", "worse", "colour", "arrow"),
    [
        (3.0, False, "green", "up"),
        (-3.0, False, "red", "down"),
        (3.0, True, "red", "up"),
        (-3.0, True, "green", "down"),
        (0.0, False, "off", "off"),
        (float("nan"), True, "off", "off"),
    ],
)
def test_a_change_has_its_arrow_and_whether_it_is_good(
    change: float, worse: bool, colour: str, arrow: str
) -> None:
    assert market_figures.turn(change, worse) == {"delta_color": colour, "delta_arrow": arrow}


def contrasts(svg: str) -> Iterator[float]:
    """Return the contrast of each text that stands on a coloured field with that field."""
    fields, words = [], []
    for element in ElementTree.fromstring(svg).iter():
        at = re.match(r"translate\(([-\d.]+),\s*([-\d.]+)\)", element.get("transform", ""))
        fill = element.get("fill", "")
        if element.get("aria-roledescription") == "rect mark" and (path := element.get("d")):
            x, y, wide, high = map(
                float,
                re.match(r"M([-\d.]+),([-\d.]+)h([\d.]+)v([\d.]+)", path).groups(),  # type: ignore[union-attr]
            )
            rgb = [int(part) for part in re.findall(r"\d+", fill)]
            colour = fill if fill.startswith("#") else "#" + "".join(f"{c:02X}" for c in rgb)
            fields.append((x, y, x + wide, y + high, colour))
        elif element.get("aria-roledescription") == "text mark" and at:
            words.append((float(at[1]), float(at[2]), fill.upper()))
    assert fields
    assert len(words) == len(fields)
    for x, y, ink in words:
        [under] = [f[4] for f in fields if f[0] <= x <= f[2] and f[1] <= y <= f[3]]
        pale, dark = sorted((luminance(under), luminance(ink)), reverse=True)
        yield (pale + 0.05) / (dark + 0.05)


@MODES
@pytest.mark.parametrize("steps", ["footfall_steps", "sales_steps"])
def test_levels_of_the_week_are_read_on_every_colour(palette: Palette, steps: str) -> None:
    rows = [
        {
            "weekday": day,
            "day": str(day),
            "band": f"{hour:02d}",
            "level": (day * 8 + hour) / 20,
            "share_text": "",
        }
        for day in range(7)
        for hour in range(8)
    ]
    spec = profile_charts.week(palette, getattr(palette, steps), written=True)
    assert min(contrasts(svg_of(spec, rows))) >= 4.5


@MODES
def test_shares_of_cohorts_are_read_on_every_colour(palette: Palette) -> None:
    rows = [
        {"opened_year": 2000 + n, "years": 1, "rate": n / 25, "born": 9, "survived": 9}
        for n in range(26)
    ]
    spec = survival_charts.cohort_triangle(palette, len(rows))
    assert min(contrasts(svg_of(spec, rows))) >= 4.5


def test_a_long_name_of_a_trade_stands_in_two_lines_and_is_not_cut() -> None:
    categories = pd.read_parquet(ROOT / "data" / "demo" / "category.parquet")
    for language in ("ko", "en"):
        set_language(language)
        names = [str(name) for name in categories[f"name_{language}"].unique()]
        rows = [
            {"label": name, "key": name, "net": 1, "opened": 1, "closed": 0, "active": 9}
            for name in names
        ]
        svg = svg_of(rate_charts.movers(LIGHT, len(rows), "picked"), rows)
        said = texts(svg)
        assert "…" not in svg
        assert {name.replace("/", " ") for name in said} >= set(names)
    assert "Convenience stores/with food permits" in said
    assert "Korean food" in said


@pytest.mark.parametrize(("here", "anchor"), [(1.0, "start"), (50.0, "middle"), (99.0, "end")])
def test_the_name_of_a_place_near_an_edge_stands_inwards(here: float, anchor: str) -> None:
    rows = [
        {
            "name": "Songjeong 1-dong" if months == here else "other",
            "open_months": months,
            "closed_months": 30.0,
            "open_mean": 50.0,
            "closed_mean": 30.0,
            "type": "LL",
            "is_here": months == here,
        }
        for months in (1.0, 50.0, 99.0)
    ]
    named = texts(svg_of(site_charts.change_types(LIGHT, "Songjeong 1-dong"), rows, 358))
    assert named["Songjeong 1-dong"].get("text-anchor") == anchor


def test_names_at_the_end_of_lines_have_room() -> None:
    spec = compare_charts.trend(LIGHT, ("1 수완동",), ("#0072B2",), "원")
    assert spec["padding"]["right"] >= 20


def test_what_is_kept_for_all_readers_asks_for_nobodys_colours() -> None:
    """A reader in the dark must not get what was made for one in the light."""
    reader = re.compile(r"\b(colours|is_dark|is_staff)\(\)|session_state|query_params")
    held = []
    for path in sorted(ROOT.glob("commerce/ui/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "kept" in ast.unparse(d) or "cache" in ast.unparse(d) for d in node.decorator_list
            ):
                held.append(node.name)
                assert not reader.search(ast.unparse(node)), f"{path.name}: {node.name}"
    assert len(held) > 50


def test_bars_of_trades_have_the_colour_of_each_reader() -> None:
    row = {
        "is_asked": True,
        "active": 5,
        "location_quotient": 1.0,
        "name_ko": "카페",
        "name_en": "Cafes",
        "opened_36m": 1,
        "closed_36m": 2,
    }
    rows = pd.DataFrame([row])
    drawn = {ink: site_around._bars(rows, ink) for ink in (LIGHT.opened, DARK.opened)}
    for ink, table in drawn.items():
        assert ink in table
    assert len(set(drawn.values())) == 2


def test_a_short_unit_in_a_heading_is_not_broken() -> None:
    table = multiples.bars(["동네", "유동인구 (명/일)", "Per shop (people per day)"], [], [])
    assert '유동인구 <span class="whole">(명/일)</span>' in table
    assert "Per shop (people per day)" in table


def test_hours_of_a_key_figure_are_written_briefly() -> None:
    rows = pd.DataFrame(
        [
            {"dimension": "hour_band", "bucket": band, "share": share, "persons": share}
            for band, share in (("11-14", 0.3), ("14-17", 0.7))
        ]
    )
    set_language("en")
    assert profile_shape.largest(rows, "hour_band")[0] == "14:00–17:00"
    assert profile_shape.largest(rows, "hour_band", brief=True)[0] == "14–17 h"


def test_periods_are_counted_as_what_they_are() -> None:
    assert series.counted(94, 1) == "94달"
    assert series.counted(31, 3) == "31분기"
    set_language("en")
    assert series.counted(1, 1) == "1 month"
    assert series.counted(31, 3) == "31 quarters"


def test_no_korean_message_counts_in_shop_years() -> None:
    """Nobody but a statistician reads 가게·해: it is said how many years shops traded in all."""
    found = [key for key, text in messages("ko").items() if re.search("가게·[해월]", text)]
    assert found == []


#: A place like an L: wide above, narrow below, where its middle lies.
CORNER = [[[0, 0], [2, 0], [2, 6], [10, 6], [10, 10], [0, 10], [0, 0]]]


@pytest.mark.parametrize(
    ("wide", "found"),
    [
        (1.0, (1.0, 5.0)),  # fits where it stands best
        (4.0, (2.0, 7.0)),  # fits higher up, moved to the right
        (11.0, None),
    ],
)
def test_a_name_stands_where_it_fits_into_its_place(
    wide: float, found: tuple[float, float] | None
) -> None:
    assert map_names.spot(CORNER, (1.0, 5.0), wide, 2.0) == found


def test_names_on_the_map_of_the_demo_lie_inside_their_dongs() -> None:
    dongs = pd.read_parquet(ROOT / "data" / "demo" / "dong.parquet")
    shown = dongs.assign(name=dongs["name_en"], value=1.0, tip="")
    deck = maps.dong_map(shown, scales.Scale(0, 2, LIGHT.sequential), LIGHT)
    [names] = [layer for layer in json.loads(deck.to_json())["layers"] if layer["id"] == "names"]
    outlines = dict(zip(shown["name"], shown["boundary"].map(json.loads).map(shape), strict=True))
    assert len(names["data"]) >= 4
    for name in names["data"]:
        assert outlines[name["name"]].contains(Point(name["at"])), name["name"]


def test_figures_on_the_axis_of_the_workbench_stand_apart_on_a_phone() -> None:
    rows = [{"x": f"1171053{n:03}", "y": 407 + 400 * n} for n in range(9)]
    spec = workbench_chart.chart(
        pd.DataFrame(rows), ("dong_code", "opened", ""), "bar", "text", [], LIGHT
    )
    svg = svg_of(spec, rows, 358)
    figures = re.findall(
        r'translate\(([-\d.]+),[^>]*opacity="1">(0|500|\d,\d00)</text>',
        svg,
    )
    gaps = [float(b) - float(a) for (a, _), (b, _) in pairwise(figures)]
    assert len(gaps) >= 3
    assert min(gaps) >= 41, "4,000 is 33 wide"
    assert max(gaps) - min(gaps) < 1
