"""The places that were chosen: in the URL as keys, and kept when the page changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from commerce.errors import Refused
from commerce.place import LONGEST_KEY, cell_key, look_up, read
from commerce.ui.frame import data

#: So many places can be compared.
MOST = 4


def keys(at: str) -> list[str]:
    """Return the keys of the places chosen, and take over what a link says.

    Streamlit forgets what is not of a widget when the page changes; what was chosen is
    kept in the session. Where somebody went back, or changed the link, the link counts.

    Args:
        at: name in the URL.
    """
    asked = [text[:LONGEST_KEY] for text in st.query_params.get_all(at) if text][:MOST]
    page = str(st.context.url or "")
    kept = st.session_state.get(_name(at))
    stayed = page == kept["page"] == st.session_state.get("page-before", page) if kept else True
    if kept is None or (asked != kept["written"] and (asked or stayed)):
        kept = {"keys": list(dict.fromkeys(asked))}
    st.session_state[_name(at)] = {"keys": kept["keys"], "written": asked, "page": page}
    return list(kept["keys"])


def write(at: str, shown: list[str]) -> None:
    """Put the places that this page shows into the URL."""
    state = st.session_state[_name(at)]
    if state["written"] != shown:
        if shown:
            st.query_params[at] = shown
        else:
            st.query_params.pop(at, None)
        st.session_state[_name(at)] = state | {"written": shown}


def choose(key: str, at: str = "at", many: bool = False, instead: str = "") -> None:
    """Choose the place ``key``; what means nothing is not chosen, and said on the page.

    Args:
        key: of the place.
        at: name in the URL.
        many: whether it stands beside the others, or takes the place of the first.
        instead: key of a chosen place that it takes the place of.
    """
    state = st.session_state.get(_name(at)) or {"keys": [], "written": [], "page": ""}
    try:
        key = look_up(key, data()).key
    except Refused as reason:
        st.session_state[f"{_name(at)}-said"] = (reason, key)
        return
    # What a link named in vain makes room.
    chosen = [k for k in state["keys"] if k != key and (k == instead or read(k, data()))]
    place = chosen.index(instead) if instead in chosen else len(chosen) if many else 0
    if many and key in state["keys"]:
        place = min(state["keys"].index(key), len(chosen))
        chosen.insert(place, key)
    else:
        chosen[place : place + 1] = [key]
    st.session_state[_name(at)] = state | {"keys": chosen[:MOST]}


def remove(key: str, at: str = "at") -> None:
    """Take the place ``key`` out of those chosen."""
    state = st.session_state.get(_name(at))
    if state:
        left = [known for known in state["keys"] if known != key]
        st.session_state[_name(at)] = state | {"keys": left}


def said(at: str) -> tuple[Refused, str] | None:
    """Return why the last choice was refused, once, and its key."""
    found: tuple[Refused, str] | None = st.session_state.pop(f"{_name(at)}-said", None)
    return found


def from_map(map_key: str, at: str = "at", many: bool = False) -> None:
    """Choose what was clicked on the map ``map_key``: a building, a named area, a dong, a cell.

    For ``st.pydeck_chart(on_select=…)``. A cell means the point in its middle; one that lies
    in no dong is refused with a sentence on the page.
    """
    for objects in st.session_state[map_key].selection.objects.values():
        key = _key_of(objects[0]) if objects else None
        if key:
            choose(key, at, many)
            return


def _key_of(clicked: Mapping[str, Any]) -> str | None:
    for column, kind in (("site_id", "site"), ("area_code", "area"), ("dong_code", "dong")):
        if clicked.get(column):
            return f"{kind}:{clicked[column]}"
    return cell_key(str(clicked.get("cell", "")))


def _name(at: str) -> str:
    return f"place-{at}"
