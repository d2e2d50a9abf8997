"""Write what is sold and who passes in the demo district, beside its permits."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from commerce.demo import areas, footfall, profiles, sales, shops
from commerce.snapshot import write_table

#: Tables that this module writes.
TABLES = (
    "trade_area",
    "shop",
    "card_sales",
    "card_sales_profile",
    "footfall",
    "area_indicator",
)


def write(connection: duckdb.DuckDBPyConnection, folder: Path, scale: int, seed: int) -> None:
    """Write the tables of named areas, shops, sales and footfall.

    They follow the permits of ``demo_establishment``. With ``scale`` N there are N times
    as many shops in the same dongs and trades: merchants and sales grow N times, while rows
    of sales grow only where small cells are no longer suppressed. Named areas and footfall
    stay, as if the same people passed. The last month is 2026-10; the quarter that began
    with it has not ended, so that the last quarter with a profile is 2026-07.

    Args:
        connection: where ``demo_establishment`` is; gets ``demo_<table>`` for each table.
        folder: the snapshot under construction.
        scale: how many times the ordinary district.
        seed: the same seed writes the same bytes.
    """
    rng = [np.random.default_rng([seed, 2, part]) for part in range(5)]
    shops.register(connection, rng[0], scale)
    shops.listed(connection)
    of_dongs, of_areas = shops.merchants(connection)
    cells = sales.cells(rng[1], of_dongs, of_areas)
    stores = shops.stores(connection)
    frames = {
        "trade_area": areas.trade_areas(),
        "card_sales": pd.concat([sales.rows(part) for part in cells]),
        "card_sales_profile": pd.concat([profiles.rows(rng[2], part) for part in cells]),
        "footfall": footfall.rows(rng[3], stores),
        "area_indicator": footfall.indicators(rng[4], stores),
    }
    for name, frame in frames.items():
        connection.register(f"demo_{name}", frame)
    for name in TABLES:
        write_table(connection, name, f"demo_{name}", folder)
