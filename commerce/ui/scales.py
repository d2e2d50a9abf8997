"""Scales: from a figure to a colour, in equal steps or equal ratios, around a middle or not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from commerce.i18n import briefly, money, number
from commerce.ui.theme import Palette


@dataclass(frozen=True)
class Scale:
    """Colours for values from ``low`` to ``high``, in equal steps or in equal ratios.

    ``ratio`` is for counts that differ by orders of magnitude; the legend then also
    writes the middle. ``digits`` and ``unit`` say how its ends are written, ``krw`` that
    they are money, ``brief`` that large ones are written briefly; ``empty`` that no value
    is known, so that there is nothing to explain.
    """

    low: float
    high: float
    colours: tuple[str, ...]
    digits: int = 0
    unit: str = ""
    ratio: bool = False
    empty: bool = False
    krw: bool = False
    brief: bool = False

    def colour(self, value: float) -> str:
        """Return the colour of a value; values outside take the end colours."""
        if round(self.high, self.digits) <= round(self.low, self.digits):
            # All alike as far as the legend tells: no colour of either side.
            return self.colours[len(self.colours) // 2]
        share = (value - self.low) / (self.high - self.low)
        if self.ratio:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        step = share * len(self.colours)
        return self.colours[min(max(int(step), 0), len(self.colours) - 1)]

    def middle(self) -> float | None:
        """Return the value in the middle of the colours, where it is not plain to see."""
        return math.sqrt(self.low * self.high) if self.ratio else None

    def text(self, value: float) -> str:
        """Return a value as the legend writes it."""
        if self.krw:
            return money(value)
        written = briefly(value) if self.brief else number(value, self.digits)
        return f"{written}{self.unit}"


def sequential(
    values: pd.Series,
    palette: Palette,
    digits: int = 0,
    unit: str = "",
    faintest: int = 0,
    steps: tuple[str, ...] = (),
    krw: bool = False,
) -> Scale:
    """Return a scale from the smallest to the largest count, by ratio where they span many.

    ``faintest`` leaves out that many of the faintest colours, for areas of a few pixels.
    ``steps`` are other colours than the palette's sequential ones; ``krw`` writes money.
    """
    known = values.dropna()
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    colours = (steps or palette.sequential)[faintest:]
    ratio = 0 < 8 * low < high
    return Scale(low, high, colours, digits, unit, ratio, empty=not len(known), krw=krw)


def diverging(
    values: pd.Series,
    centre: float,
    palette: Palette,
    digits: int = 0,
    unit: str = "",
    more_is_worse: bool = False,
) -> Scale:
    """Return a scale around ``centre``: vermilion on its worse side, teal on its better."""
    known = values.dropna()
    reach = float((known - centre).abs().max()) if len(known) else 0.0
    colours = palette.diverging[::-1] if more_is_worse else palette.diverging
    return Scale(centre - reach, centre + reach, colours, digits, unit, empty=not len(known))
