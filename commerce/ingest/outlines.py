"""The dongs of the district: full outlines to test points against, coarse ones to draw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import Geod

from commerce.ingest.places import Districts, canonical
from commerce.ingest.reference import authorities
from commerce.ingest.romanise import place_name

STATE_FILE = "state_outline.parquet"
#: A district's boundaries, drawn, take at most this many bytes. Those of many districts take less,
#: since their figures take more, and a page sends both again whenever its map changes; but a dong
#: in fewer bytes than these has lost its shape.
DISTRICT_BYTES = 80_000
MANY_BYTES = 60_000
_FEWEST_BYTES = 200
#: Above this many dongs maps start at 시군구, so that only this many bytes each matter.
MANY_DONGS, BYTES_PER_DONG = 500, 400
_TOLERANCES = (2e-5, 4e-5, 8e-5, 1.5e-4, 3e-4, 6e-4, 1.2e-3, 2.5e-3, 5e-3)


@dataclass(frozen=True)
class Dong:
    """One administrative dong with its full outline in WGS84."""

    dong_code: str
    dong_code_before: str
    name_ko: str
    name_en: str
    district_code: str
    district_name_ko: str
    sido_ko: str
    outline: shapely.Geometry


class Outlines:
    """The dongs that are ingested.

    Args:
        dongs: in any order; they are kept by code.
        source_id: the boundary file that they come from.
    """

    def __init__(self, dongs: list[Dong], source_id: str) -> None:
        self.dongs = sorted(dongs, key=lambda dong: dong.dong_code)
        self.source_id = source_id
        self.codes = np.array([dong.dong_code for dong in self.dongs])
        self._shapes = np.array([dong.outline for dong in self.dongs])
        shapely.prepare(self._shapes)

    def only(self, district_codes: list[str]) -> Outlines:
        """Return the dongs of these districts."""
        chosen = [dong for dong in self.dongs if dong.district_code in district_codes]
        return Outlines(chosen, self.source_id)

    def district_codes(self) -> set[str]:
        """Return the 5-digit codes of the districts."""
        return {dong.district_code for dong in self.dongs}

    def authority_codes(self) -> set[str]:
        """Return the codes of the authorities of these districts, old and new, that are known."""
        codes = self.district_codes()
        return {authority for authority, district in authorities().items() if district in codes}

    def districts(self) -> Districts:
        """Return the names by which addresses speak of the districts."""
        names = {canonical(f"{d.sido_ko} {d.district_name_ko}") for d in self.dongs if d.sido_ko}
        return Districts(tuple(sorted(names)))

    def which(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return for each point the index of its dong in ``dongs``; -1 outside all of them.

        A point on a common border belongs to the dong with the lower code.
        """
        found = np.full(len(lon), -1, dtype=np.int32)
        from_west = np.argsort(lon)
        sorted_lon = lon[from_west]
        west, south, east, north = shapely.bounds(self._shapes).T
        first = np.searchsorted(sorted_lon, west, side="left")
        after = np.searchsorted(sorted_lon, east, side="right")
        for dong in reversed(range(len(self._shapes))):
            near = from_west[first[dong] : after[dong]]
            near = near[(lat[near] >= south[dong]) & (lat[near] <= north[dong])]
            inside = shapely.intersects_xy(self._shapes[dong], lon[near], lat[near])
            found[near[inside]] = dong
        return found

    def table(self) -> pa.Table:
        """Return the rows of the published table ``dong``."""
        coarse = self._coarse()
        geod = Geod(ellps="GRS80")
        areas = [abs(geod.geometry_area_perimeter(d.outline)[0]) / 1e6 for d in self.dongs]
        labels = [_label(dong.outline) for dong in self.dongs]
        return pa.table(
            {
                "dong_code": [d.dong_code for d in self.dongs],
                "dong_code_before_2026_07": [d.dong_code_before for d in self.dongs],
                "name_ko": [d.name_ko for d in self.dongs],
                "name_en": [d.name_en for d in self.dongs],
                "district_code": [d.district_code for d in self.dongs],
                "district_name_ko": [d.district_name_ko for d in self.dongs],
                "district_name_en": [place_name(d.district_name_ko) for d in self.dongs],
                "area_km2": [round(area, 2) for area in areas],
                "label_lon": [round(label[0], 5) for label in labels],
                "label_lat": [round(label[1], 5) for label in labels],
                "boundary": coarse,
            }
        )

    def _coarse(self) -> list[str]:
        """Return the outlines as GeoJSON text, simplified together so that no gaps open."""
        count = len(self.dongs)
        budget = DISTRICT_BYTES
        if len(self.district_codes()) > 1:
            each = BYTES_PER_DONG if count > MANY_DONGS else _FEWEST_BYTES
            budget = max(MANY_BYTES, count * each)
        written: list[str] = []
        for tolerance in _TOLERANCES:
            simple = shapely.coverage_simplify(self._shapes, tolerance)
            written = [
                geojson_text(shape, 5 if budget == DISTRICT_BYTES else 4) for shape in simple
            ]
            if sum(len(text) for text in written) <= budget:
                break
        return written

    def save(self, folder: Path) -> None:
        """Keep the full outlines in a snapshot, for later ingests without boundaries."""
        rows = [
            {
                "dong_code": d.dong_code,
                "dong_code_before": d.dong_code_before,
                "name_ko": d.name_ko,
                "name_en": d.name_en,
                "district_code": d.district_code,
                "district_name_ko": d.district_name_ko,
                "sido_ko": d.sido_ko,
                "source_id": self.source_id,
                "outline": shapely.to_wkb(d.outline),
            }
            for d in self.dongs
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / STATE_FILE, compression="zstd")

    @staticmethod
    def load(folder: Path) -> Outlines | None:
        """Return the outlines that a snapshot keeps, or None."""
        file = folder / STATE_FILE
        if not file.is_file():
            return None
        rows = pq.read_table(file).to_pylist()
        dongs = [
            Dong(
                row["dong_code"],
                row["dong_code_before"],
                row["name_ko"],
                row["name_en"],
                row["district_code"],
                row["district_name_ko"],
                row["sido_ko"],
                shapely.from_wkb(row["outline"]),
            )
            for row in rows
        ]
        return Outlines(dongs, rows[0]["source_id"]) if rows else None


def _label(outline: shapely.Geometry) -> tuple[float, float]:
    """Return the middle of the largest circle that fits inside."""
    parts = shapely.get_parts(outline)
    largest = parts[np.argmax(shapely.area(parts))]
    radius = shapely.maximum_inscribed_circle(largest, tolerance=2e-4)
    x, y = shapely.get_coordinates(radius)[0]
    return float(x), float(y)


def geojson_text(shape: shapely.Geometry, digits: int = 5) -> str:
    """Return polygons as GeoJSON text, rounded to five decimals of a degree, about a metre."""
    polygons = []
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors]
        drawn = [[[round(x, digits), round(y, digits)] for x, y in ring.coords] for ring in rings]
        polygons.append([ring for ring in drawn if len({tuple(p) for p in ring}) >= 3])
    polygons = [polygon for polygon in polygons if polygon]
    body: dict[str, object] = {"type": "MultiPolygon", "coordinates": polygons}
    if len(polygons) == 1:
        body = {"type": "Polygon", "coordinates": polygons[0]}
    return json.dumps(body, separators=(",", ":"))
