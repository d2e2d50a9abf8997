"""The map of the site report: shops around a point, the circle of its radius, dongs below."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pydeck as pdk

from commerce.i18n import day, language, number, t
from commerce.ui import maps, site_shape
from commerce.ui.kept import kept
from commerce.ui.theme import FONT, Palette, rgb

#: So many shops are drawn at most, the nearest.
MOST = 300
_METRES = 111_195.0
_CORNERS = 72


def ring(lon: float, lat: float, radius_m: float) -> list[list[float]]:
    """Return a circle around a point as a closed ring of longitudes and latitudes."""
    narrow = math.cos(math.radians(lat))
    turns = (2 * math.pi * i / _CORNERS for i in range(_CORNERS + 1))
    return [
        [
            round(lon + radius_m / _METRES / narrow * math.cos(turn), 6),
            round(lat + radius_m / _METRES * math.sin(turn), 6),
        ]
        for turn in turns
    ]


@kept
def around(
    shops: pd.DataFrame,
    dongs: pd.DataFrame,
    lon: float,
    lat: float,
    radius_m: int,
    palette: Palette,
) -> pdk.Deck:
    """Return the map.

    Args:
        shops: of ``site/shops``; standing ones become dots, closed ones rings with a cross.
        dongs: with ``dong_code`` and ``boundary``; those that the circle meets are outlined.
        lon, lat: of the point.
        radius_m: of the circle.
        palette: colours of the reader's mode.
    """
    circle = ring(lon, lat, radius_m)
    near = dongs[[_meets(text, circle) for text in dongs["boundary"]]]
    points = [_point(row) for row in shops.head(MOST).to_dict("records")]
    standing = [point for point in points if point["open"]]
    gone = [point for point in points if not point["open"]]
    text: dict[str, Any] = {
        "get_position": "at",
        "font_family": pdk.types.String(FONT),
        "pickable": False,
    }
    layers = [
        maps.outlines(near, palette),
        pdk.Layer(
            "PolygonLayer",
            [{"ring": circle}],
            id="circle",
            pickable=False,
            get_polygon="ring",
            get_fill_color=rgb(palette.ink, 12),
            get_line_color=rgb(palette.ink, 190),
            line_width_min_pixels=1.5,
        ),
        pdk.Layer(
            "ScatterplotLayer",
            gone,
            id="closed",
            pickable=True,
            get_position="at",
            filled=False,
            stroked=True,
            get_line_color=rgb(palette.closed),
            line_width_min_pixels=1.6,
            radius_min_pixels=5,
            radius_max_pixels=6,
            get_radius=5,
        ),
        pdk.Layer(
            "ScatterplotLayer",
            standing,
            id="standing",
            pickable=True,
            get_position="at",
            stroked=True,
            get_fill_color=rgb(palette.opened, 225),
            get_line_color=rgb(palette.paper),
            line_width_min_pixels=1,
            radius_min_pixels=5,
            radius_max_pixels=6,
            get_radius=5,
        ),
        pdk.Layer(
            "TextLayer",
            [{"at": [lon, lat], "mark": "+"}],
            id="middle",
            get_text="mark",
            get_size=30,
            get_color=rgb(palette.ink),
            font_weight=700,
            **text,
        ),
    ]
    west, south = circle[_CORNERS // 2][0], circle[3 * _CORNERS // 4][1]
    east, north = circle[0][0], circle[_CORNERS // 4][1]
    return maps.deck(layers, near, (west, south, east, north))


def _meets(boundary: str, circle: list[list[float]]) -> bool:
    """Return whether the box of a boundary meets the box of the circle."""
    west, south, east, north = maps.bounds_of((boundary,))
    lons, lats = [p[0] for p in circle], [p[1] for p in circle]
    return west <= max(lons) and east >= min(lons) and south <= max(lats) and north >= min(lats)


def _point(row: dict[Any, Any]) -> dict[str, Any]:
    trade = row[f"category_{language()}"] or row["category_ko"]
    until = t("site.life.standing") if row["is_open"] else day(site_shape.date_of(row["left_on"]))
    return {
        "at": [round(row["lon"], 5), round(row["lat"], 5)],
        "site_id": row["site_id"] if isinstance(row["site_id"], str) else None,
        "open": bool(row["is_open"]),
        "tip": f"{row['name']}\n{trade}\n{day(site_shape.date_of(row['opened_on']))} – {until}"
        f"\n{number(row['distance_m'])} m",
    }


def legend(palette: Palette, standing: int, closed: int) -> str:
    """Return HTML that says what the dots, the rings and the circle are."""
    dot = f'<i class="dot" style="background:{palette.opened}"></i>'
    hollow = f'<i class="dot" style="border:2px solid {palette.closed}"></i>'
    return (
        f'<div class="legend keys"><span>{dot}{t("site.map.standing", n=number(standing))}</span>'
        f"<span>{hollow}{t('site.map.closed', n=number(closed))}</span></div>"
    )
