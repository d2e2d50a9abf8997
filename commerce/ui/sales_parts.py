"""Season, holidays and rest of card sales: what the method sets beside the trend, drawn small.

The three stand under the trend on its axis of time and on one scale, so that their sizes
compare.
"""

from __future__ import annotations

from functools import lru_cache

import altair as alt
import pandas as pd

from commerce.i18n import language, month_of_year, t
from commerce.ui import period_charts
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.kept import kept
from commerce.ui.sales_shape import signed
from commerce.ui.theme import Palette

#: The parts that are drawn, from top to bottom, and what each is a ratio to the trend of.
STRIPS = {"season": "season_share", "holiday": "holiday_share", "rest": "rest_share"}
_HEIGHT, _WITH_YEARS = 112, 130
_ENDS = (1, 2, 5, 10, 15, 20, 30, 50, 100)


def known(parts: pd.DataFrame) -> bool:
    """Return whether there are parts to draw.

    Args:
        parts: of :func:`commerce.ui.sales_trend.taken_apart`.
    """
    return bool(len(parts)) and bool(parts["season"].notna().any())


@kept
def strip(parts: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return one part by period for :func:`chart`: ``value`` in % of the trend.

    Args:
        parts: of :func:`commerce.ui.sales_trend.taken_apart`.
        name: of :data:`STRIPS`.
    """
    share = parts[STRIPS[name]]
    return pd.DataFrame(
        {
            "period": parts["period"],
            "months": parts["period_months"],
            "value": (share * 100).round(1),
            "value_text": [signed(value) for value in share],
        }
    )


@kept
def reach(parts: pd.DataFrame) -> int:
    """Return how far the common axis reaches on either side of zero, in %."""
    most = float(parts[list(STRIPS.values())].abs().max(axis=None)) * 100
    return next((end for end in _ENDS if most <= end), int(-(-most // 100)) * 100)


@kept
def title(parts: pd.DataFrame) -> str:
    """Return in which part of the last year the season sells most and least."""
    told = parts[parts["season"].notna()]
    year = told.tail(12 // int(told["period_months"].iloc[0]))
    ends = [year.loc[at] for at in (year["season"].idxmax(), year["season"].idxmin())]
    words: dict[str, str] = {}
    for name, row in zip(("most", "least"), ends, strict=True):
        when = pd.Timestamp(row["period"]).date()
        words[name] = month_of_year(when, int(row["period_months"]))
        words[f"{name}_change"] = signed(row["season_share"], 0)
    return t("sales.parts.title", **words)


def chart(palette: Palette, name: str, reaches: int) -> Spec:
    """Return a part by period as bars from zero.

    Rows: ``period``, ``months``, ``value`` (%, null: not known), ``value_text``.

    Args:
        name: of :data:`STRIPS`; only the last one writes the years.
        reaches: of :func:`reach`.
    """
    return _chart(palette, language(), name, reaches)


@lru_cache(maxsize=32)
def _chart(palette: Palette, lang: str, name: str, reaches: int) -> Spec:
    tips = [
        alt.Tooltip("period:T", title=t("column.period"), format=period_charts.FORMAT[lang]),
        alt.Tooltip("value_text:N", title=t(f"sales.parts.{name}")),
    ]
    y = alt.Y(
        "value:Q",
        title=t("sales.parts.axis", part=t(f"sales.parts.{name}")),
        scale=alt.Scale(domain=[-min(reaches, 100), reaches]),
        axis=period_charts.change_axis(),
    )
    last = name == list(STRIPS)[-1]
    bars = period_charts.spans("value").mark_bar(
        color=palette.muted if last else palette.sales, opacity=0.75
    )
    zero = rows_chart().mark_line(color=palette.muted, strokeWidth=1)
    layers = [
        bars.encode(
            period_charts.years("start", last), alt.X2("end:T"), y, y2=alt.datum(0), tooltip=tips
        ),
        zero.encode(alt.X("period:T"), y=alt.datum(0)),
        *period_charts.room_for_names(t("chart.as_reported")),
    ]
    return finish(alt.layer(*layers), palette, _WITH_YEARS if last else _HEIGHT)
