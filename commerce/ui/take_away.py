"""The site report to take away: made in the background, then HTML, PDF and CSV to download."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from urllib.parse import urlencode

import streamlit as st

from commerce.break_even import Costs
from commerce.i18n import LANGUAGES, language, number, set_language, t
from commerce.report import to_bundle, to_html, to_pdf
from commerce.ui import site_cost
from commerce.ui.figures import ask
from commerce.ui.frame import data
from commerce.ui.site_cost import Plan
from commerce.ui.site_spot import Spot
from commerce.ui.take_away_report import gather

# One at a time: each holds a processor for seconds.
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="report")
_KEPT = "take_away"
_POLL = 0.6
# What was typed into the reckoning in KRW, by the name of its input: see site_cost.py.
_TYPED = "site_costs"
_VARIABLE, _TICKET, _DAYS, _MOST = 45, 12_000, 26, 10_000_000_000
_STEPS = ("gather", "html", "pdf", "csv")
_log = logging.getLogger(__name__)


@dataclass
class Job:
    """A report being made.

    ``step`` is how many of the four steps are done, -1 while it waits; ``files`` is whole
    when ``future`` is done.
    """

    key: tuple[object, ...]
    stem: str
    step: int = -1
    seconds: float = 0.0
    files: dict[str, bytes] = field(default_factory=dict)
    future: Future[None] | None = None


def draw(spot: Spot) -> None:
    """Draw the button that makes the report, its progress, and the files when they are there."""
    st.subheader(t("report.heading"), anchor=False)
    _offer(language(), spot)


def make(job: Job, spot: Spot, plan: Plan, own_costs: bool, link: str) -> None:
    """Make the files of ``job``, step by step, in the language of this run."""
    began = time.perf_counter()
    job.step = 0
    report = gather(spot, plan, own_costs, link)
    forms: list[tuple[str, Callable[..., bytes]]] = [
        ("html", to_html),
        ("pdf", to_pdf),
        ("zip", to_bundle),
    ]
    for form, render in forms:
        job.step += 1
        job.files[form] = render(report)
    job.step += 1
    job.seconds = time.perf_counter() - began


def begin(spot: Spot, plan: Plan, own_costs: bool, link: str, key: tuple[object, ...]) -> Job:
    """Begin to make the files in the background and return where they will be."""
    safe = "".join(c if c.isalnum() else "-" for c in spot.place.key)
    job = Job(key, f"report-{safe}-{language()}")
    # The words and the snapshot of the reader go along.
    job.future = _pool.submit(copy_context().run, make, job, spot, plan, own_costs, link)
    job.future.add_done_callback(lambda done: _told(done, spot.place.key))
    return job


def _told(done: Future[None], key: str) -> None:
    """Write down why a report failed: the page only says that it did."""
    if done.exception() is not None:
        _log.error("report of %s failed", key, exc_info=done.exception())


def costs(spot: Spot) -> tuple[Plan, bool]:
    """Return what stands in the inputs of the reckoning, and whether anything was typed."""
    typed: dict[str, float] = st.session_state.get(_TYPED, {})
    usual = site_cost.PLACEHOLDERS
    given = {name: _within(typed.get(name, amount), 0, _MOST) for name, amount in usual.items()}
    monthly = ask("sales/monthly", **spot.market("sales")).rows
    known = monthly[monthly["sales_per_shop"].notna()] if len(monthly) else monthly
    visit = float(known["sales_per_visit"].iloc[-1]) if len(known) else _TICKET
    local = float(known["sales_per_shop"].iloc[-1]) if len(known) else 0.0
    reckoned = Costs(
        rent=given["rent"],
        wages=given["wages"],
        owner_pay=given["owner"],
        loan=given["loan"],
        other=given["other"],
        variable_share=_within(typed.get("variable", _VARIABLE), 0, 95) / 100,
        outlay=given["outlay"],
    )
    ticket = _within(typed.get("ticket", round(visit or _TICKET, -2)), 100, _MOST)
    days = int(_within(typed.get("days", _DAYS), 1, 31))
    hoped = _within(typed.get("hoped", round(local, -5)), 0, _MOST)
    return Plan(reckoned, ticket, days, hoped or None), bool(typed)


def _within(value: float, least: float, most: float) -> float:
    """Return a number held within its limits; what is none becomes the least."""
    return float(min(max(value, least), most)) if value == value else float(least)


def _link(spot: Spot) -> str:
    """Return the address of this page with what was chosen."""
    base = str(st.context.url or "").partition("?")[0]
    if not base:
        return ""
    chosen = [("at", spot.place.key), ("radius", str(spot.radius_m))]
    chosen += [("trade", trade) for trade in st.session_state.get("trade") or []]
    if language() != LANGUAGES[0]:
        chosen.append(("lang", "English"))
    typed: dict[str, float] = st.session_state.get(_TYPED, {})
    chosen += [(f"cost_{name}", f"{value:.0f}") for name, value in typed.items()]
    if not spot.chosen.include_bulk:
        chosen.append(("nobulk", "true"))
    return f"{base}?{urlencode(chosen, safe=':,')}"


@st.fragment
def _offer(lang: str, spot: Spot) -> None:
    set_language(lang)  # only this runs when the button is pressed, not app.py
    st.caption(t("report.about"))
    plan, own_costs = costs(spot)
    link = _link(spot)
    snapshot = data().snapshot
    key = (lang, f"{snapshot.path}:{snapshot.id}", spot, plan, link)
    job: Job | None = st.session_state.get(_KEPT)
    words = t("report.again" if job else "report.make")
    busy = job is not None and job.future is not None and not job.future.done()
    pressed = st.button(words, icon=":material/description:", key="take_away_make", disabled=busy)
    if pressed and not busy:
        job = st.session_state[_KEPT] = begin(spot, plan, own_costs, link, key)
    if job is None or job.future is None:
        return
    if not job.future.done():
        st.fragment(_progress, run_every=_POLL)(lang, job)
    elif job.future.exception() is not None:
        st.error(t("report.failed"), icon=":material/error:")
    else:
        _files(job, job.key != key)


def _progress(lang: str, job: Job) -> None:
    """Say how far the report is; when it is done, draw the page's end anew."""
    set_language(lang)
    if job.future is None or job.future.done():
        st.rerun()
    words = t("report.waiting")
    if job.step >= 0:
        step = _STEPS[min(job.step, len(_STEPS) - 1)]
        words = t("report.working", step=t(f"report.step.{step}"))
    st.progress(max(job.step, 0) / len(_STEPS), words)


def _files(job: Job, changed: bool) -> None:
    kinds = {
        "html": ("HTML", "text/html", ":material/html:"),
        "pdf": ("PDF", "application/pdf", ":material/picture_as_pdf:"),
        "zip": (t("report.csv"), "application/zip", ":material/folder_zip:"),
    }
    st.caption(
        t("report.changed") if changed else t("report.ready", seconds=number(job.seconds, 1))
    )
    with st.container(horizontal=True, gap="small"):
        for form, (label, mime, icon) in kinds.items():
            st.download_button(
                label,
                job.files[form],
                file_name=f"{job.stem}.{form}",
                mime=mime,
                icon=icon,
                key=f"take_away_{form}",
                on_click="ignore",
            )
