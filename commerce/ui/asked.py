"""What a link asks for: a filter's first value from the URL, and names for what means nothing."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

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


def plain(texts: list[str]) -> str:
    """Return texts from the URL as literal Markdown, cut short."""
    return ", ".join("`" + text.replace("`", "'")[:40] + "`" for text in texts[:5])


def listed(names: list[str]) -> str:
    """Return the first three names, and how many more there are."""
    return ", ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")
