"""Proposals, manifests and events as JSON, and back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import secrets
from collections import Counter
from pathlib import Path
from typing import Any

from commerce.errors import Refused
from commerce.ingest.report import Report, SourceReport
from commerce.snapshot import sync


def write(path: Path, value: object) -> None:
    """Write JSON so that the file is there whole or not at all, also after a power cut."""
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        temporary.write_text(text(value) + "\n", encoding="utf-8")
        sync(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: Path) -> dict[str, Any] | None:
    """Return what a file of :func:`write` holds, or None where there is no such file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def text(value: object) -> str:
    """Return a value as one line of JSON; days and times as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Refused):
        return refused_to(value)
    return str(value)


def refused_to(error: Refused) -> dict[str, Any]:
    """Return a refusal as JSON has it, so that it can be told in the language of any reader."""
    known = (str, int, float, type(None))
    params = {
        name: refused_to(value)
        if isinstance(value, Refused)
        else value
        if isinstance(value, known)
        else str(value)
        for name, value in error.params.items()
    }
    return {"key": error.key, "params": params}


def refused_from(found: dict[str, Any]) -> Refused:
    """Return the refusal of :func:`refused_to`."""
    params = {
        name: refused_from(value) if isinstance(value, dict) else value
        for name, value in found["params"].items()
    }
    return Refused(found["key"], **params)


def report_from(found: dict[str, Any]) -> Report:
    """Return a report from what :func:`text` wrote of it."""
    return Report(
        sources=[
            SourceReport(
                **source
                | {
                    "snapshot_on": day_from(source["snapshot_on"]),
                    "refused": Counter(source["refused"]),
                }
            )
            for source in found["sources"]
        ],
        refused_files=[(shown, refused_from(error)) for shown, error in found["refused_files"]],
        unmapped_trades=[(a, b, n) for a, b, n in found["unmapped_trades"]],
        snapshot=found["snapshot"],
        establishments=found["establishments"],
        without_dong=found["without_dong"],
        districts=found["districts"],
    )


def day_from(found: str | None) -> dt.date | None:
    """Return a day from its ISO text, or None."""
    return dt.date.fromisoformat(found) if found else None
