"""Small multiples and bars in a table: many small drawings in one element, in plain HTML.

They take the width there is, on a phone as on a desk, and weigh a fraction of charts.
All text is escaped here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from commerce.ui.line_breaks import in_text

# In units of a drawing that is stretched to the room there is.
_ACROSS, _DOWN = 480, 176
#: A dot keeps so far from the edge.
_DOT = 12
#: A unit in a heading that is short enough to stay whole in a narrow column.
_SHORT_UNIT = re.compile(r"\([^()]{1,6}\)")


@dataclass(frozen=True)
class Panel:
    """One small drawing: its name, its values by period (None: a gap), what stands under it."""

    name: str
    values: tuple[float | None, ...]
    note: str
    absent: str = ""


def panels(
    drawn: Sequence[Panel],
    colour: str,
    axis: str,
    faint: str,
    reference: Sequence[float | None] = (),
) -> str:
    """Return HTML of panels on one axis from zero to the largest value of all.

    Args:
        drawn: the panels; one with ``absent`` is hatched and says it instead of a line.
        colour: of the lines.
        axis: colour of the line at zero.
        faint: colour of the reference.
        reference: values drawn faintly behind each, such as those of the whole district.
    """
    known = [v for panel in drawn for v in (*panel.values, *reference) if v is not None]
    top = max(known, default=1.0) or 1.0
    behind = _lines(reference, top, faint, 3.5, every=3)
    cells = []
    for panel in drawn:
        if panel.absent:
            picture = f'<div class="hatched">{escape(panel.absent)}</div>'
        else:
            drawing = (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_ACROSS} {_DOWN}" '
                f'preserveAspectRatio="none" fill="none">'
                f'<path d="M0 {_DOWN - 3}H{_ACROSS}" stroke="{axis}" '
                'vector-effect="non-scaling-stroke"/>'
                f"{behind}{_lines(panel.values, top, colour, 1.8)}"
                "</svg>"
            )
            # As an image: Streamlit takes drawings out of HTML.
            source = base64.b64encode(drawing.encode()).decode()
            picture = f'<img alt="" src="data:image/svg+xml;base64,{source}">'
        cells.append(
            f"<figure><figcaption>{escape(panel.name)}</figcaption>{picture}"
            f"<small>{escape(panel.note)}</small></figure>"
        )
    return f'<div class="panels">{"".join(cells)}</div>'


def _lines(
    values: Sequence[float | None], top: float, colour: str, width: float, every: int = 1
) -> str:
    """Return a line through the values, broken where one is not known.

    Whole, relative steps: a page holds thousands of them. ``every`` draws each so many.
    """
    path: list[str] = []
    dots: list[str] = []
    last: tuple[int, int] | None = None
    for i, value in enumerate(values):
        if i % every:
            continue
        if value is None:
            last = None
            continue
        at = (round(i * _ACROSS / max(len(values) - 1, 1)), round((_DOWN - 6) * (1 - value / top)))
        path.append(
            f"M{at[0]} {at[1] + 3}" if last is None else _step(at[0] - last[0], at[1] - last[1])
        )
        if last is None and values[i + every : i + every + 1] in ((), [], (None,), [None]):
            path.pop()
            across = min(max(at[0], _DOT), _ACROSS - _DOT)
            dots.append(f"M{across} {at[1] + 3}h.1")  # round ends without a length
        last = at
    return "".join(
        f'<path d="{"".join(drawn)}" stroke="{colour}" stroke-width="{wide}" '
        'stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
        for drawn, wide in ((path, width), (dots, 3 * width))
        if drawn
    )


def _step(across: int, down: int) -> str:
    return f"l{across}{down}" if down < 0 else f"l{across} {down}"


@dataclass(frozen=True)
class Bar:
    """One bar in a table: its share of the longest (None: nothing is known), and its text."""

    share: float | None
    text: str


def bars(head: Sequence[str], rows: Sequence[tuple[str, Sequence[Bar]]], colours: list[str]) -> str:
    """Return an HTML table with a bar in each cell, one colour per column.

    Args:
        head: headings; the first is of the names.
        rows: name and bars. A bar without a share is hatched, with its text.
        colours: of the columns of bars.
    """
    top = "".join(f"<th scope='col'>{_whole(in_text(escape(cell)))}</th>" for cell in head)
    body = []
    for name, cells in rows:
        drawn = [_bar(bar, colour) for bar, colour in zip(cells, colours, strict=True)]
        body.append(f"<tr><th scope='row'>{in_text(escape(name))}</th>{''.join(drawn)}</tr>")
    return (
        f'<table class="bars"><thead><tr>{top}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def _whole(heading: str) -> str:
    """Return a heading whose unit, where it is short, is not broken: ``유동인구 (명/일)``."""
    return _SHORT_UNIT.sub(r'<span class="whole">\g<0></span>', heading)


def _bar(bar: Bar, colour: str) -> str:
    if bar.share is None:
        return f'<td><span class="hatched">{escape(bar.text)}</span></td>'
    share = f"{max(bar.share, 0):.3f}"
    return (
        f'<td><span class="bar" style="background:{colour};--share:{share}"></span>'
        f"<span>{escape(bar.text)}</span></td>"
    )


def draw(html: str) -> None:
    """Draw what :func:`panels` or :func:`bars` made."""
    st.html(html)
