"""The report's figures of the town around the spot: customers, sales, change, and the reckoning."""

from __future__ import annotations

import math
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from html import escape
from typing import Any

import h3
import pandas as pd

from commerce.hot_spots import FEWEST_CELLS
from commerce.i18n import money, number, percent, t
from commerce.report import Chart, Figure, Table
from commerce.ui import (
    filters,
    footfall_sentences,
    footfall_shape,
    period_charts,
    profile_charts,
    profile_shape,
    sales_sentences,
    sales_trend,
    series,
    site_change,
    site_charts,
    site_cost,
    site_people,
    site_shape,
    site_survival,
)
from commerce.ui.figures import ask
from commerce.ui.maps import bounds_of
from commerce.ui.shape import DRAWN
from commerce.ui.site_cost import Plan
from commerce.ui.site_hot_spots import begin
from commerce.ui.site_spot import Spot
from commerce.ui.take_away_figures import asked, drawn_map, plain, table
from commerce.ui.theme import LIGHT

#: So long a report waits for the hot spots, which the page began to work out, in seconds.
_PATIENCE = 6.0
_RESOLUTION = 9


def expected(spot: Spot) -> Figure | None:
    """Return what is expected of an opening now, or None where no single trade was chosen."""
    params = site_survival.expected_params(spot)
    if params is None:
        return None
    found = ask("site/expected", **params)
    rows = found.rows
    shown = rows.to_dict("records")
    earned = rows[rows["beats"] & rows["expected"].notna()]
    head = [t("site.expected.head"), *(t("survival.risk.year", n=int(y)) for y in rows["years"])]
    lines = []
    if len(earned):
        lines.append([t("site.expected.model"), *(_model(row) for row in shown)])
    for group, label in (("dong", spot.dong), ("district", t("site.district"))):
        line = [t("site.expected.km", place=escape(label))]
        lines.append([*line, *(_observed(row, group) for row in shown)])
    return Figure(
        "site-expected",
        _expected_title(rows, earned),
        asked(found),
        note=plain(t("site.expected.note")),
        definition="definition.expected",
        table=table(head, lines),
        captions=(plain(t("survival.risk.note")),),
    )


def _expected_title(rows: pd.DataFrame, earned: pd.DataFrame) -> str:
    three = earned[earned["years"] == 3]
    if len(three):
        return t("site.expected.title", share=number(three["expected"].iloc[0] * 100))
    known = rows[(rows["years"] == 3) & (rows["district_at_risk"] >= DRAWN)]
    if len(known):
        return t("site.expected.title.km", share=number(known["district_survival"].iloc[0] * 100))
    return t("site.expected.title.few")


def _model(row: dict[Any, Any]) -> str:
    if not row["beats"] or row["expected"] != row["expected"]:
        return "–"
    limits = site_shape.interval(row["ci_low"], row["ci_high"])
    return f"{percent(row['expected'] * 100, 0)} ({limits})"


def _observed(row: dict[Any, Any], group: str) -> str:
    at_risk, share = row[f"{group}_at_risk"], row[f"{group}_survival"]
    if not at_risk >= DRAWN or share != share:
        return "–"
    limits = site_shape.interval(row[f"{group}_low"], row[f"{group}_high"])
    return f"{percent(share * 100, 0)}{site_shape.mark(at_risk)} ({limits})"


def footfall(spot: Spot) -> tuple[list[str], list[Figure]]:
    """Return what is said of footfall, and when and who passes."""
    known = site_people.shown(spot, "footfall")
    if known is None:
        return [t("site.footfall.none")], []
    where = spot.place.label if spot.of_area("footfall") else spot.dong
    span = series.window(known, "last12")
    found = ask("footfall/profile", **spot.market("footfall") | span)
    rows = found.rows
    if rows.empty:
        return [t("site.footfall.none_here", place=where or spot.place.label)], []
    unit, flows = footfall_shape.unit_words(known.unit), footfall_shape.flows(known.unit)
    when: list[Chart] = []
    words = t("footfall.when.alt")
    week = profile_shape.week(rows, flows)
    if len(week):
        spec = profile_charts.week(LIGHT, LIGHT.footfall_steps, len(week) <= 60)
        when.append(Chart(spec, week, words))
    elif profile_shape.has(rows, "weekday"):
        days = profile_shape.weekdays(rows, "persons")
        when.append(Chart(profile_charts.weekdays(LIGHT, LIGHT.footfall, unit), days, words))
    if profile_shape.has(rows, "hour_band"):
        hours = profile_shape.hours(rows, "persons", flows)
        title = t("chart.per_hour", unit=unit) if flows else unit
        when.append(Chart(profile_charts.hours(LIGHT, LIGHT.footfall, title, hours), hours, words))
    note = "footfall.when.note" if len(week) else "footfall.when.note.apart"
    figures = [
        Figure(
            "footfall-when",
            footfall_sentences.busy_title(rows, flows, "footfall"),
            asked(found),
            note=plain(t(note, period=series.said(span), unit=unit)),
            definition="definition.profile",
            drawings=tuple(when),
        )
    ]
    ages = profile_shape.pyramid(rows)
    if len(ages):
        spec = profile_charts.pyramid(LIGHT, ages["age"].nunique())
        figures.append(
            Figure(
                "footfall-who",
                footfall_sentences.people_title(rows, "footfall"),
                asked(found),
                note=plain(t("footfall.who.note", period=series.said(span))),
                definition="definition.profile",
                drawings=(Chart(spec, ages, t("footfall.who.alt")),),
            )
        )
    return [t("site.footfall.of", place=where)], figures


def sales(spot: Spot) -> tuple[list[str], list[Figure]]:
    """Return what is said of card sales, and their course."""
    params = spot.market("sales")
    known = site_people.shown(spot, "sales")
    monthly = ask("sales/monthly", **params).rows
    where = spot.place.label if spot.of_area("sales") else spot.dong
    if known is None or monthly.empty:
        key = "site.sales.none" if known is None else "site.sales.none_here"
        return [t(key, place=where or spot.place.label, trade=spot.chosen.trade)], []
    found = ask("sales/decomposition", **params)
    trend = sales_trend.levels(monthly, sales_trend.taken_apart(found.rows))
    unit = t(f"chart.krw_per_{known.months}")
    spec = period_charts.level(LIGHT, LIGHT.sales, unit, t("chart.as_reported"), trend)
    last = monthly.iloc[-1]
    coverage = t(
        "site.sales.coverage",
        coverage=percent(last["coverage"] * 100, 0),
        hidden=number(last["suppressed_cells"]),
        cells=number(last["cells"]),
    )
    return [t("site.sales.of", place=where, trade=spot.chosen.trade)], [
        Figure(
            "site-sales",
            sales_sentences.trend_title(trend),
            asked(found),
            note=plain(t("sales.trend.note", n=series.counted(len(trend), known.months))),
            definition="definition.trend",
            method=t("sales.trend.method"),
            drawings=(Chart(spec, trend, t("sales.trend.alt")),),
            captions=(coverage,),
        )
    ]


def change(spot: Spot) -> Figure:
    """Return the dongs by how long shops have stood and did stand, this one marked."""
    found = ask("site/change_type", **spot.trade())
    rows = site_change.change_rows(found.rows, filters.dongs(), spot.place.dong_code or "")
    here = rows[rows["is_here"]]
    title = t("site.change.title.few", dong=spot.dong or spot.place.label)
    if len(here):
        kind = here["kind"].iloc[0]
        reading = t(f"site.change.{kind}.reading")
        title = t(
            "site.change.title", dong=spot.dong, type=t(f"site.change.{kind}"), reading=reading
        )
    spec = site_charts.change_types(LIGHT, spot.dong)
    return Figure(
        "site-change",
        title,
        asked(found),
        note=plain(t("site.change.note", n=number(len(rows)))),
        definition="definition.change_type",
        drawings=(Chart(spec, rows, t("site.change.alt")),) if len(rows) else (),
    )


def begin_hot_spots(spot: Spot) -> None:
    """Begin to work out the hot spots, unless the page has: they take longest."""
    found = ask("site/cell_excess", category_ids=spot.chosen.category_ids).rows
    if not spot.chosen.without_permits and len(found) >= FEWEST_CELLS:
        begin(found, spot.chosen.category_ids)


def hot_spots(spot: Spot) -> Figure:
    """Return where closures cluster; where that is not worked out in time, say so."""
    found = ask("site/cell_excess", category_ids=spot.chosen.category_ids)
    source = asked(found)
    if len(found.rows) < FEWEST_CELLS:
        few = t("site.spots.few.note", n=number(len(found.rows)), least=FEWEST_CELLS)
        return Figure("site-spots", t("site.spots.few"), source, captions=(few,))
    future: Future[pd.DataFrame] = begin(found.rows, spot.chosen.category_ids)
    try:
        spots = future.result(timeout=_PATIENCE)
    except Late:
        late = t("report.spots.later")
        return Figure("site-spots", t("site.spots.title.plain"), source, captions=(late,))
    own = ""
    if spot.place.lat is not None and spot.place.lon is not None:
        own = h3.latlng_to_cell(spot.place.lat, spot.place.lon, _RESOLUTION)
    inks = {"hot": LIGHT.closed, "cold": "#A9D1CB"}
    marked = spots[spots["spot"].isin(list(inks))].to_dict("records")
    hot, cold = (sum(row["spot"] == kind for row in marked) for kind in ("hot", "cold"))
    drawn = drawn_map(
        spot,
        bounds_of(tuple(filters.dongs()["boundary"])),
        t("site.spots.alt"),
        cells=tuple((_hexagon(row["h3_cell"]), inks[row["spot"]]) for row in marked),
    )
    counts = t("site.spots.counts", hot=number(hot), cold=number(cold), n=number(len(spots)))
    return Figure(
        "site-spots",
        site_change.spots_title(spots, own),
        source,
        note=plain(t("site.spots.note", n=number(len(spots)), what=spot.what)),
        definition="definition.hot_spots",
        method=t("site.spots.method"),
        drawings=(drawn,) if marked else (),
        captions=(plain(counts),),
    )


def _hexagon(cell: str) -> list[list[float]]:
    return [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(cell)]


def cost(spot: Spot, plan: Plan) -> Figure:
    """Return what a shop must sell here with the costs of ``plan``, and where that lies."""
    needed = plan.costs.needed()
    found = ask(
        "site/sales_rank",
        needed_krw=float(round(needed)),
        category_ids=spot.chosen.category_ids,
        series=spot.market("sales")["series"],
    )
    costs = plan.costs
    amounts = {
        "rent": costs.rent,
        "wages": costs.wages,
        "owner": costs.owner_pay,
        "loan": costs.loan,
        "other": costs.other,
        "outlay": costs.outlay,
        "needed": needed,
    }
    # The inputs' labels end in the unit in which they are typed.
    lines = [(t(f"site.cost.{k}").partition(" (")[0], money(v)) for k, v in amounts.items()]
    share = percent(costs.variable_share * 100, 0)
    lines.insert(-1, (t("site.cost.variable").partition(" (")[0], share))
    visitors = number(math.ceil(costs.customers(plan.ticket, plan.days)))
    basis = t("site.cost.customers.note", ticket=money(plan.ticket), days=plan.days)
    lines.append((f"{t('site.cost.customers')} ({basis})", t("site.cost.people", n=visitors)))
    if plan.hoped:
        months = costs.months_to_recover(plan.hoped)
        after = t("site.cost.recover.note", sales=money(plan.hoped))
        never = t("site.cost.never")
        shown = never if math.isinf(months) else t("site.months", n=number(math.ceil(months)))
        lines.append((f"{t('site.cost.recover')} ({after})", shown))
    said = site_cost.said(plan, found.rows.iloc[0], spot)
    return Figure(
        "site-cost",
        t("site.cost.title", needed=money(needed)),
        asked(found),
        note=plain(t("site.cost.note")),
        definition="definition.break_even",
        method=t("site.cost.method"),
        table=Table((t("column.label"), t("chart.value")), tuple(lines)),
        captions=tuple(plain(line) for line in said),
    )
