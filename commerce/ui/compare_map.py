"""The map of a comparison: the places in the colours of their curves, with their numbers."""

from __future__ import annotations

import json
import math
from html import escape
from typing import Any

import pandas as pd
import pydeck as pdk
import streamlit as st

from commerce.i18n import t
from commerce.ui import maps, site_map
from commerce.ui.compare_side import Side
from commerce.ui.figures import ask, figure
from commerce.ui.frame import colours
from commerce.ui.theme import FONT, Palette, luminance, rgb

_ROOM = 0.12
_LEAST = 0.006
# Numbers stand so many pixels apart, on a map as narrow as a phone's.
_APART, _NARROW = 24, 345
_ROUND = (
    "display:inline-block;width:1.5em;line-height:1.5em;border-radius:50%;text-align:center;"
    "font-size:.86rem;margin-right:.25em;"
)


def draw(sides: list[Side], dongs: pd.DataFrame) -> None:
    """Draw the places with their names and numbers, and the map where any has a point."""
    ink = colours()
    drawn = deck(sides, dongs, ink)
    where = ask("area/list" if all(s.place.kind == "area" for s in sides) else "dong/list")
    image = None if drawn is None else lambda: svg(sides, dongs, ink)
    with figure("compare-map", t("compare.map.title"), where, shown=table(sides), image=image):
        st.html(names(sides, ink))
        if drawn is not None:
            st.pydeck_chart(drawn, height=maps.HEIGHT, key="map_compare", alt=t("compare.map.alt"))


def deck(sides: list[Side], dongs: pd.DataFrame, palette: Palette) -> pdk.Deck | None:
    """Return the map, or None where no place has a point.

    Args:
        sides: the places; those whose point is not known are left out.
        dongs: with ``dong_code`` and ``boundary``: those in view are outlined.
        palette: colours of the reader's mode.
    """
    drawn = [side for side in sides if side.place.lon is not None and side.place.lat is not None]
    if not drawn:
        return None
    outlines = _outlines(dongs)
    rings = {side.order: _rings(side, outlines) for side in drawn}
    bounds = _bounds(drawn, rings)
    marks = _marks(drawn, bounds, palette)
    near = dongs[[_meets(outlines.get(code, ""), bounds) for code in dongs["dong_code"]]]
    layers = [
        maps.outlines(near, palette),
        pdk.Layer(
            "PolygonLayer",
            [_shape(side, ring, palette) for side in drawn for ring in rings[side.order]],
            id="places",
            pickable=True,
            get_polygon="ring",
            get_fill_color="fill",
            get_line_color="line",
            line_width_min_pixels=2,
        ),
        pdk.Layer(
            "ScatterplotLayer",
            marks,
            id="marks",
            pickable=True,
            get_position="at",
            get_fill_color="fill",
            get_radius=11,
            radius_units=pdk.types.String("pixels"),
            stroked=True,
            get_line_color=rgb(palette.paper),
            line_width_min_pixels=1.5,
        ),
        pdk.Layer(
            "TextLayer",
            marks,
            id="numbers",
            pickable=False,
            get_position="at",
            get_text="number",
            get_size=14,
            get_color="ink",
            font_family=pdk.types.String(FONT),
            font_weight=700,
        ),
    ]
    return maps.deck(layers, near, bounds)


def _rings(side: Side, outlines: dict[str, str]) -> list[list[list[float]]]:
    place = side.place
    if side.is_circle:
        assert place.lon is not None
        assert place.lat is not None
        return [site_map.ring(place.lon, place.lat, side.radius_m)]
    text = outlines.get(place.dong_code or "", "") if place.kind == "dong" else side.outline
    return maps.rings_of(json.loads(text)) if text else []


def _bounds(
    sides: list[Side], rings: dict[int, list[list[list[float]]]]
) -> tuple[float, float, float, float]:
    """Return what is seen: all places, with room around them and never only a few metres."""
    points = [point for own in rings.values() for ring in own for point in ring]
    points += [[side.place.lon or 0.0, side.place.lat or 0.0] for side in sides]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    aside = max((max(lons) - min(lons)) * _ROOM, _LEAST)
    up = max((max(lats) - min(lats)) * _ROOM, _LEAST)
    return min(lons) - aside, min(lats) - up, max(lons) + aside, max(lats) + up


def _outlines(dongs: pd.DataFrame) -> dict[str, str]:
    """Return the outlines that are known, as GeoJSON text by code."""
    pairs = zip(dongs["dong_code"], dongs["boundary"], strict=True)
    return {code: text for code, text in pairs if isinstance(text, str) and text}


def _meets(boundary: str, bounds: tuple[float, float, float, float]) -> bool:
    if not boundary:
        return False
    west, south, east, north = maps.bounds_of((boundary,))
    return west <= bounds[2] and east >= bounds[0] and south <= bounds[3] and north >= bounds[1]


def _shape(side: Side, ring: list[list[float]], palette: Palette) -> dict[str, Any]:
    colour = side.colour(palette)
    return {"ring": ring, "fill": rgb(colour, 45), "line": rgb(colour, 230), "tip": _tip(side)}


def _marks(
    sides: list[Side], bounds: tuple[float, float, float, float], palette: Palette
) -> list[dict[str, Any]]:
    """Return the numbers; one that would cover another moves aside until it does not."""
    across = (bounds[2] - bounds[0]) / _NARROW * _APART
    up = (bounds[3] - bounds[1]) / maps.HEIGHT * _APART
    step = max(across, up)
    made: list[dict[str, Any]] = []
    for side in sides:
        lon, lat = side.place.lon or 0.0, side.place.lat or 0.0
        while any(math.hypot(lon - m["at"][0], lat - m["at"][1]) < step for m in made):
            lon += step / 2
        colour = side.colour(palette)
        made.append(
            {
                "at": [lon, lat],
                "number": str(side.order),
                "fill": rgb(colour),
                "ink": rgb(_ink_on(colour)),
                "tip": _tip(side),
            }
        )
    return made


def _ink_on(colour: str) -> str:
    return "#FFFFFF" if luminance(colour) < 0.22 else "#14191D"


def _tip(side: Side) -> str:
    return f"{side.order} {side.label}\n{side.extent}"


def table(sides: list[Side]) -> pd.DataFrame:
    """Return the places as a table: number, name, what of it counts, and where it is."""
    return pd.DataFrame(
        {
            t("compare.column.number"): [side.order for side in sides],
            t("column.label"): [side.label for side in sides],
            t("compare.row.extent"): [side.extent for side in sides],
            t("column.dong"): [side.dong for side in sides],
            t("compare.column.lon"): [side.place.lon for side in sides],
            t("compare.column.lat"): [side.place.lat for side in sides],
        }
    )


def names(sides: list[Side], palette: Palette) -> str:
    """Return HTML that names the numbers beside the map."""
    rows = []
    for side in sides:
        colour = side.colour(palette)
        ink = _ink_on(colour)
        detail = side.extent if side.place.lon is not None else t("compare.absent.point")
        rows.append(
            f'<span style="display:inline-block;margin:0 1.4rem .25rem 0"><b style="{_ROUND}'
            f'background:{colour};color:{ink}">{side.order}</b> {escape(side.label)} '
            f"<small>{escape(detail)}</small></span>"
        )
    return f"<div>{''.join(rows)}</div>"


def svg(sides: list[Side], dongs: pd.DataFrame, palette: Palette) -> bytes:
    """Return the map as an SVG file, for download."""
    drawn = [side for side in sides if side.place.lon is not None and side.place.lat is not None]
    outlines = _outlines(dongs)
    rings = {side.order: _rings(side, outlines) for side in drawn}
    west, south, east, north = bounds = _bounds(drawn, rings)
    squeeze = math.cos(math.radians((south + north) / 2))
    side_px = 900 / ((east - west) * squeeze)
    height = (north - south) * side_px

    def at(point: list[float]) -> str:
        return f"{(point[0] - west) * squeeze * side_px:.1f} {(north - point[1]) * side_px:.1f}"

    def path(ring: list[list[float]], look: str) -> str:
        return f'<path d="M{"L".join(at(point) for point in ring)}Z" {look}/>'

    quiet = f'fill="none" stroke="{palette.muted}" stroke-opacity=".5"'
    shapes = [
        path(ring, quiet)
        for text in outlines.values()
        if _meets(text, bounds)
        for ring in maps.rings_of(json.loads(text))
    ]
    for side in drawn:
        colour = side.colour(palette)
        look = f'fill="{colour}" fill-opacity=".18" stroke="{colour}" stroke-width="2"'
        shapes += [path(ring, look) for ring in rings[side.order]]
    below: list[str] = []
    for order, (side, mark) in enumerate(zip(drawn, _marks(drawn, bounds, palette), strict=True)):
        colour = side.colour(palette)
        x, y = at(mark["at"]).split()
        number = f'text-anchor="middle" font-weight="700" fill="{_ink_on(colour)}"'
        name = f'<text y="{height + 30 + order * 22:.0f}" fill="{palette.ink}">'
        shapes += [
            f'<circle cx="{x}" cy="{y}" r="13" fill="{colour}"/>',
            f'<text x="{x}" y="{float(y) + 5:.1f}" {number}>{side.order}</text>',
        ]
        below.append(f"{name}{escape(side.title)} · {escape(side.extent)}</text>")
    foot = height + 40 + len(drawn) * 22
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 920 {foot + 30:.0f}" '
        f'font-family="{FONT}" font-size="15">'
        f'<rect x="-10" y="-10" width="100%" height="100%" fill="{palette.paper}"/>'
        f'<clipPath id="view"><rect width="900" height="{height:.0f}"/></clipPath>'
        f'<g clip-path="url(#view)">{"".join(shapes)}</g>{"".join(below)}'
        f'<text x="0" y="{foot:.0f}" font-size="12" fill="{palette.muted}">'
        f"{escape(t('frame.attribution'))}</text></svg>"
    ).encode()
