"""The adapters, kept as data: which file they are for, by its columns, and what is known of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from commerce.i18n import language
from commerce.ingest import reference


@dataclass(frozen=True)
class Adapter:
    """One kind of published table: a row of ``adapters.csv`` with its ``market_columns.csv``.

    Args:
        adapter: its name, which names the series of its figures too.
        kind: who reads it: ``market`` (sales, footfall, indicators), ``shop`` or ``area``.
        script: the SQL file in ``commerce/ingest/market`` that types its rows.
        sido: first two digits of the codes of the region that it is about; empty for any.
        trade_pattern: what the publisher's trade codes look like; empty where the list is open.
        min_merchants: k of the suppression; None where the file counts no merchants.
        roles: column names by role, in any spelling that was seen.
        needed: of each set at least one role must be there.
    """

    adapter: str
    kind: str
    script: str
    title_ko: str
    title_en: str
    publisher: str
    licence: str
    unit: str
    min_merchants: int | None
    tested_on_real_files: bool
    sido: str
    trade_pattern: str
    defects_ko: str
    defects_en: str
    roles: dict[str, tuple[str, ...]]
    needed: tuple[frozenset[str], ...]

    @property
    def title(self) -> str:
        """Return the title in the reader's language."""
        return self.title_ko if language() == "ko" else self.title_en

    @property
    def defects(self) -> str:
        """Return what is known to be wrong with it, in the reader's language."""
        return self.defects_ko if language() == "ko" else self.defects_en


@dataclass(frozen=True)
class Found:
    """An adapter that fits a header: column index by role, and what is missing."""

    adapter: Adapter
    columns: dict[str, int]
    missing: tuple[frozenset[str], ...]


@cache
def adapters() -> dict[str, Adapter]:
    """Return the adapters by name."""
    roles: dict[str, dict[str, tuple[str, ...]]] = {}
    groups: dict[str, dict[str, set[str]]] = {}
    for row in reference.rows("market_columns"):
        names = roles.setdefault(row["adapter"], {})
        names[row["role"]] = (*names.get(row["role"], ()), row["name"])
        if row["need"]:
            group = row["role"] if row["need"] == "yes" else row["need"]
            groups.setdefault(row["adapter"], {}).setdefault(group, set()).add(row["role"])
    return {
        row["adapter"]: Adapter(
            row["adapter"],
            row["kind"],
            row["script"],
            row["title_ko"],
            row["title_en"],
            row["publisher"],
            row["licence"],
            row["unit"],
            int(row["min_merchants"]) if row["min_merchants"] else None,
            row["tested_on_real_files"] == "true",
            row["sido"],
            row["trade_pattern"],
            row["defects_ko"],
            row["defects_en"],
            roles.get(row["adapter"], {}),
            tuple(frozenset(group) for group in groups.get(row["adapter"], {}).values()),
        )
        for row in reference.rows("adapters")
    }


def recognise(names: list[str]) -> tuple[Found | None, Found | None]:
    """Return the adapter that a header fits, and the nearest where none does.

    Of several that fit, the one that knows most of the columns is taken.
    """
    plain = [_plain(name) for name in names]
    places = {name: index for index, name in reversed(list(enumerate(plain))) if name}
    tried = [_try(adapter, places) for adapter in adapters().values()]
    fitting = [found for found in tried if not found.missing]
    if fitting:
        return max(fitting, key=lambda found: len(found.columns)), None
    near = [found for found in tried if len(found.columns) >= 2]
    return None, max(near, key=lambda found: len(found.columns) - len(found.missing), default=None)


def is_header(names: list[str]) -> bool:
    """Return whether any adapter fits a header."""
    return recognise(names)[0] is not None


def _try(adapter: Adapter, places: dict[str, int]) -> Found:
    columns: dict[str, int] = {}
    for role, variants in adapter.roles.items():
        index = next((places[v] for v in map(_plain, variants) if v in places), None)
        if index is not None:
            columns[role] = index
    missing = tuple(group for group in adapter.needed if not group & columns.keys())
    return Found(adapter, columns, missing)


def missing_names(found: Found) -> str:
    """Return the columns that are missing, by the name that the publisher gives them first."""
    return ", ".join(
        " / ".join(found.adapter.roles[role][0] for role in sorted(group))
        for group in found.missing
    )


def template_header(table: str) -> list[str]:
    """Return the columns of our own form for bought data: ``card_sales`` or ``footfall``."""
    return [names[0] for names in adapters()[f"template_{table}"].roles.values()]


@cache
def _plain(name: str) -> str:
    return re.sub(r"[\s_()（）~\-]", "", name).casefold()
