"""The filters in the sidebar: neighbourhood, trade, years, bulk clean-ups.

Their values live in the URL and stay when the page changes. Whatever the URL says is
checked here again: what means nothing is named once and left out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from html import escape

import pandas as pd
import streamlit as st

from commerce.i18n import language, name_column, t
from commerce.ui import area_filter
from commerce.ui.asked import MOST_VALUES, by_name, keep, listed, plain, recall, say_again, seed
from commerce.ui.frame import data, known_until
from commerce.ui.kept import kept
from commerce.ui.whole_place import whole_place

_FIRST_YEAR = 2010
# Stands for the trades that need no permit: no permit has it, so nothing is counted.
_NO_TRADE = "-"


@dataclass(frozen=True)
class Selection:
    """What the reader chose; None means all."""

    dong_codes: list[str] | None
    category_ids: list[str] | None
    area_codes: list[str] | None = None
    from_month: dt.date | None = None
    to_month: dt.date | None = None
    include_bulk: bool = True
    place: str = ""
    trade: str = ""
    #: Of all trades asked for, also those that need no permit: their ids and their names.
    asked_trades: tuple[list[str] | None, str] = (None, "")

    def also_without_permits(self) -> Selection:
        """Return the selection with all trades asked for, for data that is not of permits."""
        ids, names = self.asked_trades
        return replace(self, category_ids=ids, trade=names)

    @property
    def without_permits(self) -> bool:
        """Whether only trades were asked for that need no permit, so that there is no data."""
        return self.category_ids == [_NO_TRADE]

    def years(self) -> tuple[int, int]:
        """Return the first and the last year of the period."""
        assert self.from_month is not None
        assert self.to_month is not None
        return self.from_month.year, self.to_month.year

    def params(self) -> dict[str, object]:
        """Return the parameters for queries."""
        return {
            "dong_codes": self.dong_codes,
            "area_codes": self.area_codes,
            "category_ids": self.category_ids,
            "from_month": self.from_month,
            "to_month": self.to_month,
            "include_bulk": self.include_bulk,
        }

    def outlines(self) -> tuple[tuple[str, str], ...]:
        """Return code and outline of the named areas, to draw on maps."""
        return area_filter.outlines(self.area_codes)

    def eyebrow(self) -> str:
        """Return place and trade as escaped HTML."""
        place = self.place[:1].upper() + self.place[1:]
        return escape(f"{place} · {self.trade}")


def dongs() -> pd.DataFrame:
    """Return the dongs of the district, with ``name`` in the reader's language.

    Beside it ``full_ko`` and ``full_en``: the names in each language, with the district where
    there are several.
    """
    return _named_dongs(data().run("dong/list"))


@kept
def _named_dongs(rows: pd.DataFrame) -> pd.DataFrame:
    full = {"full_ko": rows["name_ko"], "full_en": rows["name_en"]}
    if rows["district_name_ko"].nunique() > 1:  # the same name stands in several districts
        full["full_ko"] = rows["district_name_ko"] + " " + rows["name_ko"]
        full["full_en"] = rows["name_en"] + ", " + rows["district_name_en"]
    return rows.assign(name=full[f"full_{language()}"], **full)


def categories() -> pd.DataFrame:
    """Return the trades, with ``name`` in the reader's language."""
    return _named(data().run("category/list"))


@kept
def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(name=rows[name_column()])


def overlapping(ids: list[str]) -> bool:
    """Return whether a trade and the group that holds it are both among ``ids``."""
    rows = categories()
    parents = dict(zip(rows["category_id"], rows["parent_id"], strict=True))
    return any(parents.get(i) in ids for i in ids)


def draw() -> None:
    """Draw the filters that every page shares; ``app.py`` calls it before the page runs.

    Drawn by a page, they would be other widgets on each page and forget their value.
    """
    with st.sidebar.container(key="filters"):
        dong_codes, place = _places()
        area_codes, area = area_filter.draw()
        category_ids, trade, asked_trades = _trades()
    if area:
        place = f"{place} · {area}" if dong_codes else area
    st.session_state["chosen"] = Selection(
        dong_codes,
        category_ids,
        area_codes,
        place=place,
        trade=trade,
        asked_trades=asked_trades,
    )


def hide() -> None:
    """Take the shared filters out of sight on a page that asks nothing of them.

    They are still there, so that the next page has them as they were.
    """
    st.html("<style>.st-key-filters { display: none; }</style>")


def sidebar(years: str = "", bulk: bool = False) -> Selection:
    """Draw the further filters of a page and return all that was chosen.

    Args:
        years: catalogue key of what the years are of, where the page has a period.
        bulk: whether bulk clean-ups can be left out.
    """
    chosen: Selection = st.session_state["chosen"]
    with st.sidebar:
        if years:
            start, end = _years(years)
            chosen = replace(chosen, from_month=start, to_month=end)
        if bulk:
            recall("nobulk")
            without = st.toggle(
                t("filter.no_bulk"),
                key="nobulk",
                bind="query-params",
                help=t("definition.bulk"),
            )
            keep("nobulk")
            chosen = replace(chosen, include_bulk=not without)
    return chosen


def _places() -> tuple[list[str] | None, str]:
    rows = dongs()
    names = _names(rows, "dong_code")
    say_again("dong")
    seed("dong", lambda text: by_name(rows, "dong_code", text) or text)
    chosen = st.multiselect(
        t("filter.place"),
        list(names),
        format_func=lambda code: names.get(code, code),
        key="dong",
        bind="query-params",
        accept_new_options=True,
        placeholder=t("filter.place.all"),
    )
    known = dict.fromkeys(names, "")
    found, unknown = [], []
    for text in chosen[:MOST_VALUES]:
        code = text if text in known else by_name(rows, "dong_code", text)
        if code:
            found.append(code)
        else:
            unknown.append(text)
    if unknown:
        st.caption(f":material/help: {t('filter.unknown_place')} {plain(unknown)}")
    codes = list(dict.fromkeys(found))
    if not codes:
        return None, whole_place(rows)
    return codes, listed([names[code] for code in codes])


def _trades() -> tuple[list[str] | None, str, tuple[list[str] | None, str]]:
    rows = categories()
    names, labels = _names(rows, "category_id"), _trade_labels(rows)
    say_again("trade")
    seed("trade", lambda text: next((i for i, label in labels.items() if label == text), text))
    chosen = st.multiselect(
        t("filter.trade"),
        list(names),
        format_func=lambda i: labels.get(i, i),
        key="trade",
        bind="query-params",
        accept_new_options=True,
        placeholder=t("filter.trade.all"),
        help=t("filter.trade.help"),
    )
    found: list[str] = []
    unknown: list[str] = []
    for text in chosen[:MOST_VALUES]:
        ids = [text] if text in names else _trades_by_word(text)
        found.extend(ids)
        if not ids:
            unknown.append(text)
        elif ids != [text]:
            st.caption(f"{plain([text])} → {', '.join(names[i] for i in ids)}")
    if unknown:
        st.caption(f":material/help: {t('filter.unknown_trade')} {plain(unknown)}")
    ids = list(dict.fromkeys(found))
    asked = (ids or None, listed([names[i] for i in ids]) if ids else t("filter.trade.all"))
    without = [i for i in ids if i in _without_permits(rows)]
    if without:
        trades = ", ".join(names[i] for i in without)
        st.warning(t("filter.no_permits", trades=trades), icon=":material/info:")
        ids = [i for i in ids if i not in without]
    if not ids:
        if without:  # nothing may stand for a trade that the data does not have
            return [_NO_TRADE], ", ".join(names[i] for i in without), asked
        return None, t("filter.trade.all"), asked
    return ids, listed([names[i] for i in ids]), asked


@kept
def _names(rows: pd.DataFrame, key: str) -> dict[str, str]:
    return dict(zip(rows[key], rows["name"], strict=True))


@kept
def _trade_labels(rows: pd.DataFrame) -> dict[str, str]:
    """Return what each trade is called among the options: a group says that it is one."""
    names = _names(rows, "category_id")
    groups = rows.loc[rows["parent_id"].isna(), "category_id"]
    return names | {i: t("filter.whole_group", name=names[i]) for i in groups if i != "other"}


@kept
def _without_permits(rows: pd.DataFrame) -> frozenset[str]:
    return frozenset(rows.loc[~rows["has_permits"], "category_id"])


def _trades_by_word(text: str) -> list[str]:
    """Return the trades that the word fits best; a group only where no trade of it fits."""
    found = data().run("category/search", text=text).to_dict("records")
    best = [row for row in found if row["score"] == found[0]["score"]]
    trades = [row for row in best if isinstance(row["parent_id"], str)]
    return [str(row["category_id"]) for row in trades or best]


def _years(label: str) -> tuple[dt.date, dt.date]:
    last = known_until()
    first = min(_FIRST_YEAR, last.year - 1)
    options = list(range(first, last.year + 1))
    recall("years")
    start, end = st.select_slider(
        t(label),
        options,
        value=(max(first, last.year - 10), last.year),
        key="years",
        bind="query-params",
    )
    keep("years")
    start, end = sorted((int(start), int(end)))
    return dt.date(start, 1, 1), min(dt.date(end, 12, 1), last.replace(day=1))
