"""Where shops can stand: invented buildings along real streets, inside the dongs' outlines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import h3
import numpy as np
import shapely
from shapely.geometry import shape

from commerce.demo.tables import REFERENCE, Bools, Floats, Ints, table

METRES_PER_LON = 91_000.0
METRES_PER_LAT = 110_950.0
CITY = "전남광주통합특별시 광산구"
#: Kinds of building; a trade's family decides in which it settles.
POOLS = ("shop", "home", "plant")
#: Within this many spreads of a centre a building is in the busy core of its dong.
CORE = 1.25
BUILDINGS = 16_000


@dataclass(frozen=True)
class Buildings:
    """All buildings of one district, and how strongly each attracts a shop."""

    dong: Ints
    pool: Ints
    core: Bools
    pull: Floats
    lon: Floats
    lat: Floats
    road: Any
    lot: Any
    legal: Any
    h3_9: Any
    h3_10: Any


@cache
def dongs() -> list[dict[str, Any]]:
    """Return the dongs of ``data/reference/dongs.geojson``, properties and outline."""
    with (REFERENCE / "dongs.geojson").open(encoding="utf-8") as file:
        features = json.load(file)["features"]
    return [{**f["properties"], "geometry": f["geometry"]} for f in features]


def build(rng: np.random.Generator, units: int) -> Buildings:
    """Draw the buildings of a district with ``units`` times 25,000 permits."""
    codes = list(table("dongs")["dong_code"])
    shares = table("dongs").filter(like="share_").max(axis=1).to_numpy(dtype=np.float64)
    streets = table("streets")
    dong = np.array([codes.index(c) for c in streets["dong_code"]])
    weight = streets["weight"].to_numpy(dtype=np.float64)
    per_dong = np.bincount(dong, weight, minlength=len(codes))
    total = BUILDINGS * np.sqrt(units)
    counts = np.ceil(total * (0.6 * shares / shares.sum() + 0.4 / len(codes))[dong])
    street = np.repeat(
        np.arange(len(streets)), (counts * weight / per_dong[dong]).astype(np.int64) + 8
    )
    parts = _positions(rng, streets, street)
    inside = np.zeros(len(street), dtype=np.bool_)
    outlines = {d["dong_code"]: shape(d["geometry"]) for d in dongs()}
    for index, code in enumerate(codes):
        here = dong[street] == index
        shapely.prepare(outlines[code])
        inside[here] = shapely.contains_xy(outlines[code], parts["lon"][here], parts["lat"][here])
    parts = {name: values[inside] for name, values in parts.items()}
    street = street[inside]
    centred, core = _centres(parts["lon"], parts["lat"])
    size = rng.lognormal(0.0, 0.5, len(street))
    home = parts["pool"] == POOLS.index("home")
    pull = weight[street] * size * np.where(home, 1.0, 0.12 + centred)
    points = list(zip(parts["lat"].tolist(), parts["lon"].tolist(), strict=True))
    return Buildings(
        dong=dong[street],
        pool=parts["pool"],
        core=core & ~home,
        pull=pull,
        lon=parts["lon"],
        lat=parts["lat"],
        road=_roads(streets, street, parts),
        lot=_lots(rng, streets, street, parts),
        legal=streets["legal_dong"].to_numpy(dtype=object)[street],
        h3_9=np.array([h3.latlng_to_cell(*point, 9) for point in points], dtype=object),
        h3_10=np.array([h3.latlng_to_cell(*point, 10) for point in points], dtype=object),
    )


def _positions(rng: np.random.Generator, streets: Any, street: Ints) -> dict[str, Any]:
    """Place each building: along its street, at it or in an alley, on one of the two sides."""
    ends = streets[["lon1", "lat1", "lon2", "lat2"]].to_numpy(dtype=np.float64)[street]
    plant = (streets["pool"] == "plant").to_numpy()[street]
    east = (ends[:, 2] - ends[:, 0]) * METRES_PER_LON
    north = (ends[:, 3] - ends[:, 1]) * METRES_PER_LAT
    length = np.hypot(east, north)
    n = len(street)
    at = rng.random(n) * length
    side = rng.integers(0, 2, n)
    kind = rng.random(n)
    home = ~plant & (kind > 0.72)
    alley = home | (kind < 0.34)
    depth = np.where(alley, 35 + rng.exponential(np.where(home, 170, 75), n), 16)
    depth = np.where(plant, depth * 1.6, depth)
    off = np.where(side == 1, depth, -depth)
    x = (east * at - north * off) / length
    y = (north * at + east * off) / length
    return {
        "lon": np.round(ends[:, 0] + x / METRES_PER_LON, 5),
        "lat": np.round(ends[:, 1] + y / METRES_PER_LAT, 5),
        "pool": np.where(plant, 2, np.where(home, 1, 0)),
        "number": streets["start_no"].to_numpy()[street] + 2 * (at // 20).astype(np.int64) + side,
        "alley": np.where(alley, 1 + 2 * (depth // 20).astype(np.int64) + side, 0),
        "sub": np.where(rng.random(n) < 0.3, rng.integers(1, 12, n), 0),
        "at": at,
    }


def _centres(lon: Floats, lat: Floats) -> tuple[Floats, Bools]:
    """Return how strongly the centres pull at each point, and whether it is in a core."""
    pull = np.zeros(len(lon))
    core = np.zeros(len(lon), dtype=np.bool_)
    for row in table("centres").itertuples():
        away = np.hypot((lon - row.lon) * METRES_PER_LON, (lat - row.lat) * METRES_PER_LAT)
        pull += row.weight * np.exp(-0.5 * (away / row.spread_m) ** 2)
        core |= away < CORE * row.spread_m
    return pull, core


def _roads(streets: Any, street: Ints, parts: dict[str, Any]) -> Any:
    """Write the road addresses: a number at the street, or at an alley of it (번길)."""
    names = streets["street"].to_numpy(dtype=object)[street]
    road = []
    for name, number, alley, sub in zip(
        names, parts["number"], parts["alley"], parts["sub"], strict=True
    ):
        tail = f"-{sub}" if sub else ""
        if not alley:
            road.append(f"{CITY} {name} {number}{tail}")
        elif name[-1] == "길":
            road.append(f"{CITY} {name} {number}-{alley}")
        else:
            road.append(f"{CITY} {name}{number}번길 {alley}{tail}")
    return np.array(road, dtype=object)


def _lots(rng: np.random.Generator, streets: Any, street: Ints, parts: dict[str, Any]) -> Any:
    """Write the lot addresses: a block of lots for each stretch of a street, and a number in it."""
    block = 100 + street * 17 + (parts["at"] // 90).astype(np.int64)
    lot = rng.integers(1, 30, len(street))
    names = streets["legal_dong"].to_numpy(dtype=object)[street]
    rows = zip(names, block, lot, strict=True)
    return np.array([f"{CITY} {name} {a}-{b}" for name, a, b in rows], dtype=object)
