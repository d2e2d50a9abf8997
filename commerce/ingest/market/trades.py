"""Maps the trades of publishers to our categories, and knows which rows are of all trades."""

from __future__ import annotations

import re
from functools import cache

from commerce.ingest import reference, shop_trades

_SCHEMES = {"semas_ai": shop_trades.SCHEME, "seoul_sales": "seoul_cs", "seoul_stores": "seoul_cs"}
_ALL = {"all", "total", "전체", "합계", "총계", "계", "전업종", "모든업종"}


def category(adapter: str, code: str | None, name: str | None) -> str | None:
    """Return the category of a trade; None where nothing maps it.

    Names come before codes: Seoul gave the same codes to other trades in its older tables.

    >>> category("seoul_sales", "CS100005", "제과점")
    'bakery'
    >>> category("seoul_stores_old", "CS100005", "분식집")
    'snack_food'
    """
    name = name or code  # bought data may have no codes
    plain = _plain(name or "")
    ids = {one.category_id for one in reference.categories()}
    if code in ids:
        return code
    if plain in _names():
        return _names()[plain]
    known = shop_trades.rules(_SCHEMES[adapter]) if adapter in _SCHEMES else {}
    starts = [(code or "")[:n] for n in range(len(code or ""), 0, -1)]
    by_code = next((known[start] for start in starts if start in known), None)
    return by_code or shop_trades.category_of_name(name) or _group(plain)


def is_all(code: str | None, name: str | None) -> bool:
    """Return whether a row is of all trades together."""
    return bool({_plain(code or ""), _plain(name or "")} & _ALL)


@cache
def groups() -> frozenset[str]:
    """Return the categories that hold others."""
    return frozenset(one.parent_id for one in reference.categories() if one.parent_id)


@cache
def _names() -> dict[str, str]:
    return {_plain(row["name"]): row["category_id"] for row in reference.rows("trade_names")}


def _group(plain: str) -> str | None:
    """Return the group of that very name: bought data may come by group."""
    named = [c for c in reference.categories() if c.parent_id is None]
    return next((c.category_id for c in named if plain and plain == _plain(c.name_ko)), None)


@cache
def _plain(name: str) -> str:
    return re.sub(r"[\s·ㆍ]", "", name).casefold()
