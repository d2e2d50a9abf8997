"""Where a name fits into a place on a map: a letter outside stands on another colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Ring = Sequence[Sequence[float]]
#: Height of a name, in pixels.
LABEL_SIZE = 12
#: How far up and down a name may move, in its own heights.
_MOVES = (0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5)


def place(
    name: str, rings: Sequence[Ring], area: float, at: tuple[float, float], pixels: float
) -> list[float] | None:
    """Return longitude and latitude where a name fits into a place, or None.

    Args:
        name: to write.
        rings, at: as for :func:`spot`.
        area: of the place, in square degrees of latitude.
        pixels: of a degree of longitude.
    """
    wide = LABEL_SIZE * _width(name)
    if area * pixels**2 < wide * LABEL_SIZE:
        return None
    high = LABEL_SIZE * math.cos(math.radians(at[1])) / pixels
    found = spot(rings, at, wide / pixels, high)
    return [round(degrees, 5) for degrees in found] if found else None


def _width(name: str) -> float:
    """Return the width of a name in letters as wide as they are high."""
    return sum(1.0 if letter > "\u1100" else 0.6 for letter in name)


def spot(
    rings: Sequence[Ring], at: tuple[float, float], wide: float, high: float
) -> tuple[float, float] | None:
    """Return the middle of the room for a name in a place, near a point; None without any.

    Args:
        rings: of the place, in degrees; holes are rings, too.
        at: longitude and latitude where the name stands best.
        wide, high: of the name, in degrees.
    """
    for move in _MOVES:
        lat = at[1] + move * high
        low, up = -float("inf"), float("inf")
        for level in (lat - high / 2, lat, lat + high / 2):
            room = _room(rings, at[0], level)
            if room is None:
                break
            low, up = max(low, room[0]), min(up, room[1])
        else:
            if up - low >= wide:
                return min(max(at[0], low + wide / 2), up - wide / 2), lat
    return None


def _room(rings: Sequence[Ring], lon: float, lat: float) -> tuple[float, float] | None:
    """Return from where to where a place reaches along a latitude, around or next to ``lon``."""
    crossed = sorted(
        a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for ring in rings
        for a, b in pairwise(ring)
        if (a[1] > lat) != (b[1] > lat)
    )
    spans = list(zip(crossed[::2], crossed[1::2], strict=True))
    return min(spans, key=lambda s: max(s[0] - lon, lon - s[1], 0.0), default=None)
