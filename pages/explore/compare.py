"""Two to four places side by side: what differs, by how much, and what cannot be told apart."""

import streamlit as st

from commerce.i18n import t
from commerce.ui import (
    compare_choice,
    compare_figures,
    compare_map,
    compare_market,
    compare_sentences,
    compare_side,
    compare_survival,
    compare_table,
    filters,
    frame,
)
from commerce.ui.figures import figure, halves, headline, small_table
from commerce.ui.frame import colours

chosen = filters.sidebar(bulk=True)
sides = compare_choice.controls(chosen)
if len(sides) < 2:
    compare_choice.start(sides)
    frame.stop()
ink = colours()
compare_survival.ahead_of(sides)
people, sold = compare_market.subjects(sides)
share = compare_side.shared(sides)
figures = [compare_figures.measured(side) for side in sides]
parts = [part for part, _ in figures]

headline(compare_sentences.eyebrow(parts), *compare_sentences.headline(parts))
if share:
    said = compare_side.said_shared(share)
    st.warning("  \n".join([*said, t("compare.shared.means")]), icon=":material/join_inner:")

markets = [compare_market.market(side, people, sold) for side in sides]
permits = [] if chosen.without_permits else compare_table.of_permits(parts)
with figure(
    "compare-table",
    t("compare.table.title"),
    figures[0][1],
    note=t("compare.table.note"),
    definition="compare.definition",
    method=t("compare.method.each"),
    shown=compare_table.twin(parts, markets),
):
    small_table(
        compare_table.head(parts, ink, chosen.trade),
        [*permits, *compare_table.of_market(markets)],
    )
    st.caption(t("survival.risk.note"))

if chosen.without_permits:
    st.info(t("site.absent.no_permits", trade=chosen.trade), icon=":material/info:")
else:
    compare_survival.curves(parts)
    compare_survival.differences(parts, share)

left, right = halves()
with left:
    compare_map.draw(sides, filters.dongs())
with right:
    compare_market.footfall_by_hour(sides, people)
compare_market.sales_trend(sides, sold)
