"""What goes under a map: its legend."""

from __future__ import annotations

from html import escape

from commerce.ui.scales import Scale
from commerce.ui.theme import Palette


def legend(scale: Scale, palette: Palette, title: str, absent: str | None) -> str:
    """Return HTML: the colours from low to high with their ends, and grey with its word."""
    half = len(scale.colours) // 2
    steps = [f'<i style="background:{colour}"></i>' for colour in scale.colours]
    middle = scale.middle()
    if middle is not None:
        steps[half] = steps[half].replace("></i>", f"><b>{escape(scale.text(middle))}</b></i>")
    ramp = "".join(steps)
    grey = (
        f'<span class="swatch" style="background:{palette.absent}"></span>{escape(absent)}'
        if absent
        else ""
    )
    if scale.text(scale.low) == scale.text(scale.high) and not scale.empty:
        same = f'<span class="swatch" style="background:{scale.colour(scale.low)}"></span>'
        return (
            f'<div class="legend-title">{escape(title)}</div><div class="legend">{same}'
            f"<span>{escape(scale.text(scale.low))}</span>{grey}</div>"
        )
    if scale.empty:
        return f'<div class="legend-title">{escape(title)}</div><div class="legend">{grey}</div>'
    return (
        f'<div class="legend-title">{escape(title)}</div><div class="legend">'
        f"<span>{escape(scale.text(scale.low))}</span><span class='ramp'>{ramp}</span>"
        f"<span>{escape(scale.text(scale.high))}</span>{grey}</div>"
    )
