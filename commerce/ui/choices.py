"""Choosing: one of a few options, kept in the URL; a dong on a map; a row in a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from commerce.i18n import LANGUAGES, messages, t
from commerce.ui.asked import say_again


def choice(key: str, label: str, options: list[str], prefix: str, hide_label: bool = False) -> str:
    """Draw a row of options to choose one from, kept in the URL, and return the chosen one.

    Args:
        key: its name in the URL.
        label: what is chosen.
        options: ids; the first is the default.
        prefix: catalogue key before the id, such as ``survival.by.``.
        hide_label: whether the label is left to screen readers.
    """
    if _only_the_url_says(key):
        _in_own_words(key, {
            option: (t(prefix + option), *(messages(lang)[prefix + option] for lang in LANGUAGES))
            for option in options
        })  # fmt: skip
    say_again(key)
    chosen = st.segmented_control(
        label,
        options,
        format_func=lambda option: t(prefix + option),
        default=None if key in st.session_state else options[0],
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed" if hide_label else "visible",
    )
    return chosen if chosen in options else options[0]


def _only_the_url_says(key: str) -> bool:
    """Return whether a choice comes with a link: the widget does not hold it yet."""
    return key not in st.session_state and key in st.query_params


def _in_own_words(key: str, options: Mapping[str, Sequence[str]]) -> None:
    """Let the URL say an option as the reader's language does, and begin the page anew.

    Streamlit reads and writes labels there and drops whatever else it finds; a link must
    outlive a switch of language, and one that people write has ids.

    Args:
        key: of the widget, and its name in the URL.
        options: by id, the label in the reader's language and then any others.
    """
    asked = st.query_params[key]
    if any(asked == labels[0] for labels in options.values()):
        return
    for option, labels in options.items():
        if asked in (option, *labels):
            st.query_params[key] = labels[0]
            st.rerun()


def pick(
    key: str,
    label: str,
    options: dict[str, str],
    wide: bool = False,
    also: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Draw options that come from the data, kept in the URL, and return the chosen id.

    Args:
        key: its name in the URL.
        label: what is chosen.
        options: what people read by id; the first is the default.
        wide: whether the options are long or many, so that they stand in a list.
        also: what a link may call an option too, by id: its words in other languages, so that
            links outlive a switch.
    """
    if _only_the_url_says(key):
        other = also or {}
        _in_own_words(key, {i: (words, *other.get(i, ())) for i, words in options.items()})
    if st.session_state.get(key) not in options:
        # Of another page or other data, or whatever a link says.
        st.session_state.pop(key, None)
        asked = st.query_params.get(key, "")
        found = (i for i, words in options.items() if asked in (i, words))
        st.session_state[key] = next(found, next(iter(options)))
    say_again(key)
    if wide:
        chosen: str | None = st.selectbox(
            label,
            list(options),
            format_func=lambda i: options.get(i, i),
            key=key,
            bind="query-params",
        )
    else:
        chosen = st.segmented_control(
            label,
            list(options),
            format_func=lambda i: options.get(i, i),
            key=key,
            required=True,
            bind="query-params",
            wrap=True,
        )
    return chosen if chosen in options else next(iter(options))


def select_dong_from_map(key: str) -> None:
    """Put the dong that was clicked on the map ``key`` into the filter, or take it out."""
    for objects in st.session_state[key].selection.objects.values():
        if objects and objects[0].get("dong_code"):
            _toggle("dong", str(objects[0]["dong_code"]))


def select_from_chart(key: str, name: str, target: str) -> None:
    """Put the row clicked in the chart ``key`` into the filter ``target``, or take it out."""
    picked = st.session_state[key].selection.get(name, [])
    if picked and "key" in picked[0]:
        _toggle(target, str(picked[0]["key"]))


def _toggle(target: str, value: str) -> None:
    chosen = list(st.session_state.get(target) or [])
    if value in chosen:
        st.session_state[target] = [c for c in chosen if c != value]
    else:
        st.session_state[target] = [*chosen, value]
