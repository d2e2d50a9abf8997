"""Colours, defined once: each means one thing everywhere, in light and in dark.

All pairs are told apart by colour-blind readers, and no chart tells by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

FONT = "Uridongne Sans, Uridongne Sans Rare, sans-serif"


@dataclass(frozen=True)
class Palette:
    """The colours of one mode as hex text."""

    opened: str
    closed: str
    active: str
    sales: str
    footfall: str
    ink: str
    muted: str
    line: str
    paper: str
    absent: str
    sequential: tuple[str, ...]
    sales_steps: tuple[str, ...]
    footfall_steps: tuple[str, ...]
    diverging: tuple[str, ...]
    groups: tuple[str, ...]


LIGHT = Palette(
    opened="#0B7A75",
    closed="#C8553D",
    active="#1F2933",
    sales="#B7791F",
    footfall="#2F6DB5",
    ink="#1F2933",
    muted="#5B6770",
    line="#E3DED3",
    paper="#FBFAF7",
    absent="#DAD6CC",
    sequential=("#E4F0EE", "#C3DFDB", "#98C8C2", "#68ADA5", "#388D86", "#0F6F69", "#0A4F4B"),
    sales_steps=("#FAF0DA", "#F1DDB2", "#E3C280", "#CFA24F", "#B7791F", "#8A5A13", "#5E3C0B"),
    footfall_steps=("#E6EEF8", "#C8DAEF", "#9DBDE3", "#6A9AD0", "#2F6DB5", "#21508A", "#153760"),
    diverging=("#A8402A", "#D2745C", "#EBB4A2", "#F3EBDC", "#B5D6D0", "#5FA59D", "#0B6A65"),
    # Okabe-Ito order without yellow and black, darkened where text of the colour must be read.
    groups=("#0072B2", "#D55E00", "#008663", "#A8487D", "#8A6D00"),
)

DARK = Palette(
    opened="#43B5AC",
    closed="#E58468",
    active="#ECE8DF",
    sales="#E0AC57",
    footfall="#6FA8E8",
    ink="#ECE8DF",
    muted="#A9B1B8",
    line="#37414A",
    paper="#14191D",
    absent="#626A72",
    sequential=("#163433", "#18504D", "#1C6A65", "#2A8780", "#4BA69E", "#82C4BD", "#BFE3DF"),
    sales_steps=("#332811", "#4D3A15", "#6E521C", "#967028", "#C19340", "#E0AC57", "#F6DDAE"),
    footfall_steps=("#16283D", "#1C3B5E", "#255083", "#356CAC", "#4F8CCF", "#6FA8E8", "#BAD8F8"),
    diverging=("#F0A28A", "#CB6B50", "#84473A", "#3B3935", "#2C5F5A", "#3A948C", "#85CFC7"),
    groups=("#56B4E9", "#F0894B", "#3CC49A", "#DE8FBA", "#E6C84F"),
)


def palette(dark: bool) -> Palette:
    """Return the colours of the mode."""
    return DARK if dark else LIGHT


def rgb(colour: str, alpha: int = 255) -> list[int]:
    """Return ``#RRGGBB`` as ``[r, g, b, alpha]`` for deck.gl."""
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)] + [alpha]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2)."""
    parts = []
    for i in (1, 3, 5):
        value = int(colour[i : i + 2], 16) / 255
        parts.append(value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
