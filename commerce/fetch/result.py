"""What became of each thing that was fetched, for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from commerce.errors import Refused
from commerce.i18n import number, t

#: What can become of one service of one authority.
STATES = ("new", "changed", "unchanged", "empty", "failed", "skipped")


@dataclass(frozen=True)
class Result:
    """What became of one thing.

    Args:
        title: what it is, for people.
        state: one of ``STATES``.
        file: the whole file, where there is one.
        rows: rows of the answers of an API.
        error: why it failed.
    """

    title: str
    state: str
    file: Path | None = None
    rows: int | None = None
    error: Refused | None = None

    def text(self) -> str:
        """Return one line in the reader's language."""
        if self.error is not None:
            return t("fetch.result.failed", title=self.title, why=self.error)
        if self.file is None:
            return t(f"fetch.result.{self.state}", title=self.title, file="–", size="–")
        size = f"{number(self.file.stat().st_size / 1000, 0)} kB"
        if self.rows is not None:
            size = t("fetch.rows", rows=number(self.rows)) + ", " + size
        return t(f"fetch.result.{self.state}", title=self.title, file=self.file.name, size=size)
