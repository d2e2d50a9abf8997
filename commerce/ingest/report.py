"""What an ingest did, for people: the report, and the progress on the way."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TextIO

from commerce.errors import Refused
from commerce.i18n import day, month, number, t


@dataclass
class SourceReport:
    """What became of one file: ``rows_in == rows_kept + rows_refused``."""

    source_id: str
    title: str
    adapter: str
    shown: str
    snapshot_on: date | None
    rows_in: int = 0
    rows_kept: int = 0
    rows_refused: int = 0
    rows_superseded: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    repeated_of: str | None = None


@dataclass
class Report:
    """What an ingest did."""

    sources: list[SourceReport] = field(default_factory=list)
    refused_files: list[tuple[str, Refused]] = field(default_factory=list)
    unmapped_trades: list[tuple[str, str, int]] = field(default_factory=list)
    waiting_months: list[tuple[str, date, int, int]] = field(default_factory=list)
    snapshot: str = ""
    establishments: int = 0
    without_dong: int = 0
    districts: list[str] = field(default_factory=list)

    @property
    def rows_in(self) -> int:
        """Return the rows of all sources."""
        return sum(source.rows_in for source in self.sources)

    @property
    def rows_kept(self) -> int:
        """Return the kept rows of all sources."""
        return sum(source.rows_kept for source in self.sources)

    @property
    def rows_refused(self) -> int:
        """Return the refused rows of all sources."""
        return sum(source.rows_refused for source in self.sources)


def reason_text(reason: str) -> str:
    """Return why a row was refused, in words."""
    return t(f"reason.{reason}")


def format_report(report: Report) -> str:
    """Return the report as lines of text in the reader's language."""
    lines = [
        t(
            "ingest.report.title",
            snapshot=report.snapshot,
            establishments=number(report.establishments),
            districts=", ".join(report.districts[:6]) + (" …" if len(report.districts) > 6 else ""),
        )
    ]
    for source in report.sources:
        if source.repeated_of:
            lines.append(t("ingest.report.repeated", file=source.shown, other=source.repeated_of))
            continue
        if source.adapter == "boundaries_geojson":
            lines.append(
                t("ingest.report.boundaries", title=source.title, rows=number(source.rows_in))
            )
            continue
        lines.append(
            t(
                "ingest.report.source",
                title=source.title,
                day=day(source.snapshot_on),
                rows=number(source.rows_in),
                kept=number(source.rows_kept),
                refused=number(source.rows_refused),
                superseded=number(source.rows_superseded),
            )
        )
        for reason, count in source.refused.most_common():
            lines.append(t("ingest.report.reason", reason=reason_text(reason), count=number(count)))
    for source in report.sources:
        if source.rows_in and not source.rows_kept and not source.repeated_of:
            why = reason_text(source.refused.most_common(1)[0][0])
            lines.append(t("ingest.report.none_kept", file=source.shown, reason=why))
    if report.refused_files:
        lines.append(t("ingest.report.refused_files", count=number(len(report.refused_files))))
        lines += [f"  {error}" for _, error in report.refused_files]
    if report.unmapped_trades:
        lines.append(t("ingest.report.unmapped", count=number(len(report.unmapped_trades))))
        for service, trade, count in report.unmapped_trades[:20]:
            lines.append(f"  {service} · {trade or '–'} {number(count)}")
    for _, period, days, of_days in report.waiting_months:
        lines.append(t("ingest.report.waiting", month=month(period), days=days, of=of_days))
    if report.without_dong:
        lines.append(t("ingest.report.without_dong", count=number(report.without_dong)))
    return "\n".join(lines)


class ConsoleProgress:
    """Shows rows, rate and time left on standard error; one line per file when nobody watches.

    Args:
        stream: where to write; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._started = time.monotonic()
        self._shown_at = 0.0

    def __call__(self, file: str, rows: int, share: float, done: bool = False) -> None:
        """Tell of progress: rows read in all, and the share (0 to 1) of all bytes read."""
        now = time.monotonic()
        if not done and (not self._live or now - self._shown_at < 0.2):
            return
        self._shown_at = now
        spent = max(now - self._started, 1e-6)
        left = spent / share - spent if share > 0.01 else 0.0
        text = t(
            "ingest.progress",
            file=file.rsplit("/", 1)[-1],
            rows=number(rows),
            rate=number(rows / spent),
            left=number(left),
        )
        self._stream.write(f"\r\x1b[K{text}" if self._live else f"{text}\n")
        if self._live and done:
            self._stream.write("\n")
        self._stream.flush()
