"""About: where the figures come from, what they mean, and what they do not know."""

import streamlit as st

from commerce.i18n import day, number, t
from commerce.ui import about_tables, model_record
from commerce.ui.figures import ask, draw_chart, figure, headline, small_table
from commerce.ui.frame import colours, known_until
from commerce.ui.line_breaks import in_text

sources = ask("data/sources")
quality = ask("data/quality")
permits = quality.rows["of_permits"].max()
headline(
    t("nav.about"),
    t("about.headline"),
    t(
        "about.basis" if permits else "about.basis.no_permits",
        sources=number(len(sources.rows)),
        permits=number(permits),
        until=day(known_until()),
    ),
)

with figure("about-sources", t("about.sources"), sources, note=t("about.sources.note")):
    st.dataframe(
        about_tables.sources(sources.rows),
        hide_index=True,
        placeholder="–",
        column_config=about_tables.source_columns(),
        alt=t("about.sources"),
    )

refused = ask("data/refused_reasons")
with figure("about-refused", t("about.refused"), refused):
    if len(refused.rows):
        st.dataframe(
            about_tables.refused(refused.rows),
            hide_index=True,
            placeholder="–",
            column_config=about_tables.counted_columns("rows_refused", "%.3f"),
            alt=t("about.refused"),
        )
    else:
        st.write(t("about.refused.none"))

with figure("about-quality", t("about.quality"), quality, note=t("about.quality.note")):
    if permits:
        st.dataframe(
            about_tables.quality(quality.rows),
            hide_index=True,
            placeholder="–",
            column_config=about_tables.counted_columns("permits", "%.1f"),
            alt=t("about.quality"),
        )
    else:
        st.write(t("about.quality.none"))

compared = ask("data/coverage")
sold = bool(len(ask("sales/series").rows))
with figure(
    "about-reconciliation",
    t("about.reconciliation"),
    compared,
    note=t("about.reconciliation.note" if permits else "about.reconciliation.note.no_permits"),
    definition="definition.reconciliation",
):
    if about_tables.comparable(compared.rows):
        st.dataframe(
            about_tables.reconciliation(compared.rows, sold),
            hide_index=True,
            placeholder="–",
            height=420,
            column_config=about_tables.reconciliation_columns(compared.rows),
            alt=t("about.reconciliation"),
        )
        st.caption(t("about.reconciliation.dash"))
    else:
        st.write(t("about.reconciliation.none"))

record = ask("model/record")
if len(record.rows):
    card = ask("model/card").rows.iloc[0]
    with figure(
        "about-model",
        model_record.title(record.rows),
        record,
        note=t(
            "about.model.note",
            cut=day(card["cut_on"]),
            learnt=number(card["record_openings"]),
            tested=number(card["record_tested"]),
        ),
        definition="definition.expected",
        method=t("about.model.method"),
    ):
        draw_chart(
            model_record.points(record.rows),
            model_record.calibration(colours()),
            key="chart_model",
            alt=t("about.model"),
        )
        small_table(*model_record.table(record.rows))
else:
    st.subheader(t("about.model"), anchor=False)
    st.write(t("about.model.none" if permits else "about.model.no_permits"))

st.subheader(t("about.definitions"), anchor=False)
for term in about_tables.TERMS:
    st.markdown(in_text(f"**{t(f'about.term.{term}')}** — {t(f'definition.{term}')}"))

st.subheader(t("about.limits"), anchor=False)
st.markdown(t("about.limits.text"))
st.subheader(t("about.licence"), anchor=False)
st.markdown(t("about.licence.text"))
