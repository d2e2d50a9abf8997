"""Where the names of lines stand in a chart: near their lines, and across none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# A letter's width as a share of a chart of common width, and half a line of text with a rim
# as a share of its height.
_WIDE, _NARROW = 0.0155, 0.0095
_HALF = 0.024
# Points are rounded for the browser: a hair less than that is still clear.
_CLEAR = 0.98
_STEPS = 60


@dataclass(frozen=True)
class Name:
    """A name to place: its text, the point it belongs to, and where its text begins from there.

    ``align`` is ``right`` (the text ends at the point) or ``center``.
    """

    text: str
    x: float
    y: float
    align: str = "right"


def width(text: str) -> float:
    """Return the width of a text as a share of the chart's: Korean letters are wider."""
    return sum(_WIDE if ord(letter) > 0x1100 else _NARROW for letter in text)


def heights(
    names: Sequence[Name],
    lines: Sequence[Sequence[tuple[float, float]]],
    extent: tuple[float, float],
    axis: tuple[float, float],
) -> list[float]:
    """Return the height of each name: the nearest to its point that crosses no line or name.

    Where nothing is free, a name stays above its point, as far from the others as it must.

    Args:
        names: in the order in which they choose.
        lines: points of each line in order of x, drawn as steps that hold until the next.
        extent: length of the axes of x and y, in their units.
        axis: lowest and highest height at which a name may stand.
    """
    half = _HALF * extent[1]
    placed: list[tuple[float, float, float]] = []
    for name in names:
        wide = width(name.text) * extent[0]
        left = name.x - wide * (1 if name.align == "right" else 0.5)
        # Names keep a whole line of text between them, names and lines half of one.
        taken = [
            (low - half, high + half)
            for line in lines
            for low, high in _spans(line, left, left + wide)
        ]
        taken += [
            (y - 2 * half, y + 2 * half)
            for start, end, y in placed
            if start < left + wide and left < end
        ]
        placed.append((left, left + wide, _free(name.y, taken, half, axis)))
    return [y for _, _, y in placed]


def _free(
    wanted: float, taken: list[tuple[float, float]], half: float, axis: tuple[float, float]
) -> float:
    spare = (1 - _CLEAR) * half
    for step in range(_STEPS):
        for side in (1, -1):
            y = wanted + side * (half + step * half / 4)
            inside = axis[0] + half <= y <= axis[1]
            if inside and all(y <= low + spare or y >= high - spare for low, high in taken):
                return y
    return min(max(wanted + half, axis[0] + half), axis[1])


def _spans(
    line: Sequence[tuple[float, float]], left: float, right: float
) -> list[tuple[float, float]]:
    """Return from where to where each step of a line reaches within ``left`` to ``right``."""
    found = []
    for (x, y), (next_x, next_y) in pairwise(line):
        if next_x >= left and x <= right:
            falls = next_y if next_x <= right else y
            found.append((min(y, falls), max(y, falls)))
    return found
