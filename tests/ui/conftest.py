"""A snapshot with a district but without any permit."""

from pathlib import Path

import duckdb
import pytest

from commerce.schema import create_table_sql, tables
from commerce.snapshot import write_table

DEMO = Path(__file__).resolve().parent.parent.parent / "data" / "demo"


@pytest.fixture(scope="session")
def empty_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    connection = duckdb.connect()
    for table in tables():
        connection.execute(create_table_sql(table))
        if table in ("dong", "category"):
            connection.execute(
                f"insert into {table} select * from read_parquet($file)",
                {"file": str(DEMO / f"{table}.parquet")},
            )
        write_table(connection, table, table, folder)
    return folder
