"""Shops on a map for the model's tests, written as rows of ``establishment``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from commerce.model import features
from commerce.model.publish import _open as open_tables
from tests.conftest import Row, shop, write_snapshot

LON, LAT = 126.8, 35.15
#: Metres to degrees at that latitude, on the sphere of 6,371,008.8 m.
NORTH = 1 / 111_195.08
EAST = NORTH / np.cos(np.radians(LAT))


def at(east_m: float, north_m: float) -> dict[str, object]:
    """Return the point so many metres from the middle."""
    return {"lon": LON + east_m * EAST, "lat": LAT + north_m * NORTH}


def features_of(
    folder: Path,
    rows: list[Row],
    first: str = "2000-01-01",
    last: str = "2026-01-01",
    **bounds: int,
) -> pd.DataFrame:
    """Return the features of the openings between two days, by permit number."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    write_snapshot(folder, rows)
    with duckdb.connect() as connection:
        open_tables(connection, folder)
        found = features.openings(
            connection, dt.date.fromisoformat(first), dt.date.fromisoformat(last), **bounds
        )
    return found.set_index("permit_id")


def town(seed: int, size: int, hazard: float = 1 / 1500, step: float = 0.0) -> list[Row]:
    """Shops of three trades over 4 km, opened 2004–2025; larger ones last longer by ``step``.

    The hazard of a shop is ``hazard`` times (area / 60) to the power of −``step``.
    """
    rng = np.random.default_rng(seed)
    last = dt.date(2025, 12, 31)
    rows: list[Row] = []
    for number in range(size):
        opened = dt.date(2004, 1, 1) + dt.timedelta(days=int(rng.integers(0, 8000)))
        area = float(np.exp(rng.normal(np.log(60), 0.8)))
        stays = 1 + int(rng.exponential(1 / (hazard * (area / 60) ** -step)))
        left = opened + dt.timedelta(days=stays)
        point = at(*rng.uniform(-2000, 2000, 2))
        values: dict[str, object] = {
            "permit_id": f"T{number:05d}",
            "area_m2": round(area, 1) if rng.random() < 0.8 else None,
            "site_id": f"{rng.integers(0, size // 3)}-1",
            "category_id": str(rng.choice(["korean_food", "chicken", "cafe"])),
            "dong_code": str(rng.choice(["1233000100", "1233000200", "1233000300"])),
        }
        if rng.random() < 0.9:
            values |= point
        gone = str(left) if left <= last else None
        kind = "moved_out" if rng.random() < 0.05 else "closed"
        rows.append(shop(str(opened), gone, kind, **values))
    return rows
