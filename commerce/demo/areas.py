"""The named areas of the demo: invented shopping streets and markets, cut from their streets."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from shapely import affinity
from shapely.geometry import LineString, Point, mapping, shape

from commerce.demo.places import METRES_PER_LAT, METRES_PER_LON, dongs
from commerce.demo.tables import Floats, Ints, table

SOURCE = "demo-areas"
#: Outlines are stored to five decimals, about a metre.
_DIGITS = 5


@cache
def outlines() -> tuple[Any, ...]:
    """Return the polygon of each row of ``named_areas``, in degrees, inside its dong.

    An area is its dong's streets within its radius, as wide as its half width says.
    """
    whole = {dong["dong_code"]: shape(dong["geometry"]) for dong in dongs()}
    streets = table("streets")
    found = []
    for row in table("named_areas").itertuples():
        here = streets[(streets["dong_code"] == row.dong_code) & (streets["pool"] == "shop")]
        lines = [
            LineString([_metres(s.lon1, s.lat1), _metres(s.lon2, s.lat2)])
            for s in here.itertuples()
        ]
        middle = Point(_metres(row.lon, row.lat))
        reach = shapely.union_all(lines).buffer(row.half_width_m, cap_style="flat")
        area = reach.intersection(middle.buffer(row.radius_m)).buffer(25).buffer(-25)
        parts = getattr(area, "geoms", [area])
        area = min(parts, key=lambda part: part.distance(middle)).simplify(8)
        area = _degrees(area).intersection(whole[row.dong_code].buffer(-2 * 10**-_DIGITS))
        area = max(getattr(area, "geoms", [area]), key=lambda part: part.area)
        found.append(shapely.set_precision(area, 10**-_DIGITS))
    return tuple(found)


def index_at(lon: Floats, lat: Floats) -> Ints:
    """Return the row of ``named_areas`` that holds each point, or -1. Areas do not overlap."""
    found = np.full(len(lon), -1, dtype=np.int64)
    for index, outline in enumerate(outlines()):
        shapely.prepare(outline)
        found[shapely.contains_xy(outline, lon, lat)] = index
    return found


def codes_of(index: Ints) -> Any:
    """Return lists with the code of the area of each index, null where it is -1."""
    codes = pa.array([[code] for code in table("named_areas")["area_code"]])
    return codes.take(pa.array(index, mask=index < 0))


def trade_areas() -> pd.DataFrame:
    """Return the rows of table ``trade_area``."""
    given = table("named_areas")
    squares = [
        shapely.area(affinity.scale(area, METRES_PER_LON, METRES_PER_LAT, origin=(0, 0)))
        for area in outlines()
    ]
    middles = [area.representative_point() for area in outlines()]
    return pd.DataFrame(
        {
            "area_code": given["area_code"],
            "kind": given["kind"],
            "name_ko": given["name_ko"],
            "name_en": given["name_en"],
            "lon": [round(point.x, _DIGITS) for point in middles],
            "lat": [round(point.y, _DIGITS) for point in middles],
            "area_m2": np.round(squares),
            "dong_code": given["dong_code"],
            "boundary": [json.dumps(mapping(area), separators=(",", ":")) for area in outlines()],
            "source_id": SOURCE,
        }
    )


def _metres(lon: float, lat: float) -> tuple[float, float]:
    return lon * METRES_PER_LON, lat * METRES_PER_LAT


def _degrees(area: Any) -> Any:
    return affinity.scale(area, 1 / METRES_PER_LON, 1 / METRES_PER_LAT, origin=(0, 0))
