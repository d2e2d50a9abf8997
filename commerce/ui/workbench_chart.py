"""A chart of any rows: the reader picks what lies across, what goes up, colour and kind."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from commerce.i18n import number, t
from commerce.ui.charts import Spec, finish, rows_chart
from commerce.ui.figures import draw_chart
from commerce.ui.frame import colours
from commerce.ui.theme import Palette

KINDS = ("line", "bar", "area", "point")
#: More rows are not told apart, and make the browser slow.
MOST_ROWS = 3_000
MOST_BARS = 40
#: Axes write figures in full below, and as 120k from there on.
_SHORT_FROM = 100_000
#: What is written on an axis is told apart on a phone too.
_APART: dict[str, Any] = {"labelOverlap": "greedy", "labelSeparation": 8}
#: Of figures along bars every second goes, not the one which touches its neighbour.
_EVEN: dict[str, Any] = _APART | {"labelOverlap": "parity", "tickCount": 5}


def kind_of(values: pd.Series) -> str:
    """Return ``date``, ``number`` or ``text``: what a column can be drawn as."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return "number"
    return "text"


def first_choice(rows: pd.DataFrame) -> tuple[str, str, str] | None:
    """Return x, y and kind to begin with; None where there is nothing to draw."""
    kinds = {str(name): kind_of(rows[name]) for name in rows.columns}
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    if not numbers:
        return None
    for wanted, drawn in (("date", "line"), ("text", "bar")):
        for name, kind in kinds.items():
            if kind == wanted:
                return name, numbers[0], drawn
    return (numbers[0], numbers[1], "point") if len(numbers) > 1 else None


def draw(rows: pd.DataFrame) -> None:
    """Draw the choices and the chart."""
    begin = first_choice(rows)
    if begin is None:
        st.write(t("workbench.chart.none"))
        return
    names = [str(name) for name in rows.columns]
    numbers = [name for name in names if kind_of(rows[name]) == "number"]
    grid = st.grid(4, min_column_width=150, gap="small")
    with grid.cell():
        x = _pick("x", names, begin[0])
    with grid.cell():
        y = _pick("y", numbers, begin[1])
    with grid.cell():
        by = _pick("colour", ["", *[n for n in names if n not in (x, y)]], "")
    with grid.cell():
        kind = _pick("kind", list(KINDS), begin[2], "workbench.chart.kind.")
    if len(rows) > MOST_ROWS:
        st.caption(t("workbench.chart.cut", rows=number(MOST_ROWS)))
    if is_summed(rows, x, by, kind):
        quoted = x.replace("`", "'")
        st.caption(t("workbench.chart.summed", x=f"`{quoted}`"))
    ink = colours()
    made, groups = shaped(rows, x, y, by, kind, len(ink.groups))
    spec = chart(made, (x, y, by), kind, kind_of(rows[x]), groups, ink)
    draw_chart(made, spec, key="workbench_chart", alt=t("workbench.chart.alt", x=x, y=y))


def is_summed(rows: pd.DataFrame, x: str, by: str, kind: str) -> bool:
    """Return whether bars or areas stand for several rows each, stacked: a sum, never a mean."""
    same = [x, by] if by else [x]
    return kind in ("bar", "area") and bool(
        rows.head(MOST_ROWS)[same].astype(str).duplicated().any()
    )


def _pick(what: str, options: list[str], begin: str, prefix: str = "") -> str:
    key = f"workbench_{what}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = begin if begin in options else options[0]
    none = t("workbench.chart.one")
    chosen = st.selectbox(
        t(f"workbench.chart.{what}"),
        options,
        key=key,
        format_func=lambda option: t(prefix + option) if prefix else (option or none),
    )
    return str(chosen)


def shaped(
    rows: pd.DataFrame, x: str, y: str, by: str, kind: str, most_groups: int
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows as columns ``x``, ``y`` and ``by``, and the groups in their order.

    Names of columns may hold anything, and Vega reads dots and brackets in them. Groups
    beyond ``most_groups``, those with the least in sum, are drawn in grey as one.
    """
    made = pd.DataFrame({"x": rows[x], "y": rows[y].astype(float)}).head(MOST_ROWS)
    if kind_of(rows[x]) == "text":
        made["x"] = made["x"].astype(str).str.slice(0, 60)
    groups: list[str] = []
    if by:
        made["by"] = rows[by].head(MOST_ROWS).astype(str).str.slice(0, 40)
        size = made["y"].abs().groupby(made["by"]).sum().sort_values(ascending=False)
        groups = [str(name) for name in size.index]
        if len(groups) > most_groups:
            made["by"] = made["by"].where(made["by"].isin(groups[:most_groups]), _rest())
            groups = [*groups[:most_groups], _rest()]
    if kind == "bar" and kind_of(rows[x]) == "text":
        sums = made.groupby("x", sort=False)["y"].sum()
        kept = sums.nlargest(MOST_BARS).index
        # Slices of one colour would look like gaps.
        made = made[made["x"].isin(kept)] if by else sums[kept].reset_index()
    return made, groups


def _rest() -> str:
    return t("workbench.chart.rest")


def chart(
    made: pd.DataFrame,
    names: tuple[str, str, str],
    kind: str,
    across: str,
    groups: list[str],
    ink: Palette,
) -> Spec:
    """Return the specification of a chart over the rows of :func:`shaped`.

    Args:
        made: the rows; only how many bars there are is read.
        names: what x, y and colour are called in the result.
        kind: one of ``KINDS``.
        across: what x is, as :func:`kind_of` says.
        groups: the values of colour, in their order.
        ink: the palette.
    """
    x_name, y_name, by_name = names
    letter = {"date": "T", "number": "Q", "text": "N"}[across]
    dates = across == "date"
    tips = [
        alt.Tooltip(f"x:{letter}", title=x_name, **({"format": "%Y-%m-%d"} if dates else {})),
        alt.Tooltip("y:Q", title=y_name, format=",.10~g"),
    ]
    encoded: dict[str, Any] = {}
    if groups:
        drawn = [*ink.groups[: len(groups)], ink.absent][: len(groups)]
        encoded["color"] = alt.Color(
            "by:N", title=by_name, sort=groups, scale=alt.Scale(domain=groups, range=drawn)
        )
        if kind in ("line", "point"):
            which = "strokeDash" if kind == "line" else "shape"
            channel = {"strokeDash": alt.StrokeDash, "shape": alt.Shape}[which]
            encoded[which] = channel("by:N", sort=groups, scale=alt.Scale(domain=groups))
        tips.insert(0, alt.Tooltip("by:N", title=by_name))
    plain = {} if groups else {"color": ink.opened}
    base = rows_chart()
    figures = ",.10~g" if made["y"].abs().max() < _SHORT_FROM else "~s"
    if kind == "bar" and across == "text":
        down = alt.Y("x:N", title=None, sort="-x", axis=alt.Axis(labelLimit=180))
        along = alt.X("y:Q", title=y_name, axis=alt.Axis(grid=True, format=figures, **_EVEN))
        bars = base.mark_bar(**plain).encode(along, down, tooltip=tips, **encoded)
        return finish(bars, ink, max(2, made["x"].nunique()) * 22 + 40)
    mark = {
        "line": base.mark_line(strokeWidth=2.2, point=len(made) <= 60, **plain),
        "bar": base.mark_bar(**plain),
        "area": base.mark_area(opacity=0.75, **plain),
        "point": base.mark_point(filled=True, size=50, opacity=0.8, **plain),
    }[kind]
    axis: dict[str, Any] = dict(_APART)
    if across == "number":
        axis |= {"format": "~s"}
    scale = {"zero": False} if kind in ("line", "point") else {}
    x = alt.X(
        f"x:{letter}",
        title=None if dates else x_name,
        axis=alt.Axis(**axis),
        **({"scale": alt.Scale(zero=False)} if across == "number" else {}),
    )
    y = alt.Y("y:Q", title=y_name, axis=alt.Axis(format=figures), scale=alt.Scale(**scale))
    return finish(mark.encode(x, y, tooltip=tips, **encoded), ink, 320)
