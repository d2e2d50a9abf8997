"""Sales: what shops sell by card, when and to whom, where, and what rises and falls."""

from functools import partial

import streamlit as st

from commerce.i18n import number, t
from commerce.ui import (
    choices,
    filters,
    frame,
    map_image,
    map_legend,
    maps,
    market_figures,
    multiples,
    period_charts,
    profile_parts,
    sales_charts,
    sales_parts,
    sales_sentences,
    sales_shape,
    sales_trend,
    series,
)
from commerce.ui.figures import ahead, ask, draw_chart, figure, halves, headline
from commerce.ui.frame import colours

chosen = filters.sidebar().also_without_permits()
ink = colours()
top, over_time, asking = st.container(), st.container(), st.empty()
shown = series.choose("sales", bool(chosen.area_codes))
params = chosen.params() | {"series": shown.code if shown else None}
everywhere = params | {"dong_codes": None}
ahead("sales/monthly", "sales/decomposition", **params)
if shown is not None:
    with asking.container():
        period = choices.choice("period", t("sales.period"), series.windows(shown), "sales.period.")
    span = series.window(shown, period)
    ahead("sales/profile", "sales/growth", **params | span)
    ahead("sales/by_category", **params | span | {"category_ids": None})
    ahead("sales/by_dong", **everywhere | span)
    ahead("sales/monthly", "sales/dong_series", **everywhere)
monthly = ask("sales/monthly", **params)
asked = ask("sales/decomposition", **params)
parts = sales_trend.taken_apart(asked.rows)
trend = sales_trend.levels(monthly.rows, parts)
with top:
    headline(
        chosen.eyebrow(),
        *sales_sentences.headline(monthly.rows, sales_trend.last_adjusted(trend), shown, chosen),
    )
waiting = ask("sales/waiting", series=params["series"])
if len(waiting.rows):
    top.caption(sales_sentences.waiting_note(waiting.rows))
if shown is None or not len(monthly.rows):
    asking.empty()
    frame.stop()
with top:
    market_figures.sales(monthly.rows)

words = series.said(span)
with over_time:
    with figure(
        "sales-trend",
        sales_sentences.trend_title(trend),
        asked,
        note=t("sales.trend.note", n=series.counted(len(trend), shown.months)),
        definition="definition.trend",
        method=t("sales.trend.method"),
        shown=parts,
    ):
        draw_chart(
            sales_trend.drawn(trend),
            period_charts.level(
                ink, ink.sales, t(f"chart.krw_per_{shown.months}"), t("chart.as_reported"), trend
            ),
            key="chart_sales_trend",
            alt=t("sales.trend.alt"),
        )
        st.caption(sales_sentences.holiday_note(parts))
    if sales_parts.known(parts):
        with figure(
            "sales-parts",
            sales_parts.title(parts),
            asked,
            note=t("sales.parts.note"),
            definition="definition.parts",
            method=t("sales.parts.method"),
            shown=parts,
        ):
            for name in sales_parts.STRIPS:
                draw_chart(
                    sales_parts.strip(parts, name),
                    sales_parts.chart(ink, name, sales_parts.reach(parts)),
                    key=f"chart_sales_{name}",
                    alt=t(f"sales.parts.alt.{name}"),
                )
    if trend["yoy"].notna().any():
        with figure(
            "sales-yoy",
            sales_sentences.yoy_title(trend),
            monthly,
            note=sales_sentences.yoy_note(trend),
            definition="definition.yoy",
        ):
            draw_chart(
                sales_trend.changes(trend),
                period_charts.change(
                    ink,
                    ink.sales,
                    trend,
                    t("chart.as_reported") if sales_parts.known(parts) else "",
                ),
                key="chart_sales_yoy",
                alt=t("sales.yoy"),
            )

profile = ask("sales/profile", **params | span)
spent = profile_parts.Subject("sales", "share", t("chart.percent_of_sales"))
left, right = halves()
with left:
    profile_parts.when(profile, spent, words)
with right:
    profile_parts.who(profile, spent, words)

by_dong = ask("sales/by_dong", **everywhere | span)
by = sales_shape.measure(by_dong.rows)
legend = sales_sentences.of("sales.map.legend", by)
left, right = halves()
with left:
    mapped, scale = sales_shape.sales_map(filters.dongs(), by_dong.rows, ink, by)
    with figure(
        "sales-map",
        sales_sentences.map_title(mapped, by),
        by_dong,
        note=t("sales.map.note", period=words, cells=sales_sentences.window_note(by_dong.rows)),
        definition="definition.sales_per_shop",
        image=partial(map_image.dongs_image, mapped, scale, ink, legend),
    ):
        st.pydeck_chart(
            maps.dong_map(
                mapped,
                scale,
                ink,
                chosen.dong_codes or (),
                chosen.outlines(),
                sales_shape.tip_words(by),
            ),
            height=maps.HEIGHT,
            key="map_sales",
            on_select=lambda: choices.select_dong_from_map("map_sales"),
            alt=sales_sentences.of("sales.map.title.plain", by),
        )
        st.html(map_legend.legend(scale, ink, legend, sales_sentences.of("sales.map.absent", by)))
with right:
    by_trade = ask("sales/by_category", **params | span | {"category_ids": None})
    rows = sales_shape.trades(by_trade.rows, by, tuple(chosen.category_ids or ()))
    with figure(
        "sales-trades",
        sales_sentences.trades_title(rows, by),
        by_trade,
        note=sales_sentences.of("sales.trades.note", by, period=words, n=number(len(rows))),
        definition="definition.sales_per_shop",
    ):
        if len(rows):
            draw_chart(
                rows,
                sales_charts.trades(ink, legend, len(rows), "sales_trade_pick"),
                key="chart_sales_trades",
                on_select=lambda: choices.select_from_chart(
                    "chart_sales_trades", "sales_trade_pick", "trade"
                ),
                alt=t("sales.trades.alt"),
            )
        else:
            st.write(t("sales.trades.none"))

by_period = ask("sales/dong_series", **everywhere)
panels, ends = sales_shape.panels(by_period.rows, by_dong.rows, filters.dongs(), by)
reference = sales_shape.reference(by_period.rows, ask("sales/monthly", **everywhere).rows, by)
with figure(
    "sales-dongs",
    sales_sentences.of("sales.dongs.title", by),
    by_period,
    note=sales_sentences.panels_note(by_period.rows, ends, by_dong.rows, by),
    definition="definition.sales_per_shop",
):
    multiples.draw(multiples.panels(panels, ink.sales, ink.muted, f"{ink.muted}77", reference))

moving = ask("sales/growth", **params | span)
rows = sales_shape.growth(moving.rows)
with figure(
    "sales-growth",
    sales_sentences.growth_title(rows),
    moving,
    note=sales_sentences.growth_note(moving.rows, words),
    definition="definition.growth",
    shown=moving.rows,
):
    if len(rows):
        draw_chart(
            rows,
            sales_charts.growth(ink, len(rows)),
            key="chart_sales_growth",
            alt=t("sales.growth.alt"),
        )

table = st.expander(t("sales.table.open"), key="sales_table", on_change="rerun")
if table.open:
    with table:
        st.dataframe(
            sales_shape.growth_table(moving.rows),
            hide_index=True,
            placeholder="–",
            height=420,
            alt=t("sales.table.open"),
        )
