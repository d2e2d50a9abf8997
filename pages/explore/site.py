"""Should I open here? One place and one trade, read from top to bottom."""

import streamlit as st

from commerce.i18n import t
from commerce.ui import (
    filters,
    frame,
    site_around,
    site_change,
    site_cost,
    site_history,
    site_part,
    site_peers,
    site_people,
    site_place,
    site_summary,
    site_survival,
    site_unknown,
    take_away,
)
from commerce.ui.site_spot import Spot

chosen = filters.sidebar(bulk=True)
place, radius = site_place.controls(chosen)
if place is None:
    site_place.start()
    frame.stop()
assert place is not None
spot = Spot(place, radius, chosen)
site_part.ahead_of(spot)
with_permits = spot.has_point and not chosen.without_permits

site_summary.draw(spot)

st.header(t("site.part.history"), anchor=False)
site_history.draw(spot)

st.header(t("site.part.peers"), anchor=False)
if with_permits:
    site_peers.draw(spot)
else:
    site_part.absent(spot)
if not chosen.without_permits:
    site_survival.draw(spot)
    site_survival.expected(spot)

st.header(t("site.part.around"), anchor=False)
if with_permits:
    site_around.draw(spot)
else:
    site_part.absent(spot)

st.header(t("site.part.people"), anchor=False)
site_people.draw(spot)

st.header(t("site.part.change"), anchor=False)
if chosen.without_permits:
    site_part.absent(spot)
else:
    site_change.draw(spot)

st.header(t("site.part.cost"), anchor=False)
site_cost.draw(spot)

st.header(t("site.part.unknown"), anchor=False)
site_unknown.draw(spot)

take_away.draw(spot)
