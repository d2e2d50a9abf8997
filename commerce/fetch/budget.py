"""The calls of the day: a count that all runs share, so that the publisher's limit is never met."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from commerce.errors import Refused
from commerce.fetch.store import write_whole


class Budget:
    """Counts calls per day in Korea, before each call: a killed run has never counted too few.

    Args:
        folder: where the count is kept.
        per_day: so many calls are allowed on one day.
        now: the time, in any zone's clock that ``per_day`` is meant for.
    """

    def __init__(self, folder: Path, per_day: int, now: Callable[[], datetime]) -> None:
        self._file, self._per_day, self._now = folder / "calls.json", per_day, now

    def spend(self) -> None:
        """Count one call.

        Raises:
            Refused: when the day's calls are used up.
        """
        with self._held():
            used, closed = self._read()
            if closed or used >= self._per_day:
                raise Refused("fetch.budget_used", used=f"{used:,}", limit=f"{self._per_day:,}")
            self._write(used + 1, closed=False)

    def close(self) -> None:
        """Note that the server allows no more calls today."""
        with self._held():
            used, _ = self._read()
            self._write(used, closed=True)

    def used(self) -> int:
        """Return the calls of today."""
        return self._read()[0]

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refused("fetch.state_not_writable", folder=self._file.parent) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> tuple[int, bool]:
        try:
            found = json.loads(self._file.read_bytes())
            if found["day"] == self._day():
                return int(found["used"]), bool(found["closed"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, False

    def _write(self, used: int, *, closed: bool) -> None:
        note = {"day": self._day(), "used": used, "closed": closed}
        write_whole(self._file, json.dumps(note).encode())

    def _day(self) -> str:
        return f"{self._now():%Y-%m-%d}"
