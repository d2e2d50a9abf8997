"""Reads a GeoJSON file: its features, their outlines in WGS84, broken rings mended."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from pyproj.exceptions import CRSError

from commerce.errors import Refused
from commerce.ingest.files import RawFile

#: A GeoJSON file is held in memory while it is read.
MAX_BYTES = 2**30
#: A broken outline may be mended where that changes its area by no more than this share.
_MENDED_SHARE = 0.001


@dataclass(frozen=True)
class Collection:
    """The features of one file, as they stand in it.

    Args:
        file: where they come from.
        features: what should be GeoJSON features; nothing about them is checked.
        to_wgs84: the projection to undo; None where coordinates are degrees already.
        source_id: 16 hex digits of the content's SHA-256.
    """

    file: RawFile
    features: list[Any]
    to_wgs84: Transformer | None
    source_id: str

    def properties(self) -> list[dict[str, Any]]:
        """Return the properties of each feature; none for what is no feature."""
        found = [f.get("properties") if isinstance(f, dict) else None for f in self.features]
        return [p if isinstance(p, dict) else {} for p in found]

    def outline(self, feature: Any, name: str) -> shapely.Geometry:
        """Return the outline of a feature in WGS84, mended where its rings cross a little.

        Raises:
            Refused: ``ingest.broken_rings`` or ``ingest.not_degrees``.
        """
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        return _outline(geometry, name, self.to_wgs84, self.file)


def read(file: RawFile) -> Collection:
    """Return the features of a GeoJSON file.

    Raises:
        Refused: when it is cut off, no JSON, too large, or holds no features.
    """
    with file.open() as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused("ingest.bomb", file=file.shown, ratio=MAX_BYTES)
    try:
        document = json.loads(content.decode("utf-8-sig"))
        if re.search(rb"\\u[dD][89a-fA-F]", content):  # halves of letters: no text can hold them
            whole = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
            document = json.loads(whole)
    except UnicodeDecodeError as error:
        raise Refused("ingest.broken_json", file=file.shown) from error
    except ValueError as error:
        at_end = getattr(error, "pos", 0) >= len(content.decode("utf-8-sig")) - 200
        key = "ingest.truncated" if at_end else "ingest.broken_json"
        raise Refused(key, file=file.shown) from error
    except RecursionError as error:
        raise Refused("ingest.broken_json", file=file.shown) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise Refused("ingest.no_dongs", file=file.shown)
    source_id = hashlib.sha256(content).hexdigest()[:16]
    return Collection(file, features, _transformer(document, file), source_id)


def _transformer(document: dict[str, Any], file: RawFile) -> Transformer | None:
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not name or "CRS84" in name or name.endswith("4326"):
        return None
    match = re.search(r"EPSG:{1,2}(?:\d*:)?(\d{4,5})", name)
    try:
        return Transformer.from_crs(int(match.group(1)) if match else name, 4326, always_xy=True)
    except CRSError as error:
        raise Refused("ingest.unknown_projection", file=file.shown, crs=name) from error


def _outline(
    geometry: Any, name: str, to_wgs84: Transformer | None, file: RawFile
) -> shapely.Geometry:
    broken = Refused("ingest.broken_rings", file=file.shown, dong=name)
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise broken
    try:
        polygons = geometry["coordinates"]
        for polygon in [polygons] if geometry["type"] == "Polygon" else polygons:
            for ring in polygon:
                if len(ring) < 4 or ring[0] != ring[-1]:
                    raise broken
        shape = shapely.force_2d(shapely.geometry.shape(geometry))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        shapely.errors.ShapelyError,
    ) as error:
        raise broken from error
    if to_wgs84 is not None:
        shape = shapely.transform(
            shape, lambda points: np.column_stack(to_wgs84.transform(points[:, 0], points[:, 1]))
        )
    if shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        raise broken
    west, south, east, north = shape.bounds
    if not (west > 120 and east < 135 and south > 30 and north < 45):
        raise Refused("ingest.not_degrees", file=file.shown, dong=name)
    if not shape.is_valid:
        mended = shapely.make_valid(shape)
        areas = [g for g in shapely.get_parts(mended) if g.geom_type.endswith("Polygon")]
        mended = shapely.union_all(areas)
        if abs(mended.area - shape.area) > _MENDED_SHARE * mended.area or mended.area == 0:
            raise broken
        shape = mended
    return shape
