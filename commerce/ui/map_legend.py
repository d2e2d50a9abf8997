"""What goes with a map: its legend, and the map as an SVG file for download."""

from __future__ import annotations

import math
from html import escape

import pandas as pd

from commerce.i18n import t
from commerce.ui.maps import bounds_of, geometry_of, rings_of
from commerce.ui.scales import Scale
from commerce.ui.theme import FONT, Palette, luminance


def legend(scale: Scale, palette: Palette, title: str, absent: str | None) -> str:
    """Return HTML: the colours from low to high with their ends, and grey with its word."""
    half = len(scale.colours) // 2
    steps = [f'<i style="background:{colour}"></i>' for colour in scale.colours]
    middle = scale.middle()
    if middle is not None:
        steps[half] = steps[half].replace("></i>", f"><b>{escape(scale.text(middle))}</b></i>")
    ramp = "".join(steps)
    grey = (
        f'<span class="swatch" style="background:{palette.absent}"></span>{escape(absent)}'
        if absent
        else ""
    )
    if scale.text(scale.low) == scale.text(scale.high) and not scale.empty:
        same = f'<span class="swatch" style="background:{scale.colour(scale.low)}"></span>'
        return (
            f'<div class="legend-title">{escape(title)}</div><div class="legend">{same}'
            f"<span>{escape(scale.text(scale.low))}</span>{grey}</div>"
        )
    if scale.empty:
        return f'<div class="legend-title">{escape(title)}</div><div class="legend">{grey}</div>'
    return (
        f'<div class="legend-title">{escape(title)}</div><div class="legend">'
        f"<span>{escape(scale.text(scale.low))}</span><span class='ramp'>{ramp}</span>"
        f"<span>{escape(scale.text(scale.high))}</span>{grey}</div>"
    )


def svg(dongs: pd.DataFrame, scale: Scale, palette: Palette, title: str) -> bytes:
    """Return the map of dongs as an SVG file, for download."""
    west, south, east, north = bounds_of(tuple(dongs["boundary"]))
    squeeze = math.cos(math.radians((south + north) / 2))
    width, side = 900, 900 / max((east - west) * squeeze, 1e-9)
    height = (north - south) * side
    shapes, names = [], []
    for row in dongs.itertuples(index=False):
        known = row.value is not None and row.value == row.value
        fill = scale.colour(row.value) if known else palette.absent
        rings = "".join(
            "M"
            + "L".join(f"{(x - west) * squeeze * side:.1f} {(north - y) * side:.1f}" for x, y in r)
            + "Z"
            for r in rings_of(geometry_of(row.boundary)[0])
        )
        shapes.append(
            f'<path d="{rings}" fill="{fill}" stroke="{palette.paper}">'
            f"<title>{escape(row.tip)}</title></path>"
        )
        ink = "#fff" if luminance(fill) < 0.22 else "#14191D"
        x, y = (row.label_lon - west) * squeeze * side, (north - row.label_lat) * side
        names.append(f'<text x="{x:.0f}" y="{y:.0f}" fill="{ink}">{escape(row.name)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -50 {width + 20} {height + 90:.0f}"'
        f' font-family="{FONT}" font-size="15" text-anchor="middle">'
        f'<rect x="-10" y="-50" width="100%" height="100%" fill="{palette.paper}"/>'
        f'<text x="0" y="-20" font-size="22" text-anchor="start" fill="{palette.ink}">'
        f"{escape(title)}</text>{''.join(shapes)}{''.join(names)}"
        f'<text x="0" y="{height + 28:.0f}" font-size="12" text-anchor="start" '
        f'fill="{palette.muted}">{escape(t("frame.attribution"))}</text></svg>'
    ).encode()
