"""Who sells in the demo: card merchants of each month, and the list of shops that stand."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from commerce.demo import free_shops
from commerce.demo.days import FIRST_MONTH, MONTHS
from commerce.demo.tables import Ints, table

SOURCE = "demo-shops"
#: The day of the list, and how it errs: the share it lacks, and that of shops long gone.
LISTED_ON = "2026-09-30"
MISSING = 0.08
GONE = 0.05
#: A shop that is gone, yet listed, closed within this many days.
GONE_DAYS = 500


def register(connection: duckdb.DuckDBPyConnection, rng: np.random.Generator, scale: int) -> None:
    """Make ``seller``: permits of trades that sell by card, and shops that need no permit.

    One row per shop: its trade, the months from which and before which it stands
    (0 is the first month of all), whether it takes cards, and what a list shows of it.
    Chance is a hash of the id, so that a permit keeps its lot whatever else changes.
    ``demo_establishment`` must be there, with the points that the file does not tell.
    """
    trades = table("card_trades")
    pairs = [
        (row.Index, row.category_id, name)
        for row in trades.itertuples()
        if isinstance(row.permit_trades, str)
        for name in row.permit_trades.split("|")
    ]
    connection.register("pair", pd.DataFrame(pairs, columns=["trade", "category_id", "trade_name"]))
    connection.register("trade", trades.reset_index(names="trade"))
    connection.register("free_shop", free_shops.draw(connection, rng, scale))
    connection.execute(
        """
        create temp table seller as
        with
        shops as (
            select
                pair.trade, permit_id as id, name, opened_on, exit_on, dong_code,
                address_road, address_lot, site_id, at_lon as lon, at_lat as lat,
                at_h3_9 as h3_9, at_h3_10 as h3_10, at_trade_area_codes as trade_area_codes
            from demo_establishment
            join pair using (category_id, trade_name)
            where dong_code is not null and exit_date_quality is distinct from 'unknown'
            union all by name
            from free_shop
        )

        select
            shops.*, trade.trade_code, trade.trade_name, trade.category_id,
            greatest(datediff('month', $first::date, opened_on), 0) as since_month,
            coalesce(datediff('month', $first::date, exit_on), 100000) as until_month,
            (md5_number(id) % 100003)::double / 100003 < trade.card_share as takes_cards,
            (md5_number(id || 'kind') % 100003)::double / 100003 < trade.listed as is_listed
        from shops
        join trade using (trade)
        """,
        {"first": str(FIRST_MONTH.astype("M8[D]"))},
    )


def merchants(connection: duckdb.DuckDBPyConnection) -> tuple[Ints, Ints]:
    """Return card merchants at each month's end, of dongs and of named areas.

    Both are places × trades × months, in the order of ``dongs`` and ``named_areas``.
    """
    dongs = list(table("dongs")["dong_code"])
    areas = list(table("named_areas")["area_code"])
    return (
        _standing(connection, "dong_code", dongs, cards=True),
        _standing(connection, "trade_area_codes[1]", areas, cards=True),
    )


def stores(connection: duckdb.DuckDBPyConnection) -> Ints:
    """Return dongs × months: all shops that stand at each month's end, cards or not."""
    dongs = list(table("dongs")["dong_code"])
    return np.asarray(_standing(connection, "dong_code", dongs, cards=False).sum(axis=1))


def _standing(
    connection: duckdb.DuckDBPyConnection, column: str, places: list[str], cards: bool
) -> Ints:
    rows = connection.execute(
        f"""
        with kept as (
            select {column} as place, trade, since_month, until_month
            from seller
            where {column} is not null and (takes_cards or not $cards)
                and until_month > since_month and since_month < $months
        )

        select place, trade, since_month as month, count(*) as n from kept group by all
        union all
        select place, trade, until_month as month, -count(*) as n
        from kept where until_month < $months group by all
        """,
        {"months": MONTHS, "cards": cards},
    ).df()
    steps = np.zeros((len(places), len(table("card_trades")), MONTHS), dtype=np.int64)
    place = np.array([places.index(code) for code in rows["place"]])
    at = (place, rows["trade"].to_numpy(), rows["month"].to_numpy())
    np.add.at(steps, at, rows["n"].to_numpy())
    return np.cumsum(steps, axis=2)


def listed(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``demo_shop``: the shops of the list, without those it lacks, with some long gone."""
    connection.execute(
        """
        create temp table demo_shop as
        with
        candidates as (
            select
                *,
                exit_on is null or exit_on > $day::date as stands,
                (md5_number(id || 'list') % 100003)::double / 100003 as lot
            from seller
            where is_listed and opened_on <= $day::date
        ),

        gone as (
            select *, row_number() over (order by lot, id) as rank
            from candidates
            where not stands and exit_on > $day::date - $gone_days::integer
        )

        select
            'MA' || upper(substr(md5(id), 1, 12)) as shop_id, name, null as branch, category_id,
            trade_code, trade_name, address_road, address_lot,
            replace(nullif(regexp_extract(site_id, '-(-?[0-9]+)$', 1), '0'), '-', '지') as floor,
            lon, lat, h3_9, h3_10, dong_code, trade_area_codes, $source as source_id
        from (
            from candidates where stands and lot >= $missing
            union all
            select * exclude (rank) from gone
            where rank <= $gone * (select count(*) from candidates where stands)
        )
        """,
        {
            "day": LISTED_ON,
            "gone_days": GONE_DAYS,
            "gone": GONE,
            "missing": MISSING,
            "source": SOURCE,
        },
    )
