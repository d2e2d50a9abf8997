"""The site report on change: the dong's change type, and hot and cold spots of closures."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import h3
import pandas as pd
import pydeck as pdk
import streamlit as st

from commerce.hot_spots import FEWEST_CELLS
from commerce.i18n import language, number, set_language, t
from commerce.ui import filters, maps, place_picker, site_charts
from commerce.ui.figures import Answer, ask, draw_chart, figure, halves
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.sentences import say
from commerce.ui.site_hot_spots import begin
from commerce.ui.site_spot import Spot
from commerce.ui.theme import Palette, rgb

TYPES = ("LL", "LH", "HL", "HH")
_RESOLUTION = 9


def draw(spot: Spot) -> None:
    """Draw the change type of the dong, and beside it where closures cluster."""
    left, right = halves()
    with left:
        change_type(spot)
    with right:
        hot_spots(spot)


def change_type(spot: Spot) -> None:
    """Draw all dongs by how long shops have stood and did stand, this one marked."""
    found = ask("site/change_type", **spot.trade())
    rows = change_rows(found.rows, filters.dongs(), spot.place.dong_code or "")
    here = rows[rows["is_here"]]
    with figure(
        "site-change",
        _change_title(here, spot),
        found,
        note=t("site.change.note", n=number(len(rows))),
        definition="definition.change_type",
    ):
        if len(rows):
            draw_chart(
                rows,
                site_charts.change_types(colours(), spot.dong),
                key="chart_site_change",
                alt=t("site.change.alt"),
            )
        if len(here):
            row = here.iloc[0]
            st.caption(
                t(
                    "site.change.figures",
                    dong=spot.dong,
                    open=number(row["open_months"]),
                    open_mean=number(row["open_mean"]),
                    open_n=number(row["open_shops"]),
                    closed=number(row["closed_months"]),
                    closed_mean=number(row["closed_mean"]),
                    closed_n=number(row["closed_shops"]),
                )
            )


@kept
def change_rows(rows: pd.DataFrame, dongs: pd.DataFrame, here: str) -> pd.DataFrame:
    """Return the dongs of ``site/change_type`` that have a type, in words.

    Args:
        rows: of the query.
        dongs: with ``dong_code`` and ``name``.
        here: code of the dong that is marked.
    """
    names = dict(zip(dongs["dong_code"], dongs["name"], strict=True))
    typed = rows[rows["change_type"].isin(TYPES)]
    columns = ["open_months", "closed_months", "open_mean", "closed_mean"]
    return pd.DataFrame(
        {
            "name": [names.get(code, code) for code in typed["dong_code"]],
            "type": [t(f"site.change.{kind}") for kind in typed["change_type"]],
            "kind": typed["change_type"],
            "is_here": typed["dong_code"] == here,
            "open_shops": typed["open_shops"],
            "closed_shops": typed["closed_shops"],
        }
        | {column: typed[column].round(1) for column in columns}
    )


def _change_title(here: pd.DataFrame, spot: Spot) -> str:
    if here.empty:
        return t("site.change.title.few", dong=spot.dong or spot.place.label)
    kind = here["kind"].iloc[0]
    return t(
        "site.change.title",
        dong=spot.dong,
        type=t(f"site.change.{kind}"),
        reading=t(f"site.change.{kind}.reading"),
    )


def hot_spots(spot: Spot) -> None:
    """Draw hot and cold spots as soon as they are worked out; until then say that they are not."""
    excess = ask("site/cell_excess", category_ids=spot.chosen.category_ids)
    if len(excess.rows) < FEWEST_CELLS:
        with figure("site-spots", t("site.spots.few"), excess, definition="definition.hot_spots"):
            st.caption(t("site.spots.few.note", n=number(len(excess.rows)), least=FEWEST_CELLS))
        return
    future = begin(excess.rows, spot.chosen.category_ids)
    if not future.done():
        st.fragment(_waiting, run_every=1.5)(language(), future)
    elif future.exception() is None:
        _spots(spot, excess, future)
    else:
        with figure(
            "site-spots", t("site.spots.title.plain"), excess, definition="definition.hot_spots"
        ):
            st.caption(t("site.spots.failed"))


def _waiting(lang: str, future: Future[pd.DataFrame]) -> None:
    """Say that the spots are being worked out; when they are, draw the page anew."""
    set_language(lang)  # only this runs, not app.py
    if future.done():
        st.rerun()
    st.subheader(t("site.spots.title.plain"), anchor=False)
    st.caption(f":material/hourglass_top: {t('site.spots.working')}")


def _spots(spot: Spot, excess: Answer, future: Future[pd.DataFrame]) -> None:
    found = future.result()
    own = (
        h3.latlng_to_cell(spot.place.lat, spot.place.lon, _RESOLUTION)
        if spot.place.lat is not None and spot.place.lon is not None
        else ""
    )
    hot, cold = (int((found["spot"] == kind).sum()) for kind in ("hot", "cold"))
    with figure(
        "site-spots",
        spots_title(found, own),
        excess,
        note=t("site.spots.note", n=number(len(found)), what=spot.what),
        definition="definition.hot_spots",
        method=t("site.spots.method"),
        shown=found,
    ):
        st.html(
            '<p class="basis">'
            + say("site.spots.counts", hot=number(hot), cold=number(cold), n=number(len(found)))
            + " "
            + _own_cell(excess.rows, own)
            + "</p>"
        )
        # A map of another place is another map, in which nothing has been clicked yet.
        key = f"map_site_spots_{spot.place.key}"
        st.pydeck_chart(
            spots_map(found, filters.dongs(), spot.place.lon, spot.place.lat, colours()),
            height=maps.HEIGHT,
            key=key,
            on_select=lambda: place_picker.from_map(key),
            alt=t("site.spots.alt"),
        )
        st.html(_legend(colours()))
        st.caption(t("site.spots.click"))


def spots_title(found: pd.DataFrame, own: str) -> str:
    """Return whether the cell of the point lies in a hot or cold spot."""
    hits = found[found["h3_cell"] == own]
    if hits.empty:
        return t("site.spots.title.no_cell")
    kind = str(hits["spot"].iloc[0]) or "none"
    return t(f"site.spots.title.{kind}")


def _own_cell(excess: pd.DataFrame, own: str) -> str:
    hits = excess[excess["h3_cell"] == own]
    if hits.empty:
        return ""
    row = hits.iloc[0]
    return say(
        "site.spots.own",
        observed=number(row["observed"]),
        expected=number(row["expected"], 1),
        years=number(row["shop_years"]),
    )


@kept
def spots_map(
    found: pd.DataFrame,
    dongs: pd.DataFrame,
    lon: float | None,
    lat: float | None,
    palette: Palette,
) -> pdk.Deck:
    """Return a map of the cells: hot ones filled, cold ones hollow, the rest pale; the point."""
    spots: list[dict[str, Any]] = [
        {
            "cell": row["h3_cell"],
            "fill": rgb(palette.closed, 210) if row["spot"] == "hot" else rgb(palette.opened, 40),
            "line": rgb(palette.closed if row["spot"] == "hot" else palette.opened),
            "tip": t(f"site.spots.{row['spot']}") + f"\n{row['value']:+.1f}".replace("-", "−"),
        }
        for row in found[found["spot"] != ""].to_dict("records")
    ]
    others = [
        {"cell": row["h3_cell"], "tip": f"{row['value']:+.1f}".replace("-", "−")}
        for row in found[found["spot"] == ""].to_dict("records")
    ]
    layers = [
        maps.outlines(dongs, palette),
        pdk.Layer(
            "H3HexagonLayer",
            others,
            id="watched",
            pickable=True,
            extruded=False,
            get_hexagon="cell",
            get_fill_color=rgb(palette.muted, 45),
            stroked=False,
        ),
        pdk.Layer(
            "H3HexagonLayer",
            spots,
            id="spots",
            pickable=True,
            extruded=False,
            get_hexagon="cell",
            get_fill_color="fill",
            get_line_color="line",
            stroked=True,
            line_width_min_pixels=1.5,
        ),
    ]
    if lon is not None:
        layers.append(
            pdk.Layer(
                "ScatterplotLayer",
                [{"at": [lon, lat]}],
                id="middle",
                pickable=False,
                get_position="at",
                filled=False,
                stroked=True,
                get_line_color=rgb(palette.ink),
                line_width_min_pixels=2,
                radius_min_pixels=8,
                radius_max_pixels=8,
            )
        )
    return maps.deck(layers, dongs, maps.bounds_of(tuple(dongs["boundary"])))


def _legend(palette: Palette) -> str:
    hot = f'<i class="swatch" style="background:{palette.closed}"></i>'
    cold = f'<i class="swatch" style="border:2px solid {palette.opened}"></i>'
    pale = f'<i class="swatch" style="background:{palette.muted}47"></i>'
    here = f'<i class="dot" style="border:2px solid {palette.ink}"></i>'
    return (
        f'<div class="legend keys"><span>{hot}{t("site.spots.hot")}</span>'
        f"<span>{cold}{t('site.spots.cold')}</span><span>{pale}{t('site.spots.even')}</span>"
        f"<span>{here}{t('site.spots.here')}</span></div>"
    )
