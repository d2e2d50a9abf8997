"""Charts by Altair: quiet grids, direct labels, axes that say their unit.

Each function returns a Vega-Lite specification without data, built once per language
and mode and then reused: building and validating a chart costs more than drawing it.
The page passes the rows. Column names of the rows are those of the queries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from commerce.i18n import language, t
from commerce.ui.theme import FONT, Palette

Spec = dict[str, Any]
HEIGHT = 280
_ROW = 24
#: So many months are few: each is named, and no 12-month mean is drawn.
SHORT = 24


def finish(chart: Any, palette: Palette, height: int = HEIGHT) -> Spec:
    """Return the specification of a chart in our look, without its placeholder data."""
    styled = (
        chart.properties(height=height, width="container")
        .configure(font=FONT, background="transparent", locale=_locale())
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=palette.muted,
            titleColor=palette.muted,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight=400,
            gridColor=palette.line,
            gridWidth=0.8,
            domain=False,
            ticks=False,
            labelPadding=6,
        )
        # Labels stand under their ticks, the first and the last as well; so far under them that
        # the first is clear of the lowest label of the other axis.
        .configure_axisX(grid=False, labelFlush=False, labelPadding=9)
        .configure_axisLeft(
            titleAngle=0, titleAlign="left", titleAnchor="end", titleX=-6, titleY=-12
        )
        .configure_legend(labelColor=palette.ink, labelFontSize=12, title=None, orient="top")
        .configure_text(font=FONT, fontSize=12)
    )
    spec: Spec = styled.to_dict(validate=False)
    spec.pop("datasets", None)
    _drop_data(spec)
    return spec


def _drop_data(spec: Any) -> None:
    """Remove the placeholder data, so that the rows that the page passes are used."""
    if isinstance(spec, dict):
        if spec.get("data") == {"name": "rows"}:
            del spec["data"]
        for value in spec.values():
            _drop_data(value)
    elif isinstance(spec, list):
        for value in spec:
            _drop_data(value)


def rows_chart() -> Any:
    """Return an empty chart over the rows that the page will pass."""
    return alt.Chart(alt.NamedData("rows"))


def _locale() -> Any:
    """Return month names in the reader's language; numbers are written alike in both."""
    if language() == "en":
        return alt.Undefined
    months = [f"{m}월" for m in range(1, 13)]
    days = ["일", "월", "화", "수", "목", "금", "토"]
    return {
        "time": {
            "dateTime": "%Y년 %B %-d일 %X",
            "date": "%Y-%m-%d",
            "time": "%H:%M:%S",
            "periods": ["오전", "오후"],
            "days": [f"{d}요일" for d in days],
            "shortDays": days,
            "months": months,
            "shortMonths": months,
        }
    }


def _month_format() -> str:
    return "%Y년 %b" if language() == "ko" else "%b %Y"


def _month_names() -> str:
    """Return a Vega expression that names the month of a number 1 to 12."""
    return "timeFormat(datetime(2000, datum.value - 1, 1), '%b')"


def high(spec: Spec, rows: int) -> Spec:
    """Return the specification with room for ``rows`` rows; the cached one stays as it is."""
    return spec | {"height": max(rows, 2) * _ROW + 40}


def _month_axis(short: bool = False) -> Any:
    axis = alt.Axis(
        format=_month_format() if short else "%Y",
        tickCount="month" if short else "year",
        labelOverlap="greedy",
        labelSeparation=12,
    )
    return alt.X("month:T", title=None, axis=axis)


def openings_and_closures(palette: Palette, months: int = 120) -> Spec:
    """Return monthly openings and closures: thin months, thick 12-month means.

    Rows: ``month``, ``opened``, ``closed``, ``active``, ``provisional``, ``closed_bulk``. So few
    ``months`` that there is hardly a mean are drawn thick themselves.
    """
    return _openings_and_closures(palette, language(), months <= SHORT)


@lru_cache(maxsize=16)
def _openings_and_closures(palette: Palette, _lang: str, short: bool) -> Spec:
    x = _month_axis(short)
    y = alt.Y("count:Q", title=t("chart.count_per_month"), axis=alt.Axis(tickMinStep=1))
    folded = rows_chart().transform_fold(["opened", "closed"], ["kind", "count"])
    months = folded.mark_line(strokeWidth=2.2 if short else 1, opacity=1 if short else 0.4)
    months = months.encode(x, y, _kind_colour(palette))
    smooth = folded
    if not short:
        smooth = (
            folded.transform_window(
                mean="mean(count)",
                months="count(count)",
                groupby=["kind"],
                sort=[alt.SortField("month")],
                frame=[-11, 0],
            )
            .transform_filter("datum.months == 12")
            .transform_calculate(count="datum.mean")
        )
    means = smooth.mark_line(strokeWidth=2.6).encode(x, alt.Y("count:Q"), _kind_colour(palette))
    last = (
        smooth.transform_calculate(
            label=f"datum.kind == 'opened' ? '{t('chart.opened')}' : '{t('chart.closed')}'"
        )
        .transform_joinaggregate(latest="max(month)", groupby=["kind"])
        .transform_filter("datum.month == datum.latest")
        .transform_window(rank="row_number()", sort=[alt.SortField("count")])
    )
    # The lower line's name hangs below its end, the upper one's stands above.
    names = [
        last.transform_filter(f"datum.rank == {rank}")
        .mark_text(align="left", dx=6, dy=dy, fontWeight=600)
        .encode(x, alt.Y("count:Q"), _kind_colour(palette), text="label:N")
        for rank, dy in ((1, 7), (2, -7))
    ]
    hover = alt.selection_point(
        name="hover",
        on="pointerover",
        nearest=True,
        fields=["month"],
        empty=False,
        clear="pointerout",
    )
    rule = (
        rows_chart()
        .mark_rule(color=palette.muted)
        .encode(
            x,
            opacity=alt.condition(hover, alt.value(0.7), alt.value(0)),
            tooltip=[
                alt.Tooltip("month:T", title=t("column.month"), format=_month_format()),
                alt.Tooltip("opened:Q", title=t("column.opened"), format=","),
                alt.Tooltip("closed:Q", title=t("column.closed"), format=","),
                alt.Tooltip("active:Q", title=t("column.active"), format=","),
                alt.Tooltip("closed_bulk:Q", title=t("column.closed_bulk"), format=","),
            ],
        )
        .add_params(hover)
    )
    bulk = (
        rows_chart()
        .transform_filter("datum.closed_bulk > 0")
        .mark_point(shape="triangle-down", filled=True, size=55, color=palette.closed)
        .encode(x, y=alt.value(6))
    )
    lines = [months] if short else [months, means]
    chart = alt.layer(_provisional(palette), *lines, bulk, rule, *names)
    return finish(chart.properties(padding={"right": 50}), palette)


def _provisional(palette: Palette) -> Any:
    return (
        rows_chart()
        .transform_filter("datum.provisional")
        .transform_calculate(month_end="timeOffset('month', datum.month, 1)")
        .mark_rect(color=palette.muted, opacity=0.14)
        .encode(x="month:T", x2="month_end:T")
    )


def _kind_colour(palette: Palette) -> Any:
    return alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["opened", "closed"], range=[palette.opened, palette.closed]),
        legend=None,
    )


def active_shops(palette: Palette, months: int = 120) -> Spec:
    """Return shops in business by month as an area. Rows: ``month``, ``active``."""
    return _active_shops(palette, language(), months <= SHORT)


@lru_cache(maxsize=16)
def _active_shops(palette: Palette, _lang: str, short: bool) -> Spec:
    base = rows_chart().encode(
        _month_axis(short),
        alt.Y("active:Q", title=t("chart.shops_active")),
        tooltip=[
            alt.Tooltip("month:T", title=t("column.month"), format=_month_format()),
            alt.Tooltip("active:Q", title=t("column.active"), format=","),
        ],
    )
    area = base.mark_area(color=palette.active, opacity=0.12, line={"color": palette.active})
    return finish(area, palette, 200)


def bulk_calendar(palette: Palette, first: int, last: int) -> Spec:
    """Return bulk clean-up days: month across, year down, size by closures.

    Rows: ``closed_on``, ``closures``, ``service_name``, ``year``, ``month``. Every month has its
    place, and every year from ``first`` to ``last``: gaps between clean-ups are true.
    """
    return high(_bulk_calendar(palette, language(), first, last), last - first + 1)


@lru_cache(maxsize=16)
def _bulk_calendar(palette: Palette, _lang: str, first: int, last: int) -> Spec:
    chart = (
        rows_chart()
        .mark_circle(color=palette.closed, opacity=0.75)
        .encode(
            alt.X(
                "month:O",
                title=None,
                scale=alt.Scale(domain=list(range(1, 13))),
                axis=alt.Axis(
                    labelExpr=_month_names(),
                    labelAngle=0,
                    # Twelve months have to stand side by side on a phone.
                    labelFontSize=10.5,
                    labelOverlap="greedy",
                ),
            ),
            alt.Y(
                "year:O",
                title=None,
                scale=alt.Scale(domain=list(range(first, last + 1))),
                axis=alt.Axis(grid=True),
            ),
            alt.Size(
                "closures:Q",
                title=None,
                scale=alt.Scale(domain=[0, 200], range=[30, 900], clamp=True),
                legend=alt.Legend(values=[20, 50, 100], symbolFillColor=palette.closed),
            ),
            tooltip=[
                alt.Tooltip("closed_on:T", title=t("column.day"), format="%Y-%m-%d"),
                alt.Tooltip("service_name:N", title=t("column.service")),
                alt.Tooltip("closures:Q", title=t("column.closures"), format=","),
            ],
        )
    )
    return finish(chart, palette)
