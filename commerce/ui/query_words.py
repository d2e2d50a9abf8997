"""What the project's queries are called, in the reader's language.

A query's header (see :mod:`commerce.queries`) is in English; the catalogues say the same in
both languages under ``query.<name>``, ``query.<name>.grain`` and, as several queries describe
a parameter alike, ``parameter.<name>`` or ``parameter.<name>.<of what>``. Not in the loader
itself: the process that runs typed SQL reads queries too, and has no use for catalogues.
"""

from __future__ import annotations

from functools import cache

from commerce.i18n import LANGUAGES, messages, t
from commerce.queries import Query


def title(query: Query) -> str:
    """Return what ``query`` answers."""
    return _said(f"query.{query.name}", query.title)


def grain(query: Query) -> str:
    """Return what one row of ``query`` is."""
    return _said(f"query.{query.name}.grain", query.grain)


def searched(query: Query) -> str:
    """Return in small letters what a query is found by, whichever language one searches in."""
    titles = [messages(language).get(f"query.{query.name}", "") for language in LANGUAGES]
    return " ".join([query.name, *titles, *(field.name for field in query.columns)]).lower()


def parameter(name: str, doc: str) -> str:
    """Return what a header says of a parameter; ``doc`` itself where somebody else wrote it."""
    key = _parameters().get((name, doc))
    return t(key) if key else doc


@cache
def _parameters() -> dict[tuple[str, str], str]:
    """Return the catalogue keys by parameter and what headers say of it."""
    return {
        (key.split(".")[1], text): key
        for key, text in messages("en").items()
        if key.startswith("parameter.")
    }


def _said(key: str, header: str) -> str:
    """Return the message of ``key``; a file that somebody just put there has its header only."""
    words = t(key)
    return header if words == key else words
