"""The lists of statements: attacks by heading, and what people really write."""

from __future__ import annotations

import re
from pathlib import Path

_HERE = Path(__file__).resolve().parent
ROOT = _HERE.parent.parent
_ESCAPE = re.compile(r"\\(n|t|0|\\|u[0-9a-f]{4})")


def _plain(match: re.Match[str]) -> str:
    letter = match[1]
    return (
        chr(int(letter[1:], 16))
        if letter[0] == "u"
        else {"n": "\n", "t": "\t", "0": "\0"}.get(letter, "\\")
    )


def good() -> list[str]:
    """Return the statements that must pass."""
    lines = (_HERE / "good.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def attacks(**places: str) -> dict[str, list[str]]:
    """Return the attacks by heading, ``{data}``, ``{secret}`` and ``{out}`` filled in."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in (_HERE / "attacks.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            heading = line[1:-1]
        elif heading and line and not line.startswith("#"):
            for name, place in places.items():
                line = line.replace("{" + name + "}", place)
            found.setdefault(heading, []).append(_ESCAPE.sub(_plain, line))
    found["deep"] = _deep()
    return found


def _deep() -> list[str]:
    """Return statements that are deep or long: to break the parser, or what walks its tree."""
    n = 20_000
    return [
        "select " + "(" * n + "1" + ")" * n,
        "select " + "not " * n + "true",
        "select " + "[" * n + "]" * n,
        "select " + "abs(" * 9_000 + "1" + ")" * 9_000,
        "select * from " + "(select * from " * 3_000 + "dong" + ")" * 3_000,
        "select " + "case when true then " * 2_000 + "1" + " end" * 2_000,
        "select " + "+".join(["1"] * n),
        "with a as (" * 3_000 + "select 1" + ") from a" * 3_000,
        "select '" + "x" * 60_000 + "'",
        "select 1 " + "-- x\n" * 20_000,
        "select " + "- " * 30_000 + "1",
        "select 1" + "::int" * 9_000,
    ]
