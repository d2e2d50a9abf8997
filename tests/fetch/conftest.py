"""A server on loopback, settings that point to it, and a wall around this machine."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commerce.fetch.client import Client
from commerce.fetch.settings import SEOUL, Settings
from commerce.fetch.store import Store
from commerce.i18n import set_language
from tests.fetch.server import Server
from tests.ingest.permits import NAMES, shop

# Before anything imports it: the package would ask its publisher for news.
os.environ["ADMDONGKOR_NO_AUTO_UPDATE"] = "1"
NOW = dt.datetime(2026, 11, 25, 4, 0, tzinfo=SEOUL)


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request leaves this machine."""
    set_language("ko")
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a request would leave this machine: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def waits() -> list[float]:
    """The seconds that were waited, had anybody waited."""
    return []


@pytest.fixture
def settings(server: Server, waits: list[float], tmp_path: Path) -> Settings:
    return Settings(
        files=server.address,
        api=server.address,
        state=tmp_path / "state",
        key=server.key,
        pause=0.0,
        timeout=(5.0, 5.0),
        sleep=waits.append,
        now=lambda: NOW,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "fetched")
    with store.hold():
        yield store


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    with Client(settings) as client:
        yield client


Rows = Callable[..., list[dict[str, str]]]


def api_rows(count: int, first: int = 1, **changes: str) -> list[dict[str, str]]:
    """Rows as data.go.kr names their columns."""
    shops = [shop(n, **({"authority": "5825000"} | changes)) for n in range(first, first + count)]
    return [{NAMES["C"][role]: value for role, value in one.items()} for one in shops]
