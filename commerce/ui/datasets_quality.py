"""Quality over time: what is missing in the permits, and where counts changed suddenly."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import day, language, month, number, t
from commerce.ui import choices, datasets_charts, datasets_over_time, source_words
from commerce.ui.datasets_charts import MEASURES
from commerce.ui.figures import ask, draw_chart, figure
from commerce.ui.frame import colours, known_until
from commerce.ui.kept import kept
from commerce.ui.shape import MARKED

_SHOWN = 15


def draw() -> None:
    """Draw the view."""
    datasets_over_time.draw()
    _by_year()
    _by_service()
    _sudden()
    _unmapped()


def _by_year() -> None:
    answer = ask("data/quality_by_year")
    rows = answer.rows
    last = rows[rows["opened_year"] > rows["opened_year"].max() - 10]
    permits = last["permits"].sum()
    until = day(known_until())
    note = t("datasets.quality.year.note", n=number(rows["permits"].sum()), until=until)
    share = last["no_coordinates"].sum() / permits * 100 if permits else float("nan")
    with figure(
        "datasets-quality-year",
        t("datasets.quality.year", share=number(share, 1)),
        answer,
        note=note,
        definition="datasets.quality.year.definition",
    ):
        if len(rows):
            draw_chart(
                _lines(rows),
                datasets_charts.missing_by_year(colours()),
                key="chart_datasets_year",
                alt=note,
            )


@kept
def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of ``data/quality_by_year``, a row per year and kind.

    Years of fewer than 30 permits (for exits: exits) are left out.
    """
    found = []
    for measure in MEASURES:
        of = rows["exits"] if measure == "exit_unsure" else rows["permits"]
        part = rows[of >= MARKED]
        found.append(
            pd.DataFrame(
                {
                    "year": part["opened_year"],
                    "share": part[f"{measure}_share"].round(2),
                    "label": t(f"datasets.measure.{measure}"),
                    "n_text": [number(n) for n in of[of >= MARKED]],
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def _by_service() -> None:
    answer = ask("data/quality_by_service")
    measure = choices.choice(
        "datasets_missing", t("datasets.measure"), list(MEASURES), "datasets.measure."
    )
    rows = _bars(answer.rows, measure)
    if len(rows):
        first = rows.iloc[0]
        title = t(
            f"datasets.quality.service.{measure}", name=first["label"],
            share=number(first["share"], 1),
        )  # fmt: skip
    else:
        title = t("datasets.quality.service.none")
    shown, until = number(len(rows)), day(known_until())
    note = t("datasets.quality.service.note", shown=shown, until=until)
    with figure(
        "datasets-quality-service",
        title,
        answer,
        note=note,
        definition="datasets.quality.year.definition",
    ):
        if len(rows):
            draw_chart(
                rows,
                datasets_charts.missing_by_service(colours(), len(rows), measure),
                key=f"chart_datasets_service_{measure}",
                alt=note,
            )


@kept
def _bars(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the services in which most is missing."""
    of = rows["exits"] if measure == "exit_unsure" else rows["permits"]
    part = rows[(of >= MARKED) & (rows[measure] > 0)]
    part = part.sort_values(f"{measure}_share", ascending=False).head(_SHOWN)
    return pd.DataFrame(
        {
            "label": source_words.said(part)["service_name"],
            "share": part[f"{measure}_share"].round(2),
            "text": [f"{number(share, 1)}%" for share in part[f"{measure}_share"]],
            "n_text": [
                f"{number(n)} / {number(whole)}"
                for n, whole in zip(part[measure], of[part.index], strict=True)
            ],
        }
    )


def _sudden() -> None:
    answer = ask("data/sudden_changes")
    rows = answer.rows
    if len(rows):
        most = rows.loc[rows["deviations"].abs().idxmax()]
        title = t(
            "datasets.quality.sudden",
            name=most[f"name_{language()}"],
            month=month(most["month"]),
            kind=t(f"datasets.kind.{most['kind']}"),
            permits=number(most["permits"]),
            usual=number(most["usual"], 1),
        )
    else:
        title = t("datasets.quality.sudden.none")
    note = t("datasets.quality.sudden.note", until=day(known_until()))
    with figure(
        "datasets-sudden",
        title,
        answer,
        note=note,
        definition="datasets.quality.sudden.definition",
    ):
        if len(rows):
            points = _points(rows)
            draw_chart(
                points,
                datasets_charts.sudden_changes(colours(), points["label"].nunique()),
                key="chart_datasets_sudden",
                alt=note,
            )


@kept
def _points(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the months that stand out as the chart draws them."""
    return pd.DataFrame(
        {
            "month": pd.to_datetime(rows["month"]),
            "label": rows[f"name_{language()}"],
            "kind": [t(f"datasets.kind.{kind}") for kind in rows["kind"]],
            "permits": rows["permits"],
            "usual": rows["usual"].round(2),
            "is_more": rows["deviations"] > 0,
            "n_text": [number(n) for n in rows["bulk"]],
        }
    )


def _unmapped() -> None:
    answer = ask("data/unmapped_trades")
    rows = answer.rows
    title = (
        t(
            "datasets.quality.unmapped",
            n=number(len(rows)),
            permits=number(rows["permits"].sum()),
        )
        if len(rows)
        else t("datasets.quality.unmapped.none")
    )
    with figure(
        "datasets-unmapped",
        title,
        answer,
        note=t("datasets.quality.unmapped.note") if len(rows) else "",
        definition="datasets.unmapped.definition",
    ):
        if len(rows):
            st.dataframe(
                pd.DataFrame(
                    {
                        t("column.service_name"): source_words.said(rows)["service_name"],
                        t("column.trade_name"): rows["trade_name"],
                        t("column.permits"): rows["permits"],
                        t("column.share"): rows["share"].round(2),
                    }
                ),
                hide_index=True,
                placeholder="–",
                alt=title,
            )
