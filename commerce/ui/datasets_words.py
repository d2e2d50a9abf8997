"""What the datasets page says of its sources: how old, how read, what wants a look."""

from __future__ import annotations

import datetime as dt
from html import escape
from zoneinfo import ZoneInfo

import pandas as pd

from commerce.i18n import day, language, number, t
from commerce.ingest import reference
from commerce.ingest.market.registry import adapters
from commerce.refused_rows import ELSEWHERE
from commerce.ui import source_words
from commerce.ui.figures import ask
from commerce.ui.frame import known_until
from commerce.ui.sentences import say

#: Permits come monthly and sales by month or quarter, each some weeks late: days after which a
#: source is no longer recent, and after which one release at least was missed.
AGEING, OLD = 45, 120
#: Older days are told in months, and then in years.
_MONTHS_FROM, _MONTH = 60, 365.25 / 12
_SEOUL = ZoneInfo("Asia/Seoul")


def today() -> dt.date:
    """Return the day it is in Seoul."""
    return dt.datetime.now(_SEOUL).date()


def in_seoul(moments: pd.Series) -> pd.Series:
    """Return moments of the tables, which are UTC, as the clock in Seoul shows them."""
    return pd.to_datetime(moments, utc=True).dt.tz_convert(_SEOUL).dt.tz_localize(None)


def age_words(until: dt.date) -> str:
    """Return how long ago a day was, in words."""
    days = (today() - until).days
    if days < 0:
        return t("datasets.age.ahead")
    known = {0: "datasets.age.today", 1: "datasets.age.yesterday"}
    if days in known:
        return t(known[days])
    if days < _MONTHS_FROM:
        return t("datasets.age.days", n=number(days))
    months = round(days / _MONTH)
    if months < 24:
        return t("datasets.age.months", n=number(months))
    return t("datasets.age.years", n=number(months // 12))


def adapter_words(adapter: str) -> str:
    """Return how a source was read, in words."""
    if adapter in adapters():
        return adapters()[adapter].title
    for layout in reference.layouts():
        if layout.adapter == adapter:
            return layout.title_ko if language() == "ko" else layout.title_en
    key = f"datasets.adapter.{'demo' if adapter.startswith('demo_') else adapter}"
    return t(key) if t(key) != key else adapter


def is_used(rows: pd.DataFrame) -> pd.Series:
    """Return which sources still have rows that figures use."""
    return rows["rows_kept"] > rows["rows_superseded"]


def freshness(rows: pd.DataFrame) -> list[str]:
    """Return how fresh each source is.

    One of ``replaced``, ``timeless``, ``fresh``, ``ageing``, ``old``; words of each stand
    under ``datasets.fresh.<state>``.
    """
    found = []
    for used, until in zip(is_used(rows), pd.to_datetime(rows["snapshot_on"]), strict=True):
        age = None if until is pd.NaT else (today() - until.date()).days
        if not used:
            found.append("replaced")
        elif age is None:
            found.append("timeless")
        else:
            found.append("fresh" if age <= AGEING else "ageing" if age <= OLD else "old")
    return found


def headline(attention: int) -> tuple[str, str]:
    """Return the sentence that opens the page, and what it rests on."""
    rows = ask("data/sources").rows
    if not len(rows):
        return say("datasets.headline.empty"), ""
    until = known_until()
    kind = {0: "good", 1: "one"}.get(attention, "attention")
    loaded = in_seoul(rows["ingested_at"]).max()
    return say(
        f"datasets.headline.{kind}", until=day(until), age=age_words(until), n=number(attention)
    ), say(
        "datasets.basis",
        sources=number(len(rows)),
        rows_in=number(rows["rows_in"].sum()),
        kept=number(rows["rows_kept"].sum()),
        refused=number(rows["rows_refused"].sum()),
        loaded=day(None if loaded is pd.NaT else loaded.date()),
    )


def attention() -> list[str]:
    """Return what wants a look, each as a sentence of HTML, the most pressing first."""
    rows = ask("data/sources").rows
    found = []
    refused = ask("data/refused_reasons").rows
    mendable = refused[refused["reason"] != ELSEWHERE]
    if len(mendable):
        found.append(
            say(
                "datasets.attention.refused",
                rows=number(mendable["refused_rows"].sum()),
                sources=number(mendable["source_id"].nunique()),
            )
        )
    old = rows[[state == "old" for state in freshness(rows)]] if len(rows) else rows
    if len(old):
        found.append(say("datasets.attention.old", n=number(len(old)), names=_titles(old)))
    real = ~rows["synthetic"].astype(bool) & ~rows["tested_on_real_files"].astype(bool)
    untested = rows[real & is_used(rows)]
    if len(untested):
        found.append(
            say(
                "datasets.attention.untested",
                n=number(len(untested)),
                names=_titles(untested),
            )
        )
    unmapped = ask("data/unmapped_trades").rows
    if len(unmapped):
        found.append(say("datasets.attention.unmapped", permits=number(unmapped["permits"].sum())))
    sudden = ask("data/sudden_changes").rows
    recent = sudden[pd.to_datetime(sudden["month"]) > pd.Timestamp(known_until()) - _YEAR]
    if len(recent):
        names = recent[f"name_{language()}"].drop_duplicates().tolist()
        found.append(say("datasets.attention.sudden", names=_names(names)))
    return found


_YEAR = pd.Timedelta(days=396)


def _titles(rows: pd.DataFrame) -> str:
    return _names([source_words.title(title) for title in rows["title"]])


def _names(names: list[str]) -> str:
    """Return the first few names; more are counted."""
    return ", ".join(names[:3]) + (f" +{number(len(names) - 3)}" if len(names) > 3 else "")


def listed(sentences: list[str], title: str) -> str:
    """Return sentences as an HTML list under a small title; the sentences are HTML already."""
    items = "".join(f"<li>{sentence}</li>" for sentence in sentences)
    return f'<p class="legend-title">{escape(title)}</p><ul class="says">{items}</ul>'
