"""What stands on the site page before a place is chosen: what to do, examples, a map to click."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from commerce import place
from commerce.i18n import t
from commerce.ui import filters, map_image, map_legend, maps, place_picker, scales, shape
from commerce.ui.figures import ask, figure, headline
from commerce.ui.frame import colours, data
from commerce.ui.kept import kept
from commerce.ui.sentences import say


def controls(chosen: filters.Selection) -> tuple[place.Place | None, int]:
    """Draw the search box beside the radius; return the place, if any, and the radius in m."""
    left, right = st.columns([2, 1], gap="medium")
    with left:
        found = place_picker.draw()
    with right:
        radius = place_picker.radius()
    if chosen.dong_codes or chosen.area_codes:
        st.caption(t("site.filter_unused"))
    return found, radius


def start() -> None:
    """Draw what to do, three examples and a map of dongs to click."""
    headline(say("nav.site"), say("site.start"), say("site.start.basis"))
    examples(ask("site/examples").rows)
    dongs = ask("dong/list")
    ink = colours()
    rows = shape.dong_counts(filters.dongs(), _active(dongs.rows), "shops", 0, t("unit.shops"))
    scale = scales.sequential(rows["value"], ink, 0, t("unit.shops"))
    legend = t("site.map.start.legend")
    with figure(
        "site-dongs",
        t("site.map.start"),
        dongs,
        note=t("site.map.start.note"),
        definition="definition.active",
        shown=_listed(dongs.rows),
        image=partial(map_image.dongs_image, rows, scale, ink, legend),
    ):
        st.pydeck_chart(
            maps.dong_map(rows, scale, ink),
            height=maps.HEIGHT,
            key="map_site_start",
            on_select=lambda: place_picker.from_map("map_site_start"),
            alt=t("site.map.start"),
        )
        st.html(map_legend.legend(scale, ink, legend, None))


@kept
def _active(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(shops=rows["active"])[["dong_code", "shops"]]


@kept
def _listed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns=["boundary"])


def examples(rows: pd.DataFrame) -> None:
    """Draw places to begin with, each with a trade, from ``site/examples``."""
    names = dict(
        zip(filters.categories()["category_id"], filters.categories()["name"], strict=True)
    )
    if len(rows):
        st.caption(t("site.examples"))
    with st.container(horizontal=True, gap="small"):
        for row in rows.to_dict("records"):
            found = place.read(f"site:{row['site_id']}", data())
            if found is None or row["category_id"] not in names:
                continue
            st.button(
                f"{found.label} · {names[row['category_id']]}",
                key=f"site_example_{row['site_id']}",
                icon=":material/arrow_forward:",
                type="tertiary",
                on_click=_go,
                args=(found.key, str(row["category_id"])),
            )


def _go(key: str, trade: str) -> None:
    st.session_state["trade"] = [trade]
    place_picker.choose(key)
