"""What a proposal would change: permits by kind and field, examples, figures, rows of tables."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import language, money, number, percent, t
from commerce.publishing import Changes, Moved, Proposal
from commerce.ui import datasets_charts, filters, source_words
from commerce.ui.figures import draw_chart
from commerce.ui.frame import colours

#: Kinds of change in the order in which people ask for them; the later only where there are any.
_ALWAYS, _SOMETIMES = ("new", "changed", "same"), (
    "vanished",
    "returned",
    "reidentified",
    "removed",
)  # fmt: skip
_FIGURES_SHOWN = 12


def draw(proposal: Proposal) -> None:
    """Draw what would change."""
    changes = proposal.changes
    st.subheader(t("datasets.report.change"), anchor=False)
    if changes.first:
        st.write(t("datasets.report.first", n=number(changes.new)))
    else:
        _kinds(changes)
        _fields(changes)
        _examples(changes)
        _figures(changes)
    with st.expander(t("datasets.report.tables"), icon=":material/table_rows:"):
        _tables(changes)


def _kinds(changes: Changes) -> None:
    counts = {kind: int(getattr(changes, kind)) for kind in (*_ALWAYS, *_SOMETIMES)}
    shown = [*_ALWAYS, *(kind for kind in _SOMETIMES if counts[kind])]
    grid = st.grid(min(len(shown), 4), min_column_width=130, gap="small")
    for kind in shown:
        with grid.cell():
            st.metric(
                t(f"datasets.change.{kind}"),
                number(counts[kind]),
                help=t(f"datasets.change.{kind}.help"),
            )


def _fields(changes: Changes) -> None:
    found = sorted(changes.fields.items(), key=lambda pair: -pair[1])
    rows = pd.DataFrame(
        [(t(f"changes.field.{name}"), n, number(n), False) for name, n in found if n],
        columns=["label", "rows", "text", "elsewhere"],
    )
    if not len(rows):
        return
    title = t("datasets.report.fields", n=number(changes.changed))
    st.markdown(f"**{title}**")
    draw_chart(
        rows,
        datasets_charts.fields(colours(), len(rows)),
        key="chart_datasets_fields",
        alt=title,
    )
    st.caption(t("datasets.report.fields.note"))


def _examples(changes: Changes) -> None:
    if not changes.examples:
        return
    rows = []
    for example in changes.examples:
        fields = example.fields or (("", None, None),)
        for name, before, after in fields:
            rows.append(
                {
                    t("datasets.report.kind"): t(f"datasets.change.{example.kind}"),
                    t("datasets.report.name"): example.name,
                    t("datasets.report.field"): t(f"changes.field.{name}") if name else None,
                    t("datasets.report.before"): _field_words(name, before),
                    t("datasets.report.after"): _field_words(name, after),
                    t("datasets.report.service"): example.service
                    and source_words.service(example.service),
                    t("datasets.report.permit"): _permit(
                        example.permit_before, example.permit_after
                    ),
                }
            )
    with st.expander(t("datasets.report.examples"), icon=":material/list:"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            placeholder="–",
            alt=t("datasets.report.examples"),
        )


def _field_words(name: str, value: str | None) -> str | None:
    """Return the value of a field as people read it: codes become names."""
    if value is None:
        return None
    if name == "dong_code":
        rows = filters.dongs().set_index("dong_code")["name"]
        return str(rows.get(value, value))
    if name == "category_id":
        rows = filters.categories().set_index("category_id")["name"]
        return str(rows.get(value, value))
    if name in ("status", "exit_kind"):
        for key in (f"status.{value}", f"datasets.change.{value}"):
            if t(key) != key:
                return t(key)
    return value


def _permit(before: str | None, after: str | None) -> str | None:
    if before and after and before != after:
        return f"{before} → {after}"
    return after or before


def _figures(changes: Changes) -> None:
    unusual = changes.unusual
    title = (
        t("datasets.report.figures.unusual", n=number(len(unusual)))
        if unusual
        else t("datasets.report.figures.usual")
    )
    st.markdown(f"**{title}**")
    if changes.boundaries_changed:
        st.caption(t("datasets.report.figures.boundaries"))
    shown = [
        *unusual,
        *(moved for moved in changes.moved if not moved.unusual and moved.group is None),
    ][: max(_FIGURES_SHOWN, len(unusual))]
    if not shown:
        return
    whole = t("publishing.district")
    st.dataframe(
        pd.DataFrame(
            {
                t("datasets.report.figure"): [t(f"changes.figure.{m.figure}") for m in shown],
                t("datasets.report.area"): [
                    (m.group_ko if language() == "ko" else m.group_en) or whole for m in shown
                ],
                t("datasets.report.before"): [value_words(m, m.before) for m in shown],
                t("datasets.report.after"): [value_words(m, m.after) for m in shown],
                t("datasets.report.usual"): [_usual(m) for m in shown],
                t("datasets.report.unusual"): [
                    t("datasets.report.unusual.yes") if m.unusual else "" for m in shown
                ],
            }
        ),
        hide_index=True,
        placeholder="–",
        alt=title,
    )
    st.caption(t("datasets.report.figures.note"))


def value_words(moved: Moved, value: float | None) -> str:
    """Return a value of a figure in its unit."""
    if value is None or value != value:
        return "–"
    if moved.figure == "sales":
        return money(value)
    if moved.figure == "survival_3y":
        return percent(value)
    return number(value, 1 if moved.figure == "closure_rate" else 0)


def _usual(moved: Moved) -> str:
    if moved.usual_low is None or moved.usual_high is None:
        return "–"
    return f"{value_words(moved, moved.usual_low)} – {value_words(moved, moved.usual_high)}"


def _tables(changes: Changes) -> None:
    column = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "table": [t(f"datasets.table.{row.table}") for row in changes.rows],
                "before": [row.before for row in changes.rows],
                "after": [row.after for row in changes.rows],
            }
        ).astype({"before": "Int64", "after": "Int64"}),
        hide_index=True,
        placeholder="–",
        column_config={
            "table": t("datasets.report.table"),
            "before": column.NumberColumn(t("datasets.report.before"), format="localized"),
            "after": column.NumberColumn(t("datasets.report.after"), format="localized"),
        },
        alt=t("datasets.report.tables"),
    )
