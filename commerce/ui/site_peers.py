"""The site report on shops like yours: what became of the last openings around the point."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import distance, number, t
from commerce.ui import site_charts, site_shape
from commerce.ui.figures import ask, draw_chart, figure, halves
from commerce.ui.frame import colours
from commerce.ui.shape import DRAWN
from commerce.ui.site_spot import Spot
from commerce.ui.site_summary import spot_class


def draw(spot: Spot) -> None:
    """Draw the reference class, and beside it the openings too young to belong to it."""
    left, right = halves()
    with left:
        radius = reference(spot)
    with right:
        recent(spot, radius)


def reference(spot: Spot) -> int:
    """Draw the last openings that had three years; return the radius that held them, in m."""
    found = ask("site/reference_class", **spot_class(spot))
    rows = found.rows
    radius = int(rows["radius_m"].iloc[0]) if len(rows) else 500
    kept = int((rows["outcome"] == "reached").sum())
    words = {"n": number(len(rows)), "kept": number(kept), "radius": distance(radius)}
    title = t("site.peers.none")
    if len(rows):
        title = t(titled(rows), **words)
    with figure(
        "site-peers",
        title,
        found,
        note=noted(rows, radius, spot),
        definition="definition.reference_class",
        shown=site_shape.peers_table(rows),
    ):
        if len(rows):
            _bars(rows, "chart_site_peers", t("site.peers.alt"))
    return radius


def titled(rows: pd.DataFrame) -> str:
    """Return the catalogue key of the title over ``site/reference_class``, which has rows."""
    if len(rows) < DRAWN:
        return "site.peers.few"
    return "site.peers.title" if rows["found"].iloc[0] > len(rows) else "site.peers.title.all"


def recent(spot: Spot, radius: int) -> None:
    """Draw the openings of the last three years around the point."""
    found = ask("site/recent", **spot.circle() | {"radius_m": radius})
    rows = found.rows
    first = rows.iloc[0] if len(rows) else None
    title = (
        t("site.recent.none", radius=distance(radius))
        if first is None
        else t(
            "site.recent.title",
            n=number(first["total_rows"]),
            closed=number(first["closed"]),
            standing=number(first["standing"]),
        )
    )
    with figure(
        "site-recent",
        title,
        found,
        note=t("site.recent.note", radius=distance(radius)),
        definition="definition.reference_class",
        shown=site_shape.peers_table(rows),
    ):
        if len(rows):
            _bars(rows.head(20), "chart_site_recent", t("site.recent.alt"))
            if len(rows) > 20:
                st.caption(t("site.recent.more", n=number(20), total=number(rows["total_rows"][0])))


def _bars(rows: pd.DataFrame, key: str, alt: str) -> None:
    bars = site_shape.peers(rows)
    draw_chart(bars, site_charts.lives(colours(), len(bars), False), key=key, alt=alt)


def noted(rows: pd.DataFrame, radius: int, spot: Spot) -> str:
    """Return the note under that title: which openings, how far the circle grew."""
    if rows.empty:
        return t("site.peers.note.none")
    found, n = int(rows["found"].iloc[0]), len(rows)
    of = t("site.peers.of.all", n=number(n))
    if found > n:
        of = t("site.peers.of", n=number(n), found=number(found))
    grown = "site.peers.note.grown" if radius > 500 else "site.peers.note"
    return t(
        grown,
        what=spot.what,
        radius=distance(radius),
        of=of,
    )
