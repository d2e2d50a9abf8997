"""What the parts of the site report share: asking ahead, and a part that nothing is known for."""

from __future__ import annotations

import streamlit as st

from commerce.i18n import t
from commerce.ui import site_map, site_people, site_survival
from commerce.ui.figures import ahead
from commerce.ui.site_spot import Spot
from commerce.ui.site_summary import spot_class


def ahead_of(spot: Spot) -> None:
    """Begin to answer together what the report will ask, the first figures first."""
    if spot.place.site_id:
        ahead("site/history", site_id=spot.place.site_id)
    if spot.chosen.without_permits:
        site_people.ahead_of(spot)
        return
    if spot.has_point:
        ahead("site/reference_class", **spot_class(spot))
        ahead("site/summary", "site/density", "site/trades", **spot.circle())
        ahead("site/shops", **spot.circle(), max_rows=site_map.MOST)
    ahead("site/summary", **spot.trade())
    site_people.ahead_of(spot)
    ahead("site/refill", dong_codes=spot.dongs())
    site_survival.ahead_of(spot)
    ahead("site/change_type", **spot.trade())
    ahead("site/cell_excess", category_ids=spot.chosen.category_ids)
    expected = site_survival.expected_params(spot)
    if expected:
        ahead("site/expected", **expected)


def absent(spot: Spot) -> None:
    """Say why a part has no figures: no permits for the trade, or no point."""
    if spot.chosen.without_permits:
        st.caption(f":material/info: {t('site.absent.no_permits', trade=spot.chosen.trade)}")
    else:
        st.caption(f":material/location_off: {t('site.absent.no_point')}")
