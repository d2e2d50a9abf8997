"""The staff list: a text file that the office keeps, one person or domain a line.

A line is an e-mail (``kim@gwangsan.go.kr``), a domain (``@gwangsan.go.kr``, everybody
there, without subdomains) or a subject of the sign-in (``sub:`` may stand before it). What
follows `` #`` is a comment. E-mails are compared without regard to the case of Latin
letters only: other letters that a computer could take for them (the Kelvin sign, letters
of full width) belong to other addresses.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from commerce.sandbox.journal import state_dir

_log = logging.getLogger(__name__)
_COMMENT = re.compile(r"(^|\s)#.*$")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_DOMAIN = re.compile(r"@[^\s@]+")
_T = TypeVar("_T")


@dataclass(frozen=True)
class StaffList:
    """Who is on the list: e-mails and domains in plain form, subjects as they are."""

    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()

    def has_email(self, email: str) -> bool:
        """Return whether an e-mail is listed, itself or by its domain."""
        if not is_email(email):
            return False
        found = plain(email)
        return found in self.emails or "@" + found.rpartition("@")[2] in self.domains

    def has_subject(self, subject: str) -> bool:
        """Return whether a subject is listed, letter by letter."""
        return subject in self.subjects


def parse(text: str) -> StaffList:
    """Return the staff list that ``text`` says; lines that say nothing clear name nobody."""
    emails: set[str] = set()
    domains: set[str] = set()
    subjects: set[str] = set()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        # A file typed on a Mac has syllables in pieces; a token has them whole.
        entry = unicodedata.normalize("NFC", _COMMENT.sub("", line).strip())
        if not entry:
            continue
        if entry.startswith("sub:"):
            subjects |= {entry[4:].strip()} - {""}
        elif _is_printable(entry) and _DOMAIN.fullmatch(entry):
            domains.add(plain(entry))
        elif is_email(entry):
            emails.add(plain(entry))
        elif _is_printable(entry) and "@" not in entry and " " not in entry:
            subjects.add(entry)
        else:
            _log.warning("Line %d of the staff list names nobody", number)
    return StaffList(frozenset(emails), frozenset(domains), frozenset(subjects))


def is_email(text: str) -> bool:
    """Return whether ``text`` can be an e-mail: one @, no blanks, nothing invisible, NFC."""
    return (
        _EMAIL.fullmatch(text) is not None
        and _is_printable(text)
        and unicodedata.is_normalized("NFC", text)
    )


def plain(email: str) -> str:
    """Return an e-mail or domain with its Latin letters (A-Z, no others) small."""
    return email.encode("utf-8", "replace").lower().decode("utf-8")


def file() -> Path:
    """Return the file of the staff list: ``COMMERCE_STAFF``, else ``staff.txt`` in the state."""
    return Path(os.environ.get("COMMERCE_STAFF") or state_dir() / "staff.txt")


def staff_list() -> StaffList:
    """Return the staff list as its file says now; without one nobody is on it."""
    return _kept(file()).now()


@cache
def _kept(path: Path) -> ReadAnew[StaffList]:
    return ReadAnew(path, parse, StaffList())


class ReadAnew(Generic[_T]):
    """What a small text file says, read anew whenever the file changes.

    Args:
        path: the file.
        read: what its text means.
        none: what holds without a readable file.
    """

    def __init__(self, path: Path, read: Callable[[str], _T], none: _T) -> None:
        self._path, self._read, self._none = path, read, none
        self._seen: tuple[object, _T] | None = None

    def now(self) -> _T:
        """Return what the file says now."""
        try:
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
            seen = self._seen  # one reference: several threads ask at once
            if seen is None or seen[0] != version:
                text = self._path.read_text("utf-8", errors="replace")
                seen = self._seen = (version, self._read(text))
            return seen[1]
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                _log.warning("%s cannot be read: %s", self._path.name, error.strerror)
            return self._none


def _is_printable(text: str) -> bool:
    # Neither invisible letters nor halves of them, which make two addresses look alike.
    return not any(unicodedata.category(c)[0] == "C" for c in text) and "\ufffd" not in text
