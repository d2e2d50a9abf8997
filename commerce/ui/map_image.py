"""Maps as SVG files for download: the shapes, their legend, the data's date and its source."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import h3
import pandas as pd

from commerce.i18n import day, t
from commerce.ui import frame
from commerce.ui.maps import bounds_of, geometry_of, rings_of
from commerce.ui.scales import Scale
from commerce.ui.theme import FONT, Palette, luminance

WIDTH = 900
_SWATCH, _FOOT = 34, 118


@dataclass(frozen=True)
class Sheet:
    """A flat sheet of degrees, ``WIDTH`` wide, on which a degree keeps its true shape."""

    west: float
    south: float
    east: float
    north: float

    @property
    def squeeze(self) -> float:
        """Return how much shorter a degree of longitude is than one of latitude here."""
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def side(self) -> float:
        """Return the length of a degree of latitude."""
        return WIDTH / max((self.east - self.west) * self.squeeze, 1e-9)

    @property
    def height(self) -> float:
        """Return the height of the sheet."""
        return (self.north - self.south) * self.side

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a point lies on the sheet."""
        return (lon - self.west) * self.squeeze * self.side, (self.north - lat) * self.side

    def path(self, rings: Iterable[Iterable[Iterable[float]]]) -> str:
        """Return the outline of ``rings`` of (longitude, latitude) as SVG draws it."""
        points = ([self.at(*point) for point in ring] for ring in rings)
        return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in points)


def dongs_image(dongs: pd.DataFrame, scale: Scale, palette: Palette, title: str) -> bytes:
    """Return the map of dongs, as :func:`commerce.ui.maps.dong_map` takes them, as an SVG file."""
    sheet = Sheet(*bounds_of(tuple(dongs["boundary"])))
    shapes, names = [], []
    for row in dongs.itertuples(index=False):
        known = row.value is not None and row.value == row.value
        fill = scale.colour(row.value) if known else palette.absent
        shapes.append(
            f'<path d="{sheet.path(rings_of(geometry_of(row.boundary)[0]))}" fill="{fill}" '
            f'stroke="{palette.paper}"><title>{escape(row.tip)}</title></path>'
        )
        ink = "#fff" if luminance(fill) < 0.22 else "#14191D"
        x, y = sheet.at(row.label_lon, row.label_lat)
        names.append(f'<text x="{x:.0f}" y="{y:.0f}" fill="{ink}">{escape(row.name)}</text>')
    absent = bool(dongs["value"].isna().any())
    return _file(sheet, [*shapes, *names], scale, palette, title, absent)


def cells_image(
    cells: pd.DataFrame, dongs: pd.DataFrame, scale: Scale, palette: Palette, title: str
) -> bytes:
    """Return the map of cells, as :func:`commerce.ui.maps.cell_map` takes them, as an SVG file."""
    sheet = Sheet(*bounds_of(tuple(dongs["boundary"])))
    shapes = []
    for row in cells.itertuples(index=False):
        ring = [(lon, lat) for lat, lon in h3.cell_to_boundary(row.cell)]
        shapes.append(
            f'<path d="{sheet.path([ring])}" fill="{scale.colour(row.value)}">'
            f"<title>{escape(row.tip)}</title></path>"
        )
    for boundary in dongs["boundary"]:
        outline = sheet.path(rings_of(geometry_of(boundary)[0]))
        shapes.append(f'<path d="{outline}" fill="none" stroke="{palette.muted}"/>')
    return _file(sheet, shapes, scale, palette, title, absent=False)


def _file(
    sheet: Sheet, shapes: list[str], scale: Scale, palette: Palette, title: str, absent: bool
) -> bytes:
    notes = [t("map.image.until", until=day(frame.known_until())), t("frame.attribution")]
    if frame.is_synthetic():
        notes.insert(0, t("frame.synthetic"))
    foot = "".join(
        f'<text x="0" y="{sheet.height + 74 + 18 * order:.0f}" font-size="12" '
        f'fill="{palette.muted}">{escape(note)}</text>'
        for order, note in enumerate(notes)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="-10 -50 {WIDTH + 20} {sheet.height + 50 + _FOOT:.0f}" '
        f'font-family="{FONT}" font-size="15">'
        f'<rect x="-10" y="-50" width="100%" height="100%" fill="{palette.paper}"/>'
        f'<text x="0" y="-20" font-size="22" fill="{palette.ink}">{escape(title)}</text>'
        f'<g text-anchor="middle">{"".join(shapes)}</g>'
        f"{_legend(sheet.height + 24, scale, palette, absent)}{foot}</svg>"
    ).encode()


def _legend(top: float, scale: Scale, palette: Palette, absent: bool) -> str:
    """Return the colours from low to high over the values where they change."""
    steps = () if scale.empty else scale.colours
    parts = [
        f'<rect x="{_SWATCH * order}" y="{top:.0f}" width="{_SWATCH}" height="14" fill="{colour}"/>'
        for order, colour in enumerate(steps)
    ]
    end = _SWATCH * len(steps)
    texts = [(0.0, "start", scale.low), (float(end), "end", scale.high)] if steps else []
    middle = scale.middle()
    if middle is not None and steps:
        texts.append((end / 2, "middle", middle))
    parts += [
        f'<text x="{x:.0f}" y="{top + 30:.0f}" font-size="13" text-anchor="{anchor}" '
        f'fill="{palette.ink}">{escape(scale.text(value))}</text>'
        for x, anchor, value in texts
    ]
    if absent:
        parts.append(
            f'<rect x="{end + 24}" y="{top:.0f}" width="14" height="14" fill="{palette.absent}"/>'
            f'<text x="{end + 44}" y="{top + 12:.0f}" font-size="13" fill="{palette.ink}">'
            f"{escape(t('map.image.absent'))}</text>"
        )
    return "".join(parts)
