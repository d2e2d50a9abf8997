"""What a run gave: its rows as a table, a chart or a map, how many, and as files."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from commerce.errors import Refused
from commerce.i18n import language, number, set_language, t
from commerce.sandbox import method
from commerce.ui import choices, workbench_chart, workbench_files, workbench_map
from commerce.ui.frame import data
from commerce.ui.guard import who
from commerce.ui.workbench_desk import Desk, Job, running


def draw(desk: Desk) -> None:
    """Draw the run that lies on the desk: under way, gone wrong, or done."""
    job = desk.job
    if job is None:
        st.caption(t("workbench.no_run"))
    elif not job.done:
        running(job)
    elif job.result is None:
        _wrong(job)
    else:
        _right(desk, job)


def _wrong(job: Job) -> None:
    """Say what was wrong, and where."""
    error = job.error or Refused("frame.error")
    quiet = error.key == "sandbox.cancelled"
    (st.info if quiet else st.error)(
        _literally(str(error)), icon=":material/info:" if quiet else ":material/error:"
    )
    pointer = job.rejected.pointer(job.sql) if job.rejected else ""
    if pointer:
        st.code(pointer, language=None)


def _right(desk: Desk, job: Job) -> None:
    result = job.result
    assert result is not None
    table = result.table
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(
            f'<p class="basis" role="status">'
            f"{_size(job)} · {t('workbench.seconds', seconds=f'{result.seconds:.2f}')}</p>"
        )
    if result.cut or result.cut_cells:
        st.warning(str(result.shortfall()), icon=":material/content_cut:")
    if result.method:
        key = "workbench.method.failed" if result.method_failed else "workbench.method"
        st.caption(t(key, function=f"`{result.method}`", rows=number(method.MOST_ROWS)))
    if not table.num_rows:
        st.write(t("workbench.empty"))
        return
    _looks(job, language())
    st.caption(t("workbench.files.title"))
    _files(desk, job)


def _size(job: Job) -> str:
    assert job.result is not None
    table = job.result.table
    rows, columns = number(table.num_rows), number(table.num_columns)
    key = "workbench.size.cut" if job.result.cut else "workbench.size"
    return t(key, rows=rows, columns=columns)


@st.fragment
def _looks(job: Job, reader: str) -> None:
    """Draw the rows in the way that the reader chose; choosing sends nothing else anew."""
    set_language(reader)  # redrawn alone, no page has said it
    assert job.result is not None
    ways = ["table", "chart", "map"]
    way = choices.choice("look", t("workbench.look"), ways, "workbench.look.", hide_label=True)
    if way == "table":
        st.dataframe(
            _shown(job.result.table), hide_index=True, height="auto", lazy=True, key="wb_rows",
            alt=t("workbench.look.table"),
        )  # fmt: skip
    else:
        rows: pd.DataFrame = job.result.frame()
        (workbench_chart if way == "chart" else workbench_map).draw(rows)


def _shown(table: pa.Table) -> pa.Table:
    """Return the rows as the browser can show them: it knows no decimals, nor bytes."""
    columns = []
    for column in table.columns:
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            column = pa.chunked_array([pa.array([None if v is None else v.hex() for v in
                                                 column.to_pylist()], pa.string())])  # fmt: skip
        elif pa.types.is_nested(column.type):
            texts = [None if v is None else str(v) for v in column.to_pylist()]
            column = pa.chunked_array([pa.array(texts, pa.string())])
        columns.append(column)
    return pa.Table.from_arrays(columns, names=table.column_names)


def _files(desk: Desk, job: Job) -> None:
    """Offer the rows as files; where they were cut, the whole result is asked for first."""
    assert job.result is not None
    if job.result.cut and desk.whole is None:
        if st.button(t("workbench.files.whole"), icon=":material/database:", key="workbench_whole"):
            desk.whole = Job(job.sql, job.values, who(), data().snapshot, export=True)
            st.rerun()
    elif desk.whole and not desk.whole.done:
        running(desk.whole)
        return
    elif desk.whole and desk.whole.result is None:
        _wrong(desk.whole)
    source = desk.whole if desk.whole and desk.whole.result else job
    result = source.result
    assert result is not None
    exported = result.table.num_rows
    if source is desk.whole and result.cut:
        total = t("workbench.files.more") if source.total is None else number(source.total)
    else:
        total = number(exported) if not result.cut else t("workbench.files.more")
    words = t("workbench.files.rows", exported=number(exported), total=total)
    if exported > workbench_files.MOST_ROWS_XLSX:
        words += " " + t("workbench.files.xlsx", rows=number(workbench_files.MOST_ROWS_XLSX))
    st.html(f'<p class="basis">{words}</p>')
    with st.container(horizontal=True, gap="small"):
        for form, mime in (
            ("csv", "text/csv"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("parquet", "application/vnd.apache.parquet"),
        ):
            st.download_button(
                form.upper() if form != "parquet" else "Parquet",
                partial(workbench_files.made, form, result.table),
                file_name=f"{(desk.name or 'query').replace('/', '-')[:60]}.{form}",
                mime=mime,
                icon=":material/download:",
                key=f"workbench_{form}",
                on_click="ignore",
            )


def _literally(text: str) -> str:
    """Return text in which no sign is Markdown: errors quote what was typed."""
    signs = "\\`*_{}[]<>()#+!|~$:"
    return "".join(f"\\{c}" if c in signs else c for c in " ".join(text.split()))
