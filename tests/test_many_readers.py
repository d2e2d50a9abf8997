"""Fifty people read while data is published: nobody is disturbed or sees two snapshots mixed."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.crowd import Reader, crowd
from benchmarks.reruns import CHOICES, ROOT, serving
from commerce.snapshot import DEMO_DIR, switch

PAGE, PAIRS = "overview", CHOICES[:6]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two snapshots, the first served: the demo, and the demo without half of its permits."""
    folder = tmp_path / "data"
    for name in ("1", "2"):
        shutil.copytree(DEMO_DIR, folder / name)
    target = folder / "2" / "establishment.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "create table half as from read_parquet($file) where hash(permit_id) % 2 = 0",
            {"file": str(DEMO_DIR / "establishment.parquet")},
        )
        target.unlink()
        connection.table("half").write_parquet(str(target))
    os.utime(folder / "2" / "dataset.parquet")
    switch(folder, "1")
    return folder


def alone(port: int, choices: list[tuple[str, ...]]) -> list[str]:
    """Return what one person reads: the headline as the page opens, then of each choice."""
    reader = Reader(PAGE)
    asyncio.run(reader.read(port, choices))
    assert reader.troubles == []
    return reader.headlines


def test_a_publish_while_fifty_people_read(data: Path) -> None:
    changes = 3
    command = [sys.executable, "-m", "commerce", "serve", "--port", "PORT"]
    with serving(command, ROOT, str(data)) as (port, _):
        before = alone(port, PAIRS)
        readers = asyncio.run(crowd(port, (PAGE,), 50, changes, lambda: switch(data, "2"), PAIRS))
        after = alone(port, PAIRS)
    assert len(before) == len(after) == len(PAIRS) + 1
    assert all(old != new for old, new in zip(before, after, strict=True))
    for who, reader in enumerate(readers):
        assert reader.troubles == []
        asked = [0, *(1 + (7 * who + n) % len(PAIRS) for n in range(changes))]
        assert len(reader.headlines) == len(asked)
        for headline, choice in zip(reader.headlines, asked, strict=True):
            assert headline in (before[choice], after[choice])
    assert any(reader.headlines[0] == before[0] for reader in readers)
