"""Footfall: how many people pass, when and who, where, beside residents and sales."""

from functools import partial

import streamlit as st

from commerce.i18n import t
from commerce.ui import (
    choices,
    filters,
    footfall_sentences,
    footfall_shape,
    frame,
    map_image,
    map_legend,
    maps,
    market_figures,
    multiples,
    period_charts,
    profile_parts,
    profile_shape,
    sales_trend,
    series,
)
from commerce.ui.figures import ahead, ask, draw_chart, figure, halves, headline
from commerce.ui.frame import colours

chosen = filters.sidebar()
ink = colours()
top = st.container()
shown = series.choose("footfall", bool(chosen.area_codes))
params = chosen.params() | {"series": shown.code if shown else None}
everywhere = params | {"dong_codes": None}
span = series.window(shown, "last12") if shown else {}
ahead("footfall/monthly", **params)
ahead("footfall/profile", **params | span)
ahead("footfall/per_shop", "footfall/residents", **everywhere | span)

monthly = ask("footfall/monthly", **params)
profile = ask("footfall/profile", **params | span)
with top:
    headline(
        chosen.eyebrow(),
        *footfall_sentences.headline(monthly.rows, profile.rows, shown, chosen),
    )
if shown is None or not len(monthly.rows):
    frame.stop()
with top:
    market_figures.footfall(monthly.rows, profile.rows, shown.unit)

unit = footfall_shape.unit_words(shown.unit)
words = series.said(span)
passed = profile_parts.Subject("footfall", "persons", unit, footfall_shape.flows(shown.unit))
left, right = halves()
with left:
    profile_parts.when(profile, passed, words)
with right:
    profile_parts.who(profile, passed, words)

left, right = halves()
with left:
    bands = profile_shape.bands(profile.rows)
    band = choices.pick("band", t("footfall.band"), bands, wide=len(bands) > 8)
    part = {} if band == "all" else {"dimension": "hour_band", "bucket": band}
    by_dong = ask("footfall/by_dong", **everywhere | span | part)
    mapped, scale = footfall_shape.footfall_map(filters.dongs(), by_dong.rows, ink)
    legend = t("footfall.map.legend", unit=unit)
    with figure(
        "footfall-map",
        footfall_sentences.map_title(mapped, bands[band]),
        by_dong,
        note=t("footfall.map.note", period=words, unit=unit, band=bands[band]),
        definition="definition.footfall",
        image=partial(map_image.dongs_image, mapped, scale, ink, legend),
    ):
        st.pydeck_chart(
            maps.dong_map(
                mapped,
                scale,
                ink,
                chosen.dong_codes or (),
                chosen.outlines(),
                footfall_shape.tip_words(shown.unit),
            ),
            height=maps.HEIGHT,
            key="map_footfall",
            on_select=lambda: choices.select_dong_from_map("map_footfall"),
            alt=t("footfall.map.title.plain"),
        )
        absent = t("footfall.map.of_areas" if chosen.area_codes else "footfall.absent")
        st.html(map_legend.legend(scale, ink, legend, absent))
with right:
    rows = footfall_shape.levels(monthly.rows)
    with figure(
        "footfall-trend",
        footfall_sentences.trend_title(rows),
        monthly,
        note=t("footfall.trend.note", n=series.counted(len(rows), shown.months), unit=unit),
        definition="definition.footfall",
    ):
        draw_chart(
            rows,
            period_charts.level(ink, ink.footfall, unit, "", rows),
            key="chart_footfall_trend",
            alt=t("footfall.trend.alt"),
        )
        if rows["yoy"].notna().any():
            draw_chart(
                sales_trend.changes(rows),
                period_charts.change(ink, ink.footfall, rows),
                key="chart_footfall_yoy",
                alt=t("chart.yoy"),
            )

beside = ask("footfall/per_shop", **everywhere | span)
bars = footfall_shape.beside_sales(beside.rows, filters.dongs())
with figure(
    "footfall-sales",
    footfall_sentences.beside_title(beside.rows),
    beside,
    note=footfall_sentences.beside_note(beside.rows),
    definition="definition.per_permit",
):
    inks = {"persons": ink.footfall, "sales_per_shop": ink.sales, "persons_per_permit": ink.muted}
    columns = footfall_shape.beside_columns(beside.rows)
    multiples.draw(
        multiples.bars(
            [t("column.dong"), *(t(f"footfall.beside.{name}", unit=unit) for name in columns)],
            bars,
            [inks[name] for name in columns],
        )
    )

living = ask("footfall/residents", **everywhere | span)
bars = footfall_shape.residents(living.rows, filters.dongs())
if bars:
    with figure(
        "footfall-residents",
        footfall_sentences.residents_title(living.rows),
        living,
        note=footfall_sentences.residents_note(living.rows, unit),
        definition="definition.per_resident",
    ):
        multiples.draw(
            multiples.bars(
                [
                    t("column.dong"),
                    t("footfall.beside.persons_per_resident", unit=unit),
                    t("column.residents"),
                ],
                bars,
                [ink.footfall, ink.muted],
            )
        )
else:
    st.caption(t("footfall.residents.none"))
