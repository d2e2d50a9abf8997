"""The figures of the site report as data for its files: the same rows and charts as the page."""

from __future__ import annotations

import re
from typing import Any

from commerce.i18n import distance, number, t
from commerce.report import Asked, Chart, Figure, Map, Table
from commerce.report.model import runs, text_of
from commerce.ui import (
    filters,
    query_words,
    site_charts,
    site_history,
    site_peers,
    site_shape,
    site_survival,
    survival_charts,
    survival_shape,
)
from commerce.ui.figures import Answer, ask
from commerce.ui.site_spot import Spot
from commerce.ui.site_summary import spot_class
from commerce.ui.theme import LIGHT

_ESCAPED = re.compile(r"\\([\\*_~`$:#\[\]<>|])")
#: Bars drawn of openings too young for the reference class.
_RECENT = 20


def plain(html: str) -> str:
    """Return a message (HTML of our catalogue, or a caption in Markdown) as plain text."""
    return _ESCAPED.sub(r"\1", text_of(runs(html)).replace("**", ""))


def asked(answer: Answer) -> Asked:
    """Return an answer as the report keeps it."""
    return Asked(answer.query.name, query_words.title(answer.query), answer.params, answer.rows)


def table(head: list[str], rows: list[list[str]]) -> Table:
    """Return a small table of the page, whose cells are HTML, as text."""
    return Table(
        tuple(plain(cell) for cell in head), tuple(tuple(plain(c) for c in row) for row in rows)
    )


def history(spot: Spot) -> Figure:
    """Return every permit of the site and its building over time."""
    found = ask("site/history", site_id=spot.place.site_id)
    rows = found.rows
    bars = site_shape.lives(rows, not rows["is_same_unit"].any())
    spec = site_charts.lives(LIGHT, len(bars), True)
    return Figure(
        "site-history",
        site_history.title(rows),
        asked(found),
        note=plain(site_history.note(rows, len(bars))),
        definition="definition.site_history",
        drawings=(Chart(spec, bars, t("site.history.alt")),) if len(bars) else (),
        captions=tuple(site_history.captions(rows)),
    )


def refill(spot: Spot) -> Figure:
    """Return how soon a spot of the dong is taken again."""
    found = ask("site/refill", dong_codes=spot.dongs())
    rows = found.rows
    spots = int(rows["n"].max()) if len(rows) else 0
    few = site_history.refill_few(spots)
    return Figure(
        "site-refill",
        site_history.refill_title(rows, spot),
        asked(found),
        note=plain(t("site.refill.note", n=number(spots))),
        definition="definition.refill",
        table=None if few else table(*site_shape.refill(rows)),
        captions=(few,) if few else (),
    )


def peers(spot: Spot) -> Figure:
    """Return what became of the last openings around the point."""
    found = ask("site/reference_class", **spot_class(spot))
    rows = found.rows
    if rows.empty:
        return Figure("site-peers", t("site.peers.none"), asked(found))
    radius = int(rows["radius_m"].iloc[0])
    kept = int((rows["outcome"] == "reached").sum())
    bars = site_shape.peers(rows)
    words = {
        "radius": distance(radius),
        "n": number(len(rows)),
    }
    return Figure(
        "site-peers",
        t(site_peers.titled(rows), kept=number(kept), **words),
        asked(found),
        note=plain(site_peers.noted(rows, radius, spot)),
        definition="definition.reference_class",
        drawings=(Chart(site_charts.lives(LIGHT, len(bars), False), bars, t("site.peers.alt")),),
    )


def recent(spot: Spot) -> Figure:
    """Return the openings of the last three years around the point."""
    older = ask("site/reference_class", **spot_class(spot)).rows
    radius = int(older["radius_m"].iloc[0]) if len(older) else 500
    found = ask("site/recent", **spot.circle() | {"radius_m": radius})
    rows = found.rows
    if rows.empty:
        return Figure("site-recent", t("site.recent.none", radius=distance(radius)), asked(found))
    first = rows.iloc[0]
    bars = site_shape.peers(rows.head(_RECENT))
    title = t(
        "site.recent.title",
        n=number(first["total_rows"]),
        closed=number(first["closed"]),
        standing=number(first["standing"]),
    )
    more = t("site.recent.more", n=number(_RECENT), total=number(first["total_rows"]))
    return Figure(
        "site-recent",
        title,
        asked(found),
        note=plain(t("site.recent.note", radius=distance(radius))),
        definition="definition.reference_class",
        drawings=(Chart(site_charts.lives(LIGHT, len(bars), False), bars, t("site.recent.alt")),),
        captions=(more,) if len(rows) > _RECENT else (),
    )


def survival(spot: Spot) -> Figure:
    """Return the survival curves of circle, dong and district with their numbers at risk."""
    found = ask("site/survival", **spot.circle(), every_days=30)
    names = site_survival.groups(spot)
    rows = found.rows[found.rows["group_key"].isin(names)]
    lines = survival_shape.curves(rows, None, site_survival.YEARS, names)
    lasted = {
        key: ask("site/durations", **params) for key, params in site_survival.places(spot).items()
    }
    risk = site_survival.milestones(tuple(lasted), *(answer.rows for answer in lasted.values()))
    spec = survival_charts.curves(LIGHT, tuple(names.values()), site_survival.YEARS)
    years = site_survival.TABLE_YEARS
    return Figure(
        "site-survival",
        site_survival.title(lasted, spot),
        asked(found),
        note=plain(t("site.survival.note")),
        definition="definition.survival",
        method=t("site.survival.method"),
        drawings=(Chart(spec, lines, t("site.survival.alt")),),
        table=table(*survival_shape.risk_table(risk, names, years, LIGHT)),
        captions=(plain(t("survival.risk.note")), plain(t("survival.permit_note"))),
    )


def drawn_map(spot: Spot, bounds: tuple[float, float, float, float], alt: str, **drawn: Any) -> Map:
    """Return a map of the report with the dongs' outlines and the spot."""
    known = spot.place.lon is not None and spot.place.lat is not None
    return Map(
        outlines=tuple(text for text in filters.dongs()["boundary"] if isinstance(text, str)),
        cells=drawn.get("cells", ()),
        circle=drawn.get("circle", []),
        shops=drawn.get("shops", ()),
        spot=(float(spot.place.lon or 0), float(spot.place.lat or 0)) if known else None,
        bounds=bounds,
        opened=LIGHT.opened,
        closed=LIGHT.closed,
        ink=LIGHT.ink,
        muted=LIGHT.muted,
        paper=LIGHT.paper,
        alt=alt,
    )
