"""A sparkline: a figure's past without axes, its first and last period named."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence

import streamlit as st

from commerce.i18n import month, t


def sparkline(
    months: Sequence[dt.date],
    values: Sequence[float],
    colour: str,
    zero: bool = False,
    key: str = "",
) -> None:
    """Draw a figure's past; fewer than three values are not drawn.

    Args:
        months: of the values.
        values: none unknown.
        zero: whether a line at zero matters.
        key: catalogue key that says what the first month is of.
    """
    if len(values) < 3:
        return
    low, high = min([*values, 0.0] if zero else values), max([*values, 0.0] if zero else values)
    reach = (high - low) or 1.0
    across, down = 150 / (len(values) - 1), 30 / reach
    points = " ".join(
        f"{i * across:.1f},{32 - (value - low) * down:.1f}" for i, value in enumerate(values)
    )
    level = 32 - (0 - low) * down
    axis = f'<path d="M0 {level:.1f}H150" stroke="#8A8F94" stroke-width=".6"/>' if zero else ""
    first, last = month(months[0]), month(months[-1])
    first = t(key, first=first) if key else first
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 34" preserveAspectRatio="none">'
        f'{axis}<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6" '
        'vector-effect="non-scaling-stroke"/></svg>'
    )
    # As an image: Streamlit takes drawings out of HTML.
    source = base64.b64encode(drawing.encode()).decode()
    st.html(
        f'<div class="sparkline"><img alt="" src="data:image/svg+xml;base64,{source}">'
        f"<span>{first}</span><span>{last}</span></div>"
    )
