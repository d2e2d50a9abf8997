"""Figures of footfall, counted by hand.

Persons per day of two dongs (suwan has 2 km², as all dongs of the tests):

=======  =====  ========  ===========  ===========
month    suwan  cheomdan  suwan 06-11  suwan 11-14
=======  =====  ========  ===========  ===========
2023-xx  1000   500
2024-01  1200   –         300          900
2024-02  800    600       200          600
=======  =====  ========  ===========  ===========
"""

from __future__ import annotations

import pandas as pd
import pytest

from commerce.db import Database
from commerce.queries import bind, load, names
from commerce.snapshot import Snapshot
from tests.conftest import Row, plain_views, seen, shop, sold, write_snapshot

SUWAN, CHEOMDAN, SONGJEONG = "1233000100", "1233000200", "1233000300"
MORNING = {"dimension": "hour_band", "bucket": "06-11"}
NOON = {"dimension": "hour_band", "bucket": "11-14"}
COUNTS: list[Row] = [
    *(seen(f"2023-{month:02}", 1000) for month in range(1, 13)),
    *(seen(f"2023-{month:02}", 500, CHEOMDAN) for month in range(1, 13)),
    seen("2024-01", 1200),
    seen("2024-01", 300, **MORNING),
    seen("2024-01", 900, **NOON),
    seen("2024-02", 800),
    seen("2024-02", 200, **MORNING),
    seen("2024-02", 600, **NOON),
    seen("2024-02", 600, CHEOMDAN),
    # another series, of the same adapter: never added, another unit
    seen(
        "2024-02",
        7,
        "T1",
        area_kind="trade_area",
        dong_code=CHEOMDAN,
        unit="persons_present",
    ),
]
SALES: list[Row] = [
    sold("2023-11", 20_000_000, merchants=4),
    sold("2023-12", 40_000_000, merchants=6),
    sold("2023-12", None, category_id="cafe", merchants=2),
]
PERMITS: list[Row] = [
    shop("2020-01-01"),
    shop("2020-01-01", category_id="cafe"),
    shop("2020-01-01", "2022-01-01"),
    shop("2020-01-01", dong_code=CHEOMDAN, trade_area_codes=["T1"]),
]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("street")
    dataset = [{"adapter": "phones"}]
    write_snapshot(folder, PERMITS, footfall=COUNTS, card_sales=SALES, dataset=dataset)
    return Database(Snapshot(folder, folder.name))


def monthly(street: Database, **params: object) -> pd.DataFrame:
    rows = street.run("footfall/monthly", **params)
    return rows.set_index(rows["period"].dt.strftime("%Y-%m"))


def test_series_are_apart_by_kind_of_area_and_unit(street: Database) -> None:
    rows = street.run("footfall/series")
    assert rows["area_kind"].tolist() == ["dong", "trade_area"]
    assert rows["unit"].tolist() == ["persons_per_day", "persons_present"]
    assert rows["areas"].tolist() == [2, 1]
    assert rows["is_main"].tolist() == [True, False]


def test_monthly(street: Database) -> None:
    rows = monthly(street)
    assert len(rows) == 14
    assert rows["persons"].tolist()[-2:] == [1200, 1400]
    assert rows["areas"].tolist()[-2:] == [1, 2]
    # January: suwan alone is known in both years, 1200 against 1000
    assert rows["yoy"].tolist()[-2:] == pytest.approx([0.2, 1400 / 1500 - 1])
    assert rows["yoy_areas"].tolist()[-2:] == [1, 2]
    assert rows["yoy"].tolist()[0] != rows["yoy"].tolist()[0]
    # 2023 has 1500 in every month; 2024 is not whole
    assert rows["index"].tolist()[-2:] == pytest.approx([80, 1400 / 15])
    assert monthly(street, base_year=2024)["index"].isna().all()
    assert set(rows["unit"]) == {"persons_per_day"}


def test_monthly_of_a_named_area_is_in_its_own_unit(street: Database) -> None:
    rows = monthly(street, area_codes=["T1"])
    assert rows["persons"].tolist() == [7]
    assert rows["unit"].tolist() == ["persons_present"]
    assert monthly(street, area_codes=["T2"]).empty


def test_by_dong(street: Database) -> None:
    rows = street.run("footfall/by_dong", from_month="2024-01", to_month="2024-02")
    rows = rows.set_index("dong_code")
    assert rows["persons"].fillna(-1).tolist() == [1000, 600, -1]
    assert rows.loc[SUWAN, "per_km2"] == 500
    assert rows["periods"].tolist() == [2, 1, 0]
    # suwan 1200 + 800 against 2000; cheomdan 600 against 500
    assert rows["yoy"].tolist()[:2] == pytest.approx([0, 0.2])
    assert pd.isna(rows.loc[SONGJEONG, "unit"])
    # the last twelve months: 2023-03 to 2024-02
    rows = street.run("footfall/by_dong").set_index("dong_code")
    assert rows.loc[SUWAN, "persons"] == pytest.approx((10 * 1000 + 1200 + 800) / 12)
    assert rows.loc[CHEOMDAN, "persons"] == pytest.approx((10 * 500 + 600) / 11)


def test_by_dong_of_one_hour_band(street: Database) -> None:
    rows = street.run("footfall/by_dong", dimension="hour_band", bucket="06-11")
    assert rows["persons"].fillna(-1).tolist() == [250, -1, -1]
    both = street.run("footfall/by_dong", dimension="hour_band")
    assert both["persons"].fillna(-1).tolist() == [1000, -1, -1]


def test_density_is_not_given_for_named_areas(street: Database) -> None:
    rows = street.run("footfall/by_dong", area_codes=["T1"])
    assert rows["persons"].fillna(-1).tolist() == [-1, 7, -1]
    assert rows["per_km2"].isna().all()


def test_profile(street: Database) -> None:
    rows = street.run("footfall/profile")
    assert rows["bucket"].tolist() == ["06-11", "11-14"]
    assert rows["persons"].tolist() == [250, 750]
    assert rows["share"].tolist() == [0.25, 0.75]
    assert rows["areas"].tolist() == [1, 1]
    assert rows["periods"].tolist() == [2, 2]
    assert street.run("footfall/profile", dimension="sex").empty


def test_headline(street: Database) -> None:
    row = street.run("footfall/headline").iloc[0]
    assert row["last_period"] == pd.Timestamp("2024-02-01")
    assert (row["persons"], row["unit"], row["areas"]) == (1400, "persons_per_day", 2)
    assert row["yoy"] == pytest.approx(1400 / 1500 - 1)


def test_headline_without_footfall_is_one_row_of_nulls(make_database: type[Database]) -> None:
    rows = make_database().run("footfall/headline")
    assert len(rows) == 1
    assert rows[["series", "persons", "unit", "yoy"]].isna().all(axis=None)


def test_per_shop_says_which_months_each_part_is_of(street: Database) -> None:
    rows = street.run("footfall/per_shop").set_index("dong_code")
    suwan = rows.loc[SUWAN]
    assert suwan["persons"] == 1000
    assert suwan["footfall_period_from"] == pd.Timestamp("2023-03-01")
    assert suwan["footfall_period_to"] == pd.Timestamp("2024-02-01")
    assert suwan["sales_period_from"] == pd.Timestamp("2023-11-01")
    assert suwan["sales_period_to"] == pd.Timestamp("2023-12-01")
    assert suwan["sales_krw"] == 30_000_000
    assert suwan["merchants"] == 6  # 4; 6 + 2
    assert suwan["sales_per_shop"] == pytest.approx(6_000_000)  # 60 million over 4 + 6
    assert suwan["coverage"] == pytest.approx(10 / 12)
    assert (suwan["permits"], suwan["persons_per_permit"]) == (2, 500)


def test_per_shop_has_no_number_where_a_part_is_missing(street: Database) -> None:
    rows = street.run("footfall/per_shop").set_index("dong_code")
    assert rows.loc[CHEOMDAN, ["sales_krw", "sales_per_shop", "sales_period_from"]].isna().all()
    assert rows.loc[CHEOMDAN, "permits"] == 1
    assert rows.loc[SONGJEONG, "permits"] == 0
    assert rows.loc[SONGJEONG, ["persons", "persons_per_permit"]].isna().all()
    free = street.run("footfall/per_shop", category_ids=["flower_shop"])
    assert free[["permits", "persons_per_permit"]].isna().all(axis=None)


def test_per_shop_of_a_named_area(street: Database) -> None:
    # cheomdan's permit stands in the area, suwan's two do not; no sales are of named areas
    rows = street.run("footfall/per_shop", area_codes=["T1"]).set_index("dong_code")
    assert rows["permits"].tolist() == [0, 1, 0]
    assert rows["persons_per_permit"].fillna(-1).tolist() == [-1, 7, -1]
    assert rows["sales_krw"].isna().all()


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("footfall/")])
def test_views_and_the_tables_kept_of_them_answer_alike(name: str, street: Database) -> None:
    query = load(name)
    plain = plain_views(street.snapshot).execute(query.sql, bind(query, {})).df()
    pd.testing.assert_frame_equal(plain, street.execute(query, bind(query, {})))


def test_rows_are_kept_by_dong(street: Database) -> None:
    rows = street.cursor().execute("select dong_code::varchar from visit").fetchall()
    assert rows == sorted(rows)
    assert len(set(rows)) == 2
