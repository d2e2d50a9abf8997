"""What tests share: small snapshots made from rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from commerce.db import Database, add_views
from commerce.schema import create_table_sql, tables
from commerce.snapshot import Snapshot, write_table
from tests.chromium import browser

__all__ = ["browser"]

Row = Mapping[str, object]
S = dt.date(2025, 12, 31)
_DISTRICT = ("12330", "광산구", "Gwangsan-gu")
_numbers = count()

#: What a row of a table has where the test says nothing.
DEFAULTS: dict[str, dict[str, object]] = {
    "establishment": {
        "service_code": "general_restaurants",
        "service_name": "일반음식점",
        "category_id": "korean_food",
        "name": "가게",
        "exit_date_quality": "reported",
        "status": "open",
        "observed_until": S,
        "coordinate_quality": "none",
        "dong_code": "1233000100",
        "authority_code": "5825000",
        "source_id": "test",
    },
    "dong": {
        "district_code": _DISTRICT[0],
        "district_name_ko": _DISTRICT[1],
        "district_name_en": _DISTRICT[2],
        "area_km2": 2.0,
    },
    "category": {"synonyms": [], "has_permits": True},
    "dataset": {
        "source_id": "test",
        "title": "test",
        "snapshot_on": S,
        "rows_in": 0,
        "rows_kept": 0,
        "rows_refused": 0,
        "rows_superseded": 0,
        "tested_on_real_files": False,
        "synthetic": True,
    },
    "refused": {},
    "card_sales": {
        "period_months": 1,
        "area_kind": "dong",
        "category_id": "korean_food",
        "merchants": 10,
        "suppressed": False,
        "source_id": "test",
    },
    "card_sales_profile": {
        "period_months": 1,
        "area_kind": "dong",
        "category_id": "korean_food",
        "source_id": "test",
    },
    "footfall": {
        "period_months": 1,
        "area_kind": "dong",
        "dimension": "total",
        "bucket": "all",
        "unit": "persons_per_day",
        "source_id": "test",
    },
}
DONGS = [
    {"dong_code": "1233000100", "name_ko": "수완동", "name_en": "Suwan"},
    {"dong_code": "1233000200", "name_ko": "첨단동", "name_en": "Cheomdan"},
    {"dong_code": "1233000300", "name_ko": "송정동", "name_en": "Songjeong"},
]
CATEGORIES = [
    {"category_id": "restaurant", "name_ko": "음식점", "name_en": "Restaurants"},
    {
        "category_id": "korean_food",
        "parent_id": "restaurant",
        "name_ko": "한식",
        "name_en": "Korean food",
        "synonyms": ["국밥", "백반"],
    },
    {
        "category_id": "chicken",
        "parent_id": "restaurant",
        "name_ko": "치킨",
        "name_en": "Chicken",
        "synonyms": ["치킨집", "통닭"],
    },
    {"category_id": "cafe_bakery", "name_ko": "카페·제과", "name_en": "Cafes and bakeries"},
    {
        "category_id": "cafe",
        "parent_id": "cafe_bakery",
        "name_ko": "카페",
        "name_en": "Cafe",
        "synonyms": ["커피"],
    },
    {
        "category_id": "unlicensed",
        "name_ko": "자유업",
        "name_en": "No permit",
        "has_permits": False,
    },
    {
        "category_id": "flower_shop",
        "parent_id": "unlicensed",
        "name_ko": "꽃집",
        "name_en": "Florists",
        "synonyms": ["플라워"],
        "has_permits": False,
    },
]


def shop(opened: str, left: str | None = None, kind: str = "closed", **values: object) -> Row:
    """Return a row of ``establishment``: opened, and left in the way of ``kind`` if at all."""
    row: dict[str, object] = {"opened_on": opened, "permit_id": f"P{next(_numbers)}"}
    if left is not None:
        row |= {"exit_on": left, "exit_kind": kind, "status": kind}
    return row | values


def sold(period: str, krw: int | None, dong: str = "1233000100", **values: object) -> Row:
    """Return a cell of ``card_sales`` of a dong; ``krw`` null means suppressed."""
    row: dict[str, object] = {"period": f"{period}-01", "sales_krw": krw, "area_code": dong}
    row |= {"dong_code": dong, "suppressed": krw is None}
    row |= {"trade_code": values.get("category_id", "korean_food")}
    return row | values


def part(period: str, dimension: str, bucket: str, krw: int, **values: object) -> Row:
    """Return a row of ``card_sales_profile`` of a dong."""
    row = dict(sold(period, krw)) | {"dimension": dimension, "bucket": bucket}
    del row["suppressed"]
    return row | values


def seen(period: str, persons: float | None, dong: str = "1233000100", **values: object) -> Row:
    """Return a row of ``footfall`` of a dong."""
    row: dict[str, object] = {"period": f"{period}-01", "persons": persons}
    return row | {"area_code": dong, "dong_code": dong} | values


@pytest.fixture
def make_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Snapshot]:
    """Return a function that writes a snapshot from rows, by table; what is not given is small.

    ``make_snapshot([shop("2020-01-01"), …], dong=[…], category=[…])``
    """

    def make(establishment: Iterable[Row] = (), **others: Iterable[Row]) -> Snapshot:
        folder = tmp_path_factory.mktemp("snapshot")
        write_snapshot(folder, establishment, **others)
        return Snapshot(folder, folder.name)

    return make


@pytest.fixture
def make_database(make_snapshot: Callable[..., Snapshot]) -> Callable[..., Database]:
    """Return a function like ``make_snapshot`` that opens what it wrote."""

    def make(establishment: Iterable[Row] = (), **others: Iterable[Row]) -> Database:
        return Database(make_snapshot(establishment, **others))

    return make


def write_snapshot(
    folder: Path, establishment: Iterable[Row] = (), **others: Iterable[Row]
) -> None:
    """Write all tables of a snapshot to ``folder``, rows filled up from ``DEFAULTS``."""
    given: dict[str, Iterable[Row]] = {
        "establishment": establishment,
        "dong": DONGS,
        "category": CATEGORIES,
        "dataset": [{}],
        "refused": [],
    } | others
    connection = duckdb.connect()
    for table, columns in tables().items():
        names = [column.name for column in columns]
        rows = [DEFAULTS.get(table, {}) | dict(row) for row in given.get(table, ())]
        for row in rows:
            unknown = set(row) - set(names)
            assert not unknown, f"{table} has no column {unknown}"
        if rows:
            connection.register(table, pd.DataFrame(rows, columns=names, dtype=object))
        else:
            connection.execute(create_table_sql(table))
        write_table(connection, table, f'"{table}"', folder)
    connection.close()


def plain_views(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    """Return a connection with the tables of ``snapshot`` and the views, none kept as a table."""
    connection = duckdb.connect()
    for table in tables():
        file = str(snapshot.file(table))
        connection.execute(f"create table \"{table}\" as from read_parquet('{file}')")
    add_views(connection)
    return connection
