"""Choosing what to compare: the search box, the radius, and what stands before two are chosen."""

from __future__ import annotations

import streamlit as st

from commerce.i18n import t
from commerce.place import read
from commerce.ui import place_picker
from commerce.ui.compare_side import Side, outlines
from commerce.ui.figures import headline
from commerce.ui.filters import Selection
from commerce.ui.frame import data
from commerce.ui.sentences import say


def controls(chosen: Selection) -> list[Side]:
    """Draw the search box beside the radius; return the sides, at most four."""
    asked = dict.fromkeys(text for text in st.query_params.get_all("at") if text)
    grid = st.grid(2, min_column_width=260, gap="medium")
    with grid.cell():
        places = place_picker.draw_many()
    with grid.cell():
        radius = place_picker.radius()
    if len(asked) > place_picker.MOST:
        st.warning(t("compare.too_many", n=place_picker.MOST), icon=":material/filter_4:")
    # Two keys may mean one place, such as a dong's codes before and after a reform.
    once = list({place.key: place for place in places}.values())
    drawn = outlines()
    return [
        Side(order, place, radius, chosen, drawn.get(place.area_code or "", ""))
        for order, place in enumerate(once, 1)
    ]


def start(sides: list[Side]) -> None:
    """Draw what to do where fewer than two places are chosen, and two examples."""
    one = sides[0].place if sides else None
    sentence = say("compare.start.one", place=one.label) if one else say("compare.start")
    headline(say("nav.compare"), sentence, say("compare.start.basis"))
    with st.container(horizontal=True, gap="small"):
        for pair in _examples(one.key if one else None):
            places = [read(key, data()) for key in pair]
            if any(place is None for place in places):
                continue
            st.button(
                " · ".join(place.label for place in places if place is not None),
                key=f"compare_example_{'_'.join(pair)}",
                icon=":material/arrow_forward:",
                type="tertiary",
                on_click=_go,
                args=(pair,),
            )


def _examples(first: str | None) -> list[tuple[str, str]]:
    """Return two pairs of keys: the busiest dongs, and the busiest named areas or next dongs."""
    dongs = data().run("dong/list").sort_values("active", ascending=False)
    keys = [f"dong:{code}" for code in dongs["dong_code"].head(4)]
    areas = data().run("area/list", max_rows=2)
    named = [f"area:{code}" for code in areas["area_code"]]
    if first:
        others = [key for key in [*keys[:2], *named[:1], *keys[2:]] if key != first]
        return [(first, key) for key in others[:2]]
    pairs = [keys[:2], named if len(named) == 2 else keys[2:]]
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]


def _go(keys: tuple[str, ...]) -> None:
    for key in keys:
        place_picker.choose(key, many=True)
