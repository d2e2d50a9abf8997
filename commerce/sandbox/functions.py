"""Which functions a query may call: data in ``functions.csv``, each denied one with its reason."""

from __future__ import annotations

import csv
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("functions.csv")


@cache
def functions() -> dict[str, dict[str, str]]:
    """Return why a function is denied ('' when allowed), by place (scalar, table) and name.

    A name that ends with ``*`` stands for all that begin so.
    """
    found: dict[str, dict[str, str]] = {"scalar": {}, "table": {}}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["place"]][row["name"].lower()] = row["denied_because"]
    return found


def denied(where: str, name: str) -> str | None:
    """Return why a function may not be called: '' when it may, None when nobody knows it.

    Args:
        where: ``scalar`` (in an expression) or ``table`` (after ``from``).
        name: lower case.
    """
    known = functions()
    reason = known[where].get(name)
    if reason is None:
        families = (key for key in known[where] if key.endswith("*") and len(key) > 2)
        family = next((key for key in families if name.startswith(key[:-1])), None)
        # What may not stand after `from` may not stand elsewhere for the same reason.
        reason = known[where][family] if family else known["table"].get(name) or None
    return reason


def nearest(where: str, name: str, own: Collection[str] = ()) -> list[str]:
    """Return up to three allowed functions, or macros of ours, spelt nearly like ``name``."""
    allowed = [key for key, why in functions()[where].items() if not why and key[0].isalpha()]
    return get_close_matches(name, [*allowed, *own], n=3, cutoff=0.6)
