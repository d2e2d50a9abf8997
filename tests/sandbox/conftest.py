"""What the sandbox's tests share: a copy of the demo, a secret beside it, a journal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from commerce.db import Database
from commerce.sandbox.catalog import Catalog, catalog
from commerce.sandbox.limits import limits
from commerce.sandbox.runner import Runner
from commerce.snapshot import DEMO_DIR, Snapshot

SECRET = "CANARY-7f3a"


@dataclass(frozen=True)
class Place:
    """A folder with data, a secret file and an empty folder in it."""

    root: Path
    data: Path
    secret: Path
    out: Path

    @property
    def names(self) -> dict[str, str]:
        return {"data": str(self.data), "secret": str(self.secret), "out": str(self.out)}

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.data, "copy")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    if not (DEMO_DIR / "dataset.parquet").is_file():
        pytest.skip("data/demo is not there: python -m commerce demo --data data/demo")
    root = tmp_path_factory.mktemp("sandbox")
    found = Place(root, root / "data", root / "secret.txt", root / "out")
    shutil.copytree(DEMO_DIR, found.data)
    found.secret.write_text(SECRET)
    found.out.mkdir()
    with duckdb.connect() as connection:  # a refused row whose raw text holds the secret
        file = str(found.data / "refused.parquet")
        connection.execute(f"create table r as from read_parquet('{file}')")
        connection.execute("insert into r values ('demo', 1, 'no_date', $raw)", {"raw": SECRET})
        connection.execute(f"copy r to '{file}' (format parquet)")
    return found


@pytest.fixture(scope="session")
def names() -> Catalog:
    return catalog()


@pytest.fixture(scope="session")
def parser() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


@pytest.fixture(scope="session")
def full(place: Place) -> Database:
    """The database that the pages ask, over the same files."""
    return Database(place.snapshot)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    made = Runner(given=limits(seconds=30, wait_seconds=60))
    yield made
    made.close()
