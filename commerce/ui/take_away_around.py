"""The report's figures of competitors: the map of the circle, its numbers, shops and trades."""

from __future__ import annotations

import pandas as pd

from commerce.i18n import day, distance, name_column, number, percent, t
from commerce.report import Figure, Map, Table
from commerce.ui import site_around, site_map, site_shape
from commerce.ui.figures import ask
from commerce.ui.shape import DRAWN
from commerce.ui.site_spot import Spot
from commerce.ui.take_away_figures import asked, drawn_map, plain

#: Trades and shops in their tables.
_TRADES, _NEAREST = 12, 10


def figures(spot: Spot) -> list[Figure]:
    """Return the map of the circle first, then its numbers, nearest shops and trades."""
    counts = ask("site/summary", **spot.circle())
    shops = ask("site/shops", **spot.circle(), max_rows=site_map.MOST)
    trades = ask("site/trades", **spot.circle())
    rows = shops.rows
    standing = int(rows["is_open"].sum())
    total = int(rows["total_rows"].iloc[0]) if len(rows) else 0
    note = "site.map.note.cut" if total > len(rows) else "site.map.note"
    key = t("site.map.standing", n=number(standing))
    gone = t("site.map.closed", n=number(len(rows) - standing))
    return [
        Figure(
            "site-map",
            t("site.map.title" if len(rows) else "site.map.title.none", radius=spot.radius),
            asked(shops),
            note=plain(t(note, n=number(len(rows)), total=number(total), what=spot.what)),
            definition="definition.radius",
            drawings=(_map_of(spot, rows),),
            captions=(f"{key} · {gone}",),
        ),
        Figure(
            "site-around",
            t("report.around", radius=spot.radius),
            asked(counts),
            definition="definition.active",
            table=_numbers(spot, counts.rows.iloc[0], trades.rows),
        ),
        Figure(
            "site-shops",
            t("report.near"),
            asked(shops),
            note=plain(t(note, n=number(len(rows)), total=number(total), what=spot.what)),
            definition="definition.radius",
            table=_nearest(rows),
        ),
        Figure(
            "site-trades",
            site_around.trades_title(trades.rows),
            asked(trades),
            note=plain(t("site.trades.note", radius=spot.radius, n=number(_total(trades.rows)))),
            definition="definition.location_quotient",
            table=_trades(trades.rows),
        ),
    ]


def _total(rows: pd.DataFrame) -> float:
    return float(rows["all_active"].max()) if len(rows) else 0.0


def _numbers(spot: Spot, here: pd.Series, trades: pd.DataFrame) -> Table:
    own = trades[trades["is_asked"]] if spot.chosen.category_ids else trades
    density = ask("site/density", **spot.circle()).rows
    nearest = own["nearest_m"].min() if len(own) else float("nan")
    near = t("site.around.nearest", distance=distance(nearest)) if nearest == nearest else ""
    lines = [(t("site.around.active", radius=spot.radius), number(here["active"]), near)]
    if len(density):
        row = density.iloc[0]
        share = percent(row["percentile"] * 100, 0)
        known = row["active"] > 0
        said = t("site.around.percentile", share=share) if known else t("site.around.none")
        dense = t("site.per_km2", n=number(row["density"], 1))
        lines.append((t("site.around.density"), dense, said))
    moves = f"+{number(here['opened_36m'])} −{number(here['closed_36m'])}"
    lines.append((t("site.around.moves"), moves, t("site.around.moves.note")))
    if spot.chosen.category_ids:
        said = t(
            "site.around.quotient.note", n=number(own["active"].sum()), total=number(_total(own))
        )
        few = "*" if own["active"].sum() < DRAWN else ""
        times = site_around.quotient(own)
        shown = t("site.times", n=number(times, 2)) + few if times == times else "–"
        lines.append((t("site.around.quotient"), shown, said))
    return Table(("", t("report.around.value"), t("report.around.note")), tuple(lines))


def _nearest(rows: pd.DataFrame) -> Table | None:
    if rows.empty:
        return None
    near = rows.head(_NEAREST)
    lines = [
        (
            str(row["name"]),
            trade,
            day(site_shape.date_of(row["opened_on"])),
            t("site.life.standing") if row["is_open"] else day(site_shape.date_of(row["left_on"])),
            number(row["distance_m"]),
        )
        for row, trade in zip(near.to_dict("records"), site_shape.category(near), strict=True)
    ]
    head = ("column.name", "filter.trade", "column.opened_on", "column.exit_on")
    return Table((*(t(key) for key in head), t("site.column.distance")), tuple(lines))


def _trades(rows: pd.DataFrame) -> Table | None:
    shown = rows[rows["is_asked"] | (rows["active"] > 0)].head(_TRADES).to_dict("records")
    if not shown:
        return None
    lines = []
    for row in shown:
        times = row["location_quotient"]
        few = "" if row["active"] >= DRAWN else "*"
        lines.append(
            (
                ("▸ " if row["is_asked"] else "") + str(row[name_column()]),
                number(row["active"]),
                f"{number(times, 1)}{few}" if times == times else "–",
                f"+{number(row['opened_36m'])} −{number(row['closed_36m'])}",
            )
        )
    head = (t("column.trade"), t("column.active"), t("site.column.quotient"))
    return Table((*head, t("site.column.moves")), tuple(lines))


def _map_of(spot: Spot, rows: pd.DataFrame) -> Map:
    assert spot.place.lon is not None
    assert spot.place.lat is not None
    circle = site_map.ring(spot.place.lon, spot.place.lat, spot.radius_m)
    lons, lats = [p[0] for p in circle], [p[1] for p in circle]
    shops = [(row["lon"], row["lat"], bool(row["is_open"])) for row in rows.to_dict("records")]
    return drawn_map(
        spot,
        bounds=(min(lons), min(lats), max(lons), max(lats)),
        alt=t("site.map.alt"),
        circle=circle,
        shops=tuple(shops),
    )
