"""Names of lines: near their points, across no line and no other name."""

from itertools import pairwise

import pandas as pd
import pytest

from commerce.ui import line_breaks, survival_shape
from commerce.ui.line_names import Name, heights, width

AXIS = (0.0, 1.0)
FALLING = [(0.0, 1.0), (2.0, 0.6), (4.0, 0.5), (9.0, 0.45)]
CROSSING = [(0.0, 1.0), (3.0, 0.48), (10.0, 0.42)]


def reached(line: list[tuple[float, float]], left: float, right: float) -> list[float]:
    """Return heights that a step line has between left and right, found by small steps."""
    found = []
    for step in range(201):
        x = left + (right - left) * step / 200
        found.append([y for at, y in line if at <= x][-1])
    return found


def test_a_name_crosses_neither_its_own_line_nor_another() -> None:
    (height,) = heights([Name("반경 300 m", 4.3, 0.5)], [FALLING, CROSSING], (10, 1), AXIS)
    left = 4.3 - 10 * width("반경 300 m")
    near = [y for line in (FALLING, CROSSING) for y in reached(line, left, 4.3)]
    assert min(abs(height - y) for y in near) >= 0.023
    assert abs(height - 0.5) < 0.2


def test_names_at_the_same_end_stand_a_line_of_text_apart() -> None:
    ends = [Name("가", 9.0, 0.45), Name("나", 9.0, 0.45), Name("다", 9.0, 0.44)]
    ordered = sorted(heights(ends, [FALLING], (10, 1), AXIS))
    assert all(b - a >= 0.047 for a, b in pairwise(ordered))


@pytest.mark.parametrize("end", [0.0, 0.01, 1.0])
def test_no_name_leaves_the_chart(end: float) -> None:
    (height,) = heights([Name("수완동", 9.0, end)], [[(0.0, 1.0), (9.0, end)]], (10, 1), AXIS)
    assert 0.0 < height <= 1.0


def test_where_nothing_is_free_a_name_still_stands_somewhere() -> None:
    grid = [[(0.0, y / 50), (10.0, y / 50)] for y in range(51)]
    (height,) = heights([Name("수완동", 9.0, 0.5)], grid, (10, 1), AXIS)
    assert height == pytest.approx(0.524)


def test_a_name_stands_by_its_own_line_where_a_line_of_text_fits() -> None:
    upper, own, lower = 0.31, 0.245, 0.18
    lines = [[(0.0, y), (9.0, y)] for y in (upper, own, lower)]
    (height,) = heights([Name("2 송정1동", 8.6, own)], lines, (10, 1), AXIS)
    assert lower < height < upper


def test_curves_bring_a_name_for_each_group() -> None:
    rows = pd.DataFrame(
        {
            "group_key": ["a", "a", "b", "b"],
            "age_days": [365, 1461, 365, 3000],
            "survival": [0.8, 0.5, 0.7, 0.4],
            "ci_low": 0.3,
            "ci_high": 0.9,
            "at_risk": 40,
        }
    )
    drawn = survival_shape.curves(rows, None, 10, {"a": "여기", "b": "구 전체"})
    names = drawn[drawn["kind"] == "label"]
    assert sorted(names["label"]) == ["구 전체", "여기"]
    own = names.set_index("label")["survival"]
    assert abs(own["여기"] - 0.5) > 0.02


def test_benchmarks_are_named_once_and_clear_of_the_curves() -> None:
    rows = pd.DataFrame(
        {
            "group_key": "all",
            "age_days": range(30, 3600, 30),
            "survival": [0.99**step for step in range(119)],
            "ci_low": 0.1,
            "ci_high": 0.9,
            "at_risk": 40,
        }
    )
    official = pd.DataFrame(
        {
            "region_name_ko": ["전국", "전국", "광주", "광주"],
            "region_name_en": ["nation", "nation", "Gwangju", "Gwangju"],
            "years": [1, 5, 1, 7],
            "survival": [0.65, 0.55, 0.63, 0.43],
        }
    )
    drawn = survival_shape.curves(rows, official, 10, {"all": "전체 업종"})
    named = drawn[drawn["kind"] == "benchmark_label"].set_index("label")
    assert sorted(named.index) == ["광주", "전국"]
    curve = drawn[drawn["kind"] == "curve"]
    for label, end in named.iterrows():
        left = end["age_years"] - 10 * width(str(label))
        near = curve[curve["age_years"].between(left, end["age_years"])]["survival"]
        assert (near - end["survival"]).abs().min() >= 0.023


def test_a_place_is_never_broken_at_its_hyphen() -> None:
    assert line_breaks.in_text("in Gwangsan-gu, Songjeong 1-dong; three-year") == (
        "in Gwangsan-\u2060gu, Songjeong 1-\u2060dong; three-year"
    )


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("95% interval 49–55%, 51%–53%", "95% interval 49\u2060–\u206055%, 51%\u2060–\u206053%"),
        ("Jan 2016 – Oct 2026, Kaplan–Meier", "Jan 2016 – Oct 2026, Kaplan\u2060–\u2060Meier"),
        ("하루 평균 · ▼ 설", "하루 평균\u00a0· ▼\u00a0설"),
        ("‘가림’은", "‘가림’\u2060은"),
        ("「최근 12달」은 지난", "「최근 12달」\u2060은 지난"),
        ("list · * fewer than 30", "list\u00a0· *\u00a0fewer than 30"),
    ],
)
def test_a_range_a_particle_and_a_star_stay_with_what_they_belong_to(
    text: str, joined: str
) -> None:
    assert line_breaks.in_text(text) == joined
