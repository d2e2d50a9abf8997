"""The report as a bundle: the rows of every query as CSV, and what they were asked with."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

from commerce.i18n import day, t
from commerce.output import to_csv
from commerce.report.model import Asked, Report, spoken, text_of


def to_bundle(report: Report) -> bytes:
    """Return a zip with one CSV per figure and further query, and a ``README.txt``."""
    return spoken(report.language, _bundle, report)


def files(report: Report) -> dict[str, Asked]:
    """Return what the CSV files of the bundle hold, by name."""
    found = {f"{figure.key}.csv": figure.asked for figure in report.figures()}
    for asked in report.asked:
        stem = name = asked.name.replace("/", "-")
        further = 2
        while f"{name}.csv" in found:
            name, further = f"{stem}-{further}", further + 1
        found[f"{name}.csv"] = asked
    return found


def _bundle(report: Report) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", "\ufeff" + _readme(report))
        for name, asked in files(report).items():
            bundle.writestr(name, to_csv(asked.rows))
    return buffer.getvalue()


def _readme(report: Report) -> str:
    lines = [report.eyebrow, text_of(report.headline), text_of(report.basis), ""]
    if report.synthetic:
        lines += [report.synthetic, ""]
    lines += [f"{label}: {value}" for label, value in report.facts]
    lines += ["", t("report.bundle.files")]
    for name, asked in files(report).items():
        lines += ["", name, f"  queries/{asked.name}.sql", f"  {asked.title}"]
        lines += [f"  ${key} = {_plain(value)}" for key, value in asked.params.items()]
    lines += ["", t("report.bundle.sources")]
    lines += ["- " + " · ".join(cell for cell in row if cell) for row in report.sources.rows]
    lines += ["", *report.notes, day(report.made_on)]
    return "\r\n".join(_one_line(line) for line in lines) + "\r\n"


def _plain(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
