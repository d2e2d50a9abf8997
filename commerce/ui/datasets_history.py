"""History: who published what, when and why; and going back, after saying what would change."""

from __future__ import annotations

import datetime as dt
from html import escape
from pathlib import Path

import streamlit as st

from commerce import snapshot as snapshots
from commerce.errors import Refused
from commerce.i18n import number, t
from commerce.publishing import Changes, Event, compare, events, rollback
from commerce.ui import datasets_done
from commerce.ui.datasets_changes import value_words
from commerce.ui.datasets_place import folder, when, who_words
from commerce.ui.frame import data
from commerce.ui.guard import who

_ASKED = "datasets back"
_MOST = 60


def draw() -> None:
    """Draw the view."""
    place = folder()
    if place is None:
        st.info(t("datasets.fixed"), icon=":material/lock:")
        return
    standing = snapshots.history(place)
    found = _entries(place, standing)[:_MOST]
    asked = st.session_state.get(_ASKED)
    if asked in standing and asked != datasets_done.served(place):
        _confirm(place, str(asked), found)
        return
    if datasets_done.is_fresh():
        datasets_done.draw()
    st.subheader(t("datasets.history.title"), anchor=False)
    if not found:
        st.write(t("datasets.history.none"))
        return
    st.html(f'<p class="figure-note">{t("datasets.history.keep", n=number(snapshots.keep()))}</p>')
    now = datasets_done.served(place)
    offered: set[str] = set()
    for place_in_list, event in enumerate(found):
        _event(event, now, standing, offered, place_in_list)


def _entries(place: Path, standing: list[str]) -> list[Event]:
    """Return what the history says, newest first, and snapshots that it knows nothing of."""
    found = [event for event in events(place) if event.action != "prune"]
    told = {event.snapshot for event in found}
    for name in standing:
        if name not in told:
            made = (place / name / "dataset.parquet").stat().st_mtime
            at = dt.datetime.fromtimestamp(made, dt.UTC)
            found.append(Event(at, "", "publish", name, None))
    return sorted(found, key=lambda event: event.at, reverse=True)


def _event(event: Event, now: str, standing: list[str], offered: set[str], number_: int) -> None:
    """Draw one entry; each snapshot that still stands is offered once."""
    first = event.snapshot not in offered
    offered.add(event.snapshot)
    current = event.snapshot == now and first
    with st.container(
        key=f"datasets-event-{number_}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.html(_entry(event, current), width="stretch")
        if current or not first:
            return
        if event.snapshot in standing:
            st.button(
                t("datasets.history.back"),
                key=f"datasets_back_{event.snapshot}",
                icon=":material/history:",
                on_click=_ask,
                args=(event.snapshot,),
            )
        else:
            st.caption(t("datasets.history.gone"), width="content")


def _entry(event: Event, current: bool) -> str:
    """Return one entry as HTML."""
    badge = (
        f' <span class="badge">{escape(t("datasets.history.current"))}</span>' if current else ""
    )
    why = t("datasets.history.why", why=event.why) if event.why else t("datasets.history.no_why")
    line = t("datasets.history.line", when=when(event.at), who=who_words(event.who))
    confirmed = ""
    if event.confirmed:
        checks = ", ".join(t(f"check.{check}") for check in event.failed)
        words = t("datasets.history.confirmed", checks=checks, reason=event.confirmed)
        confirmed = f'<p class="confirmed">{escape(words)}</p>'
    return (
        f'<div class="event {event.action}"><p><b>{escape(t(f"datasets.history.{event.action}"))}'
        f"</b> {escape(line)}{badge}</p><p>{escape(why)}</p>{confirmed}</div>"
    )


def _ask(name: str) -> None:
    st.session_state[_ASKED] = name


@st.cache_data(max_entries=16, show_spinner=False)
def _changes(before_id: str, _before: snapshots.Snapshot, after: str) -> Changes:
    return compare(_before, Path(after))


def _confirm(place: Path, name: str, found: list[Event]) -> None:
    """Say what going back would change, and ask."""
    event = next((event for event in found if event.snapshot == name), None)
    at = when(event.at) if event else name
    st.subheader(t("datasets.back.title", when=at), anchor=False)
    current = data().snapshot
    changes = _changes(current.id, current, str(place / name))
    counts = {row.table: row for row in changes.rows}.get("establishment")
    st.write(
        t(
            "datasets.back.changes",
            now=number(counts.before if counts else None),
            then=number(counts.after if counts else None),
            removed=number(changes.removed),
            changed=number(changes.changed),
        )
    )
    figures = [
        t(
            "datasets.back.figure",
            figure=escape(t(f"changes.figure.{moved.figure}")),
            before=value_words(moved, moved.before),
            after=value_words(moved, moved.after),
        )
        for moved in changes.moved
        if moved.group is None
    ]
    if figures:
        st.html(f'<ul class="says">{"".join(f"<li>{figure}</li>" for figure in figures)}</ul>')
    st.caption(t("datasets.back.stays"))
    why = st.text_input(t("datasets.back.why"), key="datasets_back_why", max_chars=300)
    with st.container(horizontal=True, gap="small"):
        go = st.button(
            t("datasets.back.do"), type="primary", icon=":material/history:",
            key="datasets_back_do",
        )  # fmt: skip
        no = st.button(t("datasets.back.cancel"), key="datasets_back_no")
    if no:
        st.session_state.pop(_ASKED, None)
        st.rerun()
    if go:
        active = datasets_done.active_now()
        try:
            snapshot = rollback(place, name, who=who(), why=why.strip())
        except Refused as error:
            st.error(t("datasets.back.failed", why=str(error)), icon=":material/error:")
            return
        st.session_state.pop(_ASKED, None)
        datasets_done.note(snapshot.path.name, active, back=True)
        st.rerun()
