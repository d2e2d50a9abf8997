"""The library of the workbench: the project's queries, saved ones, history; and links to them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from commerce import library
from commerce.errors import Refused
from commerce.i18n import number, t
from commerce.queries import Query, load, names
from commerce.ui import choices, query_words
from commerce.ui.datasets_place import when
from commerce.ui.frame import data
from commerce.ui.guard import who
from commerce.ui.workbench_desk import Desk, Job

VIEW = "workbench_view"
#: Longer SQL is saved and shared by its id: browsers and mail cut long links.
MOST_LINK = 1_800
_OPENS = ("query", "p", "q", "sql")


def open_link(desk: Desk) -> None:
    """Put on the desk what the link asks for, once; a link never runs anything by itself."""
    asked = {key: st.query_params[key] for key in _OPENS if key in st.query_params}
    link = json.dumps(asked, sort_keys=True)
    if not asked or link == st.session_state.get("workbench link"):
        return
    st.session_state["workbench link"] = link
    if asked.get("query") in names():
        desk.put(load(asked["query"]).sql, _values(asked.get("p", "")), asked["query"])
    elif "q" in asked:
        try:
            found = library.find(asked["q"])
        except Refused as error:
            st.error(str(error))
            return
        if found:
            desk.put(found.sql, found.values, found.title)
        else:
            st.warning(t("workbench.link.gone"), icon=":material/link_off:")
    elif "sql" in asked:
        desk.put(asked["sql"][:MOST_LINK].replace("\0", ""), _values(asked.get("p", "")))


def _values(text: str) -> dict[str, Any]:
    """Return the parameters of a link; whatever else it says is none."""
    try:
        found = json.loads(text[:20_000] or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(name): value for name, value in found.items()} if isinstance(found, dict) else {}


def start(desk: Desk, values: dict[str, Any]) -> None:
    """Run what lies on the desk."""
    desk.stop()
    desk.job = Job(desk.sql, {n: v for n, v in values.items() if v is not None}, who(),
                   data().snapshot)  # fmt: skip


def save_and_share(desk: Desk, values: dict[str, Any]) -> None:
    """Draw the bubble in which a query gets a title and a link."""
    with st.popover(t("workbench.save"), icon=":material/bookmark:", key="workbench_save"):
        title = st.text_input(t("workbench.save.title"), key="workbench_title", max_chars=120)
        note = st.text_area(t("workbench.save.note"), key="workbench_note", max_chars=2000)
        if st.button(t("workbench.save.do"), key="workbench_save_do"):
            try:
                entry = library.save(title, note, desk.sql, values, who())
            except Refused as error:
                st.error(str(error))
            else:
                st.success(t("workbench.saved"), icon=":material/check:")
                st.code(_address(q=entry.id), language=None, wrap_lines=True)
        given = {name: str(value) if isinstance(value, dt.date) else value
                 for name, value in values.items() if value is not None}  # fmt: skip
        more = {"p": json.dumps(given, ensure_ascii=False)} if given else {}
        link = _address(sql=desk.sql, **more)
        if desk.sql.strip() and len(link) <= MOST_LINK:
            st.caption(t("workbench.share"))
            st.code(link, language=None, wrap_lines=True)


def _address(**query: str) -> str:
    base = (st.context.url or "/workbench").split("?")[0]
    return f"{base}?{urlencode(query)}"


def draw(desk: Desk) -> None:
    """Draw the project's queries by their subject."""
    folders = sorted({name.partition("/")[0] for name in names()})
    asked = st.text_input(
        t("workbench.library.search"), key="workbench_search", icon=":material/search:"
    )
    words = (asked or "").lower().split()
    if words:
        shown = [
            query
            for query in map(load, names())
            if all(word in query_words.searched(query) for word in words)
        ]
    else:
        folder = choices.choice(
            "subject", t("workbench.library.subject"), folders, "workbench.subject."
        )
        shown = [load(name) for name in names() if name.startswith(f"{folder}/")]
    if not shown:
        st.write(t("workbench.library.none"))
    for query in shown[:60]:
        with st.container(border=False, key=f"workbench_entry_{query.name.replace('/', '_')}"):
            st.markdown(f"**`{query.name}`** — {_plain(query_words.title(query))}")
            st.caption(_plain(f"{query_words.grain(query)} · {_columns(query)}"))
            _buttons(desk, query.name, query.sql, {}, query.name)


def draw_saved(desk: Desk) -> None:
    """Draw the saved queries, and all of them as one file."""
    entries = library.saved()
    if not entries:
        st.write(t("workbench.saved.none"))
        return
    for entry in entries:
        with st.container(key=f"workbench_saved_{entry.id}"):
            st.markdown(f"**{_plain(entry.title)}**")
            at = when(dt.datetime.fromisoformat(entry.at))
            st.caption(_plain(f"{at} · {entry.note}" if entry.note else at))
            _buttons(desk, entry.id, entry.sql, entry.values, entry.title, saved=True)
    st.download_button(
        t("workbench.saved.export"),
        library.to_json,
        file_name="queries.json",
        mime="application/json",
        icon=":material/download:",
        key="workbench_saved_export",
        on_click="ignore",
    )


def draw_history(desk: Desk) -> None:
    """Draw the reader's own last runs, from the journal."""
    runs = library.history(who(), 30)
    if not runs:
        st.write(t("workbench.history.none"))
    for i, run in enumerate(runs):
        at = when(dt.datetime.fromisoformat(run.at))
        done = run.outcome in ("done", "rows", "size")
        ended = t("workbench.history.rows", rows=number(run.rows)) if done else _why(run.outcome)
        with st.container(key=f"workbench_run_{i}"):
            took = t("datasets.time.seconds", n=number(run.seconds, 1))
            st.caption(f"{at} · {_plain(ended)} · {took}")
            st.code(_short(run.sql), language="sql")
            _buttons(desk, f"run{i}", run.sql, _journal_values(run.values), "")


def _why(outcome: str) -> str:
    """Return why a run failed, as far as the journal knows: it holds no particulars."""
    if outcome == "sandbox.timeout":
        return t("workbench.history.timeout")
    words = t(outcome)
    known = words != outcome and "{" not in words
    return words if known else t("workbench.history.failed")


def _buttons(
    desk: Desk, key: str, sql: str, values: dict[str, Any], name: str, saved: bool = False
) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("workbench.open"), key=f"workbench_open_{key}", icon=":material/edit:",
            type="tertiary", on_click=_put, args=(desk, sql, values, name),
        )  # fmt: skip
        st.button(
            t("workbench.run"), key=f"workbench_go_{key}", icon=":material/play_arrow:",
            type="tertiary", on_click=_put, args=(desk, sql, values, name, True),
        )  # fmt: skip
        if saved:
            st.button(
                t("workbench.saved.remove"), key=f"workbench_remove_{key}",
                icon=":material/delete:", type="tertiary", on_click=library.remove, args=(key,),
            )  # fmt: skip


def _put(desk: Desk, sql: str, values: dict[str, Any], name: str, run: bool = False) -> None:
    desk.put(sql, dict(values), name)
    st.session_state[VIEW] = "query"
    desk.go = run


def _journal_values(values: dict[str, str]) -> dict[str, Any]:
    """Return values as the journal tells them (as Python writes them) as inputs take them."""
    found: dict[str, Any] = {}
    for name, text in values.items():
        if text.startswith("["):
            found[name] = text.strip("[]").replace("'", "").replace('"', "")
        elif text not in ("None", ""):
            found[name] = text
    return found


def _columns(query: Query) -> str:
    return ", ".join(field.name for field in query.columns)


def _short(sql: str) -> str:
    """Return what a statement begins with, its header left out."""
    lines = [line for line in sql.splitlines() if line.strip() and not line.startswith("--")]
    return "\n".join(lines[:6])[:400] + (" …" if len(lines) > 6 else "")


def _plain(text: str) -> str:
    signs = "\\`*_{}[]<>()#+!|~$:"
    return "".join(f"\\{c}" if c in signs else c for c in " ".join(text.split()))
