"""A place that a report is about: an address, a dong, a named area, a point or a shop.

Its key is its text in the URL, the same in every language and, as far as the place is
still there, in every snapshot: ``site:<site_id>`` (a building's id without a floor means
the whole building), ``dong:<code>``, ``area:<code>`` or ``at:<lon>,<lat>``.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import h3
import shapely

from commerce.errors import Refused
from commerce.i18n import language, name_column, t
from commerce.queries import bind, load
from commerce.search.addresses import short

if TYPE_CHECKING:
    import pandas as pd

    from commerce.db import Database

Kind = Literal["address", "dong", "area", "point", "shop"]
#: No key is longer; what is longer is not read.
LONGEST_KEY = 80
#: Degrees of latitude: what is farther away is not near.
_FAR = 0.5
_POINT = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,2}(?:\.\d{1,12})?)")


@dataclass(frozen=True)
class Place:
    """A place; what is not known of it, or means nothing for its kind, is None.

    ``label`` is what it is called in the reader's language; ``lon`` and ``lat`` are WGS84
    degrees, of a dong or an area those of its middle.
    """

    kind: Kind
    label: str
    lon: float | None
    lat: float | None
    dong_code: str | None
    area_code: str | None
    site_id: str | None
    key: str


def read(key: str, database: Database) -> Place | None:
    """Return the place that ``key`` means in this snapshot, or None where it means nothing."""
    try:
        return look_up(key, database)
    except Refused:
        return None


def look_up(key: str, database: Database) -> Place:
    """Return the place that ``key`` means in this snapshot.

    Raises:
        Refused: ``place.gone.*`` or ``place.outside`` says what is missing.
    """
    kind, _, code = key[:LONGEST_KEY].partition(":")
    if kind == "dong":
        return _dong(code, database)
    if kind == "area":
        return _area(code, database)
    if kind == "site":
        return _site(code, database)
    if kind == "at":
        return _point(code, database)
    raise Refused("place.gone.unknown", asked=_quoted(key))


def point_key(lon: float, lat: float) -> str:
    """Return the key of a point: degrees with five decimals, which is a metre."""
    return f"at:{lon:.5f},{lat:.5f}"


def cell_key(cell: str) -> str | None:
    """Return the key of the middle of an H3 cell, or None where it is no cell."""
    if not h3.is_valid_cell(cell):
        return None
    lat, lon = h3.cell_to_latlng(cell)
    return point_key(lon, lat)


def dong_at(lon: float, lat: float, database: Database) -> str | None:
    """Return the code of the dong that holds a point, by the outlines that maps draw."""
    shapes = _shapes(database)
    hits = shapes.tree.query(shapely.Point(lon, lat), predicate="intersects")
    return shapes.codes[int(min(hits))] if len(hits) else None


def nearest_dongs(lon: float, lat: float, database: Database, most: int = 3) -> list[str]:
    """Return the codes of the dongs nearest to a point and within some 55 km, in that order."""
    shapes = _shapes(database)
    # A degree of longitude is shorter than one of latitude.
    narrow = math.cos(math.radians(lat))
    point = shapely.Point(lon * narrow, lat)
    away = [
        shapely.transform(shape, lambda xy: xy * (narrow, 1)).distance(point)
        for shape in shapes.shapes
    ]
    near = [i for i in range(len(away)) if away[i] < _FAR]
    return [shapes.codes[i] for i in sorted(near, key=away.__getitem__)[:most]]


def instead_of(key: str, database: Database) -> list[str]:
    """Return keys that ``key``, which means nothing here any more, most likely stood for.

    The building of a floor that no permit names; the dongs nearest to a point outside. What
    stands for nothing gives no keys.
    """
    kind, _, code = key[:LONGEST_KEY].partition(":")
    if kind == "at" and (found := _degrees(code)):
        return [f"dong:{dong}" for dong in nearest_dongs(*found, database)]
    if kind == "site" and "-" in code:
        building = f"site:{code.partition('-')[0]}"
        return [building] if read(building, database) else []
    return []


def _dong(code: str, database: Database) -> Place:
    row = _row(database.run("dong/list"), "dong_code", code)
    if row is None:
        former = database.run("place/former_dong", dong_code=code)["dong_code"]
        if former.empty:
            raise Refused("place.gone.dong", code=_quoted(code))
        return _dong(str(former.iloc[0]), database)
    return Place(
        "dong",
        str(row[name_column()]),
        _number(row["label_lon"]),
        _number(row["label_lat"]),
        code,
        None,
        None,
        f"dong:{code}",
    )


def _area(code: str, database: Database) -> Place:
    row = _row(database.run("area/list"), "area_code", code)
    if row is None:
        raise Refused("place.gone.area", code=_quoted(code))
    name = row["name_en"] if language() == "en" and _text(row["name_en"]) else row["name_ko"]
    return Place(
        "area",
        str(name),
        _number(row["lon"]),
        _number(row["lat"]),
        _text(row["dong_code"]),
        code,
        None,
        f"area:{code}",
    )


def _site(code: str, database: Database) -> Place:
    query = load("place/site")
    rows = database.execute(query, bind(query, {"site_id": code}))
    if rows.empty:
        raise Refused("place.gone.site", code=_quoted(code))
    row = rows.iloc[0].to_dict()
    if not row["is_whole"] and not row["has_floor"]:
        raise Refused("place.gone.floor", floor=_floor(code))
    address = _text(row["address_road"]) or _text(row["address_lot"])
    label = short(address) if address else t("place.no_address")
    if not row["is_whole"] and (floor := _floor(code)):
        label = f"{label}, {floor}"
    return Place(
        "address",
        label,
        _number(row["lon"]),
        _number(row["lat"]),
        _text(row["dong_code"]),
        None,
        code,
        f"site:{code}",
    )


def _point(code: str, database: Database) -> Place:
    found = _degrees(code)
    if found is None:
        raise Refused("place.gone.point", code=_quoted(code))
    lon, lat = found
    dong = dong_at(lon, lat, database)
    if dong is None:
        raise Refused("place.outside", lon=f"{lon:.5f}", lat=f"{lat:.5f}")
    row = _row(database.run("dong/list"), "dong_code", dong)
    assert row is not None
    label = t("place.point_in", dong=row[name_column()], lon=f"{lon:.5f}", lat=f"{lat:.5f}")
    return Place("point", label, lon, lat, dong, None, None, point_key(lon, lat))


def _floor(code: str) -> str:
    """Return the floor of a site's id as people say it: ``2층``, ``지하 1층``."""
    text = code.partition("-")[2]
    below = text.startswith(("-", "B"))
    number = text.lstrip("-B")
    return t("place.floor.below" if below else "place.floor", n=number) if number else ""


def _degrees(code: str) -> tuple[float, float] | None:
    found = _POINT.fullmatch(code)
    if found is None:
        return None
    lon, lat = round(float(found[1]), 5), round(float(found[2]), 5)
    return (lon, lat) if abs(lon) <= 180 and abs(lat) < 90 else None


@dataclass(frozen=True)
class _Shapes:
    codes: list[str]
    shapes: list[Any]
    tree: Any


def _shapes(database: Database) -> _Shapes:
    rows = database.run("dong/list")
    texts = [(str(c), str(b)) for c, b in zip(rows["dong_code"], rows["boundary"], strict=True)]
    return _read_shapes(tuple(pair for pair in texts if pair[1].startswith("{")))


@lru_cache(maxsize=4)
def _read_shapes(outlines: tuple[tuple[str, str], ...]) -> _Shapes:
    shapes = [shapely.make_valid(shapely.from_geojson(text)) for _, text in outlines]
    return _Shapes([code for code, _ in outlines], shapes, shapely.STRtree(shapes))


def _row(rows: pd.DataFrame, column: str, code: str) -> dict[str, Any] | None:
    hits = rows[rows[column] == code]
    return None if hits.empty else dict(hits.iloc[0])


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _quoted(text: str) -> str:
    """Return text from a link cut short, in one line and without what turns its direction."""
    return json.dumps("".join(c for c in text[:40] if c.isprintable()), ensure_ascii=False)[1:-1]
