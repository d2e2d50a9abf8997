"""The overview where no permits were loaded: is there money here, when, from whom, who passes."""

from __future__ import annotations

from html import escape

import streamlit as st

from commerce.ui import (
    footfall_sentences,
    footfall_shape,
    key_figures,
    sales_sentences,
    sentences,
    series,
)
from commerce.ui.figures import ask
from commerce.ui.filters import Selection


def headline(chosen: Selection) -> tuple[str, str]:
    """Return what sales say, else footfall, and that openings and survival cannot be told."""
    why, rest = sentences.no_file()
    sold, passed = series.first("sales"), series.first("footfall")
    params = chosen.params()
    if sold and len(rows := ask("sales/monthly", **params, series=sold.code).rows):
        said, basis = sales_sentences.headline(rows, float("nan"), sold, chosen)
    elif passed and len(rows := ask("footfall/monthly", **params, series=passed.code).rows):
        profile = ask("footfall/profile", **params, series=passed.code).rows
        said, basis = footfall_sentences.headline(rows, profile, passed, chosen)
    else:
        return why, rest
    return said, f"{basis}<br>{why} {rest}"


def draw(chosen: Selection) -> None:
    """Draw the figures of sales and footfall, and when and who in sentences."""
    params = chosen.params()
    key_figures.market(
        *(ask(f"{name}/monthly", **params, series=series.main(name)) for name in series.SUBJECTS)
    )
    said = []
    for name in series.SUBJECTS:
        shown = series.first(name)
        if shown is None:
            continue
        profile = ask(f"{name}/profile", **params, series=shown.code).rows
        flows = name == "sales" or footfall_shape.flows(shown.unit)
        said += footfall_sentences.findings(profile, flows, name)
        if name == "footfall":
            said += footfall_sentences.evening(profile, flows)
    if said:
        st.html(f'<ul class="says">{"".join(f"<li>{escape(one)}</li>" for one in said)}</ul>')
    partial(chosen)


def partial(chosen: Selection) -> None:
    """Say below the overview's figures which of them are not of whole neighbourhoods."""
    for name in series.SUBJECTS:
        note = series.partial(name, bool(chosen.area_codes))
        if note:
            st.caption(note)
