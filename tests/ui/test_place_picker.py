"""The box for places on a page of its own: links, choices, map clicks, limits."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import DONGS, shop, write_snapshot
from tests.search.test_place import AREAS, PERMITS, square

DISTRICT = [dong | {"boundary": square(126.7 + number / 10)} for number, dong in enumerate(DONGS)]


@pytest.fixture(autouse=True)
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_snapshot(tmp_path, [*PERMITS, shop("2021-01-01")], dong=DISTRICT, trade_area=AREAS)
    monkeypatch.setenv("COMMERCE_DATA", str(tmp_path))


def page(many: bool) -> None:
    """Draw the box, and buttons that do what the box and a map do."""
    from types import SimpleNamespace

    import streamlit as st

    from commerce.ui import place_picker

    if many:
        found = place_picker.draw_many()
    else:
        one = place_picker.draw()
        found = [one] if one else []
    radius = place_picker.radius()
    st.text(" / ".join(place.label for place in found) or "none")
    st.text(str(radius))

    def clicked(thing: dict[str, str]) -> None:
        selection = SimpleNamespace(objects={"layer": [thing]})
        st.session_state["map"] = SimpleNamespace(selection=selection)
        place_picker.from_map("map", many=many)

    for number, key in enumerate(("dong:1233000200", "area:A1", "site:b1", "site:b1-2")):
        st.button(f"choose {number}", on_click=place_picker.choose, args=(key, "at", many))
    for name, thing in {
        "dong": {"dong_code": "1233000100"},
        "cell": {"cell": "8930c632603ffff"},
        "outside": {"cell": "89283082803ffff"},
    }.items():
        st.button(name, on_click=clicked, args=(thing,))


def run(many: bool = False, **query: Any) -> AppTest:
    app = AppTest.from_function(page, kwargs={"many": many}, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    return next(b for b in app.button if b.label == label).click().run()


def shown(app: AppTest) -> tuple[str, str]:
    assert not app.exception
    return app.text[0].value, app.text[1].value


def link(app: AppTest) -> list[str]:
    found = app.query_params["at"]
    return [found] if isinstance(found, str) else list(found)


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("dong:1233000100", "수완동"),
        ("site:b1-2", "수완로 3 (수완동), 2층"),
        ("area:A1", "시장길"),
        ("at:126.75,35.15", "수완동 안의 지점 (35.15000, 126.75000)"),
    ],
)
def test_a_link_opens_the_place(asked: str, label: str) -> None:
    app = run(at=asked, radius="450")
    assert shown(app) == (label, "450")
    assert not app.warning


@pytest.mark.parametrize(
    "asked",
    ["dong:9", "site:gone", "at:10,10", "<script>alert(1)</script>", "가" * 5000, "\u202e**x**"],
)
def test_a_link_to_nothing_says_what_is_missing(asked: str) -> None:
    app = run(at=asked)
    assert shown(app)[0] == "none"
    assert len(app.warning) == 1
    assert "<script>" not in app.warning[0].value
    assert "\u202e" not in app.warning[0].value
    assert len(app.warning[0].value) < 300


@pytest.mark.parametrize(
    ("asked", "offered"), [("수완", "수완동"), ("site:b1-9", "수완로 3 \\(수완동\\)")]
)
def test_what_comes_near_is_offered_and_can_be_taken(asked: str, offered: str) -> None:
    app = run(at=asked)
    assert len(app.warning) == 1
    press(app, offered)
    assert shown(app)[0] == offered.replace("\\", "")
    assert not app.warning
    assert link(app) != [asked]


@pytest.mark.parametrize(
    ("asked", "metres"),
    [(None, "300"), ("99999", "1000"), ("0", "100"), ("333", "350"), ("x", "300")],
)
def test_the_radius_keeps_its_limits(asked: str | None, metres: str) -> None:
    shown_metres = shown(run(**({"radius": asked} if asked else {})))[1]
    assert 100 <= int(shown_metres) <= 1000
    assert int(shown_metres) % 50 == 0
    assert shown_metres in (metres, "300")  # Streamlit may have fallen back before


def test_a_choice_goes_into_the_link_and_takes_the_place_of_the_other() -> None:
    app = press(run(), "choose 0")
    assert shown(app)[0] == "첨단동"
    assert link(app) == ["dong:1233000200"]
    press(app, "choose 1")
    assert shown(app)[0] == "시장길"
    assert link(app) == ["area:A1"]


def test_up_to_four_places_are_compared_each_once() -> None:
    app = run(many=True, at=["dong:1233000200", "dong:1233000200", "site:gone"])
    assert shown(app)[0] == "첨단동"
    assert len(app.warning) == 1
    for number in range(4):
        press(app, f"choose {number}")
    assert shown(app)[0].count(" / ") == 3
    assert not app.warning
    press(app, "dong")
    assert "수완동 /" not in shown(app)[0]
    assert len(link(app)) == 4


def test_a_click_on_the_map_chooses_and_one_outside_is_refused_in_a_sentence() -> None:
    app = press(run(), "dong")
    assert shown(app)[0] == "수완동"
    press(app, "outside")
    assert shown(app)[0] == "수완동"  # what was chosen stays
    assert len(app.warning) == 1
    press(app, "cell")
    assert "지점" in shown(app)[0]
    assert not app.warning


def test_what_a_reader_sees_of_a_hit_is_plain_text_in_their_language() -> None:
    from commerce.i18n import set_language
    from commerce.search import Hit, How
    from commerce.ui import place_picker

    hit = Hit("trade", "trade:cafe", "카페", "Cafe", How.EXACT, 1.0)
    set_language("en")
    try:
        assert place_picker._shown(hit) == {
            "key": "trade:cafe",
            "kind": "Trade",
            "name": "Cafe",
            "detail": "Choose as trade",
        }
    finally:
        set_language("ko")
