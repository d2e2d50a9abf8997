"""Text in charts that has to be read whatever it says and wherever it stands."""

from __future__ import annotations

from typing import Any

import altair as alt

from commerce.ui.theme import Palette

#: Where a name on an axis ends, in pixels: the longest of a trade fits in two lines.
NAME_WIDTH = 165


def names_axis(palette: Palette, letters: int = 22, **more: Any) -> dict[str, Any]:
    """Return an axis of names: those of more than ``letters`` are broken into two lines.

    Args:
        palette: of the mode.
        letters: how many stand on one line.
        more: other properties of a Vega-Lite axis.
    """
    # At the first space behind the middle; a name without one stays whole.
    half = letters // 2 + 1
    rest = f"indexof(slice(datum.label, {half}), ' ')"
    broken = f"length(datum.label) > {letters} && {rest} >= 0"
    at = f"{half} + {rest}"
    axis = {
        "labelColor": palette.ink,
        "labelFontSize": 12.5,
        "labelLineHeight": 11,
        "labelLimit": NAME_WIDTH,
        "labelExpr": f"{broken} ? [slice(datum.label, 0, {at}), slice(datum.label, {at} + 1)] "
        ": datum.label",
        # Two lines stand about the row's middle, as one does. Altair knows no offset that differs
        # from label to label, Vega-Lite does.
        "encoding": {
            "labels": {
                "dy": {"value": {"signal": f"{broken} ? -5.5 : 0"}},
                "fontSize": {"value": {"signal": f"{broken} ? 11 : 12.5"}},
            }
        },
    }
    return axis | more


def text_on(scale: str, value: str) -> Any:
    """Return the colour of text on a field: black or white, whichever is told apart better.

    One of the two has a contrast of 4.5 on any colour; with our ink for black neither may.

    Args:
        scale: name of the field's scale of colours.
        value: expression of what the field's colour stands for.
    """
    dark, pale = "#000000", "#FFFFFF"
    field = f"scale('{scale}', {value})"
    return alt.condition(
        f"contrast('{dark}', {field}) >= contrast('{pale}', {field})",
        alt.value(dark),
        alt.value(pale),
    )
