"""What is loaded: each source and how fresh it is, the ledger, and the refused rows to mend."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from commerce import refused_rows
from commerce.i18n import language, number, t
from commerce.snapshot import Snapshot
from commerce.ui import datasets_charts, source_words
from commerce.ui.datasets_words import adapter_words, freshness, in_seoul, is_used, listed, today
from commerce.ui.figures import ask, draw_chart, figure
from commerce.ui.frame import colours, data
from commerce.ui.kept import kept

_EXAMPLES = 3
#: How wide the titles of sources stand, in pixels; a longer one opens when it is clicked.
_TITLE = 260


def draw(attention: list[str]) -> None:
    """Draw the view."""
    if attention:
        st.html(listed(attention, t("datasets.attention.title")))
    sources = ask("data/sources")
    with figure(
        "datasets-sources",
        t(
            "datasets.sources",
            n=number(len(sources.rows)),
            used=number(is_used(sources.rows).sum()),
        ),
        sources,
        note=t("datasets.sources.note"),
        definition="datasets.sources.definition",
    ):
        st.dataframe(
            _sources(sources.rows, str(today())),
            hide_index=True,
            placeholder="–",
            column_config=_source_columns(),
            alt=t("datasets.view.loaded"),
        )
    _ledger(sources.rows)
    _refused()


@kept
def _sources(rows: pd.DataFrame, on: str) -> pd.DataFrame:
    """Return the sources as people read them on a day."""
    until = pd.to_datetime(rows["snapshot_on"])
    said = source_words.said(rows)
    # Files are known by their Korean title, whatever the reader's language.
    original = {} if language() == "ko" else {"title_ko": rows["title"]}
    return pd.DataFrame(
        {"title": said["title"]}
        | original
        | {
            "snapshot_on": until,
            "age": (pd.Timestamp(on) - until).dt.days.astype("Int64"),
            "state": [t(f"datasets.fresh.{state}") for state in freshness(rows)],
            "publisher": said["publisher"],
            "licence": said["licence"],
            "from": pd.to_datetime(rows["coverage_from"]),
            "to": pd.to_datetime(rows["coverage_to"]),
            "adapter": [adapter_words(adapter) for adapter in rows["adapter"]],
            "tested": _yes_no(rows["tested_on_real_files"]),
            "unit": [_unit(unit) for unit in rows["unit"]],
            "k": rows["min_merchants"].astype("Int64"),
            "ingested_at": in_seoul(rows["ingested_at"]),
            "synthetic": _yes_no(rows["synthetic"]),
        }
    )


def _unit(unit: object) -> str | None:
    """Return a unit in words where the catalogue has them."""
    if not isinstance(unit, str):
        return None
    for key in (f"datasets.unit.{unit}", f"unit.footfall.{unit}"):
        if t(key) != key:
            return t(key)
    return unit


def _yes_no(flags: pd.Series) -> list[str]:
    return [t("word.yes") if flag else t("word.no") for flag in flags]


def _source_columns() -> dict[str, Any]:
    column = st.column_config
    config: dict[str, Any] = {
        "title": column.TextColumn(t("column.title"), width=_TITLE),
        "title_ko": column.TextColumn(t("column.title_ko"), width="medium"),
        "publisher": t("column.publisher"),
        "licence": t("column.licence"),
    }
    for name in ("state", "adapter", "tested", "unit", "k", "age", "synthetic"):
        config[name] = t(f"datasets.column.{name}")
    config["snapshot_on"] = column.DateColumn(t("datasets.column.until"))
    for name in ("from", "to", "ingested_at"):
        config[name] = column.DateColumn(t(f"datasets.column.{name}"))
    return config


def _ledger(sources: pd.DataFrame) -> None:
    """Draw where every row went, and why rows were refused."""
    reasons = ask("data/refused_reasons")
    off = (sources["rows_in"] != sources["rows_kept"] + sources["rows_refused"]).sum()
    title = t("datasets.ledger.wrong", n=number(off)) if off else t(
        "datasets.ledger",
        rows_in=number(sources["rows_in"].sum()),
        kept=number(sources["rows_kept"].sum()),
        refused=number(sources["rows_refused"].sum()),
    )  # fmt: skip
    with figure(
        "datasets-ledger",
        title,
        reasons,
        note=t("datasets.ledger.note"),
        definition="datasets.ledger.definition",
    ):
        if len(reasons.rows):
            rows = _by_reason(reasons.rows)
            draw_chart(
                rows,
                datasets_charts.reasons(colours(), len(rows)),
                key="chart_datasets_reasons",
                alt=t("datasets.ledger.note"),
            )
        else:
            st.write(t("datasets.ledger.none"))
        st.caption(t("datasets.ledger.all"))
        st.dataframe(
            _accounts(sources),
            hide_index=True,
            column_config=_account_columns(),
            alt=t("datasets.ledger.all"),
        )


@kept
def _by_reason(rows: pd.DataFrame) -> pd.DataFrame:
    """Return refused rows by reason, the commonest first."""
    totals = rows.groupby("reason")["refused_rows"].sum().sort_values(ascending=False)
    return pd.DataFrame(
        {
            "label": [t(f"reason.{reason}").partition("(")[0].strip() for reason in totals.index],
            "rows": totals.to_numpy(),
            "text": [number(n) for n in totals],
            "elsewhere": totals.index == refused_rows.ELSEWHERE,
        }
    )


@kept
def _accounts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the account of each source, most refused first."""
    ordered = rows.sort_values(["rows_refused", "rows_in"], ascending=False)
    return pd.DataFrame(
        {
            "title": source_words.said(ordered)["title"],
            "rows_in": ordered["rows_in"],
            "rows_kept": ordered["rows_kept"],
            "rows_refused": ordered["rows_refused"],
            "rows_superseded": ordered["rows_superseded"],
            "used": ordered["rows_kept"] - ordered["rows_superseded"],
        }
    )


def _account_columns() -> dict[str, Any]:
    column = st.column_config
    config: dict[str, Any] = {"title": column.TextColumn(t("column.title"), width=_TITLE)}
    for name in ("rows_in", "rows_kept", "rows_refused", "rows_superseded"):
        config[name] = column.NumberColumn(t(f"column.{name}"), format="localized")
    config["used"] = column.NumberColumn(t("datasets.column.used"), format="localized")
    return config


def _refused() -> None:
    """Draw examples of a source's refused rows, and hand them out as a file."""
    reasons = ask("data/refused_reasons").rows
    if not len(reasons):
        return
    totals = reasons.groupby("source_id")["refused_rows"].sum().sort_values(ascending=False)
    elsewhere = reasons[reasons["reason"] == refused_rows.ELSEWHERE]
    away = elsewhere.set_index("source_id")["refused_rows"]
    mendable = (totals - away.reindex(totals.index).fillna(0)).astype(int)
    mendable = mendable.sort_values(ascending=False, kind="stable")
    titles = reasons.drop_duplicates("source_id").set_index("source_id")["title"].fillna("–")
    st.subheader(t("datasets.refused"), anchor=False)
    st.html(f'<p class="figure-note">{t("datasets.refused.steps")}</p>')
    source = st.selectbox(
        t("datasets.refused.source"),
        list(mendable.index),
        format_func=lambda i: t(
            "datasets.refused.option", title=source_words.title(titles[i]), n=number(totals[i])
        ),
        key="datasets_refused_source",
    )
    if source not in titles.index:
        return
    snapshot = data().snapshot
    _examples(snapshot, str(source))
    st.caption(t("datasets.refused.examples"))
    if not mendable[source]:
        st.caption(t("datasets.refused.elsewhere"))
    with st.container(horizontal=True, gap="small"):
        if mendable[source]:
            _download(snapshot, str(source), titles[source], int(mendable[source]), False)
        if totals[source] != mendable[source]:
            _download(snapshot, str(source), titles[source], int(totals[source]), True)
    if refused_rows.is_zipped(int(totals[source])):
        st.caption(t("datasets.refused.zipped"))


def _examples(snapshot: Snapshot, source: str) -> None:
    """Draw a few rows of each reason; columns that are empty in all of them are left out."""
    header = refused_rows.header_of(snapshot, source)
    found = refused_rows.examples(snapshot, source, _EXAMPLES)
    names = list(header.names) if header else [t("refused.column.raw")]
    columns: dict[str, list[Any]] = {
        t("refused.column.reason"): [t(f"reason.{row.reason}") for row in found],
        t("refused.column.line"): [row.line for row in found],
    }
    for place, name in enumerate(names):
        values = [row.values[place][:300] if place < len(row.values) else "" for row in found]
        if any(values):
            columns[name if name not in columns else f"{name} {place + 1}"] = values
    st.dataframe(pd.DataFrame(columns), hide_index=True, alt=t("datasets.refused.examples"))


def _download(snapshot: Snapshot, source: str, title: str, rows: int, elsewhere: bool) -> None:
    zipped = refused_rows.is_zipped(rows)
    words = "datasets.refused.all" if elsewhere else "datasets.refused.mendable"
    st.download_button(
        t(words, n=number(rows)),
        partial(refused_rows.to_file, snapshot, source, title, elsewhere),
        file_name=f"{refused_rows.file_name(title)}.{'zip' if zipped else 'csv'}",
        mime="application/zip" if zipped else "text/csv",
        icon=":material/download:",
        type="secondary" if elsewhere else "primary",
        key=f"datasets_refused_{'all' if elsewhere else 'mend'}",
        on_click="ignore",
    )
