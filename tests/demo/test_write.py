"""The demo snapshot as files: deterministic, small, complete, and of the schema."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from commerce.demo import write, write_demo
from commerce.schema import tables
from commerce.snapshot import DEMO_DIR
from tests.demo.conftest import open_snapshot

WRITTEN = tuple(tables())
#: What the series of sales and people say of themselves: adapter, unit, fewest merchants.
SERIES = {
    "demo-card-sales": ("demo_card_sales", "KRW", 3),
    "demo-footfall": ("demo_footfall", "persons_per_day", None),
    "demo-indicators": ("demo_indicators", None, None),
    "demo-areas": ("demo_areas", None, None),
    "demo-shops": ("demo_shops", None, None),
}
KEPT = """
    select source_id, count(*) as n from establishment group by 1
    union all select source_id, count(*) from card_sales group by 1
    union all select source_id, count(*) from footfall group by 1
    union all select source_id, count(*) from area_indicator group by 1
    union all select source_id, count(*) from trade_area group by 1
    union all select source_id, count(*) from shop group by 1
"""


def test_same_seed_same_bytes_other_seed_not(demo_folder: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "again")
    write_demo(tmp_path / "other", seed=7)
    for name in WRITTEN:
        first = (demo_folder / f"{name}.parquet").read_bytes()
        assert (tmp_path / "again" / f"{name}.parquet").read_bytes() == first, name
    other = (tmp_path / "other" / "establishment.parquet").read_bytes()
    assert other != (demo_folder / "establishment.parquet").read_bytes()
    assert sorted(p.name for p in (tmp_path / "again").iterdir()) == sorted(
        f"{name}.parquet" for name in WRITTEN
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_committed_demo_is_what_the_generator_writes(demo_folder: Path, name: str) -> None:
    here, there = DEMO_DIR / f"{name}.parquet", demo_folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        differing = connection.sql(
            f"""
            select count(*) from (
                (from '{here}' except all from '{there}')
                union all
                (from '{there}' except all from '{here}')
            )
            """
        ).fetchall()[0]
    assert differing == (0,)


@pytest.mark.parametrize("name", WRITTEN)
def test_columns_are_those_of_the_schema(demo: duckdb.DuckDBPyConnection, name: str) -> None:
    found = [(row[0], row[1].lower()) for row in demo.sql(f"describe {name}").fetchall()]
    assert found == [(column.name, column.type) for column in tables()[name]]


def test_files_are_small(demo_folder: Path) -> None:
    assert (demo_folder / "establishment.parquet").stat().st_size < 3_000_000
    assert sum(file.stat().st_size for file in demo_folder.iterdir()) < 6_000_000


def test_dataset_accounts_for_every_row(demo: duckdb.DuckDBPyConnection) -> None:
    wrong = demo.sql(
        f"""
        select dataset.source_id
        from dataset
        left join ({KEPT}) as kept using (source_id)
        left join (select source_id, count(*) as n from refused group by 1) as lost
            using (source_id)
        where rows_in <> rows_kept + rows_refused
            or kept.n is distinct from rows_kept - rows_superseded
            or rows_refused <> coalesce(lost.n, 0)
            or not synthetic
            or tested_on_real_files
            or title not like '합성 자료%'
            or snapshot_on <> date '2026-10-31'
            or coverage_to > snapshot_on
        """
    ).fetchall()
    assert wrong == []
    orphans = demo.sql("from refused where source_id not in (select source_id from dataset)")
    assert orphans.fetchall() == []
    reasons = demo.sql("select distinct reason from refused order by 1").fetchall()
    assert [reason for (reason,) in reasons] == [
        "bad_bytes",
        "bad_date",
        "columns",
        "impossible_date",
        "outside_district",
    ]
    series = demo.sql(
        "select source_id, adapter, unit, min_merchants from dataset where adapter <> 'demo'"
    ).fetchall()
    assert {row[0]: row[1:] for row in series} == SERIES
    assert demo.sql("from dataset where adapter <> 'demo' and rows_refused = 0").fetchall() == []


def test_trades_without_permits_say_so(demo: duckdb.DuckDBPyConnection) -> None:
    free = demo.sql(
        "select category_id from category where not has_permits and parent_id is not null"
    ).fetchall()
    assert len(free) >= 10
    assert {("academy",), ("clothing",), ("real_estate",)} <= set(free)
    groups = "select category_id from category where not has_permits and parent_id is null"
    assert demo.sql(groups).fetchall() == [("unlicensed",)]
    words = demo.sql("select synonyms from category where category_id = 'cafe'").fetchall()
    assert "커피" in words[0][0]


def test_scale_makes_more_of_the_same(
    demo: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "UNITS_PER_PART", 2)
    seen: list[tuple[int, int]] = []
    write_demo(tmp_path, scale=3, progress=lambda done, total: seen.append((done, total)))
    many = open_snapshot(tmp_path)
    ask = "select count(*), count(distinct permit_id), count(distinct identity_key) from (from {})"
    one = demo.sql(ask.format("establishment")).fetchall()[0]
    three = many.sql(ask.format("establishment")).fetchall()[0]
    assert abs(three[0] / one[0] - 3) < 0.02
    assert len(set(three)) == 1
    assert seen == [(2 * write.PERMITS, 3 * write.PERMITS), (3 * write.PERMITS, 3 * write.PERMITS)]
    shared = many.sql(
        """
        select count(*) from (
            select site_id from establishment where site_id is not null
            group by 1 having count(distinct (address_lot)) > 1
        )
        """
    ).fetchall()[0]
    assert shared == (0,)
    days = many.sql(
        """
        select min(n), count(*) from (
            select count(*) as n from establishment where exit_date_quality = 'bulk'
            group by service_code, exit_on
        )
        """
    ).fetchall()[0]
    assert days[0] >= 60
    assert days[1] >= 10
    ask = """
        select sum(merchants), sum(sales_krw), count(distinct (area_code, trade_code)),
            (select count(*) from shop), (select count(*) from footfall)
        from card_sales where area_kind = 'dong' and period = date '2025-06-01'
    """
    one, three = (snapshot.sql(ask).fetchall()[0] for snapshot in (demo, many))
    assert three[0] / one[0] == pytest.approx(3, abs=0.25)
    assert three[1] / one[1] == pytest.approx(3, abs=0.45)
    assert three[2] < 1.4 * one[2]
    assert three[3] / one[3] == pytest.approx(3, abs=0.15)
    assert three[4] == one[4]
