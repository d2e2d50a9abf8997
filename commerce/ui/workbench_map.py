"""A map of any rows that say where: by dong, by H3 cell, or by longitude and latitude."""

from __future__ import annotations

import re

import pandas as pd
import pydeck as pdk
import streamlit as st

from commerce.i18n import number, t
from commerce.ui import filters, map_legend, maps, scales
from commerce.ui.frame import colours
from commerce.ui.theme import rgb
from commerce.ui.workbench_chart import kind_of

#: Points and cells beyond this make a page heavy: it says so.
MOST_PLACES = 3_000
_CELL = re.compile(r"8[0-9a-f]{14}")


def places_of(rows: pd.DataFrame) -> tuple[str, str]:
    """Return how the rows say where (``dong``, ``cell``, ``point`` or ''), and in which column."""
    names = [str(name) for name in rows.columns]
    if "dong_code" in names:
        return "dong", "dong_code"
    for name in names:
        if name.startswith("h3") or name == "cell":
            known = rows[name].dropna().astype(str)
            if len(known) and known.str.fullmatch(_CELL.pattern).all():
                return "cell", name
    if {"lon", "lat"} <= set(names) and {kind_of(rows[n]) for n in ("lon", "lat")} == {"number"}:
        return "point", "lon"
    return "", ""


def draw(rows: pd.DataFrame) -> None:
    """Draw the choice of the figure and the map."""
    how, where = places_of(rows)
    if not how:
        st.write(t("workbench.map.none"))
        return
    aside = {where, "lon", "lat"}
    numbers = [str(n) for n in rows.columns if kind_of(rows[n]) == "number" and n not in aside]
    if not numbers and how != "point":
        st.write(t("workbench.map.no_number"))
        return
    value = _pick(numbers) if numbers else ""
    known = rows[rows[where].notna()]
    if how == "dong":
        _dongs(known, value)
    elif how == "cell":
        _cells(known.rename(columns={where: "cell"}), value)
    else:
        _points(known[known["lat"].notna()], value)


def _pick(numbers: list[str]) -> str:
    key = "workbench_map_value"
    if st.session_state.get(key) not in numbers:
        st.session_state[key] = numbers[0]
    return str(st.selectbox(t("workbench.map.value"), numbers, key=key, width=320))


def _digits(values: pd.Series) -> int:
    """Return how many decimals tell the values apart."""
    largest = values.abs().max()
    if (values.dropna() % 1 == 0).all() or largest != largest:
        return 0
    return 0 if largest >= 1000 else 1 if largest >= 10 else 3


def _dongs(rows: pd.DataFrame, value: str) -> None:
    codes = rows["dong_code"].astype(str)
    if codes.duplicated().any():
        st.caption(t("workbench.map.repeated"))
    first = pd.DataFrame({"dong_code": codes, "value": rows[value].astype(float)})
    first = first.drop_duplicates("dong_code")
    shown = filters.dongs().merge(first, on="dong_code", how="left")
    digits = _digits(shown["value"])
    shown["tip"] = [
        f"{name}\n{value} {number(found, digits)}"
        for name, found in zip(shown["name"], shown["value"], strict=True)
    ]
    ink = colours()
    scale = scales.sequential(shown["value"], ink, digits)
    deck = maps.dong_map(shown, scale, ink)
    _show(deck, map_legend.legend(scale, ink, value, t("workbench.map.absent")))


def _cells(rows: pd.DataFrame, value: str) -> None:
    if len(rows) > MOST_PLACES:
        st.caption(t("workbench.map.cut", rows=number(MOST_PLACES)))
    some = rows.head(MOST_PLACES)
    figures = some[value].astype(float)
    digits, ink = _digits(figures), colours()
    cells = pd.DataFrame({"cell": some["cell"].astype(str), "value": figures}).dropna()
    cells["tip"] = [f"{value} {number(found, digits)}" for found in cells["value"]]
    scale = scales.sequential(cells["value"], ink, digits, faintest=2)
    deck = maps.cell_map(cells, filters.dongs(), scale, ink)
    _show(deck, map_legend.legend(scale, ink, value, None))


def _points(rows: pd.DataFrame, value: str) -> None:
    if len(rows) > MOST_PLACES:
        st.caption(t("workbench.map.cut", rows=number(MOST_PLACES)))
    some, ink, dongs = rows.head(MOST_PLACES), colours(), filters.dongs()
    figures = some[value].astype(float) if value else pd.Series(0.0, index=some.index)
    digits = _digits(figures)
    scale = scales.sequential(figures, ink, digits, faintest=2)
    points = [
        {
            "at": [round(float(lon), 5), round(float(lat), 5)],
            "fill": rgb(scale.colour(found) if value and found == found else ink.muted, 210),
            "tip": f"{value} {number(found, digits)}" if value else "",
        }
        for lon, lat, found in zip(some["lon"], some["lat"], figures, strict=True)
        if abs(lon) <= 180 and abs(lat) <= 85
    ]
    layers = [
        maps.outlines(dongs, ink),
        pdk.Layer(
            "ScatterplotLayer",
            points,
            id="points",
            pickable=True,
            get_position="at",
            get_fill_color="fill",
            get_radius=4,
            radius_units=pdk.types.String("pixels"),
        ),
    ]
    deck = maps.deck(layers, dongs, maps.bounds_of(tuple(dongs["boundary"])))
    _show(deck, map_legend.legend(scale, ink, value, None) if value else "")


def _show(deck: pdk.Deck, legend: str) -> None:
    st.pydeck_chart(deck, height=maps.HEIGHT, key="workbench_map", alt=t("workbench.look.map"))
    if legend:
        st.html(legend)
