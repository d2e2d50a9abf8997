"""The part of the workbench in which SQL is typed: editor, parameters, run, save."""

from __future__ import annotations

import streamlit as st

from commerce.i18n import language, set_language, t
from commerce.ui import workbench_editor, workbench_library, workbench_values
from commerce.ui.workbench_desk import Desk


def draw(desk: Desk) -> None:
    """Draw editor and buttons; typing redraws this part alone, a run the whole page."""
    _draw(desk, language())


@st.fragment
def _draw(desk: Desk, reader: str) -> None:
    set_language(reader)  # redrawn alone, no page has said it
    if desk.name:
        st.caption(f":material/description: {t('workbench.from')} `{desk.name.replace('`', '')}`")
    run = workbench_editor.draw(desk)
    values = workbench_values.inputs(desk)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        clicked = st.button(
            t("workbench.run"),
            icon=":material/play_arrow:",
            key="workbench_run",
            shortcut="Ctrl+Enter",
        )
        workbench_library.save_and_share(desk, values)
        st.toggle(
            t("workbench.plain"),
            value=desk.plain,
            key="workbench_plain",
            on_change=desk.change_editor,
        )
    if run or clicked or desk.go:
        desk.go = False
        workbench_library.start(desk, values)
        st.rerun()
