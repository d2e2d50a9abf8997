"""The library of queries: those that people saved, in one small SQLite file, and what was run.

The file lies in the state folder (see :mod:`commerce.sandbox.journal`), which no query can
read; each change is one transaction. A saved query never changes: saving again makes a
new one, so that a link always opens what its sender saw.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from commerce.errors import Refused
from commerce.sandbox.journal import file as journal_file
from commerce.sandbox.journal import state_dir
from commerce.sandbox.limits import limits

MOST_TITLE, MOST_NOTE = 120, 2_000
_TAIL = 512 * 1024
_ID = re.compile(r"[a-z0-9]{10}")
_TABLE = (
    "create table if not exists saved (id text primary key, title text not null,"
    " note text not null, sql text not null, given text not null, who text not null,"
    " at text not null) strict"
)


@dataclass(frozen=True)
class Saved:
    """One saved query; ``values`` are those of its parameters, as JSON has them."""

    id: str
    title: str
    note: str
    sql: str
    values: dict[str, Any]
    who: str
    at: str


@dataclass(frozen=True)
class Run:
    """One run from the journal: when (UTC), how it ended (``done`` or a message key)."""

    at: str
    sql: str
    values: dict[str, str]
    rows: int
    seconds: float
    outcome: str


def save(title: str, note: str, sql: str, values: Mapping[str, object], who: str) -> Saved:
    """Save a query and return it with its new id.

    Raises:
        Refused: when it has no title or no SQL, is too long, or cannot be written.
    """
    title = " ".join(title.split())
    if not title:
        raise Refused("workbench.save.no_title")
    if not sql.strip():
        raise Refused("sandbox.nothing")
    if len(sql) > limits().sql_chars:
        raise Refused("sandbox.too_long", limit=limits().sql_chars)
    plain = {name: value for name, value in values.items() if value is not None}
    entry = Saved(
        "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(10)),
        _whole(title[:MOST_TITLE]),
        _whole(note.strip()[:MOST_NOTE]),
        _whole(sql),
        json.loads(json.dumps(plain, default=str)),
        who,
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )
    row = asdict(entry) | {"values": json.dumps(entry.values)}
    with _open() as connection:
        connection.execute(
            "insert into saved values (:id, :title, :note, :sql, :values, :who, :at)", row
        )
    return entry


def saved() -> list[Saved]:
    """Return all saved queries, newest first."""
    if not _file().is_file():
        return []
    with _open() as connection:
        rows = connection.execute("select * from saved order by at desc, rowid desc").fetchall()
    return [_read(row) for row in rows]


def find(id_: str) -> Saved | None:
    """Return the saved query of this id, or None."""
    if not _ID.fullmatch(id_) or not _file().is_file():
        return None
    with _open() as connection:
        row = connection.execute("select * from saved where id = ?", [id_]).fetchone()
    return _read(row) if row else None


def remove(id_: str) -> None:
    """Remove a saved query; one that is not there is no error."""
    with _open() as connection:
        connection.execute("delete from saved where id = ?", [id_])


def to_json() -> bytes:
    """Return all saved queries as a JSON file."""
    listed = [asdict(entry) for entry in saved()]
    return json.dumps(listed, ensure_ascii=False, indent=1).encode()


def history(who: str, most: int = 50) -> list[Run]:
    """Return the last runs of ``who`` from the journal of this month and the last, newest first."""
    found: list[Run] = []
    this_month = journal_file()
    for path in sorted(this_month.parent.glob("sql-*.jsonl"), reverse=True)[:2]:
        for line in reversed(_tail(path)):
            run = _run(line, who)
            if run:
                found.append(run)
            if len(found) >= most:
                return found
    return found


def _tail(path: Path) -> list[bytes]:
    """Return the last whole lines of a file: a journal may be long."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            lines = file.read().splitlines()
    except OSError:
        return []
    return lines[1:] if size > _TAIL else lines


def _run(line: bytes, who: str) -> Run | None:
    try:
        entry = json.loads(line)
        if entry["who"] != who:
            return None
        values = {str(name): str(value) for name, value in entry["values"].items()}
        return Run(
            str(entry["at"]),
            str(entry["sql"]).encode(errors="replace").decode(),
            values,
            int(entry["rows"]),
            float(entry["seconds"]),
            str(entry["outcome"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # half a line of a process that was killed


def _file() -> Path:
    return state_dir() / "library.sqlite"


@contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    """Give a connection in one transaction; the file is for its owner's eyes alone."""
    path = _file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
            connection.execute(_TABLE)
            yield connection
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused("workbench.save.no_file", file=path, reason=reason) from None


def _read(row: tuple[Any, ...]) -> Saved:
    id_, title, note, sql, values, who, at = row
    return Saved(id_, title, note, sql, json.loads(values), who, at)


def _whole(text: str) -> str:
    """Return text without half letters, which cannot be written."""
    return text.encode(errors="replace").decode()
