"""The filter of named areas: trade areas, shopping streets and markets that were loaded."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from commerce.i18n import language, t
from commerce.ui.asked import MOST_VALUES, by_name, listed, plain, say_again, seed
from commerce.ui.frame import data
from commerce.ui.kept import kept


def areas() -> pd.DataFrame:
    """Return the named areas, with ``name`` in the reader's language."""
    return _named(data().run("area/list"))


@kept
def _named(rows: pd.DataFrame) -> pd.DataFrame:
    names = rows["name_ko"]
    if language() == "en":
        names = rows["name_en"].fillna(names)
    return rows.assign(name=names)


def draw() -> tuple[list[str] | None, str]:
    """Draw the filter where there are named areas.

    Returns:
        The codes of the areas chosen (None means all places), and their names.
    """
    rows = areas()
    if rows.empty:
        return None, ""
    labels = _labels(rows)
    say_again("area")
    seed("area", lambda text: next((c for c, label in labels.items() if label == text), text))
    chosen = st.multiselect(
        t("filter.area"),
        list(labels),
        format_func=lambda code: labels.get(code, code),
        key="area",
        bind="query-params",
        accept_new_options=True,
        placeholder=t("filter.area.all"),
        help=t("filter.area.help"),
    )
    codes: list[str] = []
    unknown: list[str] = []
    for text in chosen[:MOST_VALUES]:
        code = text if text in labels else by_name(rows, "area_code", text)
        if code:
            codes.append(code)
        else:
            unknown.append(text)
    if unknown:
        st.caption(f":material/help: {t('filter.unknown_area')} {plain(unknown)}")
    codes = list(dict.fromkeys(codes))
    if not codes:
        return None, ""
    names = dict(zip(rows["area_code"], rows["name"], strict=True))
    return codes, listed([names[code] for code in codes])


def outlines(codes: list[str] | None) -> tuple[tuple[str, str], ...]:
    """Return code and outline (GeoJSON text) of those chosen areas whose outline is known."""
    if not codes:
        return ()
    rows = areas()
    drawn = rows[rows["area_code"].isin(codes) & rows["boundary"].notna()]
    return tuple(zip(drawn["area_code"], drawn["boundary"], strict=True))


@kept
def _labels(rows: pd.DataFrame) -> dict[str, str]:
    """Return what each area is called among the options; one name may stand for several."""
    twice = rows["name"].duplicated(keep=False)
    codes = " (" + rows["area_code"] + ")"
    return dict(zip(rows["area_code"], rows["name"] + codes.where(twice, ""), strict=True))
