"""The report of a dry run: what was read, what would change, what the checks say; and then
publish it or not."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from commerce.errors import Refused
from commerce.i18n import day, number, t
from commerce.ingest.report import SourceReport
from commerce.publishing import CheckResult, Proposal, discard, publish
from commerce.ui import datasets_changes, datasets_done, source_words
from commerce.ui.datasets_place import literally, when, who_words
from commerce.ui.guard import who


def draw(place: Path, proposal: Proposal) -> None:
    """Draw the report of a proposal, and the choice."""
    _opening(proposal)
    _files(proposal)
    datasets_changes.draw(proposal)
    _checks(proposal.checks)
    _choice(place, proposal)


def _opening(proposal: Proposal) -> None:
    """Say in one sentence what publishing would do."""
    changes = proposal.changes
    if changes.first:
        what = t("datasets.report.changes.first", new=number(changes.new))
    elif changes.new or changes.changed:
        what = t(
            "datasets.report.changes.some",
            new=number(changes.new),
            changed=number(changes.changed),
        )
    else:
        what = t("datasets.report.changes.none")
    if proposal.blocking:
        sentence = t("datasets.report.blocked", n=number(len(proposal.blocking)))
    elif proposal.warnings:
        sentence = t("datasets.report.warned", n=number(len(proposal.warnings)), changes=what)
    else:
        sentence = t("datasets.report.good", changes=what)
    eyebrow = t("datasets.report.eyebrow", when=when(proposal.made_at), who=who_words(proposal.who))
    state = "blocked" if proposal.blocking else "good"
    st.html(
        f'<p class="eyebrow">{escape(eyebrow)}</p>'
        f'<p class="report-says {state}">{escape(sentence)}</p>'
    )
    for check in proposal.blocking:
        _check(check)


def _files(proposal: Proposal) -> None:
    st.subheader(t("datasets.report.read"), anchor=False)
    items = [_source(source) for source in proposal.sources]
    for file, error in proposal.refused_files:
        name = escape(file.rsplit("/", 1)[-1])
        items.append(t("datasets.report.refused_file", file=name, sentence=escape(_short(error))))
    st.html(f'<ul class="says">{"".join(f"<li>{item}</li>" for item in items)}</ul>')


def _short(error: Refused) -> str:
    """Return the sentence of a refused file without the folder that the upload lies in."""
    params = {
        key: str(value).rsplit("/", 1)[-1] if key == "file" else value
        for key, value in error.params.items()
    }
    return str(Refused(error.key, **params))


def _source(source: SourceReport) -> str:
    """Return what became of a file as HTML."""
    if source.repeated_of:
        return t(
            "datasets.report.repeated",
            file=escape(source.shown.rsplit("/", 1)[-1]),
            other=escape(source.repeated_of.rsplit("/", 1)[-1]),
        )
    line = t(
        "datasets.report.source",
        title=escape(source_words.title(source.title)),
        day=day(source.snapshot_on),
        rows=number(source.rows_in),
        kept=number(source.rows_kept),
        refused=number(source.rows_refused),
    )
    reasons = [
        t("datasets.report.source.reason", reason=t(f"reason.{reason}"), n=number(n))
        for reason, n in source.refused.most_common()
    ]
    return line + (f"<br><small>{escape(' · '.join(reasons))}</small>" if reasons else "")


def _checks(checks: list[CheckResult]) -> None:
    """Draw the checks: what failed first, what passed folded away."""
    failed = [check for check in checks if not check.passed]
    passed = [check for check in checks if check.passed]
    title = (
        t("datasets.report.checks", passed=number(len(passed)), failed=number(len(failed)))
        if failed
        else t("datasets.report.checks.all", passed=number(len(passed)))
    )
    st.subheader(title, anchor=False)
    for check in failed:
        if check.level == "warn":
            _check(check)
    if passed:
        with st.expander(t("datasets.report.checks.passed", n=number(len(passed)))):
            items = "".join(
                f"<li>{escape(check.sentence)}"
                + (
                    f" <small>({escape(t('datasets.report.checks.skipped'))})</small>"
                    if check.skipped
                    else ""
                )
                + "</li>"
                for check in passed
            )
            st.html(f'<ul class="says">{items}</ul>')


def _check(check: CheckResult) -> None:
    """Draw a failed check: its sentence, and why it is looked at."""
    block = check.level == "block"
    with st.container(key=f"datasets-check-{check.id}-{check.table}"):
        words = t("datasets.report.checks.block" if block else "datasets.report.checks.warn")
        st.html(
            f'<div class="check {check.level}"><b>{escape(words)}</b>'
            f"<p>{escape(check.sentence)}<br><small>"
            f"{escape(t('datasets.report.checks.why', why=check.why))}</small></p></div>"
        )


def _choice(place: Path, proposal: Proposal) -> None:
    """Draw the form that publishes, with a reason where checks failed, or discards."""
    st.subheader(t("datasets.publish.title"), anchor=False)
    why = st.text_input(
        t("datasets.publish.why"),
        key=f"datasets_why_{proposal.id}",
        max_chars=300,
        placeholder=t("datasets.publish.why.hint"),
    )
    reason = ""
    if proposal.blocking:
        reason = st.text_area(
            t("datasets.publish.reason"),
            key=f"datasets_reason_{proposal.id}",
            max_chars=1000,
            height=90,
            placeholder=t("datasets.publish.reason.hint"),
        )
    with st.container(horizontal=True, gap="small"):
        words = "datasets.publish.anyway" if proposal.blocking else "datasets.publish.do"
        go = st.button(t(words), type="primary", icon=":material/publish:", key="datasets_publish")
        drop = st.button(
            t("datasets.publish.discard"), icon=":material/delete:", key="datasets_discard"
        )
    if drop:
        discard(place, proposal.id)
        st.session_state["datasets said"] = t("datasets.publish.discarded")
        st.query_params.pop("job", None)
        st.rerun()
    if not go:
        return
    if proposal.blocking and not reason.strip():
        st.error(t("datasets.publish.reason.needed"), icon=":material/edit_note:")
        return
    active = datasets_done.active_now()
    try:
        with st.spinner(t("datasets.publish.busy")):
            snapshot = publish(
                place,
                proposal.id,
                who=who(),
                why=why.strip(),
                confirmed=reason.strip() or None,
            )
    except Refused as error:
        st.error(literally(str(error)), icon=":material/error:")
        return
    datasets_done.note(snapshot.path.name, active)
    st.query_params.pop("job", None)
    st.rerun()
