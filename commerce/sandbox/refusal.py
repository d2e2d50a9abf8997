"""Why a query was refused or failed: a sentence in the reader's language, and the place."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from commerce.errors import Refused

#: What DuckDB writes where it knows no place.
_NOWHERE = 2**63
_NEAR = re.compile(r'(?:Candidate bindings|Did you mean)[:]? ?(?P<near>"[^\n?]+")')
#: Error messages of DuckDB that people meet often: pattern, then catalogue key.
_KNOWN = (
    (re.compile(r'Referenced column "(?P<name>[^"\n]+)" (?:was )?not found'), "sandbox.column"),
    (re.compile(r'Column with name "?(?P<name>[^"\n]+?)"? does not exist'), "sandbox.column"),
    (
        re.compile(r'does not have a column named "(?P<name>[^"\n]+)"'),
        "sandbox.column",
    ),
    (
        re.compile(r'column "(?P<name>[^"\n]+)" must appear in the GROUP BY', re.IGNORECASE),
        "sandbox.not_grouped",
    ),
    (
        re.compile(r'function call "(?P<name>[^\n]+?)"\. In order'),
        "sandbox.argument_types",
    ),
    (re.compile(r"Ambiguous reference to column name \"(?P<name>[^\"\n]+)\""), "sandbox.ambiguous"),
)
_LINE = re.compile(r"^LINE (?P<line>\d+): (?P<text>.*)\n(?P<caret> *)\^+", re.MULTILINE)


class Rejected(Refused):
    """A query that did not run to its end: ``str(error)`` is one sentence, its place first.

    Args:
        key: message key, ``sandbox.…``.
        line: line of the SQL from 1, where known.
        column: letter in the line from 1, where known.
        params: values for the placeholders of the message.
    """

    def __init__(
        self, key: str, *, line: int | None = None, column: int | None = None, **params: object
    ) -> None:
        super().__init__(key, **params)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        from commerce.i18n import t

        sentence = super().__str__()
        if self.line is None:
            return sentence
        return t("sandbox.at", line=self.line, column=self.column, sentence=sentence)

    def pointer(self, sql: str) -> str:
        """Return the line of ``sql`` with a caret under the place; '' where it is not known."""
        lines = sql.splitlines()
        if self.line is None or self.column is None or self.line > len(lines):
            return ""
        text = lines[self.line - 1].replace("\t", " ")
        start = max(0, self.column - 60)
        wide = sum(2 if ord(c) > 0x1100 else 1 for c in text[start : self.column - 1])
        return f"{text[start : start + 110]}\n{' ' * wide}^"


def place(sql: str, offset: int | None) -> dict[str, int]:
    """Return line and column, both from 1, of a byte of ``sql``; nothing where unknown."""
    if offset is None or not 0 <= offset < _NOWHERE:
        return {}
    before = sql.encode(errors="replace")[:offset].decode(errors="ignore")
    return {"line": before.count("\n") + 1, "column": len(before) - before.rfind("\n")}


def explain(message: str, sql: str, columns: Collection[str] = ()) -> Rejected:
    """Return the refusal for an error message of DuckDB about ``sql``.

    Args:
        message: as DuckDB wrote it, with its ``LINE n:`` and caret where it has them.
        sql: the statement as typed.
        columns: all columns of the tables that it reads: the child holds but some.
    """
    at: dict[str, Any] = {}
    marked = _LINE.search(message)
    if marked:
        at = _marked(sql, int(marked["line"]), marked["text"], len(marked["caret"]))
    near = _NEAR.search(message)
    candidates = near["near"].replace('"', "") if near else ""
    for pattern, key in _KNOWN:
        found = pattern.search(message)
        if found:
            params: dict[str, Any] = {"name": found["name"][:200]}
            if key == "sandbox.column":
                close = get_close_matches(params["name"].lower(), columns, n=3, cutoff=0.6)
                candidates = ", ".join(close) or candidates[:200]
            if key == "sandbox.column" and candidates:
                return Rejected("sandbox.column_near", near=candidates, **params, **at)
            return Rejected(key, **params, **at)
    reason = message.split("\nLINE ")[0].strip().splitlines()
    return Rejected("sandbox.failed", reason=(reason or ["?"])[0][:400], **at)


def _marked(sql: str, line: int, text: str, caret: int) -> dict[str, int]:
    """Return line and column of DuckDB's caret; it shows a long line in part."""
    lines = sql.splitlines()
    if not 1 <= line <= len(lines):
        return {}
    column = caret - len(f"LINE {line}: ")
    if text.startswith("..."):
        shown = text.removeprefix("...").removesuffix("...")
        column += lines[line - 1].find(shown) - len("...")
    # Korean letters count two columns under DuckDB's caret.
    width, at = 0, 0
    for at, letter in enumerate(lines[line - 1] + " ", start=1):  # noqa: B007
        if width >= column:
            break
        width += 2 if ord(letter) > 0x1100 else 1
    return {"line": line, "column": at}
