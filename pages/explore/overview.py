"""Overview: the finding, the key figures, a map by a chosen figure, what grows and shrinks."""

from functools import partial

import streamlit as st

from commerce.i18n import t
from commerce.ui import (
    charts,
    choices,
    filters,
    frame,
    key_figures,
    map_image,
    map_legend,
    maps,
    market_overview,
    next_pages,
    rate_charts,
    sentences,
    series,
    shape,
)
from commerce.ui.figures import ahead, ask, draw_chart, figure, halves, headline
from commerce.ui.frame import colours

chosen = filters.sidebar()
params = chosen.params()
ink = colours()
ahead("overview/headline", "overview/sparklines", "openings/monthly", **params)
for name in series.SUBJECTS:
    ahead(f"{name}/monthly", **params, series=series.main(name))
ahead("overview/movers", **params | {"category_ids": None})

only_market = key_figures.only_market()
if chosen.without_permits or only_market:
    said = (
        market_overview.headline(chosen)
        if only_market
        else sentences.overview(ask("overview/headline", **params).rows.iloc[0], chosen)
    )
    headline(chosen.eyebrow(), *said)
    if not chosen.without_permits:
        market_overview.draw(chosen)
        next_pages.links("sales", "footfall", "site")
    frame.stop()

top = st.container()
# Above both halves, so that their titles stand in line.
measure = choices.choice(
    "measure", t("overview.map.measure"), list(shape.MEASURES), "overview.map.", hide_label=True
)
left, right = halves()
# The map is of all neighbourhoods: it is drawn while those that were chosen are being asked.
with left:
    absent = t("map.too_few") if measure in ("survival", "closure") else None
    asked = "survival/by_dong" if measure == "survival" else "overview/map"
    by_dong = ask(asked, **params | {"dong_codes": None})
    rows, scale, mean = shape.measure_map(filters.dongs(), by_dong.rows, measure, ink)
    with figure(
        "overview-map",
        sentences.highest(
            rows, f"overview.map.{measure}.title", 1 if measure == "closure" else 0, mean
        ),
        by_dong,
        note=t(f"overview.map.{measure}.note"),
        definition=shape.MEASURES[measure],
        image=partial(map_image.dongs_image, rows, scale, ink, t(f"overview.map.{measure}.legend")),
    ):
        st.pydeck_chart(
            maps.dong_map(rows, scale, ink, chosen.dong_codes or (), chosen.outlines()),
            height=maps.HEIGHT,
            key="map_overview",
            on_select=lambda: choices.select_dong_from_map("map_overview"),
            alt=t(f"overview.map.{measure}.title.plain"),
        )
        st.html(map_legend.legend(scale, ink, t(f"overview.map.{measure}.legend"), absent))

with top:
    now = ask("overview/headline", **params)
    headline(chosen.eyebrow(), *sentences.overview(now.rows.iloc[0], chosen))
    district = ask("overview/headline", category_ids=chosen.category_ids)
    key_figures.row(
        now,
        ask("overview/sparklines", **params),
        district.rows.iloc[0],
        *(ask(f"{name}/monthly", **params, series=series.main(name)) for name in series.SUBJECTS),
    )
    market_overview.partial(chosen)

with right:
    monthly = ask("openings/monthly", **params)
    with figure(
        "overview-monthly",
        sentences.monthly_title(monthly.rows),
        monthly,
        note=t("overview.monthly.note"),
        definition="definition.openings",
    ):
        draw_chart(
            shape.monthly(monthly.rows, 120),
            charts.openings_and_closures(ink, len(monthly.rows)),
            key="chart_overview_monthly",
            alt=t("openings.monthly.alt"),
        )

    moving = ask("overview/movers", **params | {"category_ids": None})
    rows = shape.movers(moving.rows)
    with figure(
        "overview-movers",
        sentences.movers_title(rows),
        moving,
        note=t("overview.movers.note", n=shape.MARKED),
        definition="definition.net",
    ):
        if len(rows):
            draw_chart(
                rows,
                rate_charts.movers(ink, len(rows), "mover_pick"),
                key="chart_movers",
                on_select=lambda: choices.select_from_chart("chart_movers", "mover_pick", "trade"),
                alt=t("overview.movers.alt"),
            )
        else:
            st.write(t("overview.movers.none", n=shape.MARKED))

next_pages.links("openings", "survival", "site", "sales", "footfall")
