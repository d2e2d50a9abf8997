"""The loader of ``queries/*.sql``: one file, one question, one result.

A file starts with comments that the pages, the command line, the workbench and the
tests all read through this module::

    -- What the query answers, in one sentence.
    -- grain: one row per month
    -- method: commerce.decomposition:decompose
    -- parameters:
    --   $dong_codes varchar[]: 10-digit codes; null means the whole district
    -- columns:
    --   opened bigint (permits): permits given in the month
    select ...

``method``, where there is one, names the pure function of the result that adds what SQL
cannot say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from commerce.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

QUERIES_DIR = Path(__file__).resolve().parent.parent / "queries"
_PARAMETER = re.compile(r"^\s+\$(?P<name>[a-z_][a-z0-9_]*) (?P<type>[a-z]+(?:\[\])?): (?P<doc>.+)$")
_COLUMN = re.compile(
    r"^\s+(?P<name>[a-z_][a-z0-9_]*) (?P<type>[a-z]+(?:\[\])?)"
    r"(?: \((?P<unit>[^)]+)\))?: (?P<doc>.+)$"
)


@dataclass(frozen=True)
class Field:
    """A parameter or a column of a query."""

    name: str
    type: str
    unit: str
    doc: str


@dataclass(frozen=True)
class Query:
    """One file of ``queries``: what it answers, and the SQL as people see it."""

    name: str
    title: str
    grain: str
    parameters: tuple[Field, ...]
    columns: tuple[Field, ...]
    sql: str
    method: str = ""


@cache
def load(name: str) -> Query:
    """Return the query ``name``, such as ``openings/monthly``.

    Raises:
        UsageError: when there is no such file.
        ValueError: when its header does not follow the form above.
    """
    if name not in names():
        raise UsageError("query.unknown", name=name, known=", ".join(names()))
    text = (QUERIES_DIR / f"{name}.sql").read_text(encoding="utf-8")
    return _parse(name, text)


def names() -> list[str]:
    """Return the names of all queries, sorted."""
    return sorted(
        path.relative_to(QUERIES_DIR).with_suffix("").as_posix()
        for path in QUERIES_DIR.glob("**/*.sql")
    )


def _parse(name: str, text: str) -> Query:
    title, grain, method = "", "", ""
    found: dict[str, list[Field]] = {"parameters": [], "columns": []}
    section = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        body = line[2:]
        word = body.strip()
        if word in ("parameters:", "columns:"):
            section = word[:-1]
        elif word.startswith("grain:"):
            grain = word.removeprefix("grain:").strip()
        elif word.startswith("method:"):
            method = word.removeprefix("method:").strip()
        elif section:
            pattern = _PARAMETER if section == "parameters" else _COLUMN
            match = pattern.match(body)
            if match:
                unit = match.groupdict().get("unit") or ""
                found[section].append(Field(match["name"], match["type"], unit, match["doc"]))
            elif found[section] and body.startswith("     "):
                last = found[section][-1]
                found[section][-1] = Field(last.name, last.type, last.unit, f"{last.doc} {word}")
            else:
                raise ValueError(f"{name}: cannot read header line {line!r}")
        elif not grain:
            title = f"{title} {word}".strip()
    if not (title and grain and found["columns"]):
        raise ValueError(f"{name}: header wants a title, a grain and columns")
    fields = {section: tuple(found[section]) for section in found}
    return Query(name, title, grain, fields["parameters"], fields["columns"], text, method)


def method(query: Query) -> Callable[[pd.DataFrame], pd.DataFrame] | None:
    """Return the function that the header of ``query`` names as its method, if any."""
    if not query.method:
        return None
    module, _, function = query.method.partition(":")
    found: Callable[[pd.DataFrame], pd.DataFrame] = getattr(import_module(module), function)
    return found


def bind(query: Query, given: dict[str, object]) -> dict[str, object]:
    """Return a value for each parameter of ``query``; one that was not given is null.

    Raises:
        UsageError: when a name is not a parameter of the query, or a text cannot be
            read as the parameter's type.
    """
    known = {field.name: field for field in query.parameters}
    for name in given:
        if name not in known:
            raise UsageError(
                "query.unknown_parameter", name=name, query=query.name, known=", ".join(known)
            )
    return {name: _cast(field, given.get(name)) for name, field in known.items()}


def _cast(field: Field, value: object) -> object:
    if value is None or not isinstance(value, str):
        return value
    try:
        return _read(field.type, value)
    except ValueError:
        raise UsageError("query.bad_value", name=field.name, value=value, type=field.type) from None


def _read(type_name: str, text: str) -> object:
    if type_name.endswith("[]"):
        return [_read(type_name[:-2], part.strip()) for part in text.split(",") if part.strip()]
    if type_name == "date":
        return dt.date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text)
    if type_name == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower()) or _no(text)
    if type_name in ("integer", "bigint"):
        return int(text)
    if type_name == "double":
        return float(text)
    return text


def _no(text: str) -> bool:
    if text.lower() not in ("false", "0"):
        raise ValueError(text)
    return False
