"""Places points: from the publisher's projection to WGS84, into dongs, into H3 cells."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from h3.api.basic_int import latlng_to_cell
from pyproj import Transformer

from commerce.ingest.outlines import Outlines

#: Permits come in EPSG:5174 with X east; pyproj's own transformation is the right one (measured).
PERMIT_CRS = 5174
#: So few that one thread projects and finds dongs while the other finds cells.
_BATCH = 50_000
_KOREA = (124.0, 132.0, 33.0, 39.0)


def locate(x: np.ndarray, y: np.ndarray, outlines: Outlines) -> pa.Table:
    """Return one row per distinct point: x, y, lon, lat, dong_code, h3_9, h3_10 (as numbers).

    Values that are degrees of Korea already stay as they are; a point that falls outside
    Korea has no lon and lat. ``dong_code`` is null outside the outlines.
    """
    batches = [slice(start, start + _BATCH) for start in range(0, len(x), _BATCH)] or [slice(0, 0)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda part: _batch(x[part], y[part], outlines), batches))
    return pa.concat_tables(done)


def _batch(x: np.ndarray, y: np.ndarray, outlines: Outlines) -> pa.Table:
    west, east, south, north = _KOREA
    lon, lat = x.copy(), y.copy()
    degrees = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    if not degrees.all():
        forward = Transformer.from_crs(PERMIT_CRS, 4326, always_xy=True)
        lon[~degrees], lat[~degrees] = forward.transform(x[~degrees], y[~degrees])
    korean = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    lon, lat = np.where(korean, lon, np.nan), np.where(korean, lat, np.nan)
    dong = outlines.which(lon, lat)
    codes = np.append(outlines.codes, "")[dong]
    return pa.table(
        {
            "x": x,
            "y": y,
            "lon": pa.array(lon, mask=~korean),
            "lat": pa.array(lat, mask=~korean),
            "dong_code": pa.array(codes, pa.string(), mask=dong < 0),
            "h3_9": _cells(lon, lat, korean, 9),
            "h3_10": _cells(lon, lat, korean, 10),
        }
    )


def _cells(lon: np.ndarray, lat: np.ndarray, known: np.ndarray, resolution: int) -> pa.Array:
    cells = np.zeros(len(known), np.uint64)
    north, east = lat[known].tolist(), lon[known].tolist()
    cells[known] = list(map(latlng_to_cell, north, east, itertools.repeat(resolution)))
    return pa.array(cells, mask=~known)
