"""Card sales of the demo: cells add up, small ones are hidden, and the year is in them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.stats import spearmanr
from statsmodels.tsa.seasonal import STL

from commerce.demo.tables import table

CELL = "period, area_kind, area_code, trade_code"

# Each condition must hold for no row of card_sales.
IMPOSSIBLE = {
    "hidden with few merchants only": "suppressed <> (merchants < 3)",
    "hidden means null": """
        suppressed <> (sales_krw is null) or suppressed <> (transactions is null)""",
    "no merchant": "merchants < 1",
    "no sales": "sales_krw <= 0 or transactions <= 0",
    "outside its years": "period not between '2019-01-01' and '2026-10-01' or day(period) <> 1",
    "length": "period_months <> 1",
    "kind": "area_kind not in ('dong', 'trade_area')",
    "dong": "area_kind = 'dong' and area_code <> dong_code",
    "no such dong": "dong_code not in (select dong_code from dong)",
    "no such area": """
        area_kind = 'trade_area'
        and (area_code, dong_code) not in (select (area_code, dong_code) from trade_area)""",
    "no such trade": """
        category_id not in (select category_id from category where parent_id is not null)""",
    "amount of a visit": "sales_krw / transactions not between 3000 and 900000",
    "source": "source_id <> 'demo-card-sales'",
}


@pytest.mark.parametrize("condition", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_no_impossible_cell(demo: duckdb.DuckDBPyConnection, condition: str) -> None:
    assert demo.sql(f"from card_sales where {condition} limit 3").fetchall() == []


def test_each_cell_stands_once_and_every_dong_in_every_month(
    demo: duckdb.DuckDBPyConnection,
) -> None:
    n, cells, dongs, months, areas = demo.sql(
        f"""
        select
            count(*), count(distinct ({CELL})),
            count(distinct (area_code, period)) filter (where area_kind = 'dong'),
            count(distinct period),
            count(distinct (area_code, period)) filter (where area_kind = 'trade_area')
        from card_sales
        """
    ).fetchall()[0]
    assert n == cells
    assert (months, dongs, areas) == (94, 94 * 21, 94 * 8)
    hidden = demo.sql("select avg(suppressed::int) from card_sales").fetchall()[0][0]
    assert 0.2 < hidden < 0.6


def test_a_named_area_is_part_of_its_dong(demo: duckdb.DuckDBPyConnection) -> None:
    more = demo.sql(
        """
        select part.area_code
        from card_sales as part
        left join card_sales as whole on whole.area_kind = 'dong'
            and whole.area_code = part.dong_code
            and whole.trade_code = part.trade_code and whole.period = part.period
        where part.area_kind = 'trade_area'
            and (
                whole.merchants is null or part.merchants > whole.merchants
                or part.sales_krw > whole.sales_krw or part.transactions > whole.transactions
            )
        """
    ).fetchall()
    assert more == []


def test_merchants_are_some_of_the_permits_that_stand(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        """
        with permits as (
            select dong_code, category_id, count(*) as n
            from establishment
            where opened_on < date '2024-07-01' and dong_code is not null
                and exit_date_quality is distinct from 'unknown'
                and (exit_on is null or exit_on >= date '2024-07-01')
            group by all
        )

        select cells.category_id, cells.dong_code, cells.n, permits.n as permits
        from (
            select dong_code, category_id, sum(merchants) as n
            from card_sales
            where area_kind = 'dong' and period = date '2024-06-01' group by all
        ) as cells
        join category using (category_id)
        left join permits using (dong_code, category_id)
        where category.has_permits
        """
    ).df()
    assert (rows["n"] <= rows["permits"]).all()
    assert 0.7 < rows["n"].sum() / rows["permits"].sum() < 0.95
    cafes = rows[rows["category_id"] == "cafe"]
    assert 0.85 < cafes["n"].sum() / cafes["permits"].sum() < 1


@pytest.mark.parametrize("trade", ["cafe", "korean_food", "hair_salon", "clinic", "academy"])
def test_more_shops_sell_more(demo: duckdb.DuckDBPyConnection, trade: str) -> None:
    rows = demo.execute(
        """
        select avg(merchants) as n, avg(sales_krw) as krw
        from card_sales
        where area_kind = 'dong' and category_id = $trade and not suppressed
        group by area_code
        """,
        {"trade": trade},
    ).fetchnumpy()
    assert spearmanr(rows["n"], rows["krw"]).statistic > 0.8


# Million KRW per shop and month in 2025: what public figures make plausible.
LEVELS = {
    "D0201": (12, 18),
    "D0101": (20, 30),
    "D1001": (45, 60),
    "D0401": (3.5, 7),
    "D0505": (60, 100),
    "D0504": (250, 700),
    "D0104": (10, 20),
}


@pytest.mark.parametrize("trade", LEVELS)
def test_a_shop_sells_what_such_shops_sell(demo: duckdb.DuckDBPyConnection, trade: str) -> None:
    krw = demo.execute(
        """
        select sum(sales_krw) / sum(merchants) from card_sales
        where area_kind = 'dong' and trade_code = $trade and year(period) = 2025
            and not suppressed
        """,
        {"trade": trade},
    ).fetchall()[0][0]
    low, high = LEVELS[trade]
    assert low <= krw / 1e6 <= high


def per_shop(demo: duckdb.DuckDBPyConnection, category: str) -> Any:
    """Sales per shop of the whole district, by month from 2019-01."""
    rows = demo.execute(
        """
        select sum(sales_krw)::double / sum(merchants) as krw
        from card_sales
        where area_kind = 'dong' and category_id = $category and not suppressed
        group by period order by period
        """,
        {"category": category},
    ).fetchnumpy()
    return rows["krw"]


def test_the_epidemic_and_its_end(demo: duckdb.DuckDBPyConnection) -> None:
    change = {
        name: per_shop(demo, name)[14] / per_shop(demo, name)[2]  # March 2020, March 2019
        for name in ("pub", "korean_food", "cafe", "butcher", "convenience_food")
    }
    assert change["pub"] < 0.75
    assert change["korean_food"] < 0.85
    assert change["cafe"] < 0.85
    assert change["butcher"] > 1.02
    pubs = per_shop(demo, "pub")
    assert pubs[24] < 0.3 * pubs[12]  # January 2021, closed by order
    assert pubs[41] > 1.5 * pubs[38]  # June against March 2022, opened again


def test_feasts_move_between_months(demo: duckdb.DuckDBPyConnection) -> None:
    butchers = per_shop(demo, "butcher")
    by_year = {2019 + i: butchers[12 * i : 12 * i + 12] for i in range(8)}
    # Seol: 2023-01-22, 2024-02-10, 2025-01-29, 2026-02-17. January's day against February's.
    january = {
        year: by_year[year][0] / 31 * february / by_year[year][1]
        for year, february in ((2023, 28), (2024, 29), (2025, 28), (2026, 28))
    }
    assert min(january[2023], january[2025]) > 1.05
    assert max(january[2024], january[2026]) < 1.03
    # Chuseok: 2024-09-17, 2025-10-06; the shopping for it falls into September both times.
    assert by_year[2024][8] > 1.03 * by_year[2024][9]


@pytest.mark.parametrize("category", ["cafe", "chicken", "convenience_food"])
def test_stl_finds_the_season_that_was_put_in(
    demo: duckdb.DuckDBPyConnection, category: str
) -> None:
    series = np.log(per_shop(demo, category))
    days = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    trade = table("card_trades").set_index("category_id")["season"][category]
    name = trade if isinstance(trade, str) else trade.iloc[0]
    season = table("seasons").set_index("season").loc[name].to_numpy(dtype=np.float64)
    put_in = np.log(season * days)
    seasonal = STL(series, period=12, robust=True).fit().seasonal
    found = np.array([seasonal[month::12].mean() for month in range(12)])
    # The feasts fall into these months and stay in a plain STL.
    ordinary = [2, 3, 4, 5, 6, 7, 9, 10, 11]
    both = [values[ordinary] - values[ordinary].mean() for values in (found, put_in)]
    assert np.corrcoef(*both)[0, 1] > 0.8
    assert np.abs(both[0] - both[1]).max() < 0.06


def test_there_is_a_fall_to_find(demo: duckdb.DuckDBPyConnection) -> None:
    """Sales per shop of the last twelve months against the twelve before."""
    rows = demo.sql(
        """
        with cells as (
            select area_code, category_id, period >= date '2025-11-01' as late,
                sum(sales_krw) / sum(merchants) as krw
            from card_sales
            where not suppressed and period >= date '2024-11-01' group by all
        )

        select area_code, category_id, max(krw) filter (where late)
            / max(krw) filter (where not late) - 1 as change
        from cells group by all
        """
    ).fetchall()
    change = {(area, category): value for area, category, value in rows}
    assert change["1233063700", "cafe"] < -0.09
    assert change["1233062400", "pub"] < -0.12
    assert change["1233051500", "clothing"] < -0.10
    assert change["G06", "korean_food"] < -0.05
    assert change["1233061000", "western_food"] > 0.0
    elsewhere = [v for (a, c), v in change.items() if c == "cafe" and a != "1233063700" and v]
    assert np.median(elsewhere) > -0.04


PROFILE = {
    "of hidden cells": """
        select profile.area_code from card_sales_profile as profile
        join card_sales as cell using (area_code, trade_code)
        where cell.suppressed and cell.period between profile.period
            and profile.period + interval 2 months""",
    "of no cell": """
        select area_code from card_sales_profile
        anti join card_sales using (area_code, trade_code, period)""",
    "twice": """
        select area_code from card_sales_profile
        group by area_code, trade_code, period, dimension, bucket having count(*) > 1""",
    "with a wrong length": "select 1 from card_sales_profile where period_months <> 3",
    "below zero": "select 1 from card_sales_profile where sales_krw < 0 or transactions < 0",
    "not of its source": "select 1 from card_sales_profile where source_id <> 'demo-card-sales'",
}


@pytest.mark.parametrize("ask", PROFILE.values(), ids=PROFILE.keys())
def test_no_part(demo: duckdb.DuckDBPyConnection, ask: str) -> None:
    assert demo.sql(f"from ({ask}) limit 3").fetchall() == []


BUCKETS = {
    "hour_band": 6,
    "weekday": 7,
    "sex": 2,
    "age_group": 6,
    "sex_age": 12,
    "weekday_hour": 42,
}


@pytest.mark.parametrize("dimension", BUCKETS)
def test_parts_add_up(demo: duckdb.DuckDBPyConnection, dimension: str) -> None:
    rows = demo.execute(
        """
        with whole as (
            select area_code, trade_code, time_bucket(interval 3 months, period) as period,
                sum(sales_krw) as krw, sum(transactions) as visits
            from card_sales group by all
        ),

        parts as (
            select area_code, trade_code, period, count(*) as n, sum(sales_krw) as krw,
                sum(transactions) as visits
            from card_sales_profile where dimension = $dimension group by all
        )

        select parts.n, parts.krw / whole.krw as krw, parts.visits / whole.visits as visits
        from parts left join whole using (area_code, trade_code, period)
        """,
        {"dimension": dimension},
    ).fetchnumpy()
    assert set(rows["n"]) == {BUCKETS[dimension]}
    if dimension in ("sex", "age_group", "sex_age"):
        assert 0.90 < rows["krw"].min() <= rows["krw"].max() <= 1
        assert 0.95 < rows["krw"].mean() < 0.98
    else:
        assert (rows["krw"] == 1).all()
        assert (rows["visits"] == 1).all()


def test_quarters_of_parts(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        "select dimension, min(period)::varchar, max(period)::varchar, count(distinct period) "
        "from card_sales_profile group by 1 order by 1"
    ).fetchall()
    quarters = {name: (first, last, n) for name, first, last, n in rows}
    assert quarters.pop("weekday_hour") == ("2025-10-01", "2026-07-01", 4)
    assert set(quarters.values()) == {("2023-10-01", "2026-07-01", 12)}
    assert len(quarters) == 5


def shares(demo: duckdb.DuckDBPyConnection, trade: str, dimension: str) -> dict[str, float]:
    rows = demo.execute(
        """
        select bucket, sum(sales_krw) / sum(sum(sales_krw)) over () from card_sales_profile
        where trade_code = $trade and dimension = $dimension group by 1
        """,
        {"trade": trade, "dimension": dimension},
    ).fetchall()
    return dict(rows)


def test_hours_and_people_are_those_of_the_trade(demo: duckdb.DuckDBPyConnection) -> None:
    pubs, bakeries = shares(demo, "D0301", "hour_band"), shares(demo, "D0203", "hour_band")
    assert pubs["21-24"] + pubs["00-06"] > 0.6
    assert bakeries["06-11"] > 5 * pubs["06-11"]
    schools = shares(demo, "D1306", "weekday_hour")
    evenings = sum(schools[f"{day} 17-21"] for day in range(1, 6))
    assert evenings > 0.35
    clinics = shares(demo, "D0501", "weekday")
    assert clinics["7"] < 0.03 < 0.15 < clinics["1"]
    assert shares(demo, "D0401", "sex")["F"] > 0.6 > 0.3 > shares(demo, "D0303", "sex")["F"]
    assert shares(demo, "D0301", "age_group")["10-19"] < 0.02
    by_age = shares(demo, "D0501", "age_group")
    assert all(a < b for a, b in pairwise(by_age[k] for k in ("20-29", "50-59", "60+")))
