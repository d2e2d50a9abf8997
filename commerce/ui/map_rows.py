"""What a map sends for each place: its outline and its tooltip, in as few bytes as they take."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

#: What a tooltip's words leave open: ``{name}``.
_FIELD = re.compile(r"\{(\w+)\}")
# Streamlit leaves a field that an object lacks as it stands, which is no display at all: places
# send nothing for the usual words, and those with a text of their own hide them.
_TOOLTIP = (
    '<span style="display:{w}">WORDS</span>'
    '<span style="display:none;display:{o}">{name}<br>{why}</span>'
)


@lru_cache(maxsize=4096)
def polygons_of(boundary: str) -> tuple[str, ...]:
    """Return each polygon of an outline (GeoJSON text) as JSON text, as deck.gl takes it.

    One ring is one flat list of longitudes and latitudes, a polygon with holes a list of
    rings. The last point, which repeats the first, is left out: deck.gl closes rings.
    """
    geometry = json.loads(boundary)
    found = geometry["coordinates"]
    polygons = [found] if geometry["type"] == "Polygon" else found
    written: list[Any] = [
        [degrees for point in rings[0][:-1] for degrees in point]
        if len(rings) == 1
        else [ring[:-1] for ring in rings]
        for rings in polygons
        if rings
    ]
    return tuple(json.dumps(polygon, separators=(",", ":")) for polygon in written)


def tooltip(words: str) -> dict[str, str]:
    """Return the tooltip of a map whose places say ``words``, or their name and why not.

    Args:
        words: plain text with fields, such as ``{name}  {a} people``; empty where every place
            says its own ``tip``.
    """
    if not words:
        return {"text": "{tip}"}
    parts = _FIELD.split(words)
    # Every second part is the name of a field. Other braces are letters, and so is HTML.
    said = "".join(f"{{{part}}}" if at % 2 else _literally(part) for at, part in enumerate(parts))
    return {"html": _TOOLTIP.replace("WORDS", said)}


def _literally(text: str) -> str:
    escaped = escape(text).replace("{", "&#123;").replace("}", "&#125;")
    return escaped.replace("\n", "<br>")


def full(words: str, name: str, said: Mapping[str, str] | str) -> str:
    """Return the whole tooltip of a place as plain text.

    Args:
        words: of the map, as for :func:`tooltip`.
        said: values of the fields, or why there are none.
    """
    if isinstance(said, str):
        return f"{name}\n{said}"
    return _FIELD.sub(lambda field: ({"name": name} | dict(said)).get(field[1], field[0]), words)


def sent(said: Mapping[str, str] | str) -> dict[str, str]:
    """Return what a place sends beside its name for the tooltip of :func:`tooltip`.

    Args:
        said: as for :func:`full`.
    """
    return {"why": said, "w": "none", "o": "inline"} if isinstance(said, str) else dict(said)
