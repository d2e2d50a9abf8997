"""Reads a GeoJSON of dongs: the admdongkor form or our own, in any usual Korean projection."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any

import shapely

from commerce.errors import Refused
from commerce.ingest import geojson, reference
from commerce.ingest.files import RawFile
from commerce.ingest.geojson import Collection
from commerce.ingest.outlines import Dong, Outlines
from commerce.ingest.romanise import place_name

DEFAULT_FILE = reference.FOLDER / "dongs.geojson"
#: Properties by which a feature is told to be a dong.
CODES = ("dong_code", "adm_cd2", "adm_cd", "ADM_CD", "ADM_DR_CD", "adm_nm")


def default() -> Outlines:
    """Return Gwangsan-gu, for a data folder that has no boundaries yet."""
    outlines, _ = read(RawFile(DEFAULT_FILE, None, str(DEFAULT_FILE), named=True))
    return outlines


def read(file: RawFile) -> tuple[Outlines, int]:
    """Return the dongs of a GeoJSON file and the number of its features.

    Raises:
        Refused: when it is cut off, has no dongs, or its outlines are broken.
    """
    return read_dongs(geojson.read(file))


def is_dongs(collection: Collection) -> bool:
    """Return whether any feature carries the code of a dong."""
    return any(key in p for p in collection.properties() for key in CODES)


def read_dongs(collection: Collection) -> tuple[Outlines, int]:
    """Return the dongs among the features and the number of features; see ``read``."""
    found: dict[str, Dong] = {}
    pairs = zip(collection.features, collection.properties(), strict=True)
    for number, (feature, properties) in enumerate(pairs, 1):
        dong = _dong(feature, properties, number, collection)
        if dong.dong_code in found:
            shown = collection.file.shown
            raise Refused("ingest.dong_twice", file=shown, code=dong.dong_code)
        found[dong.dong_code] = dong
    return Outlines(list(found.values()), collection.source_id), len(collection.features)


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


def _dong(feature: Any, properties: dict[str, Any], number: int, collection: Collection) -> Dong:
    file = collection.file
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
        collection.outline(feature, name_ko),
    )


@cache
def english_names() -> dict[str, str]:
    """Return the English names that ``data/reference/dongs.geojson`` gives, by dong code."""
    document = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    return {
        str(feature["properties"]["dong_code"]): str(feature["properties"]["name_en"])
        for feature in document["features"]
    }
