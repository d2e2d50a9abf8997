"""The settings of fetching, from the environment, and the services and authorities asked for."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from commerce.errors import Refused, UsageError
from commerce.ingest.reference import code_changes, rows, services, trade_map

#: The one name under which the service key of data.go.kr is known. It is read from nowhere else.
KEY = "COMMERCE_DATA_GO_KR_KEY"
SEOUL = ZoneInfo("Asia/Seoul")
FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "fetched"
#: Says who asks, in the form that servers which admit browsers alone let through.
USER_AGENT = "Mozilla/5.0 (compatible; uridongne-commerce/0.1; fetches public data files)"
#: Keys are 64 to 88 characters long; a shorter text is none, and could not be told from other text.
_SHORTEST_KEY = 20
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True)
class Settings:
    """How to fetch. Times are seconds, sizes bytes.

    Args:
        files: address before the paths of the file server.
        api: address before the paths of the data.go.kr services.
        state: folder that remembers the calls of the day.
        key: the decoded service key; never shown.
        pause: at least so long between two requests.
        attempts: how often one request is tried.
        first_wait: about so long before the second attempt, twice as long before each further one.
        longest_wait: a server that asks to wait longer is left alone until the next run.
        calls_per_day: calls of the API on one day in Korea, over all runs.
        full_days: increments are fetched for so many days before all rows are fetched again.
    """

    files: str
    api: str
    state: Path
    key: str | None = field(default=None, repr=False)
    user_agent: str = USER_AGENT
    pause: float = 0.5
    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 600.0
    timeout: tuple[float, float] = (15.0, 120.0)
    calls_per_day: int = 10_000
    rows_per_page: int = 100
    full_days: int = 30
    most_file: int = 4 * 2**30
    most_answer: int = 32 * 2**20
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(SEOUL)

    def secrets(self) -> list[str]:
        """Return what must never be shown: the key."""
        return [self.key] if self.key else []


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that the environment asks for, else the publishers' addresses.

    Raises:
        UsageError: when a value cannot be used.
    """
    from commerce.sandbox.journal import state_dir

    given = os.environ if environment is None else environment
    base = {row["source"]: row for row in rows("fetch_sources")}
    state = given.get("COMMERCE_STATE")
    return Settings(
        files=_address(given, "COMMERCE_FETCH_FILES", base["files"]["base"]),
        api=_address(given, "COMMERCE_FETCH_API", base["api"]["base"]),
        state=Path(state) if state else state_dir(),
        key=_key(given.get(KEY, "").strip()),
        user_agent=given.get("COMMERCE_FETCH_USER_AGENT") or USER_AGENT,
        pause=_number(given, "COMMERCE_FETCH_PAUSE", Settings.pause),
        calls_per_day=_number(given, "COMMERCE_FETCH_CALLS", int(base["api"]["calls_per_day"])),
        rows_per_page=int(base["api"]["most_rows"]),
        full_days=_number(given, "COMMERCE_FETCH_FULL_DAYS", Settings.full_days),
    )


def fetched_folder() -> Path:
    """Return the folder for fetched files: ``COMMERCE_FETCHED``, else ``data/fetched``."""
    return Path(os.environ.get("COMMERCE_FETCHED") or FOLDER)


def chosen_services(text: str | None) -> list[str]:
    """Return the slugs of services given by slug or Korean name, commas between them.

    None, or nothing, means all services that the app has a category for; ``all`` all there are.

    Raises:
        UsageError: when a name is unknown; the sentence names a few that come near.
    """
    asked = [part.strip() for part in (text or "").split(",") if part.strip()]
    if not asked:
        return sorted({service for service, _ in trade_map()})
    if asked == ["all"]:
        return sorted(services())
    slugs = {re.sub(r"\s", "", name): slug for slug, name in services().items()}
    found = [s if s in services() else slugs.get(re.sub(r"\s", "", s), "") for s in asked]
    for name, slug in zip(asked, found, strict=True):
        if not slug:
            raise UsageError("fetch.unknown_service", name=name, near=", ".join(_near(name)))
    return list(dict.fromkeys(found))


def chosen_authorities(text: str) -> list[str]:
    """Return the authority codes, commas between them; codes of before the reform are translated.

    Raises:
        UsageError: when one is neither 7 digits nor 7 digits and ``_ALL``.
    """
    codes = [part.strip() for part in text.split(",") if part.strip()]
    for code in codes:
        if not re.fullmatch(r"\d{7}(_ALL)?", code):
            raise UsageError("fetch.bad_authority", code=code)
    if not codes:
        raise UsageError("fetch.bad_authority", code=text)
    now = code_changes("authority")
    return list(dict.fromkeys(now.get(code[:7], code[:7]) + code[7:] for code in codes))


def _near(name: str) -> list[str]:
    from rapidfuzz import process

    names = {**services(), **{korean: korean for korean in services().values()}}
    return [key for _, _, key in process.extract(name, {k: k for k in names}, limit=3)]


def _key(given: str) -> str | None:
    if not given:
        return None
    # The portal shows every key twice, once percent-encoded: either will do.
    key = unquote(given) if re.search(r"%[0-9A-Fa-f]{2}", given) else given
    if len(key) < _SHORTEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise Refused("fetch.bad_key", name=KEY)
    return key


def _address(given: Mapping[str, str], name: str, usual: str) -> str:
    value = (given.get(name) or usual).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise UsageError("fetch.bad_setting", name=name, value=value)
    return value


def _number(given: Mapping[str, str], name: str, usual: _Number) -> _Number:
    value = given.get(name)
    if not value:
        return usual
    try:
        number = type(usual)(value)
    except ValueError:
        number = type(usual)(-1)
    if not 0 <= number < 1e9:
        raise UsageError("fetch.bad_setting", name=name, value=value)
    return number
