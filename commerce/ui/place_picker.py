"""Choosing a place: a box that searches while somebody types, and the radius around it.

``st.text_input(live=…)`` would search as well, but it is no combobox: suggestions could
not be walked through with the arrow keys, nor be read out. So this is a component of our
own, in a fragment: a key pressed reruns nothing but the box.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from commerce.errors import Refused
from commerce.i18n import language, name_column, number, set_language, t
from commerce.place import Place, instead_of, look_up, read
from commerce.search import LONGEST, Hit, How, finder
from commerce.search.addresses import short
from commerce.ui import filters
from commerce.ui.frame import data
from commerce.ui.place_state import MOST, choose, from_map, keys, remove, said, write

__all__ = ["MOST", "choose", "draw", "draw_many", "from_map", "radius"]
_LEAST_RADIUS, _MOST_RADIUS, _STEP, _RADIUS = 100, 1000, 50, 300
_MOST_HITS = 10
#: How long a key pressed waits for an index that is still being made, in seconds.
_PATIENCE = 0.3
_HERE = Path(__file__)
_HTML = """
<div class="picker">
  <ul class="chosen" hidden></ul>
  <label for="place"></label>
  <div class="field">
    <input id="place" type="text" role="combobox" aria-expanded="false" aria-autocomplete="list"
      aria-controls="places" aria-describedby="place-help" autocomplete="off" spellcheck="false"
      autocapitalize="off" enterkeyhint="search" maxlength="80">
    <button type="button" class="clear" hidden></button>
  </div>
  <span id="place-help" class="help quiet"></span>
  <span class="live quiet" role="status"></span>
  <div class="panel" hidden><p class="status" hidden></p><ul id="places" role="listbox"></ul></div>
</div>
"""
_box = st.components.v2.component(
    "place_picker",
    html=_HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def draw(key: str = "at", trades: bool = True) -> Place | None:
    """Draw the box for one place and return the place chosen, if any.

    Args:
        key: its name in the URL.
        trades: whether a trade can be found, too; it goes into the filter of trades.
    """
    places = _draw(key, False, trades)
    return places[0] if places else None


def draw_many(key: str = "at") -> list[Place]:
    """Draw the box for up to four places and return those chosen.

    Args:
        key: its name in the URL, which stands there once per place.
    """
    return _draw(key, True, False)


def radius() -> int:
    """Draw the slider of the radius and return it in metres: 100 to 1,000, kept in the URL."""
    chosen = st.slider(
        t("place.radius"),
        _LEAST_RADIUS,
        _MOST_RADIUS,
        _RADIUS,
        _STEP,
        format=t("place.radius.value"),
        key="radius",
        bind="query-params",
        help=t("place.radius.help"),
    )
    # The browser alone holds the limits of a slider.
    stepped = round(int(chosen) / _STEP) * _STEP
    return min(max(stepped, _LEAST_RADIUS), _MOST_RADIUS)


def _draw(at: str, many: bool, trades: bool) -> list[Place]:
    database = data()
    finder(database)  # begins to make the index, if nobody has
    asked = keys(at)
    shown = asked if many else asked[:1]
    places: list[Place] = []
    missing: list[tuple[Refused, str]] = []
    for key in shown:
        try:
            places.append(look_up(key, database))
        except Refused as error:
            missing.append((error, key))
    _combobox(language(), at, many, trades, [_chosen(place) for place in places])
    refused = said(at)
    for reason, key in [*missing, *([refused] if refused else [])]:
        _say(reason, key, at, many)
    write(at, shown)
    return places


def _chosen(place: Place) -> dict[str, str]:
    name = t("place.remove", name=place.label)
    return {"key": place.key, "label": place.label, "remove": name}


@st.fragment
def _combobox(lang: str, at: str, many: bool, trades: bool, chosen: list[dict[str, str]]) -> None:
    set_language(lang)  # nothing but this runs when a key is pressed
    name = f"place-box-{at}-{'many' if many else 'one'}"
    typed = str((st.session_state.get(name) or {}).get("typed") or "")[:LONGEST]
    hits, status, is_pending = _found(typed, trades)
    box = _box(
        key=name,
        data={
            "typed": typed,
            "hits": [_shown(hit) for hit in hits],
            "status": status,
            "isStatusShown": is_pending or not hits or hits[0].how == How.NEAR,
            "isPending": is_pending,
            "chosen": chosen,
            "many": many,
            "isFull": many and len(chosen) >= MOST,
            "words": {
                "label": t("place.label.trade" if trades else "place.label"),
                "placeholder": t("place.placeholder.many" if many else "place.placeholder"),
                "help": t("place.help"),
                "clear": t("place.clear"),
                "chosen": t("place.chosen"),
            },
        },
        on_typed_change=lambda: None,
        on_again_change=lambda: None,
        on_picked_change=lambda: _pick(str(st.session_state[name].picked), at, many),
        on_removed_change=lambda: remove(str(st.session_state[name].removed), at),
    )
    if many and len(chosen) >= MOST:
        st.caption(t("place.full"))
    if box.picked or box.removed:
        st.rerun()


def _pick(key: str, at: str, many: bool) -> None:
    """Take over what was picked in the box: a trade goes into the filter of trades."""
    kind, _, code = key.partition(":")
    if kind == "trade":
        if code in set(filters.categories()["category_id"]):
            st.session_state["trade"] = [code]
    else:
        choose(key, at, many)


def _found(typed: str, trades: bool) -> tuple[tuple[Hit, ...], str, bool]:
    """Return what was found, the sentence that says so, and whether the index is being made."""
    if not typed.strip():
        return (), "", False
    try:
        hits = finder(data()).result(timeout=_PATIENCE).search(typed, _MOST_HITS, trades)
    except TimeoutError:
        return (), t("place.status.preparing"), True
    if not hits:
        return (), t("place.status.none", text=typed[:40]), False
    found = t("place.status.found", n=number(len(hits)))
    return hits, t("place.status.near") if hits[0].how == How.NEAR else found, False


def _shown(hit: Hit) -> dict[str, str]:
    """Return what the box shows of a hit, as plain text."""
    return {
        "key": hit.key,
        "kind": t(f"place.kind.{hit.kind}"),
        "name": hit.name_en if language() == "en" and hit.name_en else hit.name,
        "detail": _detail(hit),
    }


def _detail(hit: Hit) -> str:
    rows = filters.dongs()
    names = dict(zip(rows["dong_code"], rows["name"], strict=True))
    dong = names.get(hit.dong_code, "") if hit.dong_code else ""
    if hit.kind == "trade":
        return t("place.detail.trade")
    if hit.kind == "dong":
        districts = rows.loc[rows["dong_code"] == hit.key[5:], f"district_{name_column()}"]
        return "".join(str(name) for name in districts.dropna()[:1])
    parts = [dong]
    if hit.kind == "shop":
        parts = [t("place.detail.standing" if hit.stands else "place.detail.gone")]
        parts.append(short(hit.street) if hit.street else dong)
    elif hit.kind == "address" and hit.permits is not None:
        parts.append(t("place.detail.permits", n=number(hit.permits)))
    return " · ".join(part for part in parts if part)


def _say(reason: Refused, key: str, at: str, many: bool) -> None:
    """Say what is missing of a link or a choice, and offer what comes near."""
    offers = _offers(key)
    missing = t(reason.key, **{name: _literal(str(v)) for name, v in reason.params.items()})
    then = t("place.instead") if offers else t("place.search_again")
    st.warning(f"{missing} {then}", icon=":material/wrong_location:")
    with st.container(horizontal=True):
        for number_of, place in enumerate(offers):
            st.button(
                _literal(place.label),
                key=f"place-instead-{at}-{key[:20]}-{number_of}",
                on_click=choose,
                args=(place.key, at, many, key),
            )


def _offers(key: str) -> list[Place]:
    """Return places that a key may have stood for; a text that is no key is searched."""
    database = data()
    found = instead_of(key, database)
    kind = key.partition(":")[0]
    if kind not in ("site", "dong", "area", "at"):
        try:
            hits = finder(database).result(timeout=2).search(key, 3, False)
        except TimeoutError:
            hits = ()
        found = [hit.key for hit in hits]
    places = (read(text, database) for text in found[:3])
    return [place for place in places if place is not None]


def _literal(text: str) -> str:
    """Return text as Markdown that shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!<>|~$:&" else c for c in text)
