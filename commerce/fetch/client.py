"""One polite HTTP client: one request at a time, pauses, retries, bounds, and no secret shown."""

from __future__ import annotations

import html
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from commerce.errors import Refused
from commerce.fetch.settings import Settings

_BLOCK = 1 << 16
_REDIRECTS = 4
_TIRED = (408, 425, 429, 500, 502, 503, 504)
#: What requests raises when a connection or an answer breaks.
BROKEN = (
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")
_Result = TypeVar("_Result")


class Again(Exception):
    """Worth another attempt; ``refusal`` is the sentence when there is none left.

    Args:
        refusal: the sentence.
        wait: seconds that the server asks to wait.
    """

    def __init__(self, refusal: Refused, wait: float | None = None) -> None:
        super().__init__(refusal.key)
        self.refusal, self.wait = refusal, wait


class Turned(Exception):
    """The server sends a page, or elsewhere, instead of data."""


class Client:
    """Sends requests one after another.

    Args:
        settings: pauses, attempts, time-outs and limits.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._session = requests.Session()
        self._session.headers["User-Agent"] = settings.user_agent
        self._hide = hider(settings.secrets())
        self._last: float | None = None
        self._backoff = wait_exponential_jitter(
            multiplier=settings.first_wait, jitter=settings.first_wait, max=60 * settings.first_wait
        )

    def __enter__(self) -> Client:
        self._filter = _Hiding(self._hide)
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._filter)
        return self

    def __exit__(self, *_: object) -> None:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._filter)
        self._session.close()

    def patiently(self, attempt: Callable[[], _Result]) -> _Result:
        """Return what ``attempt`` returns, called again after each ``Again`` as the settings say.

        Raises:
            Refused: the sentence of the last ``Again``, or of a wait that is too long.
        """
        refusal: Refused
        try:
            return Retrying(
                stop=stop_after_attempt(max(self.settings.attempts, 1)),
                wait=self._wait,
                retry=retry_if_exception_type(Again),
                sleep=self.settings.sleep,
                reraise=True,
            )(attempt)
        except Again as again:
            refusal = again.refusal
        # Outside of the handler: no chain of errors holds the address, which may hold the key.
        raise refusal

    @contextmanager
    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        redirects: int = _REDIRECTS,
    ) -> Iterator[requests.Response]:
        """Send one request and yield its answer, of which only the header has been read.

        Redirects are followed on the same server only.

        Raises:
            Again: when the server is tired or the connection breaks, also while it is read.
            Refused: when the server asks to wait for too long.
            Turned: when the server sends us elsewhere.
        """
        host, broken = urlsplit(url).hostname, None
        try:
            for _ in range(redirects + 1):
                self._pause()
                response = self._session.get(
                    url,
                    params=params,
                    headers=headers,
                    stream=True,
                    timeout=self.settings.timeout,
                    allow_redirects=False,
                )
                try:
                    if not response.is_redirect:
                        self._check(response, str(host))
                        yield response
                        return
                    url, params = urljoin(url, response.headers["location"]), None
                finally:
                    response.close()
                    self._last = time.monotonic()
                if _origin(url) != _origin(response.url):
                    break
            raise Turned
        except requests.Timeout:
            broken = Refused("fetch.timeout", host=host)
        except BROKEN:
            broken = Refused("fetch.broken", host=host)
        except requests.RequestException:
            broken = Refused("fetch.no_answer", host=host)
        raise Again(broken)

    def blocks(self, response: requests.Response, most: int) -> Iterator[bytes]:
        """Yield the body of an answer, byte for byte as the server wrote it.

        Raises:
            Refused: when it is longer than ``most`` bytes.
        """
        host = urlsplit(response.url).hostname
        too_large = Refused("fetch.too_large", host=host, limit=f"{most / 2**20:,.0f} MB")
        if int_of(response.headers.get("content-length")) > most:
            raise too_large
        read = 0
        for block in response.iter_content(_BLOCK):
            read += len(block)
            if read > most:
                raise too_large
            yield block

    def without_secrets(self, content: bytes) -> bytes:
        """Return an answer without the key, should the server have echoed it."""
        text = content.decode("utf-8", "surrogateescape")
        return self._hide(text).encode("utf-8", "surrogateescape")

    def _check(self, response: requests.Response, host: str) -> None:
        if response.status_code not in _TIRED:
            return
        wait = _retry_after(response.headers.get("retry-after"), self.settings.now())
        if wait is not None and wait > self.settings.longest_wait:
            raise Refused("fetch.told_to_wait", host=host, minutes=f"{wait / 60:,.0f}")
        key = "fetch.throttled" if response.status_code == 429 else "fetch.server_fault"
        raise Again(Refused(key, host=host, status=response.status_code), wait)

    def _pause(self) -> None:
        if self._last is not None:
            left = self._last + self.settings.pause - time.monotonic()
            if left > 0:
                self.settings.sleep(left)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, Again) else None
        return max(self._backoff(state), asked or 0.0)


class _Hiding(logging.Filter):
    """Keeps secrets out of what libraries log: addresses with their parameters."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._hide = hide

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._hide(record.getMessage()), ()
        return True


def hider(secrets: list[str]) -> Callable[[str], str]:
    """Return a function that puts ``***`` for each secret, however it is written in a text."""
    forms: set[str] = set()
    for secret in secrets:
        forms |= {secret, quote(secret, safe=""), secret.replace("/", "\\/")}
        forms |= {json.dumps(secret)[1:-1], html.escape(secret)}
    if not forms:
        return lambda text: text
    longest_first = sorted(forms, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(form) for form in longest_first), re.IGNORECASE)
    return lambda text: pattern.sub("***", text)


def int_of(text: str | None) -> int:
    """Return a header's number; 0 when there is none."""
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _retry_after(value: str | None, now: datetime) -> float | None:
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
