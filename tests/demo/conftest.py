from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from commerce.demo import write_demo
from commerce.schema import tables


def open_snapshot(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    for name in tables():
        if (folder / f"{name}.parquet").is_file():
            connection.execute(f"create view {name} as from '{folder / name}.parquet'")
    return connection


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


@pytest.fixture(scope="session")
def demo(demo_folder: Path) -> duckdb.DuckDBPyConnection:
    return open_snapshot(demo_folder)
