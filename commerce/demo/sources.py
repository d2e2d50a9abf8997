"""The small tables of the demo: dongs, categories, where the rows claim to come from, refusals."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from commerce.demo.draw import SNAPSHOT_ON
from commerce.demo.places import dongs
from commerce.demo.tables import table
from commerce.ingest.reference import categories

DISTRICT = {"code": "12330", "ko": "광산구", "en": "Gwangsan-gu"}
PUBLISHER = "우리동네 상권정보"
LICENCE = "MIT (지어낸 자료)"
INGESTED_AT = datetime(2026, 11, 2, 3, 10)
#: Rows that the reader of this file would have refused: service, reason, the row.
REFUSED = (
    ("general_restaurants", "impossible_date", "한마음식당,0001-01-01,영업/정상,송정동 112-3"),
    ("general_restaurants", "bad_date", "들마루국밥,2019-13-31,영업/정상,운남동 204-1"),
    ("general_restaurants", "outside_district", "큰샘칼국수,2014-03-05,폐업,북구 용봉동 1-2"),
    ("general_restaurants", "bad_bytes", "\\xb6\\xce 반점,2009-07-21,폐업"),
    ("rest_cafes", "bad_date", "담소커피,20230231,영업/정상,수완동 350-7"),
    ("rest_cafes", "outside_district", "온실 디저트,2021-05-12,영업/정상,서구 치평동 9-1"),
    ("ecommerce_businesses", "bad_date", "모아스토어,2020-00-12,영업/정상,"),
    ("ecommerce_businesses", "outside_district", "라온몰,2020-08-03,영업/정상,남구 봉선동"),
    ("ecommerce_businesses", "bad_bytes", "\\xff\\xfe하루샵,2019-02-11,폐업"),
    ("beauty_salons", "outside_district", "미소헤어,2016-10-04,폐업,장성군 남면"),
    ("tobacco_retailers", "bad_date", "오복슈퍼,2007-13-40,폐업,비아동 77-2"),
)


def register(connection: duckdb.DuckDBPyConnection, folder: Path, seed: int) -> None:
    """Make the relations ``demo_dong``, ``demo_category``, ``demo_refused``, ``demo_dataset``."""
    connection.register("demo_dong", _dongs())
    connection.register("demo_category", _categories())
    refused = _refused(seed)
    connection.register("demo_refused", refused)
    connection.register("demo_repeated", _repeated(seed))
    file = str(folder / "establishment.parquet").replace("'", "''")
    connection.execute(
        f"""
        create view demo_kept as
        select
            source_id,
            any_value(service_name) as service_name,
            count(*) as n,
            min(opened_on) as coverage_from,
            greatest(max(opened_on), max(exit_on)) as coverage_to
        from read_parquet('{file}')
        group by source_id
        """
    )
    connection.execute(
        f"""
        create view demo_dataset as
        select
            demo_kept.source_id,
            '합성 자료: ' || demo_kept.service_name || ' 인허가' as title,
            '{PUBLISHER}' as publisher,
            '{LICENCE}' as licence,
            date '{SNAPSHOT_ON}' as snapshot_on,
            demo_kept.coverage_from,
            demo_kept.coverage_to,
            demo_kept.n + demo_repeated.n + coalesce(lost.n, 0) as rows_in,
            demo_kept.n + demo_repeated.n as rows_kept,
            coalesce(lost.n, 0) as rows_refused,
            demo_repeated.n as rows_superseded,
            null as sha256,
            'demo' as adapter,
            false as tested_on_real_files,
            timestamp '{INGESTED_AT}' as ingested_at,
            null as unit,
            null as min_merchants,
            true as synthetic
        from demo_kept
        join demo_repeated using (source_id)
        left join (select source_id, count(*) as n from demo_refused group by all) as lost
            using (source_id)
        """
    )


def _dongs() -> pd.DataFrame:
    rows = []
    for dong in dongs():
        shown = {
            key: dong[key]
            for key in (
                "dong_code",
                "dong_code_before_2026_07",
                "name_ko",
                "name_en",
                "area_km2",
                "label_lon",
                "label_lat",
            )
        }
        boundary = json.dumps(dong["geometry"], separators=(",", ":"))
        rows.append(
            {
                **shown,
                "district_code": DISTRICT["code"],
                "district_name_ko": DISTRICT["ko"],
                "district_name_en": DISTRICT["en"],
                "boundary": boundary,
            }
        )
    return pd.DataFrame(rows)


def _categories() -> pd.DataFrame:
    rows = categories()
    needing = {row.parent_id for row in rows if row.parent_id and row.permits != "none"}
    groups = {row.parent_id for row in rows if row.parent_id}
    return pd.DataFrame(
        {
            "category_id": [row.category_id for row in rows],
            "name_ko": [row.name_ko for row in rows],
            "name_en": [row.name_en for row in rows],
            "parent_id": [row.parent_id for row in rows],
            "synonyms": [list(row.synonyms) for row in rows],
            "has_permits": [
                row.category_id in needing if row.category_id in groups else row.permits != "none"
                for row in rows
            ],
        }
    )


def _refused(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 1, 1])
    lines = np.sort(rng.integers(1, 200, len(REFUSED)) + np.arange(len(REFUSED)) * 200)
    return pd.DataFrame(
        {
            "source_id": [f"demo-{service}" for service, _, _ in REFUSED],
            "line": lines,
            "reason": [reason for _, reason, _ in REFUSED],
            "raw": [raw for _, _, raw in REFUSED],
        }
    )


def _repeated(seed: int) -> pd.DataFrame:
    """Say for each source how many of its rows an older file had already brought."""
    services = sorted(set(table("trades")["service_code"]))
    rng = np.random.default_rng([seed, 1, 2])
    return pd.DataFrame(
        {
            "source_id": [f"demo-{service}" for service in services],
            "n": rng.integers(0, 4, len(services)),
        }
    )
