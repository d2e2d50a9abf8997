"""The site report on competitors: how many, how dense, where, and which trades are at home here."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from commerce.i18n import distance, name_column, number, percent, t
from commerce.ui import filters, multiples, place_picker, site_map, site_shape
from commerce.ui.figures import ask, figure, halves
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.multiples import Bar
from commerce.ui.shape import DRAWN
from commerce.ui.site_spot import Spot

#: So many trades stand in the table of those around, the most frequent.
_TRADES = 12


def draw(spot: Spot) -> None:
    """Draw the numbers, the map of shops around the point, and the trades around it."""
    numbers(spot)
    left, right = halves()
    with left:
        rings(spot)
    with right:
        trades(spot)


def numbers(spot: Spot) -> None:
    """Draw how many stand, how dense that is, what opened and closed, and the nearest."""
    here = ask("site/summary", **spot.circle()).rows.iloc[0]
    around = ask("site/trades", **spot.circle()).rows
    asked = around[around["is_asked"]] if spot.chosen.category_ids else around
    density = ask("site/density", **spot.circle()).rows
    grid = st.grid(4, min_column_width=150, gap="medium")
    with grid.cell():
        st.metric(
            t("site.around.active", radius=spot.radius),
            number(here["active"]),
            _nearest(asked),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.active"),
        )
    with grid.cell():
        dense = density.iloc[0] if len(density) else None
        known = dense is not None and dense["active"] > 0
        st.metric(
            t("site.around.density"),
            t("site.per_km2", n=number(dense["density"], 1)) if dense is not None else "–",
            t(
                "site.around.percentile",
                share=percent(min(math.floor(dense["percentile"] * 100), 99), 0),
            )
            if known and dense is not None
            else t("site.around.none"),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.density_percentile"),
        )
    with grid.cell():
        st.metric(
            t("site.around.moves"),
            f"+{number(here['opened_36m'])} −{number(here['closed_36m'])}",
            t("site.around.moves.note"),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.openings"),
        )
    with grid.cell():
        st.metric(
            t("site.around.quotient"),
            _quotient(asked) if spot.chosen.category_ids else "–",
            _quotient_note(asked, spot),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.location_quotient"),
        )


def quotient(asked: pd.DataFrame) -> float:
    """Return the location quotient of the trades asked for together, from ``site/trades``.

    The shares add up, the quotients do not; nan where nothing stands around the point.
    """
    here = float(asked["active"].sum())
    everywhere = (asked["share"] / asked["location_quotient"]).where(asked["active"] > 0).sum()
    total = float(asked["all_active"].max()) if len(asked) else 0.0
    return here / total / everywhere if total and everywhere else float("nan")


def _quotient(asked: pd.DataFrame) -> str:
    times = quotient(asked)
    if times != times:
        return "–"
    return t("site.times", n=number(times, 2)) + ("*" if asked["active"].sum() < DRAWN else "")


def _quotient_note(asked: pd.DataFrame, spot: Spot) -> str:
    if not spot.chosen.category_ids:
        return t("site.around.quotient.choose")
    here = asked["active"].sum()
    total = asked["all_active"].max() if len(asked) else 0
    return t("site.around.quotient.note", n=number(here), total=number(total))


def _nearest(asked: pd.DataFrame) -> str:
    metres = asked["nearest_m"].min() if len(asked) else float("nan")
    return (
        t("site.around.nearest", distance=distance(metres))
        if metres == metres
        else t("site.around.none")
    )


def rings(spot: Spot) -> None:
    """Draw the shops of the trade around the point on a map."""
    shops = ask("site/shops", **spot.circle(), max_rows=site_map.MOST)
    rows = shops.rows
    standing = int(rows["is_open"].sum())
    total = int(rows["total_rows"].iloc[0]) if len(rows) else 0
    more = "site.map.note.cut" if total > len(rows) else "site.map.note"
    with figure(
        "site-map",
        t("site.map.title" if len(rows) else "site.map.title.none", radius=spot.radius),
        shops,
        note=t(more, n=number(len(rows)), total=number(total), what=spot.what),
        definition="definition.radius",
        shown=_listed(rows),
    ):
        assert spot.place.lon is not None
        assert spot.place.lat is not None
        # A map of another place is another map, in which nothing has been clicked yet.
        key = f"map_site_around_{spot.place.key}"
        st.pydeck_chart(
            site_map.around(
                rows,
                filters.dongs(),
                spot.place.lon,
                spot.place.lat,
                spot.radius_m,
                colours(),
            ),
            height=400,
            key=key,
            on_select=lambda: place_picker.from_map(key),
            alt=t("site.map.alt"),
        )
        st.html(site_map.legend(colours(), standing, len(rows) - standing))
        if len(rows):
            st.caption(t("site.map.click"))


@kept
def _listed(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("column.name"): rows["name"],
            t("filter.trade"): site_shape.category(rows),
            t("site.column.distance"): rows["distance_m"].round(0),
            t("column.opened_on"): rows["opened_on"].dt.date,
            t("column.exit_on"): rows["left_on"].dt.date,
            t("column.address"): rows["address"],
        }
    )


def trades(spot: Spot) -> None:
    """Draw which trades stand around the point, and which are more at home here than usual."""
    found = ask("site/trades", **spot.circle())
    rows = found.rows
    with figure(
        "site-trades",
        trades_title(rows),
        found,
        note=t(
            "site.trades.note",
            radius=spot.radius,
            n=number(rows["all_active"].max() if len(rows) else 0),
        ),
        definition="definition.location_quotient",
    ):
        if len(rows):
            multiples.draw(_bars(rows, colours().opened))
        else:
            st.write(t("site.trades.none"))


@kept
def trades_title(rows: pd.DataFrame) -> str:
    """Return which trade is most over-represented among those with ten shops here."""
    enough = rows[(rows["active"] >= DRAWN) & (rows["location_quotient"] > 1)]
    if enough.empty:
        return t("site.trades.title.plain")
    top: Any = enough.loc[enough["location_quotient"].idxmax()]
    return t(
        "site.trades.title", name=top[name_column()], times=number(top["location_quotient"], 1)
    )


@kept
def _bars(rows: pd.DataFrame, colour: str) -> str:
    """Return the table of trades: those asked for first, then the most frequent."""
    shown = rows[rows["is_asked"] | (rows["active"] > 0)].head(_TRADES).to_dict("records")
    most = max((row["active"] for row in shown), default=1) or 1
    drawn = []
    for row in shown:
        times = row["location_quotient"]
        few = "" if row["active"] >= DRAWN else "*"
        drawn.append(
            (
                ("▸ " if row["is_asked"] else "") + str(row[name_column()]),
                [
                    Bar(row["active"] / most, number(row["active"])),
                    Bar(0, f"{number(times, 1)}{few}" if times == times else "–"),
                    Bar(0, f"+{number(row['opened_36m'])} −{number(row['closed_36m'])}"),
                ],
            )
        )
    head = [
        t("column.trade"),
        t("column.active"),
        t("site.column.quotient"),
        t("site.column.moves"),
    ]
    return multiples.bars(head, drawn, [colour, "transparent", "transparent"])
