"""Where the datasets page works: the data folder, uploads with harmless names, who, how long."""

from __future__ import annotations

import datetime as dt
import os
import re
import unicodedata
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import dates

from commerce.errors import Refused
from commerce.i18n import day, language, number, t
from commerce.ingest.setting import is_full
from commerce.snapshot import LIVE_DIR

_SEOUL = ZoneInfo("Asia/Seoul")
#: File systems take 255 bytes; a Korean letter takes three.
_LONGEST_NAME = 70
_HARMFUL = re.compile(r"[^\w.()\[\]\- ·]")
_ENDINGS = re.compile(r"((?:\.[A-Za-z0-9]{1,8}){0,2})$")


class Upload(Protocol):
    """A file that the browser sent: a name that it made up, and bytes."""

    name: str

    def seek(self, offset: int, /) -> int:
        """Go to a place in it."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to ``size`` bytes."""


def folder() -> Path | None:
    """Return the data folder to publish to; None where the app shows one fixed snapshot."""
    named = os.environ.get("COMMERCE_DATA")
    path = Path(named) if named else LIVE_DIR
    return None if (path / "dataset.parquet").is_file() else path


def harmless(name: str) -> str:
    """Return the name of an upload as a plain file name that says as much as it may.

    >>> harmless("../<script>식품_일반음식점 (3).csv")
    '_script_식품_일반음식점 (3).csv'
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = _HARMFUL.sub("_", plain).strip(" .-") or "_"
    ending = _ENDINGS.search(plain)
    tail = ending.group(1) if ending else ""
    stem = plain.removesuffix(tail)[: _LONGEST_NAME - len(tail)]
    return f"{stem or '_'}{tail}"


def save(uploads: list[Upload], inbox: Path) -> list[Path]:
    """Write uploads into a folder under harmless names, none over another; return the files.

    Raises:
        Refused: when the disk is full or cannot be written.
    """
    saved: list[Path] = []
    for upload in uploads:
        path = inbox / harmless(upload.name)
        if path in saved:
            path = inbox / f"{len(saved) + 1}_{path.name}"
        try:
            with path.open("xb") as target:
                upload.seek(0)
                while block := upload.read(1 << 20):
                    target.write(block)
        except OSError as error:
            key = "ingest.disk_full" if is_full(error) else "ingest.folder_not_writable"
            raise Refused(key, folder=inbox) from error
        saved.append(path)
    return saved


def size_words(size: int) -> str:
    """Return a number of bytes as people say it."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if size >= unit:
            return f"{number(size / unit, 1 if size < 100 * unit else 0)} {name}"
    return f"{number(size)} B"


def when(at: dt.datetime) -> str:
    """Return a moment as the clock of the district shows it."""
    here = at.astimezone(_SEOUL)
    return f"{day(here.date())} {dates.format_time(here, 'HH:mm', locale=language())}"


def who_words(who: str) -> str:
    """Return who it was as people read it."""
    if not who:
        return t("datasets.who.unknown")
    key = f"datasets.who.{who}"
    return who if t(key) == key else t(key)


def time_words(seconds: float) -> str:
    """Return a length of time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return t("datasets.time.seconds", n=number(rest))
    return t("datasets.time.minutes", m=number(minutes), n=number(rest))


def literally(text: str) -> str:
    """Return text in which no sign is Markdown: sentences quote names of files."""
    signs = "\\`*_{}[]<>()#+!|~$:"
    return "".join(f"\\{c}" if c in signs else c for c in " ".join(text.split()))
