"""The frame that every page stands in: language, look, the snapshot that is served."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from commerce.db import Database, database
from commerce.errors import Refused
from commerce.i18n import LANGUAGES, set_language, t
from commerce.ui.line_breaks import in_text
from commerce.ui.theme import Palette, palette

_data: ContextVar[Database | None] = ContextVar("data", default=None)
_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_ICON = str(Path(__file__).with_name("icon.svg"))
_DARK_VARIABLES = (
    ":root { --opened: #43B5AC; --closed: #E58468; --sales: #E0AC57; --footfall: #6FA8E8; "
    "--quiet: #B4BCC3; --closed-text: #F0A189; --on-primary: #10201F; --paper: #14191D; "
    "--primary-hover: #6CCBC3; }"
)
_LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}


def start() -> None:
    """Set up the page, its language and its look; call once, first, in ``app.py``."""
    st.set_page_config(page_icon=_ICON, layout="wide")
    with st.sidebar:
        names = list(_LANGUAGE_NAMES.values())
        chosen = st.segmented_control(
            "언어 Language",
            names,
            default=names[0],
            key="lang",
            bind="query-params",
            required=True,
            label_visibility="collapsed",
        )
    by_name = {name: code for code, name in _LANGUAGE_NAMES.items()}
    st.session_state["language-before"] = st.session_state.get("language-now")
    st.session_state["language-now"] = set_language(by_name.get(str(chosen), LANGUAGES[0]))
    _open()
    # What somebody came from another page with is kept: commerce/ui/place_state.py.
    st.session_state["page-before"] = st.session_state.get("page-now")
    st.session_state["page-now"] = str(st.context.url or "")
    dark = is_dark()
    st.html(f"<style>{_STYLE}{_DARK_VARIABLES if dark else ''}</style>")


def is_dark() -> bool:
    """Return whether the reader's screen is dark."""
    return st.context.theme.type == "dark"


def colours() -> Palette:
    """Return the palette of the reader's mode."""
    return palette(is_dark())


def data() -> Database:
    """Return the data that this run shows: one snapshot, even if another is published now."""
    found = _data.get()
    return found if found is not None else _open()


def _open() -> Database:
    """Open the data served now; where there is none, say so and stop the page."""
    try:
        found = database()
    except Refused as error:
        st.error(str(error), icon=":material/database_off:")
        st.stop()
    _data.set(found)
    return found


def is_synthetic() -> bool:
    """Return whether any of the data served now is invented."""
    return bool(data().run("data/sources")["synthetic"].any())


def known_until() -> dt.date:
    """Return the last day that the data served now knows (the latest S)."""
    latest = data().run("data/sources")["snapshot_on"].max()
    return dt.date.today() if latest is pd.NaT or latest != latest else pd.Timestamp(latest).date()


def synthetic_badge() -> str:
    """Return HTML that says the data is invented, or nothing where it is real."""
    if not is_synthetic():
        return ""
    mode = ' class="dark"' if is_dark() else ""
    return f'<span{mode}><span class="synthetic">{escape(t("frame.synthetic"))}</span></span>'


def stop() -> None:
    """End a page early, with what stands at the end of every page."""
    finish()
    st.stop()


def finish() -> None:
    """Close every page: where the data comes from, and that it may be invented."""
    notes = [t("frame.attribution")]
    if is_synthetic():
        notes.insert(0, t("frame.synthetic_long"))
    st.caption(in_text("  \n".join(notes)))
