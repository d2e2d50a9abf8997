"""Maps the trades of shop lists to our categories: by code, by the older codes' links, by name."""

from __future__ import annotations

import re
from functools import cache

from commerce.ingest import reference
from commerce.ingest.workbook import NEW_CODE

SCHEME = "semas_2302"


@cache
def rules(scheme: str) -> dict[str, str]:
    """Return the categories by the beginning of a trade code, from ``trade_codes.csv``."""
    return {
        row["code"]: row["category_id"]
        for row in reference.rows("trade_codes")
        if row["scheme"] == scheme
    }


def category_of_code(code: str) -> str | None:
    """Return the category of a code of 2302; of several rules the longest counts.

    >>> category_of_code("I20107")
    'meat_grill'
    """
    known = rules(SCHEME)
    return next((known[code[:n]] for n in range(len(code), 0, -1) if code[:n] in known), None)


def category(code: str, name: str | None, links: dict[str, set[str]]) -> str:
    """Return the category of a shop's trade, ``other`` where it is not certain.

    Args:
        code: of 2302, or of the classification before.
        name: the publisher's name of the trade.
        links: the codes of 2302 by older code, where the workbook was given.
    """
    if re.fullmatch(NEW_CODE, code):
        return category_of_code(code) or category_of_name(name) or "other"
    found = {category_of_code(now) for now in links.get(code, ())}
    if len(found) == 1:
        return found.pop() or "other"
    return category_of_name(name) or "other"


def category_of_name(name: str | None) -> str | None:
    """Return the one category that most words of a trade's name speak of, None where unsure.

    >>> category_of_name("커피전문점/카페/다방")
    'cafe'
    """
    words = {_plain(word) for word in re.split(r"[/·,;]", name or "") if word.strip()}
    known = [_words()[word] for word in words if word in _words()]
    found = set().union(*known)
    return found.pop() if len(found) == 1 and 2 * len(known) > len(words) else None


@cache
def _words() -> dict[str, set[str]]:
    """Return the categories that each word names; groups and ``other`` are none."""
    found: dict[str, set[str]] = {}
    for one in reference.categories():
        if one.parent_id is None:
            continue
        for word in (*re.split(r"[/·,;]", one.name_ko), one.name_ko, *one.synonyms):
            found.setdefault(_plain(word), set()).add(one.category_id)
    return found


def _plain(word: str) -> str:
    return re.sub(r"\s", "", word).casefold()
