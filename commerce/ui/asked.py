"""What a link asks for: a filter's first value from the URL, and names for what means nothing."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from commerce.i18n import LANGUAGES, language

# What a link may ask at most; whatever is longer is not a place or a trade.
MOST_VALUES, _LONGEST_VALUE = 30, 60


def seed(key: str, read: Callable[[str], str]) -> None:
    """Take a filter's first value from the URL.

    Streamlit would too, but then forgets it when the page changes.

    Args:
        key: of the widget, and its name in the URL.
        read: turns a text of the URL into an option, or returns it as it is.
    """
    if key not in st.session_state and key in st.query_params:
        asked = st.query_params.get_all(key)[:MOST_VALUES]
        st.session_state[key] = [read(text[:_LONGEST_VALUE]) for text in asked]


def say_again(key: str) -> None:
    """Let the URL call a widget's value by its new name on a switch of language.

    The widget keeps its value then, but Streamlit writes what it is called into the URL only
    when the value is set. Call it before the widget is drawn.
    """
    switched = st.session_state.get("language-before") not in (None, language())
    if switched and key in st.session_state:
        st.session_state[key] = st.session_state[key]


def recall(key: str) -> None:
    """Give a widget that pages draw themselves the value that another page left it with.

    To Streamlit it is another widget on each page, which begins with its default again. On
    the page that drew it last, the widget itself knows best.
    """
    page, value, texts = st.session_state.get(_kept(key), (_page(), None, []))
    if texts and page != _page() and key not in st.query_params:
        st.session_state[key] = value
        st.query_params[key] = texts


def keep(key: str) -> None:
    """Remember the value of a widget, and how the URL says it, for other pages that draw it."""
    texts = st.query_params.get_all(key)
    st.session_state[_kept(key)] = (_page(), st.session_state[key], texts)


def _kept(key: str) -> str:
    return f"kept {key}"


def _page() -> str:
    return urlsplit(st.context.url or "").path


def by_name(rows: pd.DataFrame, key: str, text: str) -> str | None:
    """Return the ``key`` of the one row so named, in either language.

    Links outlive a switch of language. A name that several rows bear tells none of them.
    """
    asked = text.strip().casefold()
    names = [f"{kind}_{code}" for kind in ("name", "full") for code in LANGUAGES]
    for column in ("name", *(column for column in names if column in rows)):
        hit = rows.loc[rows[column].str.casefold() == asked, key]
        if len(hit) == 1:
            return str(hit.iloc[0])
    return None


def plain(texts: list[str]) -> str:
    """Return texts from the URL as literal Markdown, cut short."""
    return ", ".join("`" + text.replace("`", "'")[:40] + "`" for text in texts[:5])


def listed(names: list[str]) -> str:
    """Return the first three names, and how many more there are."""
    return ", ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")
