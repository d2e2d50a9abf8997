"""What sources, their publishers and their terms are called in the reader's language.

Tables have them in Korean, as ingest wrote them: what a file is, a middle dot, the file's
name. In English what it is comes from the small tables of ``data/reference`` that also name
it in Korean; whatever they do not have stays as it is written.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from commerce.i18n import language, messages
from commerce.ingest import reference

_DOT = " · "
_MORE = " …"


def title(text: str) -> str:
    """Return the title of a source."""
    return text if language() == "ko" else english(text)


def english(text: str) -> str:
    """Return the title of a source in English, as far as it is known."""
    what, dot, file = text.rpartition(_DOT)
    if not dot or text in _names():
        what, dot, file = text, "", ""
    return f"{_what(what)}{dot}{file}"


def name(text: str) -> str:
    """Return a publisher or terms of use."""
    return text if language() == "ko" else _names().get(text, text)


def service(text: str) -> str:
    """Return a permit service by its Korean name."""
    return text if language() == "ko" else _services().get(text, text)


def said(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with titles, publishers, terms and services of sources in these words.

    In English ``title_ko`` beside them is the title as the tables have it, to find the file by.
    """
    if language() == "ko":
        return rows
    words = {"title": english, "publisher": name, "licence": name, "service_name": service}
    made = {
        column: rows[column].map(say, na_action="ignore")
        for column, say in words.items()
        if column in rows
    }
    return rows.assign(**made, **({"title_ko": rows["title"]} if "title" in rows else {}))


def _what(text: str) -> str:
    """Return what a source is, without its file."""
    if text in _names():
        return _names()[text]
    for key, field in (("source.synthetic", "title"), ("source.permits", "services")):
        # What ingest and the demo write is what the Korean catalogue says.
        begin, _, end = messages("ko")[key].partition("{" + field + "}")
        if text.startswith(begin) and text.endswith(end):
            inner = text[len(begin) : len(text) - len(end)]
            told = _what(inner) if field == "title" else _several(inner)
            return messages("en")[key].format(**{field: told}) if told else text
    return text


def _several(text: str) -> str:
    """Return the services of a file in English; nothing where any is unknown."""
    names = text.removesuffix(_MORE).split(", ")
    if not all(korean in _services() for korean in names):
        return ""
    more = _MORE if text.endswith(_MORE) else ""
    return ", ".join(_services()[korean] for korean in names) + more


@cache
def _services() -> dict[str, str]:
    return {row["name_ko"]: row["name_en"] for row in reference.rows("services")}


@cache
def _names() -> dict[str, str]:
    """Return the English names of titles, publishers and terms by the Korean ones."""
    found = {row["name_ko"]: row["name_en"] for row in reference.rows("source_names")}
    for row in reference.rows("adapters"):
        found[row["title_ko"]] = row["title_en"]
        if row["publisher"]:
            found[row["publisher"]] = row["publisher_en"]
    return found
