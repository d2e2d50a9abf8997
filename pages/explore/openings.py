"""Openings and closures: how many, where, which trades, and how sure that is."""

from functools import partial

import streamlit as st

from commerce.i18n import number, t
from commerce.ui import (
    charts,
    choices,
    filters,
    frame,
    map_image,
    map_legend,
    maps,
    permit_table,
    rate_charts,
    scales,
    sentences,
    shape,
)
from commerce.ui.figures import ahead, ask, draw_chart, figure, halves, headline
from commerce.ui.frame import colours

chosen = filters.sidebar(years="filter.years", bulk=True)
params = chosen.params()
ink = colours()
ahead("openings/total", "openings/monthly", "openings/by_category", **params)
ahead("openings/bulk_days", **params)
ahead("openings/by_dong", **params | {"dong_codes": None})

total = ask("openings/total", **params)
monthly = ask("openings/monthly", **params)
headline(chosen.eyebrow(), *sentences.openings(total.rows.iloc[0], monthly.rows, chosen))
if chosen.without_permits:
    frame.stop()

with figure(
    "openings-monthly",
    sentences.monthly_title(monthly.rows),
    monthly,
    note=t(
        "openings.monthly.note" if len(monthly.rows) > charts.SHORT else "openings.monthly.note.few"
    ),
    definition="definition.openings",
):
    draw_chart(
        shape.monthly(monthly.rows),
        charts.openings_and_closures(ink, len(monthly.rows)),
        key="chart_monthly",
        alt=t("openings.monthly.alt"),
    )

dong_rates = ask("openings/by_dong", **params | {"dong_codes": None})
# Above both halves, so that their titles stand in line.
level = choices.choice("level", t("openings.map.level"), ["dong", "cell"], "openings.map.")
left, right = halves()
with left:
    if level == "cell":
        cells = ask("openings/by_cell", **params)
        rows = shape.cells(cells.rows)
        scale = scales.sequential(rows["value"], ink, 0, t("unit.shops"), faintest=2)
        with figure(
            "openings-cells",
            t("openings.cells.title"),
            cells,
            note=t("openings.cells.note", n=number(len(rows))),
            definition="definition.cell",
            image=partial(
                map_image.cells_image, rows, filters.dongs(), scale, ink, t("openings.cells.legend")
            ),
        ):
            st.pydeck_chart(
                maps.cell_map(rows, filters.dongs(), scale, ink, chosen.outlines()),
                height=maps.HEIGHT,
                key="map_cells",
                alt=t("openings.cells.title"),
            )
            st.html(map_legend.legend(scale, ink, t("openings.cells.legend"), None))
    else:
        rows = shape.dong_values(filters.dongs(), dong_rates.rows, "shrunken_rate", "closure_rate")
        mean = float(dong_rates.rows["mean_rate"].mean())
        scale = scales.diverging(rows["value"], mean, ink, 1, more_is_worse=True)
        with figure(
            "openings-map",
            sentences.highest(rows, "openings.map.title", mean=mean),
            dong_rates,
            note=t("openings.map.note"),
            definition="definition.shrunken_rate",
            image=partial(map_image.dongs_image, rows, scale, ink, t("openings.map.legend")),
        ):
            st.pydeck_chart(
                maps.dong_map(rows, scale, ink, chosen.dong_codes or (), chosen.outlines()),
                height=maps.HEIGHT,
                key="map_openings",
                on_select=lambda: choices.select_dong_from_map("map_openings"),
                alt=t("openings.map.title.plain"),
            )
            st.html(map_legend.legend(scale, ink, t("openings.map.legend"), t("map.too_few")))

with right:
    trades = ask("openings/by_category", **params)
    rows = shape.rates(trades.rows, "category_id", 14)
    with figure(
        "openings-trades",
        sentences.highest(rows, "openings.trades.title", mean=None),
        trades,
        note=t("openings.trades.note", n=len(rows)),
        definition="definition.closure_rate",
        shown=trades.rows,
    ):
        draw_chart(
            rows,
            rate_charts.rates_with_intervals(ink, t("chart.closure_rate"), len(rows), "trade_pick"),
            key="chart_trades",
            on_select=lambda: choices.select_from_chart("chart_trades", "trade_pick", "trade"),
            alt=t("openings.trades.alt"),
        )

left, right = halves()
with left:
    rows = shape.rates(dong_rates.rows, "dong_code", 21)
    with figure(
        "openings-dongs",
        t("openings.dongs.title"),
        dong_rates,
        note=t("openings.dongs.note"),
        definition="definition.shrunken_rate",
    ):
        draw_chart(
            rows,
            rate_charts.rates_with_intervals(ink, t("chart.closure_rate"), len(rows), "dong_pick"),
            key="chart_dongs",
            on_select=lambda: choices.select_from_chart("chart_dongs", "dong_pick", "dong"),
            alt=t("openings.dongs.title"),
        )
with right:
    with figure(
        "openings-active",
        sentences.active_title(monthly.rows),
        monthly,
        note=t("openings.active.note"),
        definition="definition.active",
    ):
        draw_chart(
            shape.monthly(monthly.rows),
            charts.active_shops(ink, len(monthly.rows)),
            key="chart_active",
            alt=t("openings.active.alt"),
        )
    bulk = ask("openings/bulk_days", **params)
    with figure(
        "openings-bulk",
        sentences.bulk_title(bulk.rows),
        bulk,
        note=t("openings.bulk.note"),
        definition="definition.bulk",
    ):
        if len(bulk.rows):
            draw_chart(
                shape.bulk(bulk.rows),
                charts.bulk_calendar(ink, *shape.years_of(bulk.rows)),
                key="chart_bulk",
                alt=t("openings.bulk.alt"),
            )

shops = st.expander(t("openings.list.open"), key="shops", on_change="rerun")
if shops.open:
    with shops:
        order, page = permit_table.controls()
        permits = ask("permits/list", **params, order_by=order, **permit_table.paging(page))
        with figure(
            "openings-permits",
            t("openings.list.title"),
            permits,
            note=permit_table.note(permits.rows, page),
            definition="definition.active",
        ):
            st.dataframe(
                permit_table.readable(permits.rows),
                hide_index=True,
                placeholder="–",
                height=420,
                alt=t("openings.list.title"),
            )
