"""The site report gathered from the same rows and sentences as its page."""

from __future__ import annotations

import datetime as dt

from commerce.i18n import day, language, month, number, t
from commerce.report import Asked, Figure, Part, Report, Table, runs
from commerce.ui import (
    site_people,
    site_shape,
    site_summary,
    site_survival,
    site_unknown,
    source_words,
    take_away_around,
)
from commerce.ui import take_away_figures as figures
from commerce.ui import take_away_town as town
from commerce.ui.figures import ask
from commerce.ui.frame import data, is_synthetic, known_until
from commerce.ui.sentences import say
from commerce.ui.site_cost import Plan
from commerce.ui.site_spot import Spot


def gather(spot: Spot, plan: Plan, own_costs: bool, link: str) -> Report:
    """Return the report on a spot, in the language of this run.

    Args:
        spot: place, radius and trade.
        plan: the costs to reckon with.
        own_costs: whether somebody typed any of them.
        link: of the page, printed as text.
    """
    town.begin_hot_spots(spot)
    headline, basis = _finding(spot)
    synthetic = figures.plain(t("frame.synthetic_long")) if is_synthetic() else ""
    said = [line for line in site_summary.sentences(spot) if line]
    return Report(
        language=language(),
        place=spot.place.label,
        trade=spot.chosen.trade,
        eyebrow=figures.plain(spot.eyebrow()),
        headline=runs(headline),
        basis=runs(basis),
        sentences=tuple(runs(line) for line in said),
        parts=tuple(_parts(spot, plan, own_costs)),
        facts=tuple(_facts(spot, link)),
        sources=_sources(),
        notes=(figures.plain(t("frame.attribution")),),
        synthetic=synthetic,
        snapshot=data().snapshot.id,
        known_until=known_until(),
        made_on=dt.date.today(),
        link=link,
        asked=tuple(_further(spot)),
    )


def _finding(spot: Spot) -> tuple[str, str]:
    if not spot.has_point:
        return say("site.no_point.headline"), say("site.no_point.basis")
    if spot.chosen.without_permits:
        return say("overview.no_permits", trade=spot.chosen.trade), say("basis.no_permits")
    found = ask("site/reference_class", **site_summary.spot_class(spot))
    return site_summary.finding(found, spot)


def _parts(spot: Spot, plan: Plan, own_costs: bool) -> list[Part]:
    permits = not spot.chosen.without_permits
    history: list[Figure] = [figures.history(spot)] if spot.place.site_id else []
    if spot.place.dong_code and permits:
        history.append(figures.refill(spot))
    no_site = () if spot.place.site_id else (t("site.history.no_site"),)
    absent = (_absent(spot),)
    parts = [Part(t("site.part.history"), no_site, tuple(history))]
    if spot.has_point and permits:
        expected = town.expected(spot)
        peers = [figures.peers(spot), figures.recent(spot), figures.survival(spot)]
        one_trade = () if expected else (t("site.expected.one_trade"),)
        peers += [expected] if expected else []
        parts.append(Part(t("site.part.peers"), one_trade, tuple(peers)))
        drawn, *around = take_away_around.figures(spot)
        parts.insert(0, Part("", (), (drawn,)))
        parts.append(Part(t("site.part.around"), (), tuple(around)))
    else:
        parts += [Part(t("site.part.peers"), absent), Part(t("site.part.around"), absent)]
    passing, seen = town.footfall(spot)
    sold, trend = town.sales(spot)
    parts.append(Part(t("site.part.people"), (*passing, *sold), (*seen, *trend)))
    if permits:
        parts.append(Part(t("site.part.change"), (), (town.change(spot), town.hot_spots(spot))))
    else:
        parts.append(Part(t("site.part.change"), absent))
    placeholders = () if own_costs else (t("report.cost.default"),)
    parts.append(Part(t("site.part.cost"), placeholders, (town.cost(spot, plan),)))
    always = [line.removeprefix("- ") for line in t("site.unknown.always").splitlines()]
    missing = [figures.plain(line) for line in (*site_unknown.missing(spot), *always)]
    parts.append(Part(t("site.part.unknown"), tuple(f"· {line}" for line in missing)))
    return parts


def _absent(spot: Spot) -> str:
    if spot.chosen.without_permits:
        return t("site.absent.no_permits", trade=spot.chosen.trade)
    return t("site.absent.no_point")


def _facts(spot: Spot, link: str) -> list[tuple[str, str]]:
    bulk = "report.fact.bulk.in" if spot.chosen.include_bulk else "report.fact.bulk.out"
    found = [
        (t("report.fact.place"), f"{spot.place.label} ({spot.place.key})"),
        (t("report.fact.trade"), spot.chosen.trade),
        (t("report.fact.radius"), spot.radius),
        (t("report.fact.bulk"), t(bulk)),
        (t("report.fact.until"), day(known_until())),
    ]
    for subject in ("sales", "footfall"):
        known = site_people.shown(spot, subject)
        if known:
            found.append((t(f"report.fact.{subject}"), f"{known.title} – {month(known.until)}"))
    found.append((t("report.fact.snapshot"), data().snapshot.id))
    if link:
        found.append((t("report.fact.link"), link))
    return found


def _sources() -> Table:
    names = ("title", "publisher", "licence", "until")
    invented = t("report.source.synthetic")
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in source_words.said(ask("data/sources").rows).to_dict("records"):
        until = day(site_shape.date_of(row["snapshot_on"]))
        same = (_text(row["publisher"]), _text(row["licence"]), until)
        title = _text(row["title"])
        if row["synthetic"] and invented not in title:  # the demo's own titles say it
            title += f" ({invented})"
        groups.setdefault(same, []).append(title)
    lines = [(_several(titles), *same) for same, titles in groups.items()]
    return Table(tuple(t(f"report.source.{name}") for name in names), tuple(lines))


def _several(titles: list[str]) -> str:
    if len(titles) == 1:
        return titles[0]
    return t("report.source.more", title=titles[0], n=number(len(titles) - 1))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _further(spot: Spot) -> list[Asked]:
    """Return the queries behind sentences and numbers that no figure shows."""
    found = [ask("data/sources"), ask("sales/monthly", **spot.market("sales"))]
    if spot.has_point and not spot.chosen.without_permits:
        found.append(ask("site/summary", **spot.trade()))
        found.append(ask("site/density", **spot.circle()))
        found += [ask("site/durations", **p) for p in site_survival.places(spot).values()]
    return [figures.asked(answer) for answer in found]
