"""Values of a query's parameters: typed by the query's header, by use elsewhere, or by their look.

A text becomes the type that the header of the SQL declares (``--   $name type: doc``,
as in ``queries``), else the one that the name has in ``queries``; else a day, a number or
a boolean where it looks like one. Codes with leading zeros or ten digits stay text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from commerce.errors import UsageError
from commerce.queries import Field, load, names
from commerce.queries import _cast as cast_text
from commerce.sandbox.refusal import Rejected

# Blanks, never line breaks: over thousands of empty lines `\s` would try every pair of them.
_DECLARED = re.compile(
    r"^[ \t]*--[ \t]+\$(?P<name>[a-z_][a-z0-9_]*) (?P<type>[a-z]+(?:\[\])?): ", re.MULTILINE
)


def plain_values(sql: str, given: Mapping[str, object]) -> dict[str, Any]:
    """Return ``given`` as values that JSON can carry, texts read as their type.

    Raises:
        UsageError: when a text cannot be read as the type that was declared.
    """
    types = types_elsewhere()
    types |= {match["name"]: match["type"] for match in _DECLARED.finditer(sql)}
    return {name: _plain(_typed(name, value, types)) for name, value in given.items()}


def bound_values(plain: Mapping[str, Any], parameters: Sequence[str]) -> dict[str, object]:
    """Return a value for each parameter of a statement; one that was not given is null.

    Raises:
        Rejected: when a value was given for a name that the statement does not have.
    """
    for name in plain:
        if name not in parameters:
            known = ", ".join(f"${known}" for known in parameters) or "–"
            raise Rejected("sandbox.unknown_parameter", name=name, known=known)
    return {name: _value(plain.get(name)) for name in parameters}


def _typed(name: str, value: object, types: Mapping[str, str]) -> object:
    if not isinstance(value, str):
        return value
    kind = types.get(name)
    if kind:
        return cast_text(Field(name, kind, "", ""), value)
    if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value):
        try:
            return cast_text(Field(name, "date", "", ""), value)
        except UsageError:
            return value
    if re.fullmatch(r"-?(0|[1-9]\d{0,8})", value):
        return int(value)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", value):
        return float(value)
    return {"true": True, "false": False}.get(value, value)


def types_elsewhere() -> dict[str, str]:
    """Return the types of parameters in ``queries``; without names that have several.

    It goes through all query files: ask once for many names.
    """
    found: dict[str, set[str]] = {}
    for name in names():
        for field in load(name).parameters:
            found.setdefault(field.name, set()).add(field.type)
    return {name: next(iter(kinds)) for name, kinds in found.items() if len(kinds) == 1}


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return {"timestamp": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise UsageError("sandbox.bad_parameter", type=type(value).__name__)


def _value(plain: Any) -> object:
    if isinstance(plain, dict):
        if "date" in plain:
            return dt.date.fromisoformat(plain["date"])
        return dt.datetime.fromisoformat(plain["timestamp"])
    return [_value(part) for part in plain] if isinstance(plain, list) else plain
