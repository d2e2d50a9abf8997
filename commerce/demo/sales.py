"""Card sales of the demo by month: what each trade sells in each dong and named area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from commerce.demo import days
from commerce.demo.days import MONTHS
from commerce.demo.tables import Bools, Floats, Ints, table

SOURCE = "demo-card-sales"
#: Cells with fewer merchants than this are suppressed.
MIN_MERCHANTS = 3
#: Sales come in units of 10,000 KRW, as public services round them.
UNIT = 10_000
#: Spread of logs: of the levels of dong and trade, of one shop in one month, of a month
#: in the whole district, of a month's step in a cell's slow walk.
CELL, SHOP, MONTH, STEP = 0.16, 0.072, 0.012, 0.007
#: Spread of logs of an area's level against its dong's, and of its one shop in one month.
AREA, AREA_SHOP = 0.10, 0.03
#: Spread of logs of the amount paid at a visit: by cell, by month.
TICKET, TICKET_MONTH = 0.08, 0.015


@dataclass(frozen=True)
class Cells:
    """Sales of one kind of area: places × trades × months, also of cells that are suppressed."""

    area_kind: str
    area_codes: list[str]
    dong_codes: list[str]
    merchants: Ints
    sales: Ints
    transactions: Ints

    @property
    def known(self) -> Bools:
        """Whether a cell's sales are published: where it has enough merchants."""
        return np.asarray(self.merchants >= MIN_MERCHANTS)


def cells(rng: np.random.Generator, of_dongs: Ints, of_areas: Ints) -> tuple[Cells, Cells]:
    """Draw the sales of dongs, and of the named areas in them.

    An area follows its dong's shops on a level of its own and never sells more than
    its dong does.

    Args:
        rng: the generator.
        of_dongs: card merchants, dongs × trades × months.
        of_areas: card merchants, named areas × trades × months.
    """
    codes = table("dongs")["dong_code"].to_list()
    named = table("named_areas")
    homes = named["dong_code"].to_list()
    at = np.array([codes.index(code) for code in homes])
    normal = rng.standard_normal
    ticket = _tickets(rng)

    shape = of_dongs.shape
    level = _levels()[:, None, None] * np.exp(CELL * normal((*shape[:2], 1)))
    walk = np.exp(np.cumsum(STEP * normal(shape), axis=2))
    noise = np.exp(SHOP * normal(shape) / np.sqrt(np.maximum(of_dongs, 1)))
    sales = of_dongs * level * walk * noise * _ordinary(rng) * _changes(codes)
    visits = sales / (ticket * np.exp(TICKET_MONTH * normal(shape)))

    shape = of_areas.shape
    part = of_areas / np.maximum(of_dongs[at], 1)
    level = named["premium"].to_numpy(dtype=np.float64)[:, None, None]
    level = level * np.exp(AREA * normal((*shape[:2], 1)))
    noise = np.exp(AREA_SHOP * normal(shape) / np.sqrt(np.maximum(of_areas, 1)))
    more = level * noise * _changes(named["area_code"].to_list())
    # Where an area holds most of the dong's shops, its sales near those of the dong.
    share = np.where(part < 1, np.minimum(part * more, 0.5 + part / 2), part)
    return (
        _cells("dong", codes, codes, of_dongs, sales, visits),
        _cells(
            "trade_area",
            named["area_code"].to_list(),
            homes,
            of_areas,
            share * sales[at],
            share * visits[at],
        ),
    )


def _levels() -> Floats:
    people = table("people_of_dongs").set_index("dong_code")
    levels = people["sales_level"].loc[table("dongs")["dong_code"]]
    return np.asarray(levels, dtype=np.float64)


def _tickets(rng: np.random.Generator) -> Floats:
    """Return dongs × trades × months: KRW paid at a visit."""
    trades = table("card_trades")["ticket"].to_numpy(dtype=np.float64)
    own = np.exp(TICKET * rng.standard_normal((len(table("dongs")), len(trades))))
    return np.asarray((own * trades)[:, :, None] * days.prices())


def _ordinary(rng: np.random.Generator) -> Floats:
    """Return trades × months: KRW that an ordinary shop sells."""
    rows = [
        row.sales
        * 10_000
        * np.exp(row.growth * (np.arange(MONTHS) - 83) / 12)
        * days.season(row.season)
        * days.shock(row.shock)
        * days.by_month(row.week)
        for row in table("card_trades").itertuples()
    ]
    common = np.exp(MONTH * rng.standard_normal(MONTHS)) * days.prices()
    return np.asarray(np.array(rows) * common)


def _changes(places: list[str]) -> Floats:
    """Return places × trades × months: the falls and rises of ``changes``."""
    categories = table("card_trades")["category_id"]
    factor = np.ones((len(places), len(categories), MONTHS))
    for row in table("changes").itertuples():
        if row.place in places:
            hit = (categories.isin(row.trades.split("|")) | (row.trades == "*")).to_numpy()
            factor[places.index(row.place), hit] *= days.slope(row.since, row.until, row.per_year)
    return factor


def _cells(
    kind: str, codes: list[str], homes: list[str], merchants: Ints, sales: Floats, visits: Floats
) -> Cells:
    """Round sales down to their unit, so that parts do not outgrow the whole."""
    whole = np.floor(sales / UNIT).astype(np.int64) * UNIT
    return Cells(kind, codes, homes, merchants, whole, np.ceil(visits).astype(np.int64))


def rows(cells: Cells) -> Any:
    """Return the rows of table ``card_sales``: one for each cell that has a merchant."""
    trades = table("card_trades")
    place, trade, month = at = np.nonzero(cells.merchants)
    hidden = ~cells.known[at]
    shown = {
        name: pd.Series(values[at]).astype("Int64").mask(hidden)
        for name, values in (("sales_krw", cells.sales), ("transactions", cells.transactions))
    }
    return pd.DataFrame(
        {
            "period": days.months()[month].astype("M8[s]"),
            "period_months": 1,
            "area_kind": cells.area_kind,
            "area_code": np.array(cells.area_codes, dtype=object)[place],
            "dong_code": np.array(cells.dong_codes, dtype=object)[place],
            "category_id": trades["category_id"].to_numpy(dtype=object)[trade],
            "trade_code": trades["trade_code"].to_numpy(dtype=object)[trade],
            "trade_name": trades["trade_name"].to_numpy(dtype=object)[trade],
            **shown,
            "merchants": cells.merchants[at],
            "suppressed": hidden,
            "source_id": SOURCE,
        }
    )
