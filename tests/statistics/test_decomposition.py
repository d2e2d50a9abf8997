"""Trend, season and holidays of sales that were put together with known parts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.seasonal import STL

from commerce.__main__ import main
from commerce.db import Database
from commerce.decomposition import PARTS, decompose, holiday_effects, reason_against
from commerce.queries import load, method
from commerce.snapshot import Snapshot
from tests.conftest import sold

TABLE = Path(__file__).parents[2] / "data" / "reference" / "holidays.csv"
SEASON = np.array([0.02, -0.03, 0.01, 0.0, 0.04, 0.01, 0.03, -0.01, -0.02, 0.02, -0.05, -0.02])
SEOL, CHUSEOK = -0.012, 0.008


def day_of(name: str, year: int) -> dt.date:
    """Return the day of Seol or Chuseok as the library ``holidays`` knows it."""
    wanted = {"seol": "Korean New Year", "chuseok": "Chuseok"}[name]
    found = holidays.country_holidays("KR", years=year, language="en_US")
    return next(day for day, label in found.items() if wanted in label.split("; "))


def days_in(name: str, first: pd.Timestamp, months: int) -> int:
    """Count the days from five before to one after the holiday, one by one."""
    on = pd.Timestamp(day_of(name, first.year))
    season = pd.date_range(on - pd.Timedelta(days=5), on + pd.Timedelta(days=1))
    return int(((season >= first) & (season < first + pd.DateOffset(months=months))).sum())


def sales(
    periods: int, start: str = "2020-01-01", months: int = 1, noise: float = 0
) -> pd.DataFrame:
    """Return log sales of a line, a season and days of holidays with a known effect."""
    when = pd.date_range(start, periods=periods, freq=f"{months}MS")
    frame = pd.DataFrame({"period": when, "period_months": months})
    for name in ("seol", "chuseok"):
        frame[f"{name}_days"] = [days_in(name, first, months) for first in when]
    frame["log_sales"] = (
        25
        + 0.003 * np.arange(periods)
        + SEASON[when.month - 1]
        + SEOL * frame["seol_days"]
        + CHUSEOK * frame["chuseok_days"]
        + np.random.default_rng(1).normal(0, noise, periods)
    )
    return frame


def test_days_of_the_holidays() -> None:
    with TABLE.open(encoding="utf-8") as file:
        rows = [(row["holiday"], row["holiday_on"]) for row in csv.DictReader(file)]
    expected = [
        (name, day_of(name, year).isoformat())
        for name in ("seol", "chuseok")
        for year in range(2005, 2041)
    ]
    assert rows == expected


@pytest.mark.parametrize(("periods", "start"), [(24, "2024"), (36, "2023"), (96, "2018")])
def test_effects_of_the_holidays_are_recovered_without_noise(periods: int, start: str) -> None:
    effects = holiday_effects(sales(periods, f"{start}-01-01"))
    assert effects["seol"] == pytest.approx(SEOL, abs=1e-9)
    assert effects["chuseok"] == pytest.approx(CHUSEOK, abs=1e-9)


def test_effects_of_the_holidays_are_recovered_with_noise() -> None:
    effects = holiday_effects(sales(96, "2018-01-01", noise=0.01))
    # the standard error is near 0.01 / sqrt(sum of squared days moved), under 0.001
    assert effects["seol"] == pytest.approx(SEOL, abs=0.003)
    assert effects["chuseok"] == pytest.approx(CHUSEOK, abs=0.003)


def test_a_trend_that_bends_does_not_become_a_holiday() -> None:
    frame = sales(96, "2018-01-01")
    frame["log_sales"] += 0.1 * np.sin(np.arange(96) / 20)
    effects = holiday_effects(frame)
    assert effects["seol"] == pytest.approx(SEOL, abs=0.001)
    assert effects["chuseok"] == pytest.approx(CHUSEOK, abs=0.001)


def test_the_rest_goes_to_stl() -> None:
    frame = sales(72, noise=0.01)
    effects = holiday_effects(frame)
    holiday = effects["seol"] * frame["seol_days"] + effects["chuseok"] * frame["chuseok_days"]
    fit = STL((frame["log_sales"] - holiday).to_numpy(), period=12, robust=True).fit()
    result = decompose(frame)
    assert result["reason"].isna().all()
    np.testing.assert_allclose(result["holiday"], holiday, atol=1e-12)
    np.testing.assert_allclose(result["trend"], fit.trend, atol=1e-12)
    np.testing.assert_allclose(result["season"], fit.seasonal, atol=1e-12)


def test_parts_add_up_and_are_the_parts_put_in() -> None:
    frame = sales(72)
    result = decompose(frame)
    np.testing.assert_allclose(result[list(PARTS)].sum(axis=1), frame["log_sales"], atol=1e-12)
    season = SEASON[frame["period"].dt.month - 1] - SEASON.mean()
    np.testing.assert_allclose(result["season"], season, atol=1e-3)
    np.testing.assert_allclose(
        result["trend"], 25 + SEASON.mean() + 0.003 * np.arange(72), atol=1e-3
    )
    assert result["holiday"][frame["seol_days"] + frame["chuseok_days"] == 0].eq(0).all()
    assert "trend" not in frame


def test_without_taking_the_holidays_out_the_season_would_be_wrong() -> None:
    frame = sales(72)
    plain = STL(frame["log_sales"].to_numpy(), period=12, robust=True).fit()
    season = SEASON[frame["period"].dt.month - 1] - SEASON.mean()
    assert np.abs(plain.seasonal - season).max() > 0.03


def test_a_holiday_that_never_moves_stays_in_the_season() -> None:
    # all of Seol's days lie in the first quarter of every year
    frame = sales(32, months=3)
    assert frame["seol_days"].tolist() == [7, 0, 0, 0] * 8
    assert np.isnan(holiday_effects(frame)["seol"])
    assert holiday_effects(frame)["chuseok"] == pytest.approx(CHUSEOK, abs=1e-9)
    result = decompose(frame)
    np.testing.assert_allclose(result[list(PARTS)].sum(axis=1), frame["log_sales"], atol=1e-12)
    assert result["holiday"][frame["chuseok_days"] == 0].eq(0).all()


def test_a_holiday_that_hardly_moved_stays_in_the_season() -> None:
    # from 2019 to 2024 Chuseok's seven days lay in September, but for two of them in 2020
    frame = sales(72, "2019-01-01")
    assert frame.loc[frame["period"].dt.month == 10, "chuseok_days"].tolist() == [0, 2, 0, 0, 0, 0]
    assert np.isnan(holiday_effects(frame)["chuseok"])
    assert holiday_effects(frame)["seol"] == pytest.approx(SEOL, abs=1e-3)


def test_fewer_than_24_periods_have_no_decomposition() -> None:
    assert reason_against(sales(24)) is None
    result = decompose(sales(23))
    assert set(result["reason"]) == {"too_few_periods"}
    assert result[list(PARTS)].isna().all(axis=None)
    assert reason_against(sales(30).iloc[:0]) == "too_few_periods"


@pytest.mark.parametrize("hole", ["unknown", "missing"])
def test_a_gap_is_said_and_never_filled(hole: str) -> None:
    frame = sales(40)
    if hole == "unknown":
        frame.loc[20, "log_sales"] = np.nan
    else:
        frame = frame.drop(index=20).reset_index(drop=True)
    result = decompose(frame)
    assert set(result["reason"]) == {"gap"}
    assert result[list(PARTS)].isna().all(axis=None)


def test_unknown_periods_at_the_ends_are_no_gap() -> None:
    frame = sales(40)
    frame.loc[[0, 1, 39], "log_sales"] = np.nan
    result = decompose(frame)
    assert result["reason"].isna().all()
    assert result["trend"].isna().tolist() == [True, True, *[False] * 37, True]


def test_periods_beyond_the_table_of_holidays_have_no_decomposition() -> None:
    frame = sales(30)
    frame.loc[29, "seol_days"] = np.nan
    assert reason_against(frame) == "no_holidays"


@pytest.fixture
def made(make_snapshot: Callable[..., Snapshot]) -> Snapshot:
    months = pd.date_range("2019-01-01", "2020-12-01", freq="MS").strftime("%Y-%m")
    return make_snapshot(card_sales=[sold(month, 10**8 + i) for i, month in enumerate(months)])


def test_the_query_counts_the_days_of_both_seasons(made: Snapshot) -> None:
    rows = Database(made).run("sales/decomposition")
    rows = rows.set_index(rows["period"].dt.strftime("%Y-%m"))
    # Seol of 2019 was on 5 February: 31 January to 6 February
    assert rows.loc[["2019-01", "2019-02", "2019-03"], "seol_days"].tolist() == [1, 6, 0]
    # Chuseok of 2020 was on 1 October: 26 September to 2 October
    assert rows.loc[["2020-09", "2020-10"], "chuseok_days"].tolist() == [5, 2]
    assert rows["seol_days"].sum() == rows["chuseok_days"].sum() == 14
    assert rows.loc["2019-01", "log_sales"] == pytest.approx(np.log(1e8))
    assert set(rows["n_periods"]) == {24}


def test_the_query_names_its_method(made: Snapshot) -> None:
    query = load("sales/decomposition")
    assert query.method == "commerce.decomposition:decompose"
    assert method(query) is decompose
    assert method(load("sales/monthly")) is None


def test_the_command_applies_the_method(
    made: Snapshot, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["query", "sales/decomposition", "--data", str(made.path), "--format", "csv"]) == 0
    rows = pd.read_csv(io.BytesIO(capsysbinary.readouterr().out))
    assert rows["reason"].isna().all()
    parts = rows[list(PARTS)].sum(axis=1)
    np.testing.assert_allclose(parts, rows["log_sales"], atol=1e-9)
