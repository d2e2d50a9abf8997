"""The site report on what it does not know: of any place, and of this one."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from commerce.i18n import day, number, t
from commerce.ui import site_people, site_shape
from commerce.ui.figures import ask
from commerce.ui.frame import known_until
from commerce.ui.shape import DRAWN
from commerce.ui.site_spot import Spot

#: After so many days without news a snapshot is called old.
_OLD_DAYS = 120


def draw(spot: Spot) -> None:
    """Draw the two lists; what is missing here comes first."""
    here = missing(spot)
    if here:
        st.markdown("\n".join(f"- {line}" for line in here))
    st.markdown(t("site.unknown.always"))


def missing(spot: Spot) -> list[str]:
    """Return what is missing for this place and trade, one sentence each."""
    found = []
    if not spot.has_point:
        found.append(t("site.unknown.no_point"))
    elif spot.is_middle:
        found.append(t("site.unknown.middle"))
    if not spot.place.dong_code:
        found.append(t("site.unknown.no_dong"))
    if not spot.place.site_id:
        found.append(t("site.unknown.no_site"))
    if spot.chosen.without_permits:
        found.append(t("site.unknown.no_permits", trade=spot.chosen.trade))
    elif spot.has_point:
        found += _few(spot)
    found += _market(spot)
    until = known_until()
    age = (dt.date.today() - until).days
    if age > _OLD_DAYS:
        found.append(t("site.unknown.old", until=day(until), days=number(age)))
    else:
        found.append(t("site.unknown.until", until=day(until)))
    return found


def _few(spot: Spot) -> list[str]:
    row = ask("site/summary", **spot.circle()).rows.iloc[0]
    if row["ever"] == 0:
        return [t("site.unknown.nothing_near", radius=spot.radius, trade=spot.chosen.trade)]
    if row["active"] < DRAWN:
        return [t("site.unknown.few", radius=spot.radius, n=number(row["active"]))]
    return []


def _market(spot: Spot) -> list[str]:
    found = []
    monthly = ask("sales/monthly", **spot.market("sales")).rows
    if monthly.empty:
        found.append(t("site.unknown.no_sales", trade=spot.sold))
    elif not monthly["coverage"].iloc[-1] > 0:
        when = day(site_shape.date_of(monthly["period"].iloc[-1]))
        found.append(t("site.unknown.suppressed", when=when))
    if site_people.shown(spot, "footfall") is None:
        found.append(t("site.unknown.no_footfall"))
    return found
