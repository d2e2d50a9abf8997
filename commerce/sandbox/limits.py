"""What a query may use: one tuple of (name, default, key of its help), overridable per machine.

``COMMERCE_SQL_<NAME>`` in the environment of the app sets a limit, such as
``COMMERCE_SQL_SECONDS=30``. ``python -m commerce sql --help`` lists them all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NamedTuple

from commerce.errors import UsageError


class Limit(NamedTuple):
    """A limit's name, its default, and the catalogue key of what it means."""

    name: str
    default: int
    help: str


LIMITS = (
    Limit("seconds", 10, "sandbox.limit.seconds"),
    Limit("memory_mb", 1024, "sandbox.limit.memory_mb"),
    Limit("rows_shown", 10_000, "sandbox.limit.rows_shown"),
    Limit("rows_exported", 1_000_000, "sandbox.limit.rows_exported"),
    Limit("mb_shown", 32, "sandbox.limit.mb_shown"),
    Limit("mb_exported", 256, "sandbox.limit.mb_exported"),
    Limit("columns", 500, "sandbox.limit.columns"),
    Limit("cell_chars", 10_000, "sandbox.limit.cell_chars"),
    Limit("at_once", 2, "sandbox.limit.at_once"),
    Limit("wait_seconds", 10, "sandbox.limit.wait_seconds"),
    Limit("threads", 2, "sandbox.limit.threads"),
    Limit("sql_chars", 50_000, "sandbox.limit.sql_chars"),
)


@dataclass(frozen=True)
class Limits:
    """The value of every limit of ``LIMITS``, by its name."""

    seconds: int
    memory_mb: int
    rows_shown: int
    rows_exported: int
    mb_shown: int
    mb_exported: int
    columns: int
    cell_chars: int
    at_once: int
    wait_seconds: int
    threads: int
    sql_chars: int


def limits(**changed: int) -> Limits:
    """Return the limits in force: the defaults, the environment's, then ``changed``.

    Raises:
        UsageError: when a value in the environment is not a whole number from 1.
    """
    return Limits(**{limit.name: _value(limit) for limit in LIMITS} | changed)


def _value(limit: Limit) -> int:
    variable = f"COMMERCE_SQL_{limit.name.upper()}"
    text = os.environ.get(variable, "")
    if not text:
        return limit.default
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UsageError("sandbox.bad_limit", variable=variable, value=text)
    return int(text)
