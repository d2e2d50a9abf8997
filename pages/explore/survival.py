"""Survival: how long shops last, whether groups differ, and which age is the riskiest."""

from functools import partial

import streamlit as st

from commerce.i18n import t
from commerce.ui import (
    choices,
    differences,
    filters,
    frame,
    map_image,
    map_legend,
    maps,
    sentences,
    shape,
    survival_charts,
    survival_shape,
)
from commerce.ui.figures import ahead, ask, draw_chart, figure, halves, headline, small_table
from commerce.ui.frame import colours

YEARS = 10
TABLE_YEARS = [1, 2, 3, 5, 7, 10]

chosen = filters.sidebar(years="filter.opened_years", bulk=True)
with st.sidebar:
    official_too = st.toggle(
        t("survival.benchmarks"), value=True, key="official", bind="query-params"
    )
params = chosen.params()
ink = colours()
top = st.container()
by = choices.choice(
    "by", t("survival.by"), ["none", "dong", "category", "opened_year"], "survival.by."
)
grouped = params | {"group_by": None if by == "none" else by}
# Curves stand in bands of five opening years; a milestone of the same band goes with them.
banded = grouped | ({"group_by": "opened_band"} if by == "opened_year" else {})
ahead("survival/curve", **grouped, every_days=30)
ahead("survival/milestones", "survival/hazard", "survival/cohort", **params)

if chosen.without_permits:
    overall = ask("survival/milestones", **params)
    with top:
        headline(chosen.eyebrow(), *sentences.survival(overall.rows, chosen))
    frame.stop()

curves = st.container()
left, right = halves()
# The map is of all neighbourhoods: it is drawn while those that were chosen are being asked.
with left:
    by_dong = ask("survival/by_dong", **params | {"dong_codes": None})
    rows, scale, mean = shape.survival_map(filters.dongs(), by_dong.rows, ink)
    with figure(
        "survival-map",
        sentences.highest(rows, "survival.map.title", 0, mean),
        by_dong,
        note=t("survival.map.note"),
        definition="definition.survival",
        image=partial(map_image.dongs_image, rows, scale, ink, t("survival.map.legend")),
    ):
        st.pydeck_chart(
            maps.dong_map(rows, scale, ink, chosen.dong_codes or (), chosen.outlines()),
            height=maps.HEIGHT,
            key="map_survival",
            on_select=lambda: choices.select_dong_from_map("map_survival"),
            alt=t("survival.map.title.plain"),
        )
        st.html(map_legend.legend(scale, ink, t("survival.map.legend"), t("map.too_few")))

overall = ask("survival/milestones", **params)
with top:
    headline(chosen.eyebrow(), *sentences.survival(overall.rows, chosen))
curve = ask("survival/curve", **grouped, every_days=30)
official = ask("survival/official").rows if official_too else None
groups = survival_shape.group_labels(curve.rows, chosen.trade, chosen.years())
lines = survival_shape.curves(curve.rows, official, YEARS, groups)
risk = survival_shape.at_risk(ask("survival/milestones", **banded).rows, groups, TABLE_YEARS)
with curves:
    with figure(
        "survival-curve",
        sentences.curve_title(risk, groups),
        curve,
        note=t("survival.curve.note"),
        definition="definition.survival",
    ):
        draw_chart(
            lines,
            survival_charts.curves(ink, tuple(groups.values()), YEARS),
            key="chart_curve",
            alt=t("survival.curve.alt"),
        )
        small_table(*survival_shape.risk_table(risk, groups, TABLE_YEARS, ink))
        st.caption(
            "  \n".join(
                [
                    t("survival.risk.note"),
                    t("survival.permit_note"),
                    *([t("survival.benchmarks.note")] if official_too else []),
                ]
            )
        )

    if len(groups) > 1:
        lasted = ask("survival/durations", **grouped)
        compared = differences.compare(
            lasted.rows, groups, by == "category" and filters.overlapping(list(groups))
        )
        with figure(
            "survival-differences",
            t("survival.diff.title"),
            lasted,
            note=sentences.say("survival.diff.note", base=next(iter(groups.values()))),
            definition="definition.difference",
            method=t("survival.diff.method"),
            shown=compared.table,
        ):
            small_table(compared.head, compared.cells)
            st.caption(
                f"{compared.test}  \n{differences.moves(ask('survival/durations', **params).rows)}"
            )

with right:
    risk_by_age = ask("survival/hazard", **params)
    rows = survival_shape.hazard(risk_by_age.rows, YEARS)
    with figure(
        "survival-hazard",
        sentences.hazard_title(rows),
        risk_by_age,
        note=t("survival.hazard.note"),
        definition="definition.hazard",
    ):
        draw_chart(
            rows,
            survival_charts.hazard(ink),
            key="chart_hazard",
            alt=t("survival.hazard.alt"),
        )

cohorts = ask("survival/cohort", **params)
rows = survival_shape.cohorts(cohorts.rows)
with figure(
    "survival-cohort",
    t("survival.cohort.title"),
    cohorts,
    note=t("survival.cohort.note"),
    definition="definition.cohort",
):
    draw_chart(
        rows,
        survival_charts.cohort_triangle(ink, rows["opened_year"].nunique()),
        key="chart_cohort",
        alt=t("survival.cohort.alt"),
    )
