"""Shops of trades that need no permit: no authority lists them, yet they stand and sell."""

from __future__ import annotations

from typing import Any

import duckdb
import h3
import numpy as np
import pyarrow as pa

from commerce.demo import areas
from commerce.demo.days import FIRST_MONTH, MONTHS
from commerce.demo.tables import Bools, Ints, table

#: Years that such a shop lasts on average.
LIFE = 6.0
#: Permits of these categories stand at the street, where such shops stand too.
NEIGHBOURS = "korean_food cafe hair_salon chicken snack_food pharmacy bakery laundry clinic tobacco"


def draw(connection: duckdb.DuckDBPyConnection, rng: np.random.Generator, scale: int) -> Any:
    """Return the shops as an Arrow table with the columns that ``shops.register`` reads.

    Their number follows ``count_<year>`` of ``card_trades``, times ``scale``; each stands
    where some permit stood, so that busy streets have more of them.
    """
    trades, dongs = table("card_trades"), table("dongs")
    trade, since, until = [], [], []
    for row in trades[trades["count_2019"].notna()].itertuples():
        known = (row.count_2019, row.count_2023, row.count_2026)
        target = np.interp(np.arange(MONTHS), (0, 48, MONTHS - 1), known) * scale
        begin, end = _lives(rng, np.round(target).astype(np.int64))
        since.append(begin)
        until.append(end)
        trade.append(np.full(len(begin), row.Index))
    pull = dongs["share_2026"].to_numpy(dtype=np.float64)
    count = sum(len(part) for part in trade)
    dong = rng.choice(len(dongs), count, p=pull / pull.sum())
    months = (np.concatenate(since), np.concatenate(until))
    return _placed(connection, rng, np.concatenate(trade), months, dong)


def _lives(rng: np.random.Generator, target: Ints) -> tuple[Ints, Ints]:
    """Return the first month of each shop and the first without it, ``target`` standing."""
    alive = int(target[0])
    since = [-rng.integers(1, 90, alive)]
    until = [_after(rng, 0, alive)]
    closing = np.bincount(np.minimum(until[0], MONTHS), minlength=MONTHS + 1)
    for month in range(1, MONTHS):
        alive -= int(closing[month])
        new = max(0, int(target[month]) - alive)
        since.append(np.full(new, month))
        until.append(_after(rng, month, new))
        closing += np.bincount(np.minimum(until[-1], MONTHS), minlength=MONTHS + 1)
        alive += new
    return np.concatenate(since), np.concatenate(until)


def _after(rng: np.random.Generator, month: int, n: int) -> Ints:
    return np.asarray(month + np.ceil(rng.exponential(LIFE * 12, n)).astype(np.int64))


def _placed(
    connection: duckdb.DuckDBPyConnection,
    rng: np.random.Generator,
    trade: Ints,
    months: tuple[Ints, Ints],
    dong: Ints,
) -> Any:
    """Put each shop on a site of its dong, on a day of its months, and name it."""
    sites = connection.execute(
        """
        select
            dong_code, site_id,
            arg_min(address_road, permit_id) as address_road,
            arg_min(address_lot, permit_id) as address_lot,
            any_value(at_lon) as lon, any_value(at_lat) as lat
        from demo_establishment
        where site_id is not null and dong_code is not null and address_road is not null
            and list_contains(split($neighbours, ' '), category_id)
        group by all
        order by dong_code, site_id
        """,
        {"neighbours": NEIGHBOURS},
    ).df()
    codes = table("dongs")["dong_code"].to_numpy(dtype=str)
    homes = sites["dong_code"].to_numpy(dtype=str)
    low, high = (np.searchsorted(homes, codes[dong], side) for side in ("left", "right"))
    where = sites.iloc[low + (rng.random(len(dong)) * (high - low)).astype(np.int64)]
    lon, lat = where["lon"].to_numpy(), where["lat"].to_numpy()
    points = list(zip(lat.tolist(), lon.tolist(), strict=True))
    opened, closed = (
        (FIRST_MONTH + month).astype("M8[D]").astype(np.int32) + rng.integers(0, 28, len(month))
        for month in months
    )
    return pa.table(
        {
            "trade": trade,
            "id": [f"F{number:07d}" for number in range(len(trade))],
            "name": pa.array(_names(rng, trade), pa.string()),
            "opened_on": _days(opened),
            "exit_on": _days(closed, months[1] >= MONTHS),
            **{
                name: pa.array(where[name], pa.string(), from_pandas=True)
                for name in ("dong_code", "address_road", "address_lot", "site_id")
            },
            "lon": lon,
            "lat": lat,
            "h3_9": [h3.latlng_to_cell(*point, 9) for point in points],
            "h3_10": [h3.latlng_to_cell(*point, 10) for point in points],
            "trade_area_codes": areas.codes_of(areas.index_at(lon, lat)),
        }
    )


def _days(day: Ints, unknown: Bools | None = None) -> Any:
    return pa.array(day.astype(np.int32), pa.int32(), mask=unknown).cast(pa.date32())


def _names(rng: np.random.Generator, trade: Ints) -> Any:
    """Compose a name for each shop from the words of its trade."""
    words = table("shop_words").set_index("trade_code")
    codes = table("card_trades")["trade_code"].to_numpy(dtype=object)
    names = np.empty(len(trade), dtype=object)
    for number in np.unique(trade):
        first, second = (
            np.array(words.loc[codes[number], part].split("|"), dtype=object)
            for part in ("first", "second")
        )
        mine = np.flatnonzero(trade == number)
        drawn = [word[rng.integers(0, len(word), len(mine))] for word in (first, second)]
        names[mine] = drawn[0] + drawn[1]
    return names
