"""Maps by pydeck: dongs or H3 cells coloured by one figure, without any tile server.

A map holds aggregates only. Its view fits a phone's width, so that nothing is cut.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pandas as pd
import pydeck as pdk
import pydeck.bindings.deck
from pydeck.bindings.json_tools import default_serialize

from commerce.ui.kept import kept
from commerce.ui.map_names import LABEL_SIZE, place
from commerce.ui.map_rows import polygons_of, sent, tooltip
from commerce.ui.scales import Scale
from commerce.ui.theme import FONT, Palette, luminance, rgb

HEIGHT = 410
_PHONE_WIDTH = 345
_TILE = 512
# pydeck looks for Jupyter's packages at each map, which costs 5 ms; there is no notebook here.
pydeck.bindings.deck.has_jupyter_extra = lambda: False
_PLACEHOLDER = re.compile(r'"boundary of ([^"]*)"')


@kept
def dong_map(
    dongs: pd.DataFrame,
    scale: Scale,
    palette: Palette,
    selected: Sequence[str] = (),
    areas: Sequence[tuple[str, str]] = (),
    words: str = "",
) -> pdk.Deck:
    """Return a map of dongs.

    Args:
        dongs: one row per dong with ``dong_code``, ``name``, ``boundary`` (GeoJSON text),
            ``label_lon``, ``label_lat``, ``value`` (null: not enough data) and ``tip``; with
            ``words`` also ``said``, as for :func:`commerce.ui.map_rows.sent`.
        scale: colours of the values.
        palette: colours of the reader's mode.
        selected: codes of the dongs to outline.
        areas: codes and outlines (GeoJSON text) of named areas to draw over them.
        words: what most tooltips say, as for :func:`commerce.ui.map_rows.tooltip`.
    """
    bounds = bounds_of(tuple(dongs["boundary"]))
    zoom = _zoom(bounds)
    rows, names = _drawn(dongs, scale, palette, zoom, words)
    # Drawn over all of them, so that neighbours do not cover the outline of the selected.
    known = set(dongs["dong_code"])
    chosen = [code for code in selected if code in known]
    layers = [
        pdk.Layer(
            # Not as GeoJSON, which writes a third more around the same outlines.
            "PolygonLayer",
            rows,
            # Streamlit pales what is not selected, and the legend would lie. A layer of
            # another name has nothing selected in it.
            id="dongs " + " ".join(selected),
            pickable=True,
            auto_highlight=True,
            highlight_color=[127, 127, 127, 70],
            get_polygon="polygon",
            position_format=pdk.types.String("XY"),
            get_fill_color="fill",
            get_line_color=rgb(palette.paper),
            get_line_width=1,
            line_width_units=pdk.types.String("pixels"),
        ),
        *([_lines("chosen " + " ".join(chosen), chosen, rgb(palette.ink), 3)] if chosen else []),
        pdk.Layer(
            "TextLayer",
            names,
            id="names",
            get_text="name",
            get_position="at",
            get_color="ink",
            get_size=LABEL_SIZE,
            character_set=pdk.types.String("auto"),
            font_family=pdk.types.String(FONT),
            font_weight=600,
        ),
        *_area_layers(areas, palette),
    ]
    return _deck(layers, dongs, bounds, zoom, areas, words)


def outlines(dongs: pd.DataFrame, palette: Palette) -> pdk.Layer:
    """Return the layer of the dongs' outlines alone, for maps of other things; see :func:`deck`."""
    return _lines("outlines", list(dongs["dong_code"]), rgb(palette.muted, 140), 1)


def _lines(name: str, codes: Sequence[str], colour: list[int], width: float) -> pdk.Layer:
    features = [{"type": "Feature", "geometry": f"boundary of {code}"} for code in codes]
    return pdk.Layer(
        "GeoJsonLayer",
        {"type": "FeatureCollection", "features": features},
        id=name,
        pickable=False,
        filled=False,
        get_line_color=colour,
        line_width_min_pixels=width,
    )


def _area_layers(areas: Sequence[tuple[str, str]], palette: Palette) -> list[pdk.Layer]:
    """Return the outlines of named areas: only lines, so that the colours below stay true."""
    if not areas:
        return []
    codes = [code for code, _ in areas]
    return [_lines("areas " + " ".join(codes), codes, rgb(palette.ink), 2)]


@kept
def _drawn(
    dongs: pd.DataFrame, scale: Scale, palette: Palette, zoom: float, words: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row per polygon of the dongs, none selected, and the names that have room."""
    rows, names, pixels = [], [], _TILE * 2**zoom / 360
    for row in dongs.itertuples(index=False):
        known = row.value is not None and row.value == row.value
        fill = scale.colour(row.value) if known else palette.absent
        said = sent(row.said) if words else {"tip": row.tip}
        same = {"dong_code": row.dong_code, "name": row.name, **said, "fill": rgb(fill)}
        for part in range(len(polygons_of(row.boundary))):
            rows.append({"polygon": f"boundary of {row.dong_code} {part}", **same})
        geometry, area = geometry_of(row.boundary)
        at = place(row.name, rings_of(geometry), area, (row.label_lon, row.label_lat), pixels)
        if at:
            ink = "#FFFFFF" if luminance(fill) < 0.22 else "#14191D"
            names.append({"name": row.name, "at": at, "ink": rgb(ink)})
    return rows, names


@kept
def cell_map(
    cells: pd.DataFrame,
    dongs: pd.DataFrame,
    scale: Scale,
    palette: Palette,
    areas: Sequence[tuple[str, str]] = (),
) -> pdk.Deck:
    """Return a map of H3 cells over the outlines of the dongs.

    Args:
        cells: one row per cell with ``cell`` (H3 text), ``value`` and ``tip``.
        dongs: as for :func:`dong_map`; only outlines are drawn.
        scale: colours of the values.
        palette: colours of the reader's mode.
        areas: as for :func:`dong_map`.
    """
    rows = [
        {"cell": row.cell, "fill": rgb(scale.colour(row.value), 225), "tip": row.tip}
        for row in cells.itertuples(index=False)
    ]
    bounds = bounds_of(tuple(dongs["boundary"]))
    layers = [
        outlines(dongs, palette),
        pdk.Layer(
            "H3HexagonLayer",
            rows,
            id="cells",
            pickable=True,
            auto_highlight=True,
            extruded=False,
            get_hexagon="cell",
            get_fill_color="fill",
            stroked=False,
        ),
        *_area_layers(areas, palette),
    ]
    return _deck(layers, dongs, bounds, _zoom(bounds), areas)


class _Deck(pdk.Deck):  # type: ignore[misc]
    """A deck whose text holds each boundary as it stands in the data, and no blanks.

    pydeck would read, indent and write every coordinate at every rerun: five times
    the bytes.
    """

    def __init__(self, boundaries: dict[str, str], **options: Any) -> None:
        super().__init__(**options)
        # Korean as it is: escaped, each letter would take six bytes instead of three.
        text = json.dumps(
            self, default=default_serialize, separators=(",", ":"), ensure_ascii=False
        )
        self._text = _PLACEHOLDER.sub(lambda found: boundaries[found[1]], text)

    def to_json(self) -> str:
        """Return the specification as compact JSON."""
        return self._text


def deck(
    layers: list[Any], dongs: pd.DataFrame, bounds: tuple[float, float, float, float]
) -> pdk.Deck:
    """Return a map of other layers over the outlines of dongs, seen from ``bounds``.

    Args:
        layers: a feature whose geometry is ``boundary of <dong_code>`` gets that outline.
        dongs: with ``dong_code`` and ``boundary``.
        bounds: west, south, east and north in degrees.
    """
    return _deck(layers, dongs, bounds, _zoom(bounds))


def _deck(
    layers: list[Any],
    dongs: pd.DataFrame,
    bounds: tuple[float, float, float, float],
    zoom: float,
    areas: Sequence[tuple[str, str]] = (),
    words: str = "",
) -> pdk.Deck:
    west, south, east, north = bounds
    view = pdk.ViewState(
        longitude=round((west + east) / 2, 4),
        latitude=round((south + north) / 2, 4),
        zoom=round(zoom, 2),
        min_zoom=round(zoom - 1, 2),
        max_zoom=round(max(16, zoom + 2), 2),
    )
    boundaries = dict(zip(dongs["dong_code"], dongs["boundary"], strict=True))
    parts = {
        f"{code} {part}": polygon
        for code, boundary in boundaries.items()
        for part, polygon in enumerate(polygons_of(boundary))
    }
    return _Deck(
        boundaries | parts | dict(areas),
        layers=layers,
        initial_view_state=view,
        map_provider=None,
        tooltip=tooltip(words),  # type: ignore[arg-type]
        parameters={"clearColor": [0, 0, 0, 0]},
    )


def _zoom(bounds: tuple[float, float, float, float]) -> float:
    west, south, east, north = bounds
    across = (east - west) / 360 or 1e-6
    down = (_mercator(north) - _mercator(south)) or 1e-6
    return math.log2(min(_PHONE_WIDTH / _TILE / across, (HEIGHT - 16) / _TILE / down))


def _mercator(latitude: float) -> float:
    return 0.5 + math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)) / (2 * math.pi)


@lru_cache(maxsize=4096)
def geometry_of(boundary: str) -> tuple[dict[str, Any], float]:
    """Return a boundary read from its text, and its area in square degrees of latitude."""
    geometry = json.loads(boundary)
    area = sum(abs(_area(ring)) for ring in rings_of(geometry)[:1])
    return geometry, area * 1.22  # a degree of longitude is shorter than one of latitude


@lru_cache(maxsize=64)
def bounds_of(boundaries: tuple[str, ...]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of boundaries (GeoJSON texts), in degrees."""
    points = [p for b in boundaries for ring in rings_of(geometry_of(b)[0]) for p in ring]
    if not points:
        return (126.6, 35.0, 126.95, 35.3)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs), min(ys), max(xs), max(ys))


def rings_of(geometry: dict[str, Any]) -> list[list[list[float]]]:
    """Return all rings of a Polygon or MultiPolygon."""
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    return [ring for polygon in geometry["coordinates"] for ring in polygon]


def _area(ring: list[list[float]]) -> float:
    pairs = pairwise(ring)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2
