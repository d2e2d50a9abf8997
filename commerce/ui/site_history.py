"""The site report on the spot itself: what stood there, and how soon spots are taken again."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import number, t
from commerce.ui import site_charts, site_shape
from commerce.ui.figures import ask, draw_chart, figure, small_table
from commerce.ui.frame import colours
from commerce.ui.shape import DRAWN, MARKED
from commerce.ui.site_spot import Spot


def draw(spot: Spot) -> None:
    """Draw the history of the site and the refill time of its dong."""
    if spot.place.site_id:
        timeline(spot)
    else:
        st.caption(f":material/home_work: {t('site.history.no_site')}")
    if spot.place.dong_code and not spot.chosen.without_permits:
        refill(spot)


def timeline(spot: Spot) -> None:
    """Draw every permit of the site and its building over time."""
    history = ask("site/history", site_id=spot.place.site_id)
    rows = history.rows
    whole = not rows["is_same_unit"].any()
    bars = site_shape.lives(rows, whole)
    with figure(
        "site-history",
        title(rows),
        history,
        note=note(rows, len(bars)),
        definition="definition.site_history",
        shown=site_shape.history_table(rows),
    ):
        if len(bars):
            draw_chart(
                bars,
                site_charts.lives(colours(), len(bars), True),
                key="chart_site_history",
                alt=t("site.history.alt"),
            )
        st.caption("  \n".join(captions(rows)))


def title(rows: pd.DataFrame) -> str:
    """Return how many permits came and went here."""
    if rows.empty:
        return t("site.history.none")
    gone = int(rows["exit_kind"].notna().sum())
    return t(
        "site.history.title",
        n=number(len(rows)),
        gone=number(gone),
        standing=number(len(rows) - gone),
    )


def note(rows: pd.DataFrame, drawn: int) -> str:
    """Return of how many permits the table holds how many, and what the dashes mean."""
    total = int(rows["total_rows"].iloc[0]) if len(rows) else 0
    more = total > site_shape.MOST_LIVES
    said = t("site.history.note")
    if more and drawn:
        said += " · " + t(
            "site.history.note.more", n=number(site_shape.MOST_LIVES), total=number(total)
        )
    return said


def captions(rows: pd.DataFrame) -> list[str]:
    """Return what a reader must know of the history: renewed permits, and what a permit is."""
    renewed = site_shape.renewed(rows)
    said = [t("site.history.renewed", n=number(renewed))] if renewed else []
    return [*said, t("site.history.caption")]


def refill_title(rows: pd.DataFrame, spot: Spot) -> str:
    """Return what share of the spots is taken again within a year, where enough are known."""
    by_year = rows[(rows["months"] == 12) & (rows["at_risk"] >= MARKED)]
    if by_year.empty:
        return t("site.refill.title.plain", dong=spot.dong)
    share = number(by_year["refilled"].iloc[0] * 100)
    return t("site.refill.title", dong=spot.dong, share=share)


def refill_few(spots: int) -> str:
    """Return what is said in place of shares where too few spots were emptied, else nothing."""
    if not spots:
        return t("site.refill.none")
    return t("site.refill.few", n=number(spots), least=DRAWN) if spots < DRAWN else ""


def refill(spot: Spot) -> None:
    """Draw how soon a spot is taken again after a closure in the dong, any trade."""
    found = ask("site/refill", dong_codes=spot.dongs())
    rows = found.rows
    spots = int(rows["n"].max()) if len(rows) else 0
    with figure(
        "site-refill",
        refill_title(rows, spot),
        found,
        note=t("site.refill.note", n=number(spots)),
        definition="definition.refill",
    ):
        if few := refill_few(spots):
            st.write(few)
        else:
            small_table(*site_shape.refill(rows))
