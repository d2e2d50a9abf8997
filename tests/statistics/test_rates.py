"""Intervals and shrunken rates against scipy and an independent NumPy computation."""

from __future__ import annotations

import csv
from collections.abc import Callable

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from commerce.db import Database, add_views
from commerce.poisson_limits import LAST_COUNT, TARGET
from commerce.schema import create_table_sql, tables
from tests.conftest import shop


def exact(events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(invalid="ignore"):
        lower = np.where(events > 0, chi2.ppf(0.025, 2 * events) / 2, 0.0)
    return lower, chi2.ppf(0.975, 2 * events + 2) / 2


def test_poisson_limits_are_those_of_scipy() -> None:
    with TARGET.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    events = np.array([int(row["events"]) for row in rows])
    assert events.tolist() == list(range(LAST_COUNT + 1))
    lower, upper = exact(events)
    np.testing.assert_allclose([float(row["lower"]) for row in rows], lower, rtol=1e-12)
    np.testing.assert_allclose([float(row["upper"]) for row in rows], upper, rtol=1e-12)


@pytest.fixture(scope="module")
def views() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in tables():
        connection.execute(create_table_sql(table))
    add_views(connection)
    return connection


@settings(max_examples=50, deadline=None)
@given(events=st.integers(LAST_COUNT, 10_000_000))
def test_wilson_hilferty_above_the_table(views: duckdb.DuckDBPyConnection, events: int) -> None:
    found = views.execute(
        "select wilson_hilferty_lower($n), wilson_hilferty_upper($n)", {"n": events}
    ).fetchone()
    lower, upper = exact(np.array([events]))
    # about 1e-6 of the half width of the interval
    assert found == pytest.approx((lower[0], upper[0]), abs=1e-4 * np.sqrt(events))


def areas(counts: list[tuple[int, int, int]]) -> tuple[list[dict[str, str]], list[object]]:
    """Return dongs with so many shops that stand all 2024, and that close in it on a day."""
    dongs, shops = [], []
    for number, (standing, closing, day) in enumerate(counts):
        code = f"12330{number:05}"
        dongs.append({"dong_code": code, "name_ko": code, "name_en": code})
        shops += [shop("2020-01-01", dong_code=code)] * standing
        shops += [shop("2020-01-01", f"2024-03-{day:02}", dong_code=code)] * closing
    return dongs, shops


@pytest.mark.parametrize(
    "counts",
    [
        [(40, 2, 1), (60, 30, 9), (5, 5, 2), (80, 1, 5), (3, 0, 1)],
        [(10, 1, 1), (10, 1, 1), (10, 1, 1)],  # no spread: all are the mean
        [(400, 50, 10), (10, 9, 3), (0, 0, 1)],  # one without shops
        [(7, 2, 4)],
    ],
)
def test_shrunken_rates(
    make_database: Callable[..., Database], counts: list[tuple[int, int, int]]
) -> None:
    dongs, shops = areas(counts)
    database = make_database(shops, dong=dongs)
    rows = database.run("openings/by_dong", from_month="2024-01", to_month="2024-12")
    closed = np.array([c for _, c, _ in counts], dtype=float)
    # 2024 has 366 days; a shop closed on the n-th of March was at risk 31 + 29 + n - 1 days
    years = np.array([s * 366 + c * (59 + d) for s, c, d in counts]) / 365.25
    some = years > 0
    rate = closed[some] / years[some]
    mean = closed.sum() / years.sum()
    spread = np.average((rate - mean) ** 2, weights=years[some]) - mean / years[some].mean()
    if spread > 0:  # gamma prior with mean and variance: shape mean²/spread, rate mean/spread
        shape, scale = mean**2 / spread, mean / spread
        expected = (shape + closed) / (scale + years)
    else:
        expected = np.full(len(counts), mean)
    np.testing.assert_allclose(rows["shop_years"], years, rtol=1e-12)
    np.testing.assert_allclose(rows["shrunken_rate"], expected * 100, rtol=1e-9)
    np.testing.assert_allclose(rows["mean_rate"], mean * 100, rtol=1e-12)
    lower, upper = exact(closed)
    np.testing.assert_allclose(rows["ci_low"][some], lower[some] / years[some] * 100, rtol=1e-9)
    np.testing.assert_allclose(rows["ci_high"][some], upper[some] / years[some] * 100, rtol=1e-9)


def test_the_prior_comes_from_all_dongs(make_database: Callable[..., Database]) -> None:
    dongs, shops = areas([(40, 2, 1), (60, 30, 9), (5, 5, 2)])
    database = make_database(shops, dong=dongs)
    whole = database.run("openings/by_dong", from_month="2024-01", to_month="2024-12")
    one = database.run(
        "openings/by_dong",
        from_month="2024-01",
        to_month="2024-12",
        dong_codes=[dongs[2]["dong_code"]],
    )
    assert len(one) == 1
    assert one.loc[0, "shrunken_rate"] == whole.loc[2, "shrunken_rate"]
