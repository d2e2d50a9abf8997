"""Each row of the demo is possible: places, dates, states and codes agree with one another."""

from __future__ import annotations

import json

import duckdb
import h3
import pytest
import shapely
from shapely.geometry import shape

from commerce.demo.names import ODD_NAMES

# Each condition must hold for no row.
IMPOSSIBLE = {
    "opened outside its years": "opened_on not between '2005-01-01' and '2026-10-31'",
    "left before it opened": "exit_on <= opened_on",
    "left after S": "exit_on > observed_until",
    "touched after S": "updated_at >= observed_until + interval 1 day",
    "touched before it opened": "updated_at < opened_on",
    "left without a kind": "exit_on is not null and exit_kind is null",
    "kind without a day": """
        exit_kind is not null and exit_on is null and exit_date_quality <> 'unknown'""",
    "unknown with a day": """
        exit_date_quality = 'unknown' and (exit_on is not null or updated_at is not null)""",
    "quality without an exit": "exit_date_quality is not null and exit_kind is null",
    "exit without quality": "exit_date_quality is null and exit_kind is not null",
    "state and kind": """
        (exit_kind is null) <> (status in ('open', 'suspended'))
        or (exit_kind in ('closed', 'cancelled', 'moved_out') and status <> exit_kind)
        or (exit_kind = 'vanished' and status <> 'unknown')""",
    "half a point": "(lon is null) <> (lat is null) or (lon is null) <> (h3_9 is null)",
    "point and quality": "(lon is null) <> (coordinate_quality = 'none')",
    "no dong, yet a lot": "dong_code is null and address_lot is not null",
    "point without dong": "lon is not null and dong_code is null",
    "no such dong": "dong_code not in (select dong_code from dong)",
    "no such category": """
        category_id not in (select category_id from category
            where parent_id is not null or category_id = 'other')""",
    "trade without permits": """
        category_id in (select category_id from category where not has_permits)""",
    "no such source": "source_id not in (select source_id from dataset)",
    "authority": "authority_code <> '5825000' or not starts_with(permit_id, authority_code)",
    "identity": "not ends_with(permit_id, identity_key)",
    "area": "area_m2 <= 0",
    "empty name": "trim(name) = '' or name is null",
    "a site without an address": """
        site_id is not null and address_road is null and address_lot is null""",
}


@pytest.mark.parametrize("condition", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_no_impossible_row(demo: duckdb.DuckDBPyConnection, condition: str) -> None:
    assert demo.sql(f"from establishment where {condition} limit 3").fetchall() == []


def test_ids_are_unique(demo: duckdb.DuckDBPyConnection) -> None:
    n, permits, identities = demo.sql(
        """
        select count(*), count(distinct permit_id), count(distinct identity_key)
        from establishment
        """
    ).fetchall()[0]
    assert n == permits == identities
    assert 24_000 < n < 26_000


def test_points_lie_in_their_dong(demo: duckdb.DuckDBPyConnection) -> None:
    outlines = dict(demo.sql("select dong_code, boundary from dong").fetchall())
    assert len(outlines) == 21
    for code, boundary in outlines.items():
        points = demo.execute(
            "select lon, lat from establishment where dong_code = $code and lon is not null",
            {"code": code},
        ).fetchnumpy()
        assert len(points["lon"]) > 20, code
        outline = shape(json.loads(boundary))
        assert shapely.contains_xy(outline, points["lon"], points["lat"]).all(), code


def test_cells_hold_their_points(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        "select distinct lat, lon, h3_9, h3_10 from establishment where lon is not null"
    )
    for lat, lon, nine, ten in rows.fetchall():
        assert (h3.latlng_to_cell(lat, lon, 9), h3.latlng_to_cell(lat, lon, 10)) == (nine, ten)


def test_bulk_days_are_those_with_twenty_closures(demo: duckdb.DuckDBPyConnection) -> None:
    days = demo.sql(
        """
        select
            count(*) as n,
            count(*) filter (where exit_date_quality = 'bulk') as marked,
            year(exit_on) as year
        from establishment
        where exit_kind in ('closed', 'cancelled') and exit_on is not null
        group by service_code, authority_code, exit_on
        """
    ).fetchall()
    assert all(marked == (n if n >= 20 else 0) for n, marked, _ in days)
    bulk = [(n, year) for n, marked, year in days if marked]
    assert len(bulk) >= 10
    assert len({year for _, year in bulk}) >= 8
    other = "exit_kind in ('moved_out', 'vanished') and exit_date_quality = 'bulk'"
    assert demo.sql(f"from establishment where {other}").fetchall() == []


@pytest.mark.parametrize(
    ("condition", "low", "high"),
    [
        ("coordinate_quality <> 'reported'", 0.27, 0.36),
        ("lon is null", 0.10, 0.25),
        ("dong_code is null", 0.02, 0.07),
        ("exit_kind = 'moved_out'", 0.02, 0.06),
        ("exit_kind = 'vanished'", 0.0005, 0.01),
        ("exit_kind = 'cancelled'", 0.005, 0.04),
        ("status = 'suspended'", 0.002, 0.02),
        ("exit_date_quality = 'imputed'", 0.005, 0.04),
        ("exit_date_quality = 'unknown'", 0.0005, 0.01),
        ("area_m2 is null", 0.1, 0.4),
        ("address_road is null", 0.02, 0.15),
    ],
)
def test_shares(demo: duckdb.DuckDBPyConnection, condition: str, low: float, high: float) -> None:
    share = demo.sql(f"select avg(({condition})::int::double) from establishment").fetchall()[0][0]
    assert low < share < high


def test_odd_names_are_there_as_text(demo: duckdb.DuckDBPyConnection) -> None:
    for name in ODD_NAMES:
        rows = demo.execute(
            "select status from establishment where name = $name", {"name": name}
        ).fetchall()
        assert len(rows) == 1, name


def test_small_groups_occur(demo: duckdb.DuckDBPyConnection) -> None:
    sizes = [
        n
        for (n,) in demo.sql(
            "select count(*) from establishment where dong_code is not null "
            "group by dong_code, category_id"
        ).fetchall()
    ]
    assert sum(n < 10 for n in sizes) > 50
    assert sum(10 <= n < 30 for n in sizes) > 50
    assert sum(n >= 100 for n in sizes) > 20


def test_sites_see_one_shop_after_the_other(demo: duckdb.DuckDBPyConnection) -> None:
    sites = demo.sql(
        """
        select
            count(*) filter (where n = 1) as once,
            count(*) filter (where n between 3 and 8) as often,
            count(*) filter (where lots > 1) as torn
        from (
            select site_id, count(*) as n, count(distinct address_lot) as lots
            from establishment where site_id is not null group by site_id
        )
        """
    ).fetchall()[0]
    assert sites[0] > 2000
    assert sites[1] > 800
    assert sites[2] == 0
    kept = demo.sql(
        """
        select count(*) from (
            select *, lag(name) over w as before, lag(exit_on) over w as left_on
            from establishment where site_id is not null
            window w as (partition by site_id, category_id order by opened_on)
        ) where name = before and opened_on > left_on
        """
    ).fetchall()[0][0]
    assert kept > 50


def test_found_points_are_those_of_the_same_address(demo: duckdb.DuckDBPyConnection) -> None:
    strangers = demo.sql(
        """
        select permit_id from establishment as found
        where coordinate_quality = 'from_address' and not exists (
            from establishment as given
            where given.coordinate_quality = 'reported'
                and (given.lon, given.lat) = (found.lon, found.lat)
        )
        """
    ).fetchall()
    assert strangers == []
