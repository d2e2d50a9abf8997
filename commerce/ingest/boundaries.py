"""Reads a GeoJSON of dongs: the admdongkor form or our own, in any usual Korean projection."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from pyproj.exceptions import CRSError

from commerce.errors import Refused
from commerce.ingest import reference
from commerce.ingest.files import RawFile
from commerce.ingest.outlines import Dong, Outlines
from commerce.ingest.romanise import place_name

DEFAULT_FILE = reference.FOLDER / "dongs.geojson"
#: A boundary file is held in memory while it is read.
MAX_BYTES = 2**30
#: A broken outline may be mended where that changes its area by no more than this share.
_MENDED_SHARE = 0.001


def default() -> Outlines:
    """Return Gwangsan-gu, for a data folder that has no boundaries yet."""
    outlines, _ = read(RawFile(DEFAULT_FILE, None, str(DEFAULT_FILE), named=True))
    return outlines


def read(file: RawFile) -> tuple[Outlines, int]:
    """Return the dongs of a GeoJSON file and the number of its features.

    Raises:
        Refused: when it is cut off, has no dongs, or its outlines are broken.
    """
    with file.open() as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused("ingest.bomb", file=file.shown, ratio=MAX_BYTES)
    try:
        document = json.loads(content.decode("utf-8-sig"))
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
    to_wgs84 = _transformer(document, file)
    found: dict[str, Dong] = {}
    for number, feature in enumerate(features, 1):
        dong = _dong(feature, number, to_wgs84, file)
        if dong.dong_code in found:
            raise Refused("ingest.dong_twice", file=file.shown, code=dong.dong_code)
        found[dong.dong_code] = dong
    source_id = hashlib.sha256(content).hexdigest()[:16]
    return Outlines(list(found.values()), source_id), len(features)


def combine(many: list[Outlines]) -> Outlines:
    """Return the dongs of several files as one; of a dong given twice the finer outline."""
    found: dict[str, Dong] = {}
    for outlines in sorted(many, key=lambda o: o.source_id):
        for dong in outlines.dongs:
            known = found.get(dong.dong_code)
            if known is None or _points(dong) > _points(known):
                found[dong.dong_code] = dong
    ids = "".join(sorted({outlines.source_id for outlines in many}))
    source_id = ids if len(many) == 1 else hashlib.sha256(ids.encode()).hexdigest()[:16]
    return Outlines(list(found.values()), source_id)


def _points(dong: Dong) -> int:
    return int(shapely.get_num_coordinates(dong.outline))


def _transformer(document: dict[str, Any], file: RawFile) -> Transformer | None:
    crs = document.get("crs")
    name = str(((crs or {}).get("properties") or {}).get("name", "")) if crs else ""
    if not name or "CRS84" in name or name.endswith("4326"):
        return None
    match = re.search(r"EPSG:{1,2}(?:\d*:)?(\d{4,5})", name)
    try:
        return Transformer.from_crs(int(match.group(1)) if match else name, 4326, always_xy=True)
    except CRSError as error:
        raise Refused("ingest.unknown_projection", file=file.shown, crs=name) from error


def _dong(feature: Any, number: int, to_wgs84: Transformer | None, file: RawFile) -> Dong:
    properties = (feature.get("properties") or {}) if isinstance(feature, dict) else {}
    code = str(properties.get("dong_code") or properties.get("adm_cd2") or "")
    full_name = str(properties.get("name_ko") or properties.get("adm_nm") or "").strip()
    if not re.fullmatch(r"\d{8}|\d{10}", code) or not full_name:
        raise Refused("ingest.dong_without_code", file=file.shown, number=number)
    before = str(properties.get("dong_code_before_2026_07") or "")
    now = reference.dong_code_now(code)
    if not before:
        full = code + "00" if len(code) == 8 else code
        changed = {new: old for old, new in reference.code_changes("district").items()}
        before = changed.get(now[:5], now[:5]) + now[5:] if full == now else full
    district = now[:5]
    known = {row["district_code"]: row for row in reference.rows("districts")}.get(district)
    name_ko = full_name.split()[-1]
    district_name = str(properties.get("sggnm") or (known["name_ko"] if known else ""))
    if not district_name:
        raise Refused("ingest.dong_without_code", file=file.shown, number=number)
    return Dong(
        now,
        before,
        name_ko,
        str(properties.get("name_en") or english_names().get(now) or place_name(name_ko)),
        district,
        district_name,
        str(properties.get("sidonm") or (known["sido_ko"] if known else "")),
        _outline(feature.get("geometry"), name_ko, to_wgs84, file),
    )


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
    except (ValueError, TypeError, KeyError, shapely.errors.ShapelyError) as error:
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


@cache
def english_names() -> dict[str, str]:
    """Return the English names that ``data/reference/dongs.geojson`` gives, by dong code."""
    document = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    return {
        str(feature["properties"]["dong_code"]): str(feature["properties"]["name_en"])
        for feature in document["features"]
    }
