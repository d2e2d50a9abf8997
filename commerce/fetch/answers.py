"""Reads the answers of data.go.kr, errors that come with HTTP status 200 among them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from commerce.ingest.reference import rows

_FINE = ("", "0", "00", "000", "0000")
_CODE = re.compile(
    r"<(?:returnReasonCode|resultCode)>\s*([^<]*?)\s*</"
    r'|"(?:returnReasonCode|resultCode)"\s*:\s*"?([^",}\s]*)'
)


@dataclass(frozen=True)
class Answer:
    """One page of rows.

    Args:
        rows: the records as the server gave them.
        total: how many rows the server says there are in all pages.
        page: which page it says this is; None when it does not say.
    """

    rows: list[dict[str, Any]]
    total: int
    page: int | None


@dataclass(frozen=True)
class Failure:
    """An error of the publisher's table, or something that is no answer at all.

    Args:
        action: what to do about it: ``retry``, ``tomorrow``, ``key``, ``request``, ``page``.
        code: the publisher's number of it, or what stands in its place.
        name: the publisher's name of it.
    """

    action: str
    code: str
    name: str


def read(status: int, content: bytes) -> Answer | Failure:
    """Return the rows of an answer, or what is wrong with it.

    Args:
        status: the HTTP status.
        content: the body.
    """
    text = content.decode("utf-8-sig", "replace")
    failure = _failure(text)
    if failure is not None:
        return Answer([], 0, None) if failure.action == "empty" else failure
    if status in (401, 403) or re.fullmatch(r"\W*(Unauthorized|Forbidden)\W*", text):
        return Failure("key", str(status), "Unauthorized")
    if status != 200:
        return Failure("request", str(status), "HTTP")
    try:
        document = json.loads(text)
    except ValueError:
        return Failure("page", "–", "no JSON")
    body = _find(document, "body", "totalCount")
    if body is None:
        return Failure("page", "–", "no rows")
    try:
        total = int(str(body["totalCount"]).strip())
        page = int(str(body["pageNo"]).strip()) if body.get("pageNo") is not None else None
    except ValueError:
        return Failure("page", "–", "no count")
    items = body.get("items", body.get("item"))
    if isinstance(items, dict) and "item" in items:
        items = items["item"]
    if isinstance(items, dict):
        items = [items] if items else []
    if items is None or items == "":
        items = []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return Failure("page", "–", "no rows")
    return Answer(items, total, page)


def _find(document: Any, name: str, key: str) -> dict[str, Any] | None:
    """Return the object that has ``key``: the body of the answer, however it is wrapped."""
    if not isinstance(document, dict):
        return None
    if key in document:
        return document
    for wrapper in ("response", name):
        if isinstance(document.get(wrapper), dict):
            found = _find(document[wrapper], name, key)
            if found is not None:
                return found
    return None


def _failure(text: str) -> Failure | None:
    head = text[:4096]
    match = _CODE.search(head)
    code = (match.group(1) or match.group(2) or "") if match else ""
    if code not in _FINE:
        number = code.lstrip("0") or "0"
        named = _by_code().get(number)
        return named or Failure("request", re.sub(r"[^\w-]", "", code)[:20], "resultCode")
    if match is None and not head.lstrip().startswith("{"):
        for failure in _by_code().values():
            if failure.name in head:
                return failure
    return None


@cache
def _by_code() -> dict[str, Failure]:
    return {
        row["code"]: Failure(row["action"], row["code"], row["name"]) for row in rows("api_errors")
    }
