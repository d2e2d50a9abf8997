"""The small tables of ``data/reference`` that ingest reads: headers, services, codes, statuses."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "reference"


@dataclass(frozen=True)
class Layout:
    """One layout of permit files: which column name plays which role."""

    layout: str
    adapter: str
    title_ko: str
    title_en: str
    tested_on_real_files: bool
    roles: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Category:
    """One row of ``categories.csv``; ``permits`` maps services and trades to it."""

    category_id: str
    parent_id: str | None
    name_ko: str
    name_en: str
    synonyms: tuple[str, ...]
    permits: str


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of ``data/reference/<name>.csv``."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def layouts() -> tuple[Layout, ...]:
    """Return the layouts of permit files, each with its column names by role."""
    roles: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows("permit_headers"):
        names = roles.setdefault(row["layout"], {})
        names[row["role"]] = (*names.get(row["role"], ()), row["name"])
    return tuple(
        Layout(
            row["layout"],
            row["adapter"],
            row["title_ko"],
            row["title_en"],
            row["tested_on_real_files"] == "true",
            roles[row["layout"]],
        )
        for row in rows("permit_layouts")
    )


@cache
def services() -> dict[str, str]:
    """Return the Korean names of the permit services by their slug."""
    return {row["slug"]: row["name_ko"] for row in rows("services")}


@cache
def service_ids() -> dict[str, str]:
    """Return the slugs by the old service ids, such as ``07_24_04_P``."""
    return {row["service_id"]: row["slug"] for row in rows("service_ids")}


@cache
def status_codes() -> dict[str, str]:
    """Return the status codes by status name, for layouts without a code."""
    return {row["name"]: row["code"] for row in rows("status_names")}


@cache
def code_changes(kind: str) -> dict[str, str]:
    """Return the codes in force now by the codes before, of ``district`` or ``authority``."""
    return {
        row["code_before"]: row["code_now"] for row in rows("code_changes") if row["kind"] == kind
    }


@cache
def authorities() -> dict[str, str]:
    """Return the 5-digit district codes by authority code, old and new."""
    now = {row["authority_code"]: row["district_code"] for row in rows("districts")}
    before = {old: now[new] for old, new in code_changes("authority").items() if new in now}
    return now | before


@cache
def categories() -> tuple[Category, ...]:
    """Return the categories; groups are those without a parent."""
    return tuple(
        Category(
            row["category_id"],
            row["parent_id"] or None,
            row["name_ko"],
            row["name_en"],
            tuple(word for word in row["synonyms"].split("|") if word),
            row["permits"],
        )
        for row in rows("categories")
    )


@cache
def trade_map() -> dict[tuple[str, str], str]:
    """Return category ids by (service slug, trade name); trade ``*`` is any other trade."""
    found: dict[tuple[str, str], str] = {}
    for category in categories():
        if category.permits in ("", "none", "*"):
            continue
        for part in category.permits.split(";"):
            service, _, trades = part.partition(":")
            for trade in trades.split("|"):
                found.setdefault((service.strip(), trade.strip()), category.category_id)
    return found


def dong_code_now(code: str) -> str:
    """Return the 10-digit dong code in force now for an 8- or 10-digit code of any time."""
    full = code + "00" if len(code) == 8 else code
    return code_changes("district").get(full[:5], full[:5]) + full[5:]


def district_code_now(code: str) -> str:
    """Return the 5-digit district code in force now."""
    return code_changes("district").get(code, code)
