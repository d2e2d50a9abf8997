"""What is wrong with text that is no SQL: the place, and the word that was probably meant.

DuckDB's parser says where it stopped, which is often one word after the mistake (``frm dong``),
and knows no candidates for words of SQL itself: they are found here.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from commerce.sandbox.refusal import Rejected, place

_WORDS = [
    "select",
    "from",
    "where",
    "group",
    "by",
    "order",
    "having",
    "limit",
    "offset",
    "join",
    "left",
    "right",
    "inner",
    "outer",
    "full",
    "cross",
    "using",
    "on",
    "with",
    "recursive",
    "as",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "between",
    "like",
    "ilike",
    "similar",
    "case",
    "when",
    "then",
    "else",
    "end",
    "distinct",
    "union",
    "all",
    "except",
    "intersect",
    "filter",
    "over",
    "partition",
    "rows",
    "range",
    "qualify",
    "desc",
    "asc",
    "nulls",
    "first",
    "last",
    "exists",
    "values",
    "interval",
    "cast",
    "describe",
    "summarize",
    "unpivot",
    "lateral",
    "window",
]
_TOKEN = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_NEAR = re.compile(r'^syntax error at or near "(?P<word>.*)"$', re.DOTALL)
#: Only so many letters before the place can hold the mistake.
_BACK = 80


def syntax_error(message: str, sql: str, offset: int) -> Rejected:
    """Return the refusal of ``sql``, at which DuckDB's parser stopped at byte ``offset``."""
    at = place(sql, offset)
    if message.startswith("unterminated"):
        is_name = "identifier" in message
        return Rejected("sandbox.syntax.open_name" if is_name else "sandbox.syntax.open_text", **at)
    stopped = _NEAR.match(message)
    if not stopped:
        return Rejected("sandbox.syntax", reason=message[:200], **at)
    found = _meant(sql.encode(errors="replace"), offset)
    if found:
        word, near, start = found
        return Rejected("sandbox.syntax.near", word=word, near=near, **place(sql, start))
    if _is_open(sql):
        return Rejected("sandbox.syntax.open_bracket", word=stopped["word"][:80], **at)
    return Rejected("sandbox.syntax.at", word=stopped["word"][:80], **at)


def _meant(text: bytes, offset: int) -> tuple[str, str, int] | None:
    """Return a word at the place or shortly before it, the word of SQL nearly so, and its place."""
    start = max(0, offset - _BACK)
    part = text[start : offset + _BACK]
    words = [m for m in _TOKEN.finditer(part) if m.start() + start <= offset]
    for match in reversed(words[-2:]):
        word = match[0].decode(errors="replace")
        if word.lower() not in _WORDS:
            near = get_close_matches(word.lower(), _WORDS, n=1, cutoff=0.7)
            if near:
                return word, near[0], start + match.start()
    return None


def _is_open(sql: str) -> bool:
    """Return whether more brackets open than close, texts and comments left out."""
    plain = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*", "", sql)
    return plain.count("(") > plain.count(")")
