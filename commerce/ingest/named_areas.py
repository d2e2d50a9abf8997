"""Named areas: polygons that staff load, and a publisher's 상권 of which only a point is known."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import Geod

from commerce.errors import Refused
from commerce.ingest.boundaries import is_dongs
from commerce.ingest.geojson import Collection
from commerce.ingest.outlines import Outlines, geojson_text
from commerce.ingest.romanise import romanise

STATE_FILE = "state_named_area.parquet"
ADAPTER = "named_areas_geojson"
#: The kind of an area whose file does not say it.
PLAIN_KIND = "이름 있는 구역"
#: Properties by role, the surest first; compared without case, blanks and underscores.
PROPERTIES = {
    "area_code": ("area_code", "상권_코드", "구역코드", "관리번호", "지정번호", "코드", "code"),
    "name": (
        *("name_ko", "area_name", "상권_코드_명", "상점가명", "골목형상점가명", "시장명"),
        *("구역명", "상권명", "명칭", "이름", "name", "nm", "title"),
    ),
    "kind": ("kind", "구분", "유형", "종류", "상권_구분_코드_명", "지정구분", "type", "category"),
    "name_en": ("name_en", "name_eng", "영문명", "영문이름", "english"),
}
#: An area, drawn, takes at most about this many bytes.
_DRAWN_BYTES = 4_000
_TOLERANCES = (2e-6, 1e-5, 2e-5, 4e-5, 8e-5, 1.5e-4, 3e-4, 6e-4, 1.2e-3, 2.5e-3)


@dataclass(frozen=True)
class NamedArea:
    """One area; ``outline`` is the full one in WGS84, None where only the middle is known."""

    area_code: str
    kind: str
    name_ko: str
    name_en: str
    lon: float
    lat: float
    area_m2: float | None
    source_id: str
    outline: shapely.Geometry | None


@dataclass(frozen=True)
class Row:
    """A row or feature of a file: its number from 1, its text, and its area or why it has none."""

    line: int
    raw: str
    area: NamedArea | None
    reason: str


def are_areas(collection: Collection) -> bool:
    """Return whether the features are named areas and not dongs.

    An area may say in which dong it lies if it has a code of its own (``area_code``).

    Raises:
        Refused: when they have neither the code of a dong nor a name.
    """
    properties = collection.properties()
    if any("area_code" in p or "상권_코드" in p for p in properties):
        return True
    if is_dongs(collection):
        return False
    if not any(_property(p, "name") for p in properties):
        raise Refused("ingest.geojson_of_neither", file=collection.file.shown)
    return True


def read(collection: Collection) -> list[Row]:
    """Return the features of a GeoJSON file as areas.

    A feature is refused for ``no_name``, ``broken_outline``, ``not_degrees``, or as a
    ``repeated_key`` where its code stood in the file before.
    """
    rows = []
    pairs = zip(collection.features, collection.properties(), strict=True)
    for line, (feature, properties) in enumerate(pairs, 1):
        area, reason = _area(feature, properties, collection)
        raw = json.dumps(properties, ensure_ascii=False, default=str)[:2000]
        rows.append(Row(line, raw, area, reason))
    return without_repeated(rows)


def without_repeated(rows: list[Row]) -> list[Row]:
    """Refuse each area whose code stood in the same file before."""
    seen: set[str] = set()
    found = []
    for row in rows:
        if row.area is not None and row.area.area_code in seen:
            row = Row(row.line, row.raw, None, "repeated_key")
        elif row.area is not None:
            seen.add(row.area.area_code)
        found.append(row)
    return found


def _area(
    feature: Any, properties: dict[str, Any], collection: Collection
) -> tuple[NamedArea | None, str]:
    name = mend(_property(properties, "name"))
    if not name:
        return None, "no_name"
    try:
        outline = collection.outline(feature, name)
    except Refused as error:
        return None, "not_degrees" if error.key == "ingest.not_degrees" else "broken_outline"
    kind = mend(_property(properties, "kind")) or PLAIN_KIND
    middle = shapely.centroid(outline)
    if not shapely.contains(outline, middle):
        middle = shapely.point_on_surface(outline)
    return NamedArea(
        _property(properties, "area_code") or code_of(name, kind),
        kind,
        name,
        _property(properties, "name_en") or latin(name),
        round(middle.x, 6),
        round(middle.y, 6),
        round(abs(Geod(ellps="GRS80").geometry_area_perimeter(outline)[0]), 1),
        collection.source_id,
        outline,
    ), ""


def _property(properties: dict[str, Any], role: str) -> str:
    plain = {_plain(name): value for name, value in properties.items()}
    for name in PROPERTIES[role]:
        value = plain.get(_plain(name))
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = re.sub(r"\s+", " ", str(value)).strip()
            if text and text.casefold() != "nan":
                return text
    return ""


def _plain(name: str) -> str:
    return re.sub(r"[\s_]", "", name).casefold()


def mend(name: str) -> str:
    """Return a name with the middle dots that an old encoding turned into question marks.

    >>> mend("종로?청계 관광특구")
    '종로·청계 관광특구'
    """
    return re.sub(r"(?<=[0-9A-Za-z가-힣)])\?(?=[0-9A-Za-z가-힣(])", "·", name).strip()


def code_of(name: str, kind: str) -> str:
    """Return a code for an area without one, the same in every run."""
    return "a" + hashlib.blake2b(f"{kind}|{name}".encode(), digest_size=6).hexdigest()


def latin(name: str) -> str:
    """Return a Korean name in Latin letters, each word capitalised."""
    words = (romanise(word) for word in name.split())
    return " ".join(word[:1].upper() + word[1:] for word in words)


class NamedAreas:
    """The areas of a snapshot, by code; of a code given twice the later one counts.

    Args:
        areas: those of earlier ingests first.
    """

    def __init__(self, areas: Iterable[NamedArea]) -> None:
        self.areas = dict(sorted({area.area_code: area for area in areas}.items()))
        self._drawn = [area for area in self.areas.values() if area.outline is not None]
        self._shapes = np.array([area.outline for area in self._drawn], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def holding(self, lon: np.ndarray, lat: np.ndarray) -> pa.Table:
        """Return lon, lat, trade_area_codes of each point that lies in an area or on its border.

        The codes are in order; points outside all areas, or without coordinates, have no row.
        """
        known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        held: dict[int, list[str]] = {}
        if len(known) and len(self._drawn):
            point, area = self._tree.query(shapely.points(lon[known], lat[known]))
            point = known[point]
            inside = shapely.intersects_xy(self._shapes[area], lon[point], lat[point])
            for place, which in sorted(zip(point[inside], area[inside], strict=True)):
                held.setdefault(int(place), []).append(self._drawn[which].area_code)
        places = np.fromiter(held, dtype=np.int64, count=len(held))
        return pa.table(
            {
                "lon": pa.array(lon[places], pa.float64()),
                "lat": pa.array(lat[places], pa.float64()),
                "trade_area_codes": pa.array(list(held.values()), pa.list_(pa.string())),
            }
        )

    def outside(self, outlines: Outlines) -> set[str]:
        """Return the codes of the areas that touch none of the dongs."""
        tree = shapely.STRtree([dong.outline for dong in outlines.dongs])
        return {
            area.area_code
            for area in self.areas.values()
            if not len(tree.query(area.outline or shapely.Point(area.lon, area.lat), "intersects"))
        }

    def table(self, outlines: Outlines) -> pa.Table:
        """Return the rows of the published table ``trade_area``, with coarse boundaries."""
        areas = list(self.areas.values())
        lon, lat = np.array([[a.lon, a.lat] for a in areas], dtype=float).reshape(-1, 2).T
        dong = outlines.which(lon, lat)
        codes = [str(outlines.codes[place]) if place >= 0 else None for place in dong]
        return pa.table(
            {
                **{name: self._column(name) for name in ("area_code", "kind")},
                **{name: self._column(name) for name in ("name_ko", "name_en")},
                "lon": pa.array(lon, pa.float64()),
                "lat": pa.array(lat, pa.float64()),
                "area_m2": pa.array([a.area_m2 for a in areas], pa.float64()),
                "dong_code": pa.array(codes, pa.string()),
                "boundary": pa.array([_drawing(a.outline) for a in areas], pa.string()),
                "source_id": self._column("source_id"),
            }
        )

    def _column(self, name: str) -> pa.Array:
        return pa.array([getattr(area, name) for area in self.areas.values()], pa.string())

    def save(self, folder: Path) -> None:
        """Keep the full outlines in a snapshot, for later ingests."""
        names = ("area_code", "kind", "name_ko", "name_en", "source_id")
        areas = list(self.areas.values())
        outlines = [shapely.to_wkb(a.outline) if a.outline is not None else None for a in areas]
        table = pa.table(
            {
                **{name: self._column(name) for name in names},
                **{
                    name: pa.array([getattr(a, name) for a in areas], pa.float64())
                    for name in ("lon", "lat", "area_m2")
                },
                "outline": pa.array(outlines, pa.binary()),
            }
        )
        pq.write_table(table, folder / STATE_FILE, compression="zstd")

    @staticmethod
    def load(folder: Path) -> list[NamedArea]:
        """Return the areas that a snapshot keeps; none where it keeps none."""
        file = folder / STATE_FILE
        if not file.is_file():
            return []
        rows = pq.read_table(file).to_pylist()
        areas = [NamedArea(**row) for row in rows]
        return [
            replace(a, outline=shapely.from_wkb(a.outline)) if a.outline is not None else a
            for a in areas
        ]


def _drawing(outline: shapely.Geometry | None) -> str | None:
    """Return an outline as GeoJSON text, as fine as the bytes allow."""
    if outline is None:
        return None
    text = ""
    for tolerance in _TOLERANCES:
        text = geojson_text(shapely.simplify(outline, tolerance))
        if len(text) <= _DRAWN_BYTES:
            break
    return text
