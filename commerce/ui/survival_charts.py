"""Charts of the survival page: curves with bands, the cohort triangle, the hazard by age."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from commerce.i18n import language, t
from commerce.ui.chart_text import text_on
from commerce.ui.charts import Spec, finish, high, rows_chart
from commerce.ui.theme import Palette


def curves(palette: Palette, groups: tuple[str, ...], years: int) -> Spec:
    """Return Kaplan-Meier curves as steps with their 95 % bands, labelled at their ends.

    Rows: ``kind`` (curve, benchmark, or the label of either), ``label``, ``age_years``,
    ``survival``, ``ci_low``, ``ci_high``, ``at_risk``. ``groups`` gives the
    order of the colours; benchmarks are dotted.
    """
    return _curves(palette, language(), groups, years)


@lru_cache(maxsize=256)
def _curves(palette: Palette, _lang: str, groups: tuple[str, ...], years: int) -> Spec:
    colour = alt.Color(
        "label:N",
        scale=alt.Scale(domain=list(groups), range=list(group_colours(palette, len(groups)))),
        legend=None,
    )
    x = alt.X(
        "age_years:Q",
        title=t("chart.years_since_opening"),
        scale=alt.Scale(domain=[0, years], nice=False),
        axis=alt.Axis(tickMinStep=1, format="d"),
    )
    y = alt.Y("survival:Q", title=t("chart.still_open"), scale=alt.Scale(domain=[0, 1]))
    y = y.axis(format="%", tickCount=5)
    tips = [
        alt.Tooltip("label:N", title=t("column.label")),
        alt.Tooltip("age_years:Q", title=t("column.years"), format=".1f"),
        alt.Tooltip("survival:Q", title=t("column.survival"), format=".1%"),
        alt.Tooltip("ci_low:Q", title=t("column.ci_low"), format=".1%"),
        alt.Tooltip("ci_high:Q", title=t("column.ci_high"), format=".1%"),
        alt.Tooltip("at_risk:Q", title=t("column.at_risk"), format=","),
    ]
    own = rows_chart().transform_filter("datum.kind == 'curve'")
    band = own.mark_area(opacity=0.16, interpolate="step-after").encode(
        x, alt.Y("ci_low:Q"), alt.Y2("ci_high:Q"), colour
    )
    line = own.mark_line(strokeWidth=2.4, interpolate="step-after").encode(x, y, colour)
    hover = alt.selection_point(
        name="hover", on="pointerover", nearest=True, empty=False, clear="pointerout"
    )
    points = (
        own.mark_point(filled=True, size=60)
        .encode(
            x,
            y,
            colour,
            opacity=alt.condition(hover, alt.value(1), alt.value(0)),
            tooltip=tips,
        )
        .add_params(hover)
    )
    ends = (
        rows_chart()
        .transform_filter("datum.kind == 'label'")
        .mark_text(align="right", fontWeight=600, stroke=palette.paper, strokeWidth=3)
        .encode(x, y, text="label:N")
    )
    names = (
        rows_chart()
        .transform_filter("datum.kind == 'label'")
        .mark_text(align="right", fontWeight=600)
        .encode(x, y, colour, text="label:N")
    )
    official = rows_chart().transform_filter("datum.kind == 'benchmark'")
    dotted = official.mark_line(strokeDash=[2, 3], color=palette.muted, strokeWidth=1.4).encode(
        x, y, detail="label:N"
    )
    # The dotted line is told to readers; points of no benchmark at all would be a mark unnamed.
    marks = official.mark_point(
        filled=True, size=34, color=palette.muted, opacity=1, aria=False
    ).encode(x, y, tooltip=tips[:3])
    first = (
        rows_chart()
        .transform_filter("datum.kind == 'benchmark_label'")
        .mark_text(align="right", color=palette.muted)
        .encode(x, y, text="label:N")
    )
    return finish(dotted + marks + first + band + line + points + ends + names, palette, 380)


def group_colours(palette: Palette, count: int) -> tuple[str, ...]:
    """Return the colours of ``count`` groups, in their order."""
    return (palette.opened,) if count == 1 else palette.groups[:count]


def cohort_triangle(palette: Palette, rows: int) -> Spec:
    """Return the cohort triangle: opening year down, years later across, share as colour and text.

    Rows: ``opened_year``, ``years``, ``rate``, ``born``, ``survived``.
    """
    return high(_cohort_triangle(palette, language()), rows)


@lru_cache(maxsize=16)
def _cohort_triangle(palette: Palette, _lang: str) -> Spec:
    base = rows_chart().encode(
        alt.X(
            "years:O",
            title=t("chart.years_later"),
            axis=alt.Axis(labelAngle=0, orient="top", grid=False),
        ),
        alt.Y("opened_year:O", title=None, sort="descending"),
        tooltip=[
            alt.Tooltip("opened_year:O", title=t("column.opened_year")),
            alt.Tooltip("years:O", title=t("column.years")),
            alt.Tooltip("rate:Q", title=t("column.survival"), format=".1%"),
            alt.Tooltip("born:Q", title=t("column.born"), format=","),
            alt.Tooltip("survived:Q", title=t("column.survived"), format=","),
        ],
    )
    cells = base.mark_rect(stroke=palette.paper, strokeWidth=1.5).encode(
        alt.Color(
            "rate:Q",
            scale=alt.Scale(domain=[0, 1], range=list(palette.sequential)),
            legend=None,
        )
    )
    text = base.mark_text(fontSize=11.5).encode(
        text=alt.Text("rate:Q", format=".0%"),
        color=text_on("color", "datum.rate"),
    )
    return finish(cells + text, palette)


def hazard(palette: Palette) -> Spec:
    """Return closures per 100 shops a month by age, with the exact interval as a band.

    Rows: ``age_from``, ``hazard_pct``, ``ci_low_pct``, ``ci_high_pct``, ``at_risk``.
    """
    return _hazard(palette, language())


@lru_cache(maxsize=16)
def _hazard(palette: Palette, _lang: str) -> Spec:
    x: Any = alt.X("age_years:Q", title=t("chart.years_since_opening"))
    x = x.axis(tickMinStep=1, format="d")
    tips = [
        alt.Tooltip("age_text:N", title=t("column.age")),
        alt.Tooltip("hazard_pct:Q", title=t("column.hazard"), format=".2f"),
        alt.Tooltip("ci_low_pct:Q", title=t("column.ci_low"), format=".2f"),
        alt.Tooltip("ci_high_pct:Q", title=t("column.ci_high"), format=".2f"),
        alt.Tooltip("events:Q", title=t("column.closed"), format=","),
    ]
    band = (
        rows_chart()
        .mark_area(color=palette.closed, opacity=0.16, interpolate="monotone")
        .encode(x, alt.Y("ci_low_pct:Q"), alt.Y2("ci_high_pct:Q"))
    )
    line = (
        rows_chart()
        .mark_line(
            color=palette.closed,
            strokeWidth=2.2,
            interpolate="monotone",
            point={"color": palette.closed},
        )
        .encode(x, alt.Y("hazard_pct:Q", title=t("chart.closures_per_month")), tooltip=tips)
    )
    return finish(band + line, palette, 240)
