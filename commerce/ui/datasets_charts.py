"""Charts of the datasets page: why rows were refused, what is missing, what changed suddenly."""

from __future__ import annotations

from functools import lru_cache

import altair as alt

from commerce.i18n import language, t
from commerce.ui.chart_text import names_axis
from commerce.ui.charts import Spec, _month_format, finish, high, rows_chart
from commerce.ui.theme import Palette

#: What may be missing in a permit, in the order in which it is drawn.
MEASURES = ("no_coordinates", "exit_unsure", "unmapped")
#: What is watched from snapshot to snapshot.
WATCHED = (*MEASURES, "rows_refused")


def _labels(palette: Palette) -> alt.Y:
    return alt.Y("label:N", sort=None, title=None, axis=names_axis(palette, 28, grid=False))


def reasons(palette: Palette, rows: int) -> Spec:
    """Return bars of refused rows. Rows: ``label``, ``rows``, ``text``, ``elsewhere``.

    What lies outside the district is no fault: it is drawn pale.
    """
    return high(_reasons(palette, language()), rows)


@lru_cache(maxsize=16)
def _reasons(palette: Palette, _lang: str) -> Spec:
    base = rows_chart().encode(
        _labels(palette),
        alt.X("rows:Q", title=t("datasets.chart.rows"), axis=alt.Axis(tickCount=5, format=",d")),
        tooltip=[
            alt.Tooltip("label:N", title=t("column.reason")),
            alt.Tooltip("text:N", title=t("column.rows_refused")),
        ],
    )
    colour = alt.condition("datum.elsewhere", alt.value(palette.absent), alt.value(palette.closed))
    bars = base.mark_bar(height={"band": 0.6}, cornerRadius=1).encode(color=colour)
    texts = base.mark_text(align="left", dx=5, color=palette.ink).encode(text="text:N")
    return finish((bars + texts).properties(padding={"right": 40}), palette)


def fields(palette: Palette, rows: int) -> Spec:
    """Return bars of changed permits by field. Rows: ``label``, ``rows``, ``text``."""
    return high(_fields(palette, language()), rows)


@lru_cache(maxsize=16)
def _fields(palette: Palette, _lang: str) -> Spec:
    base = rows_chart().encode(
        _labels(palette),
        alt.X("rows:Q", title=t("column.permits"), axis=alt.Axis(tickCount=5, format=",d")),
        tooltip=[
            alt.Tooltip("label:N", title=t("datasets.report.field")),
            alt.Tooltip("text:N", title=t("column.permits")),
        ],
    )
    bars = base.mark_bar(height={"band": 0.6}, cornerRadius=1, color=palette.footfall)
    texts = base.mark_text(align="left", dx=5, color=palette.ink).encode(text="text:N")
    return finish((bars + texts).properties(padding={"right": 40}), palette)


def missing_by_year(palette: Palette) -> Spec:
    """Return what is missing by year of opening, a line per kind.

    Rows: ``year``, ``share``, ``label``, ``n_text``.
    """
    return _missing_by_year(palette, language())


@lru_cache(maxsize=16)
def _missing_by_year(palette: Palette, _lang: str) -> Spec:
    names = [t(f"datasets.measure.{measure}") for measure in MEASURES]
    # A legend and no names at the ends: lines often end in one point, and phones are narrow.
    legend = alt.Legend(
        title=None, orient="bottom", symbolType="stroke", symbolSize=300, symbolStrokeWidth=2.5
    )
    colour = alt.Color(
        "label:N", scale=alt.Scale(domain=names, range=list(palette.groups[:3])), legend=legend
    )
    dash = alt.StrokeDash(
        "label:N", scale=alt.Scale(domain=names, range=[[1, 0], [6, 3], [2, 2]]), legend=legend
    )
    base = rows_chart().encode(
        alt.X(
            "year:Q",
            title=None,
            scale=alt.Scale(zero=False, nice=False),
            axis=alt.Axis(
                format="d", tickCount=10, tickMinStep=1, labelOverlap=True, labelSeparation=8
            ),
        ),
        alt.Y("share:Q", title=t("datasets.chart.share"), scale=alt.Scale(zero=True, nice=True)),
        colour,
        tooltip=[
            alt.Tooltip("label:N", title=t("column.check")),
            alt.Tooltip("year:Q", title=t("column.opened_year"), format="d"),
            alt.Tooltip("share:Q", title=t("column.share"), format=".1f"),
            alt.Tooltip("n_text:N", title=t("column.permits")),
        ],
    )
    lines = base.mark_line(strokeWidth=2.2).encode(dash)
    dots = base.mark_point(filled=True, size=28, opacity=1)
    return finish(lines + dots, palette)


def missing_by_service(palette: Palette, rows: int, measure: str) -> Spec:
    """Return bars of one kind by service. Rows: ``label``, ``share``, ``text``, ``n_text``."""
    return high(_missing_by_service(palette, language(), measure), rows)


@lru_cache(maxsize=16)
def _missing_by_service(palette: Palette, _lang: str, measure: str) -> Spec:
    base = rows_chart().encode(
        _labels(palette),
        alt.X("share:Q", title=t("datasets.chart.share"), axis=alt.Axis(tickCount=5)),
        tooltip=[
            alt.Tooltip("label:N", title=t("column.service")),
            alt.Tooltip("text:N", title=t(f"datasets.measure.{measure}")),
            alt.Tooltip("n_text:N", title=t("column.permits")),
        ],
    )
    colour = palette.groups[MEASURES.index(measure)]
    bars = base.mark_bar(height={"band": 0.6}, cornerRadius=1, color=colour)
    texts = base.mark_text(align="left", dx=5, color=palette.ink).encode(text="text:N")
    return finish((bars + texts).properties(padding={"right": 40}), palette)


def over_time(palette: Palette, measure: str) -> Spec:
    """Return one share over the snapshots; those that were taken back are hollow, off the line.

    Rows: ``place``, ``label``, ``share``, ``text``, ``n_text``, ``state``, ``led_here``.
    """
    return _over_time(palette, language(), measure)


@lru_cache(maxsize=32)
def _over_time(palette: Palette, _lang: str, measure: str) -> Spec:
    colour = palette.groups[WATCHED.index(measure)]
    base = rows_chart().encode(
        # One step each, in the order of publishing: clocks are set back, and a day may have two.
        alt.X(
            "label:N",
            sort=alt.EncodingSortField("place", op="min"),
            title=None,
            scale=alt.Scale(padding=0.7),
            axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=10, labelLimit=150),
        ),
        alt.Y(
            "share:Q",
            title=t("datasets.chart.share"),
            scale=alt.Scale(zero=True, nice=True),
            axis=alt.Axis(tickCount=3),
        ),
        tooltip=[
            alt.Tooltip("label:N", title=t("column.published_at")),
            alt.Tooltip("text:N", title=t(f"datasets.measure.{measure}")),
            alt.Tooltip("n_text:N", title=t("datasets.chart.counts")),
            alt.Tooltip("state:N", title=t("column.state")),
        ],
    )
    line = base.transform_filter("datum.led_here")
    # The axis goes to 1 % at least: nothing missing is no line in the middle of nowhere.
    floor = rows_chart().mark_point(opacity=0, aria=False).encode(y=alt.YDatum(1))
    return finish(
        line.mark_line(strokeWidth=2.2, color=colour)
        + line.mark_point(filled=True, size=46, opacity=1, color=colour, aria=False)
        + base.transform_filter("!datum.led_here").mark_point(
            filled=False, size=46, opacity=1, strokeWidth=1.6, color=palette.muted, aria=False
        )
        + floor,
        palette,
        height=150,
    )


def sudden_changes(palette: Palette, dongs: int) -> Spec:
    """Return months that stand out: month across, dong down, a triangle up for more than usual.

    Rows: ``month``, ``label``, ``kind``, ``permits``, ``usual``, ``is_more``, ``n_text``.
    """
    return _sudden_changes(palette, language()) | {"height": max(dongs, 2) * 34 + 30}


@lru_cache(maxsize=16)
def _sudden_changes(palette: Palette, _lang: str) -> Spec:
    kinds = [t("datasets.kind.opened"), t("datasets.kind.closed")]
    chart = (
        rows_chart()
        .mark_point(filled=True, opacity=0.9)
        .encode(
            alt.X(
                "month:T",
                title=None,
                scale=alt.Scale(padding=24),
                axis=alt.Axis(format=_month_format(), labelOverlap=True, labelSeparation=14),
            ),
            _labels(palette).axis(grid=True),
            alt.Size(
                "permits:Q", scale=alt.Scale(domain=[0, 60], range=[60, 700], clamp=True),
                legend=None,
            ),
            alt.Color(
                "kind:N",
                scale=alt.Scale(domain=kinds, range=[palette.opened, palette.closed]),
                legend=alt.Legend(symbolType="square"),
            ),
            alt.Shape(
                "is_more:N",
                scale=alt.Scale(domain=[True, False], range=["triangle-up", "triangle-down"]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("label:N", title=t("column.dong")),
                alt.Tooltip("month:T", title=t("column.month"), format=_month_format()),
                alt.Tooltip("kind:N", title=t("column.kind")),
                alt.Tooltip("permits:Q", title=t("column.permits"), format=","),
                alt.Tooltip("usual:Q", title=t("column.usual"), format=".1f"),
                alt.Tooltip("n_text:N", title=t("column.bulk")),
            ],
        )
    )  # fmt: skip
    numbers = (
        rows_chart()
        .mark_text(dx=14, align="left", color=palette.ink, fontSize=11.5)
        .encode(alt.X("month:T"), alt.Y("label:N", sort=None), text=alt.Text("permits:Q"))
    )
    return finish((chart + numbers).properties(padding={"right": 30}), palette)
