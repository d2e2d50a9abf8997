"""The report as one HTML file that asks nobody for anything: no script, no request."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from pathlib import Path

from commerce.i18n import day, t
from commerce.report.drawing import svg
from commerce.report.model import Figure, Report, Run, Table, spoken

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_FONTS = Path(__file__).resolve().parent.parent.parent / "static"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
_RANGE = "U+0000-ABFF,U+D7A4-FFFF,U+AC00-D7A3"


def to_html(report: Report) -> bytes:
    """Return the report as one self-contained HTML file in UTF-8."""
    return spoken(report.language, _html, report).encode()


def _html(report: Report) -> str:
    body = _body(report)
    title = escape(f"{report.eyebrow} — {t('report.title')}")
    return (
        f'<!doctype html><html lang="{report.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_faces(body)}{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def _body(report: Report) -> str:
    sentences = "".join(f"<li>{_runs(line)}</li>" for line in report.sentences)
    facts = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in report.facts
    )
    synthetic = f'<p class="synthetic">{escape(report.synthetic)}</p>' if report.synthetic else ""
    parts = "".join(
        "<section>"
        + (f"<h2>{escape(part.heading)}</h2>" if part.heading else "")
        + "".join(f"<p class='line'>{escape(line)}</p>" for line in part.lines)
        + "".join(_figure(figure) for figure in part.figures)
        + "</section>"
        for part in report.parts
    )
    terms = "".join(f"<li>{escape(_plain(t(key)))}</li>" for key in report.definitions())
    notes = "".join(f"<p class='note'>{escape(note)}</p>" for note in report.notes)
    return (
        f'<header><p class="eyebrow">{escape(report.eyebrow)}</p>'
        f"<h1>{_runs(report.headline)}</h1>"
        f'<p class="basis">{_runs(report.basis)}</p>{synthetic}'
        f'<ul class="says">{sentences}</ul><dl class="facts">{facts}</dl></header>{parts}'
        f"<section><h2>{escape(t('report.definitions'))}</h2>"
        f"<ul class='terms'>{terms}</ul></section>"
        f"<section><h2>{escape(t('report.sources'))}</h2>{_table(report.sources)}</section>"
        f"<footer>{notes}<p class='note'>{escape(t('report.made', day=day(report.made_on)))}"
        "</p></footer>"
    )


def _figure(figure: Figure) -> str:
    drawings = "".join(
        f'<div class="drawing">{svg(drawing, f"{figure.key}-{place}")}</div>'
        for place, drawing in enumerate(figure.drawings)
    )
    note = f'<p class="note">{escape(figure.note)}</p>' if figure.note else ""
    captions = "".join(f'<p class="note">{escape(line)}</p>' for line in figure.captions)
    origin = t("report.from", query=figure.asked.name)
    method = f" {escape(figure.method)}" if figure.method else ""
    return (
        f'<figure id="{escape(figure.key)}"><h3>{escape(figure.title)}</h3>{note}{drawings}'
        f"{_table(figure.table) if figure.table else ''}{captions}"
        f'<p class="origin">{escape(origin)}{method}</p></figure>'
    )


def _table(table: Table) -> str:
    head = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _runs(parts: tuple[Run, ...]) -> str:
    return "".join(f"<em>{escape(text)}</em>" if strong else escape(text) for text, strong in parts)


def _plain(text: str) -> str:
    return text.replace("**", "").replace("`", "")


def _faces(body: str) -> str:
    """Return the typeface as data: rare syllables only where the text has any."""
    faces = [_face("Uridongne Sans", "core")]
    if any("가" <= letter <= "힣" and not _is_common(letter) for letter in set(body)):
        faces.append(_face("Uridongne Sans Rare", "rest"))
    return "".join(faces)


@cache
def _face(family: str, name: str) -> str:
    data = base64.b64encode((_FONTS / f"UridongneSans-{name}.woff2").read_bytes()).decode()
    return (
        f'@font-face{{font-family:"{family}";font-weight:45 920;unicode-range:{_RANGE};'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


def _is_common(letter: str) -> bool:
    """Return whether a syllable is in KS X 1001, which the core of the typeface holds."""
    try:
        letter.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True
