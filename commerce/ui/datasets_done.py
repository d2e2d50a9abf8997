"""After publishing or going back: what the overview now says, beside what it said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from commerce.i18n import number, t
from commerce.snapshot import resolve
from commerce.ui import filters, sentences
from commerce.ui.figures import ask
from commerce.ui.frame import data, is_synthetic

_KEY = "datasets done"


@dataclass(frozen=True)
class Done:
    """A switch that this session made.

    Args:
        snapshot: the name of the snapshot served since.
        active: permits in business before it; not a number where that data was invented.
        back: whether it went back.
    """

    snapshot: str
    active: float
    back: bool


def active_now() -> float:
    """Return the permits in business that the overview shows now; not a number if invented."""
    rows = ask("overview/headline").rows
    return float("nan") if is_synthetic() or not len(rows) else float(rows.iloc[0]["active"])


def note(snapshot: str, active: float, back: bool = False) -> None:
    """Remember that this session published or went back."""
    st.session_state[_KEY] = Done(snapshot, active, back)


def forget() -> None:
    """Say it no more."""
    st.session_state.pop(_KEY, None)


def is_fresh() -> bool:
    """Return whether this session has switched, and what it switched to is still served."""
    done = st.session_state.get(_KEY)
    return isinstance(done, Done) and data().snapshot.path.name == done.snapshot


def draw() -> None:
    """Draw what the overview now says, and the way there."""
    done: Done = st.session_state[_KEY]
    st.success(t("datasets.done.back" if done.back else "datasets.done.title"),
               icon=":material/check_circle:")  # fmt: skip
    chosen = filters.sidebar()
    row = ask("overview/headline", **chosen.params()).rows.iloc[0]
    sentence, _ = sentences.overview(row, chosen)
    before, after = number(done.active), number(active_now())
    kind = "first" if done.active != done.active else "same" if before == after else "moved"
    moved = t(f"datasets.done.{kind}", before=before, after=after)
    st.html(
        f'<div class="overview-says"><p class="eyebrow">{t("datasets.done.says")}</p>'
        f"<blockquote>{sentence}</blockquote><p>{moved}</p></div>"
    )
    st.page_link(
        "pages/explore/overview.py", label=t("datasets.done.link"), icon=":material/arrow_forward:"
    )


def served(place: Path) -> str:
    """Return the name of the snapshot that a data folder serves now."""
    return resolve(place).path.name
