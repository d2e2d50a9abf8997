"""The report as a PDF, set by typst: text goes in as data, never as markup."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import typst

from commerce.i18n import day, t
from commerce.report.drawing import FONTS, svg
from commerce.report.model import Chart, Figure, Report, Run, Table, spoken

TEMPLATE = Path(__file__).with_name("template.typ")


def to_pdf(report: Report) -> bytes:
    """Return the report as an A4 PDF, tagged, its typeface embedded."""
    return _typeset(report, "pdf")[0]


def to_images(report: Report, ppi: float = 60) -> list[bytes]:
    """Return the pages of the PDF as PNG images, for people who check how it looks."""
    return _typeset(report, "png", ppi)


def _typeset(report: Report, form: Any, ppi: float = 144) -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        data = spoken(report.language, _data, report, folder)
        (folder / "report.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        (folder / "main.typ").write_bytes(TEMPLATE.read_bytes())
        made = typst.compile(
            str(folder / "main.typ"),
            root=name,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format=form,
            ppi=ppi,
        )
    assert made is not None
    return made if isinstance(made, list) else [made]


def _data(report: Report, folder: Path) -> dict[str, Any]:
    """Return what the template reads; drawings are written to ``folder``."""
    return {
        "language": report.language,
        "title": f"{report.eyebrow} — {t('report.title')}",
        "head": f"{report.place} · {report.trade}",
        "date": t("report.until", day=day(report.known_until)),
        "eyebrow": report.eyebrow,
        "headline": _runs(report.headline),
        "basis": _runs(report.basis),
        "synthetic": report.synthetic,
        "sentences": [_runs(line) for line in report.sentences],
        "facts": [[label, _breaking(value)] for label, value in report.facts],
        "parts": [
            {
                "heading": part.heading,
                "lines": list(part.lines),
                "figures": [_figure(figure, folder) for figure in part.figures],
            }
            for part in report.parts
        ],
        "definitions_title": t("report.definitions"),
        "definitions": [t(key).replace("**", "").replace("`", "") for key in report.definitions()],
        "sources_title": t("report.sources"),
        "sources": _table(report.sources),
        "notes": [*report.notes, t("report.made", day=day(report.made_on))],
    }


def _figure(figure: Figure, folder: Path) -> dict[str, Any]:
    drawings = []
    for place, drawing in enumerate(figure.drawings):
        file = f"{figure.key}-{place}.svg"
        (folder / file).write_text(svg(drawing, f"{figure.key}-{place}"), "utf-8")
        drawings.append({"file": file, "alt": drawing.alt, "small": isinstance(drawing, Chart)})
    return {
        "title": figure.title,
        "note": figure.note,
        "drawings": drawings,
        "table": _table(figure.table) if figure.table else None,
        "captions": list(figure.captions),
        "origin": f"{t('report.from', query=figure.asked.name)} {figure.method}".strip(),
    }


def _table(table: Table) -> dict[str, Any]:
    return {"head": list(table.head), "rows": [list(row) for row in table.rows]}


def _runs(parts: tuple[Run, ...]) -> list[list[Any]]:
    return [[text, strong] for text, strong in parts]


def _breaking(text: str) -> str:
    """Return text that may break after the signs of a link."""
    if "://" not in text:
        return text
    return "".join(f"{c}\u200b" if c in "/?&=" else c for c in text)
