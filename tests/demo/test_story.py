"""The demo tells a believable story: how long shops last, and when and where they come and go."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest
from lifelines import KaplanMeierFitter

OFFICIAL = {1: 63.7, 3: 45.2, 5: 36.6, 7: 26.7}  # Gwangju 2023, firms of all trades


def lives(demo: duckdb.DuckDBPyConnection, where: str = "true") -> dict[str, Any]:
    return demo.sql(
        f"""
        select
            datediff('day', opened_on, coalesce(exit_on, observed_until)) as days,
            coalesce(exit_kind in ('closed', 'cancelled'), false) as event
        from establishment
        where exit_date_quality is distinct from 'unknown' and {where}
        """
    ).fetchnumpy()


def survival(demo: duckdb.DuckDBPyConnection, years: int, where: str = "true") -> float:
    rows = lives(demo, where)
    fitted = KaplanMeierFitter().fit(rows["days"], rows["event"])
    return 100 * float(fitted.predict(365.25 * years))


def hazard(demo: duckdb.DuckDBPyConnection, where: str, low: int, high: int) -> float:
    """Closures per year of shops that are between low and high months old."""
    rows = lives(demo, where)
    first, last = low * 30.4375, high * 30.4375
    years = np.clip(rows["days"] - first, 0, last - first).sum() / 365.25
    return float((rows["event"] & (rows["days"] >= first) & (rows["days"] < last)).sum() / years)


def count(demo: duckdb.DuckDBPyConnection, where: str) -> int:
    return int(demo.sql(f"select count(*) from establishment where {where}").fetchall()[0][0])


@pytest.mark.parametrize("years", OFFICIAL)
def test_survival_lies_above_the_official_firms(
    demo: duckdb.DuckDBPyConnection, years: int
) -> None:
    assert 5 <= survival(demo, years) - OFFICIAL[years] <= 15


FOOD = "category_id in ('korean_food', 'meat_grill', 'chicken', 'snack_food', 'cafe')"


def test_food_fails_most_in_its_second_and_third_year(demo: duckdb.DuckDBPyConnection) -> None:
    peak = hazard(demo, FOOD, 12, 36)
    assert peak > 1.2 * hazard(demo, FOOD, 0, 12)
    assert peak > 1.5 * hazard(demo, FOOD, 48, 84)


def test_trades_and_places_differ(demo: duckdb.DuckDBPyConnection) -> None:
    by_trade = [
        survival(demo, 3, f"category_id = '{trade}'")
        for trade in ("cafe", "korean_food", "hair_salon", "clinic")
    ]
    assert by_trade == sorted(by_trade)
    assert by_trade[-1] - by_trade[0] > 30
    young_street = survival(demo, 3, "dong_code = '1233062400'")
    koryoin_village = survival(demo, 3, "dong_code = '1233061000'")
    assert koryoin_village - young_street > 10


def test_the_shock_of_2020(demo: duckdb.DuckDBPyConnection) -> None:
    shops = "category_id <> 'ecommerce' and year(opened_on) = "
    assert count(demo, shops + "2020") < 0.85 * count(demo, shops + "2019")
    sellers = "category_id = 'ecommerce' and year(opened_on) = "
    assert count(demo, sellers + "2021") > 1.1 * count(demo, sellers + "2019")
    closed = "exit_kind = 'closed' and exit_date_quality <> 'bulk' and year(exit_on) = "
    assert count(demo, closed + "2020") > 1.05 * count(demo, closed + "2019")
    assert count(demo, closed + "2021") < 0.9 * count(demo, closed + "2020")
    assert count(demo, closed + "2023") > 1.1 * count(demo, closed + "2021")


def test_seasons(demo: duckdb.DuckDBPyConnection) -> None:
    opened = [
        count(demo, f"month(opened_on) = {m} and year(opened_on) < 2026") for m in range(1, 13)
    ]
    assert max(opened) == opened[2]
    closed = [
        count(
            demo,
            f"month(exit_on) = {m} and year(exit_on) < 2026 and exit_date_quality <> 'bulk'",
        )
        for m in range(1, 13)
    ]
    assert max(closed) == closed[11]


def test_the_last_month_is_not_complete(demo: duckdb.DuckDBPyConnection) -> None:
    closed = "exit_kind = 'closed' and exit_date_quality <> 'bulk' and exit_on between "
    last = count(demo, closed + "'2026-10-01' and '2026-10-31'")
    usual = count(demo, closed + "'2025-10-01' and '2025-10-31'")
    assert last < 0.75 * usual


def test_suwan_grows_once_it_is_built(demo: duckdb.DuckDBPyConnection) -> None:
    suwan = "dong_code = '1233063700' and year(opened_on) "
    assert count(demo, suwan + "< 2008") < 0.25 * count(demo, suwan + "between 2012 and 2014")
    largest = demo.sql(
        "select dong_code from establishment where exit_kind is null and dong_code is not null "
        "group by 1 order by count(*) desc limit 1"
    ).fetchall()
    assert largest == [("1233063700",)]
