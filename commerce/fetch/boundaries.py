"""Outlines of dongs through the package admdongkor, which downloads them when asked for."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import requests

from commerce.errors import Refused, UsageError
from commerce.fetch.result import Result
from commerce.fetch.store import Store, write_whole
from commerce.ingest.reference import district_code_now, dong_code_now

PACKAGE = "admdongkor"
_COLUMNS = ("emdcd", "emdnm", "sggnm", "sidonm")
_ATTRIBUTION = "통계청 통계지리정보서비스(SGIS) 공공누리 제1유형, 가공 vuski/admdongkor (CC BY 4.0)"


def fetch(
    store: Store, districts: list[str], on: date, load: Callable[[], Any] | None = None
) -> Result:
    """Fetch the dongs of districts as a GeoJSON that ingest takes as boundaries.

    Args:
        store: where the file goes.
        districts: 5-digit codes of districts, of before or after the reform of 2026-07.
        on: the day; of the package's versions the last one up to that day is taken.
        load: returns the package; by default it is imported.

    Raises:
        Refused: when the package is missing, knows no such day or district, or cannot download.
    """
    package = (load or _package)()
    versions = sorted(str(key) for key in package.versions())
    known = [key for key in versions if key <= f"{on:%Y%m%d}"]
    if not known:
        first = f"{versions[0][:4]}-{versions[0][4:6]}-{versions[0][6:]}" if versions else "–"
        raise Refused("fetch.no_version", on=on.isoformat(), first=first)
    version = known[-1]
    frame = _frame(package, version)
    wanted = {district_code_now(code) for code in districts}
    features = [
        feature
        for feature in (_feature(row, version) for row in frame.itertuples(index=False))
        if dong_code_now(feature["properties"]["adm_cd2"])[:5] in wanted
    ]
    found = {dong_code_now(f["properties"]["adm_cd2"])[:5] for f in features}
    if missing := wanted - found:
        codes = ", ".join(sorted(missing))
        raise Refused("fetch.no_such_district", codes=codes, version=version)
    features.sort(key=lambda feature: str(feature["properties"]["adm_cd2"]))
    document = {
        "type": "FeatureCollection",
        "attribution": _ATTRIBUTION,
        "version": version,
        "features": features,
    }
    # One name per district: a newer version takes the place of the one before.
    name = f"행정동_{'_'.join(sorted(wanted))}.geojson"
    title = f"행정동 {', '.join(sorted(wanted))} ({version})"
    was_here = (store.folder / name).is_file()
    part = store.under_way(f"{name}.part")
    write_whole(part, json.dumps(document, ensure_ascii=False).encode())
    is_new = store.keep(part, name)
    state = "unchanged" if not is_new else "changed" if was_here else "new"
    return Result(title, state, store.folder / name, rows=len(features))


def chosen_districts(text: str) -> list[str]:
    """Return 5-digit district codes, commas between them.

    Raises:
        UsageError: when one is something else.
    """
    codes = [part.strip() for part in text.split(",") if part.strip()]
    for code in codes or [text]:
        if not (len(code) == 5 and code.isascii() and code.isdigit()):
            raise UsageError("ingest.bad_district", code=code)
    return codes


def _package() -> Any:
    try:
        return importlib.import_module(PACKAGE)
    except ImportError as error:
        raise Refused("fetch.package_missing", package=PACKAGE) from error


def _frame(package: Any, version: str) -> Any:
    """Return the dongs of a version, in degrees, in full detail: points are tested against them."""
    try:
        frame = package.get(version, "emd", detail=True, crs="EPSG:4326")
        frame[list(_COLUMNS)]  # a package of another day may call them otherwise
        return frame
    except (requests.RequestException, OSError) as error:
        raise Refused("fetch.boundaries_unreachable", version=version) from error
    except (ValueError, KeyError) as error:
        raise Refused("fetch.boundaries_broken", version=version) from error


def _feature(row: Any, version: str) -> dict[str, Any]:
    import shapely

    outline = next(
        value for value in row if isinstance(value, shapely.Polygon | shapely.MultiPolygon)
    )
    code = str(row.emdcd)
    return {
        "type": "Feature",
        "properties": {
            "adm_cd2": code,
            "adm_nm": f"{row.sidonm} {row.sggnm} {row.emdnm}",
            "sggnm": str(row.sggnm),
            "sidonm": str(row.sidonm),
            "version": version,
        },
        "geometry": json.loads(shapely.to_geojson(outline)),
    }
