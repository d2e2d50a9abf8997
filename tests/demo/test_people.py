"""Footfall, indicators, named areas and shops of the demo agree with one another."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pytest
import shapely
from scipy.stats import spearmanr
from shapely.geometry import shape

from commerce.demo import areas
from commerce.demo.tables import table
from tests.demo.test_sales import BUCKETS

IMPOSSIBLE = {
    "unit": "unit <> 'persons_per_day'",
    "nobody": "persons is null or persons < 0 or persons <> round(persons)",
    "length": "period_months <> 1 or day(period) <> 1",
    "dong": "area_kind = 'dong' and area_code <> dong_code",
    "no such area": """
        area_kind = 'trade_area'
        and (area_code, dong_code) not in (select (area_code, dong_code) from trade_area)""",
    "total": "(dimension = 'total') <> (bucket = 'all')",
    "source": "source_id <> 'demo-footfall'",
}


@pytest.mark.parametrize("condition", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_no_impossible_footfall(demo: duckdb.DuckDBPyConnection, condition: str) -> None:
    assert demo.sql(f"from footfall where {condition} limit 3").fetchall() == []


def test_every_place_and_month_has_all_parts(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        """
        select dimension, area_kind, count(*) as n, count(distinct (area_code, period, bucket))
        from footfall group by all
        """
    ).fetchall()
    places = {"dong": 21, "trade_area": 8}
    months = {"weekday_hour": 12}
    sizes = {"total": 1} | BUCKETS
    assert len(rows) == len(places) * len(sizes)
    for dimension, kind, n, distinct in rows:
        assert n == distinct == sizes[dimension] * places[kind] * months.get(dimension, 94)


@pytest.mark.parametrize("dimension", ["hour_band", "sex", "age_group", "sex_age"])
def test_parts_of_a_day_and_of_people_add_up(
    demo: duckdb.DuckDBPyConnection, dimension: str
) -> None:
    wrong = demo.execute(
        """
        select area_code, period
        from footfall
        where dimension in ('total', $dimension)
        group by all
        having sum(persons) filter (where dimension = 'total')
            <> sum(persons) filter (where dimension <> 'total')
        """,
        {"dimension": dimension},
    ).fetchall()
    assert wrong == []


def test_weekdays_are_means_of_such_days(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        """
        with days as (
            select day::date as day, isodow(day)::varchar as weekday
            from range(timestamp '2019-01-01', timestamp '2026-11-01', interval 1 day) as t (day)
        ),

        means as (
            select area_code, period, sum(persons) / count(*) as mean
            from days
            join footfall on weekday = bucket and dimension = 'weekday'
                and period = date_trunc('month', day)
            group by all
        )

        select mean / persons as ratio
        from means join footfall using (area_code, period) where dimension = 'total'
        """
    ).fetchnumpy()["ratio"]
    assert len(rows) == 94 * 29
    assert np.abs(rows - 1).max() < 0.01


def test_more_people_pass_where_more_is_sold(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        """
        select people.n, cells.krw
        from (
            select area_code, avg(persons) as n from footfall
            where dimension = 'total' and area_kind = 'dong' group by 1
        ) as people
        join (select area_code, sum(sales_krw) as krw from card_sales group by 1) as cells
            using (area_code)
        """
    ).fetchnumpy()
    assert len(rows["n"]) == 21
    assert spearmanr(rows["n"], rows["krw"]).statistic > 0.8


def test_footfall_fell_in_2020_by_less_than_sales(demo: duckdb.DuckDBPyConnection) -> None:
    people = demo.sql(
        """
        select sum(persons) filter (where period = date '2020-03-01')
            / sum(persons) filter (where period = date '2019-03-01')
        from footfall where dimension = 'total' and area_kind = 'dong'
        """
    ).fetchall()[0][0]
    assert 0.8 < people < 0.92


def test_indicators(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        """
        select indicator, count(*), count(distinct (area_code, period)), any_value(unit),
            sum(value) filter (where period = date '2022-10-01'),
            min(period)::varchar, max(period)::varchar
        from area_indicator group by 1 order by 1
        """
    ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    assert list(found) == ["households", "residents", "stores", "workers"]
    assert {row[:2] for row in found.values()} == {(21 * 31, 21 * 31)}
    assert {row[4:] for row in found.values()} == {("2019-01-01", "2026-07-01")}
    # 주민등록인구 2022-12 of the real district: 400,654.
    assert found["residents"][3] == pytest.approx(400_654, rel=0.02)
    assert 2.0 < found["residents"][3] / found["households"][3] < 2.6
    assert [row[2] for row in found.values()] == ["households", "persons", "shops", "persons"]


def test_named_areas_lie_apart_inside_their_dongs(demo: duckdb.DuckDBPyConnection) -> None:
    outlines = dict(demo.sql("select dong_code, boundary from dong").fetchall())
    rows = demo.sql("from trade_area").df().to_dict("records")
    assert len(rows) == 8
    shapes = [shape(json.loads(row["boundary"])) for row in rows]
    for row, area in zip(rows, shapes, strict=True):
        assert area.is_valid
        assert area.geom_type == "Polygon"
        dong = shape(json.loads(outlines[row["dong_code"]]))
        assert dong.contains(area)
        assert area.contains(shapely.Point(row["lon"], row["lat"]))
        metres = area.area * 91_000 * 110_950
        assert row["area_m2"] == pytest.approx(metres, rel=0.01)
        assert 30_000 < row["area_m2"] < 500_000
        assert "가상" in row["name_ko"]
        assert "fictional" in row["name_en"]
    pairs = [(a, b) for i, a in enumerate(shapes) for b in shapes[i + 1 :]]
    assert not any(a.intersects(b) for a, b in pairs)


@pytest.mark.parametrize("name", ["establishment", "shop"])
def test_codes_of_areas_are_those_that_hold_the_point(
    demo: duckdb.DuckDBPyConnection, name: str
) -> None:
    rows = demo.sql(f"select lon, lat, trade_area_codes as codes from {name}").df()
    known = rows[rows["lon"].notna()]
    assert rows.loc[rows["lon"].isna(), "codes"].isna().all()
    given = [codes[0] if isinstance(codes, np.ndarray) else None for codes in known["codes"]]
    boundaries = dict(demo.sql("select area_code, boundary from trade_area").fetchall())
    expected = np.full(len(known), None, dtype=object)
    for code, boundary in boundaries.items():
        inside = shapely.contains_xy(shape(json.loads(boundary)), known["lon"], known["lat"])
        expected[inside] = code
    assert given == expected.tolist()
    assert len({code for code in given if code}) == 8
    assert len(areas.outlines()) == 8


def test_shops_are_the_permits_with_some_missing_and_some_long_gone(
    demo: duckdb.DuckDBPyConnection,
) -> None:
    n, ids, located, dongs = demo.sql(
        "select count(*), count(distinct shop_id), count(lon), count(distinct dong_code) from shop"
    ).fetchall()[0]
    assert n == ids == located
    assert dongs == 21
    rows = demo.sql(
        """
        with standing as (
            select trade_name, dong_code, name, exit_on
            from establishment
            where opened_on <= date '2026-09-30' and dong_code is not null
                and exit_date_quality is distinct from 'unknown'
                and category_id in ('cafe', 'hair_salon', 'korean_food', 'pharmacy')
        ),

        seen as (
            select count(*) as n from shop
            where category_id in ('cafe', 'hair_salon', 'korean_food', 'pharmacy')
        )

        select
            (select n from seen)
            / (select count(*) from standing where exit_on is null or exit_on > '2026-09-30')
        """
    ).fetchall()[0][0]
    assert 0.90 < rows < 1.03
    strangers = demo.sql(
        """
        select count(*) filter (where exit_on <= date '2026-09-30') / count(*)
        from shop
        join establishment on 'MA' || upper(substr(md5(permit_id), 1, 12)) = shop_id
        """
    ).fetchall()[0][0]
    assert 0.03 < strangers < 0.08


def test_shops_of_trades_without_permits(demo: duckdb.DuckDBPyConnection) -> None:
    rows = demo.sql(
        """
        select category_id, count(*)
        from shop join category using (category_id) where not has_permits group by 1
        """
    ).fetchall()
    free = table("card_trades").query("count_2019.notna()")
    assert {name for name, _ in rows} == set(free["category_id"])
    assert len(rows) == 20
    assert dict(rows)["academy"] > 700
    assert all(n > 40 for _, n in rows)
    floors = {floor for (floor,) in demo.sql("select distinct floor from shop").fetchall()}
    assert {"지1", "1", "2", None} <= floors
    assert "0" not in floors


def test_every_permit_trade_of_the_parameters_is_a_trade_of_permits() -> None:
    drawn = set(table("trades")["trade_name"])
    for names in table("card_trades")["permit_trades"].dropna():
        assert set(names.split("|")) & drawn, names
    trades = table("card_trades")
    assert trades["trade_code"].is_unique
    for column, name in (("season", "seasons"), ("week", "weeks"), ("people", "people")):
        assert set(trades[column]) <= set(table(name)[column])
    assert set(trades["hours"]) <= set(table("hours")["hours"])
    assert set(trades["shock"]) <= set(table("shocks").columns)
