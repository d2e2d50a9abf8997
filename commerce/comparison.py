"""Whether two places differ: differences of rates with intervals, and when to say that they do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from commerce.survival import Difference


@dataclass(frozen=True)
class Rate:
    """Events per exposure, with the limits of its exact Poisson interval, all in one unit."""

    value: float
    low: float
    high: float


def rate_difference(first: Rate, second: Rate) -> Difference:
    """Return ``first`` − ``second`` of independent rates, with 95 % limits from theirs.

    Method of variance estimates recovery (Zou and Donner 2008; for Poisson rates Li, Tang
    and Wong 2014): lower d − √((r₁ − l₁)² + (u₂ − r₂)²), upper d + √((u₁ − r₁)² + (r₂ − l₂)²).
    It keeps the skew of small counts, which ± 1.96 standard errors would lose. nan where a
    rate is unknown.
    """
    value = first.value - second.value
    return Difference(
        value,
        value - math.hypot(first.value - first.low, second.high - second.value),
        value + math.hypot(first.high - first.value, second.value - second.low),
    )


def circles_overlap(
    first: tuple[float, float], second: tuple[float, float], radius_m: float
) -> bool:
    """Return whether two circles of one radius share ground, so that they may share shops.

    Args:
        first, second: longitude and latitude of the middles, WGS84.
        radius_m: of both circles.
    """
    return distance_m(first, second) < 2 * radius_m


def distance_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the great-circle distance in metres (haversine), as ``place.sql`` does."""
    (lon, lat), (other_lon, other_lat) = first, second
    up, aside = math.radians(lat - other_lat), math.radians(lon - other_lon)
    chord = (
        math.sin(up / 2) ** 2
        + math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(aside / 2) ** 2
    )
    return 12_742_017.6 * math.asin(math.sqrt(chord))
