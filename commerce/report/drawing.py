"""Drawings of a report as SVG: charts by vl-convert, maps by hand; nothing is requested."""

from __future__ import annotations

import json
import math
import re
from functools import cache, lru_cache
from html import escape
from pathlib import Path

import vl_convert

from commerce.report.model import Chart, Map

FONTS = Path(__file__).with_name("fonts")
#: Width of every drawing, in px.
WIDTH = 660
_MAP_HEIGHT = 420
_IDS = re.compile(r"""(\bid="|url\(#|href="#)([A-Za-z][\w-]*)""")
_FONT = "Uridongne Sans, Uridongne Sans Rare, sans-serif"


# The HTML and the PDF of a report hold the same drawings.
@lru_cache(maxsize=64)
def svg(drawing: Chart | Map, prefix: str) -> str:
    """Return a drawing as SVG text.

    Args:
        drawing: chart or map.
        prefix: unique in its document; ids within the SVG begin with it.
    """
    return chart_svg(drawing, prefix) if isinstance(drawing, Chart) else map_svg(drawing)


def chart_svg(chart: Chart, prefix: str) -> str:
    """Return a chart as SVG text of :data:`WIDTH`."""
    _ready()
    spec = chart.spec | {
        "data": {"values": json.loads(chart.rows.to_json(orient="records", date_format="iso"))},
        "width": WIDTH,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 4,
    }
    drawn = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return _IDS.sub(rf"\g<1>{prefix}-\2", drawn)


@cache
def _ready() -> None:
    vl_convert.register_font_directory(str(FONTS))


def warm() -> None:
    """Draw a first chart: the drawing engine starts then, and holds up everybody meanwhile.

    It takes half a second of a processor, and no other thread of Python runs beside it.
    """
    _ready()
    bare = {"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": {"x": {"field": "x"}}}
    vl_convert.vegalite_to_svg(bare, allowed_base_urls=[])


def map_svg(drawn: Map) -> str:
    """Return a map as SVG text of :data:`WIDTH`; what lies outside its bounds is cut."""
    west, south, east, north = drawn.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    across, down = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    side = min(WIDTH * 0.96 / across, _MAP_HEIGHT * 0.96 / down)
    left = (WIDTH - across * side) / 2
    top = (_MAP_HEIGHT - down * side) / 2

    def at(lon: float, lat: float) -> tuple[float, float]:
        return left + (lon - west) * squeeze * side, top + (north - lat) * side

    def path(ring: list[list[float]]) -> str:
        points = (at(point[0], point[1]) for point in ring)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"

    parts = [
        f'<path d="{"".join(path(ring) for ring in _rings(text))}" fill="none" '
        f'stroke="{drawn.muted}" stroke-opacity="0.6"/>'
        for text in drawn.outlines
    ]
    parts += [
        f'<path d="{path(ring)}" fill="{colour}" fill-opacity="0.85"/>'
        for ring, colour in drawn.cells
    ]
    if drawn.circle:
        parts.append(
            f'<path d="{path(drawn.circle)}" fill="{drawn.ink}" fill-opacity="0.04" '
            f'stroke="{drawn.ink}" stroke-width="1.4"/>'
        )
    for lon, lat, stands in sorted(drawn.shops, key=lambda shop: shop[2]):
        x, y = at(lon, lat)
        look = (
            f'fill="{drawn.opened}" stroke="{drawn.paper}"'
            if stands
            else f'fill="none" stroke="{drawn.closed}" stroke-width="1.6"'
        )
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" {look}/>')
    if drawn.spot:
        x, y = at(*drawn.spot)
        parts.append(
            f'<path d="M{x - 9:.1f} {y:.1f}h18M{x:.1f} {y - 9:.1f}v18" '
            f'stroke="{drawn.ink}" stroke-width="2.4"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{_MAP_HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {_MAP_HEIGHT}" role="img" aria-label="{escape(drawn.alt)}" '
        f'font-family="{_FONT}">{"".join(parts)}</svg>'
    )


def _rings(boundary: str) -> list[list[list[float]]]:
    """Return all rings of a Polygon or MultiPolygon (GeoJSON text)."""
    if not boundary.startswith("{"):
        return []
    geometry = json.loads(boundary)
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    return [ring for polygon in geometry["coordinates"] for ring in polygon]
