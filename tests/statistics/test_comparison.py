"""Differences of rates: coverage by simulation, a sum by hand, and the circles."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod
from scipy.stats import chi2

from commerce.comparison import Rate, circles_overlap, distance_m, rate_difference


def garwood(events: int, exposure: float) -> Rate:
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return Rate(events / exposure, low / exposure, chi2.ppf(0.975, 2 * events + 2) / 2 / exposure)


def test_limits_are_those_of_the_formula() -> None:
    found = rate_difference(Rate(10, 6, 16), Rate(4, 1, 10))
    assert found.value == 6
    # 6 - sqrt(4^2 + 6^2), 6 + sqrt(6^2 + 3^2)
    assert found.low == pytest.approx(6 - 52**0.5)
    assert found.high == pytest.approx(6 + 45**0.5)


@pytest.mark.parametrize(("rates", "years"), [((0.1, 0.1), (40, 40)), ((0.25, 0.08), (30, 300))])
def test_the_interval_covers_the_true_difference(
    rates: tuple[float, float], years: tuple[float, float]
) -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for a, b in zip(
        rng.poisson(rates[0] * years[0], 2000), rng.poisson(rates[1] * years[1], 2000), strict=True
    ):
        found = rate_difference(garwood(a, years[0]), garwood(b, years[1]))
        covered += found.low <= rates[0] - rates[1] <= found.high
    # exact limits are wide for small counts: at least 95 %, less three standard errors
    assert covered / 2000 > 0.95 - 3 * (0.95 * 0.05 / 2000) ** 0.5


def test_distance_agrees_with_the_ellipsoid() -> None:
    places = ((126.82, 35.19), (126.85, 35.14))
    *_, metres = Geod(ellps="WGS84").inv(*places[0], *places[1])
    # a sphere is within half a per cent of the ellipsoid
    assert distance_m(*places) == pytest.approx(metres, rel=0.005)
    assert circles_overlap(*places, radius_m=metres / 2 * 1.01)
    assert not circles_overlap(*places, radius_m=metres / 2 * 0.99)
