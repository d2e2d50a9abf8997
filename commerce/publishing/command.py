"""What the command line says of proposals and of the history."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path

from commerce.i18n import language, number, t
from commerce.ingest.report import format_report
from commerce.publishing.changes import Changes
from commerce.publishing.figures import Moved
from commerce.publishing.history import events
from commerce.publishing.proposal import Proposal

_MOST_LINES = 12


def whoami() -> str:
    """Return who sits at the shell: the login name, else ``shell``."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "shell"


def format_proposal(proposal: Proposal, ask: bool = True) -> str:
    """Return what a dry run found as lines of text in the reader's language.

    Args:
        proposal: the dry run.
        ask: whether to say what became of the files, too, and how to publish it.
    """
    lines = [format_report(replace(proposal.report, snapshot=proposal.id))] if ask else []
    lines += _changes(proposal.changes)
    failed = [check for check in proposal.checks if not check.passed]
    lines.append(
        t(
            "publishing.checks",
            count=number(len(proposal.checks)),
            passed=number(sum(c.passed and not c.skipped for c in proposal.checks)),
            skipped=number(sum(c.skipped for c in proposal.checks)),
            warned=number(len(proposal.warnings)),
            blocked=number(len(proposal.blocking)),
        )
    )
    for check in failed:
        lines += [f"  {check.sentence}", f"    {check.why}"]
    if ask:
        lines.append(t("publishing.proposed", id=proposal.id))
    return "\n".join(lines)


def _changes(changes: Changes) -> list[str]:
    if changes.first:
        return [t("publishing.first", new=number(changes.new))]
    kinds = ("new", "changed", "reidentified", "vanished", "returned", "removed", "same")
    counts = {kind: number(getattr(changes, kind)) for kind in kinds}
    lines = [t("publishing.changes", **counts)]
    fields = [
        f"{t(f'changes.field.{name}')} {number(n)}" for name, n in changes.fields.items() if n
    ]
    if fields:
        lines.append(t("publishing.fields", fields=" · ".join(fields)))
    for rows in changes.rows:
        if rows.before != rows.after:
            lines.append(
                t(
                    "publishing.rows",
                    table=rows.table,
                    before=number(rows.before),
                    after=number(rows.after),
                )
            )
    if changes.boundaries_changed:
        lines.append(t("publishing.boundaries_changed"))
    if changes.unusual:
        lines.append(t("publishing.moved", count=number(len(changes.unusual))))
        lines += [_moved(moved) for moved in changes.unusual[:_MOST_LINES]]
    return lines


def _moved(moved: Moved) -> str:
    def shown(value: float | None) -> str:
        return number(value, 0 if value is None or abs(value) >= 100 else 1)

    name = moved.group_ko if language() == "ko" else moved.group_en
    return t(
        "publishing.moved.line",
        group=name or t("publishing.district"),
        figure=t(f"changes.figure.{moved.figure}"),
        before=shown(moved.before),
        after=shown(moved.after),
        low=shown(moved.usual_low),
        high=shown(moved.usual_high),
    )


def format_history(data_dir: Path) -> str:
    """Return who did what to a data folder, newest first, as lines of text."""
    found = events(data_dir)
    if not found:
        return t("publishing.history.none", folder=data_dir)
    lines = []
    for event in found:
        lines.append(
            t(
                "publishing.history.line",
                at=f"{event.at.astimezone():%Y-%m-%d %H:%M:%S %z}",
                action=t(f"publishing.action.{event.action}"),
                snapshot=event.snapshot,
                who=event.who or "–",
            )
        )
        if event.why:
            lines.append(t("publishing.history.why", why=event.why))
        if event.confirmed:
            checks = ", ".join(event.failed)
            lines.append(t("publishing.history.confirmed", checks=checks, reason=event.confirmed))
    return "\n".join(lines)
