"""New files: dropped, run dry in the background, and what became of it."""

from __future__ import annotations

from html import escape

import streamlit as st
from streamlit.config import get_option

from commerce.errors import Refused
from commerce.i18n import language, number, set_language, t
from commerce.ingest.setting import district_codes
from commerce.publishing import Options, Proposal, jobs, proposals
from commerce.publishing.jobs import Job, JobState
from commerce.sandbox.journal import state_dir
from commerce.snapshot import current_or_none
from commerce.ui import datasets_done, datasets_report
from commerce.ui.datasets_place import (
    folder,
    literally,
    save,
    size_words,
    time_words,
    when,
    who_words,
)
from commerce.ui.guard import who

STEPS = ("files", "run", "report", "publish")
VIEW = "datasets_view"
_JOB = "job"
_RATES = "datasets rates"


def draw() -> None:
    """Draw the step that the work is at: files, the run, its report, or what was published."""
    place = folder()
    if place is None:
        st.info(t("datasets.fixed"), icon=":material/lock:")
        return
    if datasets_done.is_fresh():
        _steps("done")
        datasets_done.draw()
        if st.button(t("datasets.done.more"), icon=":material/add:", key="datasets_more"):
            datasets_done.forget()
            st.rerun()
        return
    job = _job()
    state = job.state() if job else None
    if job and state and not state.done:
        _steps("run")
        _running(job)
        return
    if job and state and state.proposal_id is None:
        _steps("run")
        _ended(job, state)
        return
    waiting = proposals(place)
    if not waiting:
        _steps("files")
        _form()
        return
    _steps("report")
    datasets_report.draw(place, _chosen(waiting, state))


def open_link() -> None:
    """Begin with the files where the link is that of a dry run."""
    if _JOB in st.query_params and VIEW not in st.query_params and VIEW not in st.session_state:
        st.query_params[VIEW] = "new"


def notice(view: str) -> None:
    """Say in the other views that something is under way or waits, with a way there."""
    place = folder()
    if place is None or view == "new":
        return
    running = _running_job()
    if running:
        words = t("datasets.notice.running", who=who_words(running.who))
    elif proposals(place):
        words = t("datasets.notice.waiting")
    elif current_or_none(place) is None:
        words = t("datasets.notice.first")
    else:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="datasets-notice"):
        st.html(f'<p class="basis" role="status">{escape(words)}</p>', width="content")
        st.button(
            t("datasets.notice.open"),
            key="datasets_notice_open",
            icon=":material/arrow_forward:",
            on_click=_open_new,
        )


def _open_new() -> None:
    st.session_state[VIEW] = "new"


def _running_job() -> Job | None:
    return next((job for job in jobs.jobs(state_dir()) if not job.state().done), None)


def _job() -> Job | None:
    """Return the job to show: that of the link, else whichever is under way."""
    asked = st.query_params.get(_JOB, "")
    found = jobs.job(state_dir(), asked) if asked else None
    place = folder()
    if found is not None and place is not None and found.data_dir == place.absolute():
        return found
    return _running_job()


def _forget() -> None:
    st.query_params.pop(_JOB, None)
    st.session_state.pop(_RATES, None)


def _chosen(waiting: list[Proposal], state: JobState | None) -> Proposal:
    """Return the proposal to show; where several wait, the reader chooses."""
    if len(waiting) == 1:
        return waiting[0]
    by_id = {proposal.id: proposal for proposal in waiting}
    own = state.proposal_id if state and state.proposal_id in by_id else waiting[0].id
    if st.session_state.get("datasets_proposal") not in by_id:
        st.session_state["datasets_proposal"] = own
    chosen = st.selectbox(
        t("datasets.new.waiting"),
        list(by_id),
        format_func=lambda i: t(
            "datasets.new.waiting.option",
            when=when(by_id[i].made_at),
            who=who_words(by_id[i].who),
            n=number(len(by_id[i].sources) + len(by_id[i].refused_files)),
        ),
        key="datasets_proposal",
    )
    return by_id.get(str(chosen), waiting[0])


def _steps(now: str) -> None:
    """Draw the four steps, and where we are."""
    at = STEPS.index(now) if now in STEPS else len(STEPS)
    items = []
    for place, step in enumerate(STEPS):
        state = "done" if place < at else "now" if place == at else ""
        current = ' aria-current="step"' if place == at else ""
        items.append(
            f'<li class="{state}"{current}><i aria-hidden="true">'
            f"{'✓' if place < at else place + 1}</i>{escape(t(f'datasets.step.{step}'))}</li>"
        )
    st.html(f'<ol class="steps" aria-label="{t("datasets.steps")}">{"".join(items)}</ol>')


def _form() -> None:
    """Draw where files are dropped, what may be set, and the button that begins."""
    st.subheader(t("datasets.new.title"), anchor=False)
    st.html(f'<p class="figure-note">{t("datasets.new.note")}</p>')
    place = folder()
    assert place is not None
    if current_or_none(place) is None:
        st.info(t("datasets.notice.first"), icon=":material/info:")
    for key in ("datasets said", "datasets wrong"):
        if key in st.session_state:
            text = str(st.session_state.pop(key))
            (st.info if key == "datasets said" else st.error)(literally(text))
    most = f"{number(int(get_option('server.maxUploadSize')))} MB"
    _uploader_words(most)
    turn = st.session_state.setdefault("datasets turn", 0)
    files = st.file_uploader(
        t("datasets.new.files"), accept_multiple_files=True, key=f"datasets_files_{turn}"
    )
    if files:
        total = sum(file.size for file in files)
        st.caption(t("datasets.new.size", n=number(len(files)), size=size_words(total)))
    with st.expander(t("datasets.new.options"), icon=":material/tune:"):
        left, right = st.columns(2, vertical_alignment="top")
        district = left.text_input(
            t("datasets.new.district"),
            key="datasets_district",
            max_chars=200,
            help=t("datasets.new.district.help"),
        )
        on = right.date_input(
            t("datasets.new.day"),
            value=None,
            key="datasets_day",
            format="YYYY-MM-DD",
            help=t("datasets.new.day.help"),
        )
        fresh = st.checkbox(
            t("datasets.new.fresh"), key="datasets_fresh", help=t("datasets.new.fresh.help")
        )
    if fresh:
        st.warning(t("datasets.new.fresh.warning"), icon=":material/restart_alt:")
    begin = st.button(
        t("datasets.new.run"),
        type="primary",
        icon=":material/play_arrow:",
        key="datasets_run",
        disabled=not files,
    )
    if begin and files:
        try:
            district_codes(district)
            saved = save(list(files), jobs.inbox(state_dir()))
            options = Options(district.strip() or None, fresh, on if on else None)
            job = jobs.start(state_dir(), place, saved, who=who(), options=options)
        except Refused as error:
            st.error(literally(str(error)), icon=":material/error:")
            return
        st.query_params[_JOB] = job.id
        st.session_state["datasets turn"] = turn + 1
        st.rerun()


def _uploader_words(most: str) -> None:
    """Put the words that Streamlit's uploader says in English into the reader's language."""
    browse, limit = t("datasets.upload.browse"), t("datasets.upload.limit", size=most)
    st.html(f'<style>.stApp {{ --upload-browse: "{browse}"; --upload-limit: "{limit}"; }}</style>')


def _running(job: Job) -> None:
    st.subheader(literally(t("datasets.run.title", who=who_words(job.who))), anchor=False)
    st.html(f'<p class="figure-note">{t("datasets.run.note")}</p>')
    _watch(job, language())


@st.fragment(run_every=1)
def _watch(job: Job, reader: str) -> None:
    """Draw how far it is, each second; the page runs anew at the end."""
    set_language(reader)  # redrawn alone, no page has said it
    state = job.state()
    if state.done:
        st.query_params[_JOB] = job.id
        st.rerun()
    file = state.file.rsplit("/", 1)[-1]
    phase = "starting" if state.phase == "reading" and not file else state.phase
    text = t(f"datasets.run.phase.{phase}", file=file)
    st.progress(_share(state), text=literally(text))
    grid = st.grid(4, min_column_width=130, gap="small")
    read = state.phase in ("building", "checking")
    left = t("datasets.run.left.read" if read else "datasets.run.left.unknown")
    if state.seconds_left is not None:
        left = time_words(state.seconds_left)
    for key, value in (
        ("rows", number(state.rows)),
        ("rate", number(_rate(job, state))),
        ("seconds", time_words(state.seconds)),
        ("left", left),
    ):
        with grid.cell():
            st.metric(t(f"datasets.run.{key}"), value)
    if st.button(t("datasets.run.cancel"), icon=":material/stop_circle:", key="datasets_cancel"):
        job.cancel()
        st.query_params[_JOB] = job.id
        st.rerun()


def _share(state: JobState) -> float:
    """Return how much of the bar is full: reading takes about half of the time."""
    later = {"building": 0.6, "checking": 0.85}
    return later.get(state.phase, min(max(state.share, 0.0), 1.0) / 2)


def _rate(job: Job, state: JobState) -> float | None:
    """Return rows per second of the file that is read, or was read last; None while unknown."""
    mark = (job.id, state.file)
    known = st.session_state.get(_RATES, {})
    if state.phase == "reading":
        if known.get("mark") != mark or known["rows"] > state.rows:
            known = {"mark": mark, "rows": state.rows, "seconds": state.seconds, "rate": None}
        spent = state.seconds - known["seconds"]
        if spent > 0 and state.rows > known["rows"]:
            known["rate"] = (state.rows - known["rows"]) / spent
        st.session_state[_RATES] = known
    seen: float | None = known.get("rate")
    if seen is None and state.rows and state.seconds > 0:
        seen = state.rows / state.seconds
    return seen


def _ended(job: Job, state: JobState) -> None:
    """Say why there is no proposal, and offer to begin again."""
    if state.phase == "cancelled":
        st.info(t("datasets.run.cancelled"), icon=":material/info:")
    elif state.phase == "stopped":
        st.error(t("datasets.run.stopped"), icon=":material/power_off:")
    else:
        # People dropped a file, not a folder of ours.
        why = state.failed or ""
        for inbox in {path.rpartition("/")[0] for path in job.files}:
            why = why.replace(f"{inbox}/", "")
        st.error(literally(f"{why} {t('datasets.run.failed')}"), icon=":material/error:")
    st.button(
        t("datasets.run.again"), icon=":material/upload_file:", key="datasets_again",
        type="primary", on_click=_forget,
    )  # fmt: skip
