"""The guard of staff pages: each calls :func:`staff_only` first, and ends there for others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime import context

from commerce.access import is_at_this_machine
from commerce.i18n import t
from commerce.ui.frame import stop

#: Who asks, for journals, where nobody is signed in.
AT_THIS_MACHINE = "loopback"


def is_staff() -> bool:
    """Return whether the reader may see staff pages: see :mod:`commerce.access`."""
    return is_at_this_machine(*_connection())


def who() -> str:
    """Return who the reader is, for journals and saved queries."""
    return AT_THIS_MACHINE


def staff_only() -> None:
    """End the page for everybody but staff: it says how to sign in, and shows nothing."""
    if is_staff():
        return
    st.html(
        f'<p class="eyebrow">{t("guard.eyebrow")}</p>'
        f'<h1 class="headline">{t("guard.headline")}</h1><p class="basis">{t("guard.basis")}</p>'
    )
    st.markdown(t("guard.how"))
    stop()


def menu(section: DeltaGenerator, pages: Sequence[StreamlitPage]) -> None:
    """Draw the links of staff pages in ``section`` of the sidebar, for staff only."""
    if not is_staff():
        return
    with section:
        st.caption(t("guard.section"))
        for page in pages:
            st.page_link(page)


def _connection() -> tuple[str | None, Iterable[tuple[str, str]]]:
    """Return the other end of this session's connection, and the headers it began with.

    ``st.context.ip_address`` is None both for this machine and for an end that nobody
    knows, such as a Unix socket, which is where a proxy may stand.
    """
    client = context._get_client_context()
    if client is None:
        return None, ()
    return client.remote_ip, list(client.headers)
