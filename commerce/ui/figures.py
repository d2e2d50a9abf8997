"""A figure: a title that states the finding, its chart, and quietly under it the table,
the CSV, the definition and the SQL that made it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from commerce.i18n import t
from commerce.output import to_csv
from commerce.queries import Query, bind, load
from commerce.ui import line_breaks, query_words, source_words
from commerce.ui.frame import data, synthetic_badge
from commerce.ui.guard import is_staff
from commerce.ui.kept import kept

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~$:])")


@dataclass(frozen=True)
class Answer:
    """What a query answered: its rows, and how to ask it again."""

    query: Query
    params: dict[str, object]
    rows: pd.DataFrame

    def sql(self) -> str:
        """Return the SQL as people read and copy it, its parameters filled in as comments."""
        lines = [f"-- ${name} = {_literal(value)}" for name, value in self.params.items()]
        given = "\n".join(["-- " + t("figure.parameters"), *lines])
        return f"{given}\n{self.query.sql}" if lines else self.query.sql

    def link(self) -> str:
        """Return the parameters that are not null, as the workbench takes them in a link."""
        given = {name: value for name, value in self.params.items() if value is not None}
        return json.dumps(given, default=str, ensure_ascii=False)


def _literal(value: object) -> str:
    """Return a value as DuckDB writes it, on one line: it stands in a comment."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return "'" + " ".join(str(value).replace("'", "''").split()) + "'"


def ahead(*names: str, **params: object) -> None:
    """Begin to answer several queries that a page will ask with these parameters."""
    for name in names:
        known = {field.name for field in load(name).parameters}
        data().ahead(name, **{key: value for key, value in params.items() if key in known})


def ask(name: str, **params: object) -> Answer:
    """Ask ``queries/<name>.sql``; parameters that the query does not know are left out."""
    query = load(name)
    known = {field.name for field in query.parameters}
    values = bind(query, {key: value for key, value in params.items() if key in known})
    return Answer(query, values, data().run(name, **values))


def headline(eyebrow: str, sentence: str, basis: str) -> None:
    """Open a page: where and what, the finding in one large sentence, what it rests on.

    Args:
        eyebrow, basis: plain text as HTML-escaped by the caller's catalogue values.
        sentence: escaped HTML in which ``<em>`` marks the figure.
    """
    badge = synthetic_badge()
    st.html(
        f'<p class="eyebrow">{eyebrow}</p>'
        f'<h1 class="headline">{line_breaks.in_headline(sentence)}</h1>'
        f'<p class="basis">{line_breaks.in_text(basis)} {badge}</p>'
    )


def halves() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return two halves side by side; on a narrow screen the second stands below the first."""
    grid = st.grid(2, min_column_width=400, gap="large")
    return grid.cell(), grid.cell()


@contextmanager
def figure(
    key: str,
    title: str,
    answer: Answer,
    *,
    note: str = "",
    definition: str = "",
    method: str = "",
    shown: pd.DataFrame | None = None,
    image: Callable[[], bytes] | None = None,
) -> Iterator[None]:
    """Draw a figure around its chart.

    Args:
        key: unique on the page; also the name of downloaded files.
        title: what the figure finds, in a few words.
        answer: the query's answer that it shows.
        note: unit, period and sample under the title.
        definition: catalogue key of the definition shown in the help bubble.
        method: what was computed from the query's rows beyond SQL, if anything.
        shown: the table twin, where it differs from the answer's rows.
        image: makes the image for download, for maps (charts bring their own).
    """
    with st.container(key=f"figure-{key}", gap="small"):
        st.subheader(_literally(title), help=t(definition) if definition else None, anchor=False)
        if note:
            st.html(f'<p class="figure-note">{line_breaks.in_text(note)}</p>')
        yield
        _actions(key, answer, answer.rows if shown is None else shown, method, image)


def draw_chart(
    rows: pd.DataFrame,
    spec: dict[str, Any],
    key: str,
    alt: str,
    on_select: Callable[[], None] | None = None,
) -> None:
    """Draw a chart of :mod:`commerce.ui.charts` with its rows.

    Args:
        rows: what the chart draws; handed over as Arrow, made once for the same rows.
        key: of the element; also of its selection.
        alt: what a screen reader says.
        on_select: called when something in the chart is clicked.
    """
    st.vega_lite_chart(
        _arrow(rows), spec, key=key, theme=None, alt=alt, on_select=on_select or "ignore"
    )


@kept
def _arrow(rows: pd.DataFrame) -> pa.Table:
    # Column by column: pandas' own conversion also writes its schema, which costs more.
    return pa.table({name: _column(rows[name]) for name in rows.columns})


def _column(values: pd.Series) -> pa.Array:
    """Return values as Arrow, whole numbers in half the bytes where they fit."""
    found = pa.array(values, from_pandas=True)
    if pa.types.is_int64(found.type) and found.null_count < len(found):
        low, high = values.min(), values.max()
        if low >= -(2**31) and high < 2**31:
            return found.cast(pa.int32())
    return found


def _literally(text: str) -> str:
    """Return text in which no sign is Markdown: names come from files.

    An amount and its 원 stay on one line.
    """
    return _MARKDOWN.sub(r"\\\1", line_breaks.in_title(text))


def _actions(
    key: str,
    answer: Answer,
    table: pd.DataFrame,
    method: str,
    image: Callable[[], bytes] | None,
) -> None:
    with st.container(horizontal=True, gap="small", key=f"actions-{key}"):
        twin = st.popover(
            t("figure.table"),
            icon=":material/table:",
            type="tertiary",
            key=f"table-{key}",
            on_change="rerun",
        )
        # What a closed bubble holds is neither made nor sent.
        if twin.open:
            with twin:
                st.dataframe(
                    _readable(table),
                    hide_index=True,
                    placeholder="–",
                    width=640,
                    alt=t("figure.table"),
                )
        st.download_button(
            "CSV",
            lambda: to_csv(table),
            file_name=f"{key}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            key=f"csv-{key}",
            on_click="ignore",
        )
        if image:
            # The file is made in another thread, which would not know the reader's language.
            reader = copy_context()
            st.download_button(
                t("figure.image"),
                lambda: reader.run(image),
                file_name=f"{key}.svg",
                mime="image/svg+xml",
                icon=":material/image:",
                type="tertiary",
                key=f"image-{key}",
                on_click="ignore",
            )
        source = st.popover(
            "SQL", icon=":material/code:", type="tertiary", key=f"sql-{key}", on_change="rerun"
        )
        if source.open:
            with source:
                words = _literally(query_words.title(answer.query))
                st.caption(f"`queries/{answer.query.name}.sql`  \n{words}")
                if method:
                    st.caption(method)
                if is_staff():
                    st.page_link(
                        "pages/staff/workbench.py",
                        label=t("workbench.figure"),
                        icon=":material/terminal:",
                        query_params={"query": answer.query.name, "p": answer.link()},
                    )
                st.code(answer.sql(), language="sql", width=640, height=420)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its column names, and sources, in the reader's language."""
    table = source_words.said(table)
    names: dict[Any, str] = {}
    for column in table.columns:
        key = f"column.{column}"
        words = t(key)
        names[column] = str(column) if words == key else words
    return table.rename(columns=names)


def small_table(head: list[str], rows: list[list[str]]) -> None:
    """Draw a small quiet table; cells are HTML that the caller escaped."""
    cells = "".join(
        "<tr><th scope='row'>"
        + line_breaks.in_text(row[0])
        + "</th>"
        + "".join(f"<td>{c}</td>" for c in row[1:])
        for row in rows
    )
    top = "".join(f"<th scope='col'>{line_breaks.in_text(cell)}</th>" for cell in head)
    st.html(
        f'<div class="small-table-wrap" tabindex="0"><table class="small-table"><thead><tr>{top}'
        f"</tr></thead><tbody>{cells}</tbody></table></div>"
    )
