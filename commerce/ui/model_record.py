"""The record of the model of expected survival: what it expected beside what came."""

from __future__ import annotations

from functools import lru_cache

import altair as alt
import pandas as pd

from commerce.i18n import language, number, percent, t
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.kept import kept
from commerce.ui.theme import Palette


@kept
def points(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the calibration bins of ``model/record``: expected, came, limits, horizon."""
    bins = rows[rows["metric"] == "calibration"]
    return pd.DataFrame(
        {
            "label": [t("about.model.horizon", n=int(years)) for years in bins["years"]],
            "expected": bins["expected"].round(4),
            "came": bins["value"].round(4),
            "ci_low": bins["ci_low"].round(4),
            "ci_high": bins["ci_high"].round(4),
            "n_text": [number(n) for n in bins["openings"]],
        }
    )


def calibration(palette: Palette) -> Spec:
    """Return expected against observed survival, one panel per horizon; the line is agreement.

    Rows: of :func:`points`.
    """
    return _calibration(palette, language())


@lru_cache(maxsize=16)
def _calibration(palette: Palette, _lang: str) -> Spec:
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("expected:Q", title=t("about.model.expected"), scale=scale)
    y = alt.Y("came:Q", title=t("about.model.came"), scale=scale)
    colour = alt.Color(
        "label:N",
        sort=None,
        scale=alt.Scale(range=list(palette.groups[:3])),
        # Else the legend would take the paleness of the intervals.
        legend=alt.Legend(title=None, orient="bottom-right", symbolOpacity=1),
    )
    shape = alt.Shape("label:N", sort=None)
    tips = [
        alt.Tooltip("label:N", title=t("column.label")),
        alt.Tooltip("expected:Q", title=t("about.model.expected"), format=".0%"),
        alt.Tooltip("came:Q", title=t("about.model.came"), format=".0%"),
        alt.Tooltip("ci_low:Q", title=t("column.ci_low"), format=".0%"),
        alt.Tooltip("ci_high:Q", title=t("column.ci_high"), format=".0%"),
        alt.Tooltip("n_text:N", title=t("column.n")),
    ]
    limits = (
        rows_chart()
        .mark_rule(strokeWidth=3, aria=False)
        # Of the encoding, not of the mark, so that the legend keeps the colours of the dots.
        .encode(x, alt.Y("ci_low:Q"), alt.Y2("ci_high:Q"), colour, opacity=alt.value(0.3))
    )
    dots = rows_chart().mark_point(filled=True, size=64, opacity=1)
    percents = alt.Axis(format="%", tickCount=5)
    same = (
        rows_chart()
        .transform_aggregate(n="count()")
        .transform_calculate(a="0", b="1")
        .mark_rule(color=palette.muted, strokeDash=[4, 4], aria=False)
        .encode(
            alt.X("a:Q", scale=scale, axis=percents),
            alt.Y("a:Q", scale=scale, axis=percents),
            x2="b:Q",
            y2="b:Q",
        )
    )
    chart = (
        same + limits + dots.encode(x.axis(percents), y.axis(percents), colour, shape, tooltip=tips)
    )
    return finish(chart.properties(padding={"right": 18}), palette, 340)


@kept
def title(rows: pd.DataFrame) -> str:
    """Return at which horizons the model beats Kaplan–Meier."""
    beats = sorted(rows.loc[rows["beats"], "years"].unique())
    if not beats:
        return t("about.model.title.none")
    return t("about.model.title.some", years=", ".join(str(int(year)) for year in beats))


@kept
def table(rows: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the scores, one row per horizon."""
    head = [
        t(f"about.model.column.{name}")
        for name in ("horizon", "scored", "brier", "brier_km", "difference", "concordance", "level")
    ]
    lines = []
    for years, part in rows.groupby("years"):
        by = part[part["metric"] != "calibration"].set_index("metric")
        gap, seen = by.loc["brier_difference"], by.loc["overall"]
        lines.append(
            [
                t("about.model.horizon", n=int(years)),
                f"{number(seen['openings'])} ({number(seen['closures'])})",
                number(by.loc["brier", "value"], 4),
                number(by.loc["brier_km", "value"], 4),
                "{} [{}, {}]".format(
                    *(number(gap[end], 4) for end in ("value", "ci_low", "ci_high"))
                ),
                number(by.loc["concordance", "value"], 2),
                f"{percent(seen['expected'] * 100, 0)} → {percent(seen['value'] * 100, 0)}",
            ]
        )
    return head, lines
