"""Figures of card sales, counted by hand.

Monthly cells of two dongs, in millions of won (m: merchants, 10 unless said; ×: suppressed):

=======  =============  ==============  =============  ===============
month    suwan, korean  suwan, chicken  suwan, cafe    cheomdan, korean
=======  =============  ==============  =============  ===============
2023-xx  100            20 (m 4)        –              –
2024-01  100            20 (m 4)        60             40
2024-02  200            × (m 2)         –              50
2024-03… 100            20 (m 4)        –              –
2025-01  110            25 (m 4)        × (m 3)        20
2025-02  180            30 (m 5)        –              60
=======  =============  ==============  =============  ===============

2023 and 2024-03 to 2024-12 make a whole year 2023 and 2024 for the index.
"""

from __future__ import annotations

import pandas as pd
import pytest

from commerce.db import Database
from commerce.queries import bind, load, names
from commerce.snapshot import Snapshot
from tests.conftest import Row, part, plain_views, sold, write_snapshot

SUWAN, CHEOMDAN, SONGJEONG = "1233000100", "1233000200", "1233000300"
M = 1_000_000


def chicken(period: str, krw: int | None, merchants: int = 4) -> Row:
    return sold(period, krw, category_id="chicken", merchants=merchants)


CELLS: list[Row] = [
    *(sold(f"2023-{month:02}", 100 * M) for month in range(1, 13)),
    *(chicken(f"2023-{month:02}", 20 * M) for month in range(1, 13)),
    sold("2024-01", 100 * M, transactions=4000),
    chicken("2024-01", 20 * M),
    sold("2024-01", 60 * M, category_id="cafe"),
    sold("2024-01", 40 * M, CHEOMDAN),
    sold("2024-02", 200 * M),
    chicken("2024-02", None, 2),
    sold("2024-02", 50 * M, CHEOMDAN),
    *(sold(f"2024-{month:02}", 100 * M) for month in range(3, 13)),
    *(chicken(f"2024-{month:02}", 20 * M) for month in range(3, 13)),
    sold("2025-01", 110 * M, transactions=4400),
    chicken("2025-01", 25 * M),
    sold("2025-01", None, category_id="cafe", merchants=3),
    sold("2025-01", 20 * M, CHEOMDAN),
    sold("2025-02", 180 * M),
    chicken("2025-02", 30 * M, 5),
    sold("2025-02", 60 * M, CHEOMDAN),
]
#: Another series of the same place and months: named areas, by the quarter.
QUARTERS: list[Row] = [
    sold("2024-01", 300 * M, "T1", area_kind="trade_area", dong_code=SUWAN, period_months=3),
    sold("2024-01", 900 * M, "T2", area_kind="trade_area", dong_code=SUWAN, period_months=3),
]
for row in QUARTERS:
    row["source_id"] = "quarters"  # type: ignore[index]
PARTS: list[Row] = [
    part("2025-01", "sex", "F", 60 * M),
    part("2025-01", "sex", "M", 20 * M),
    part("2025-02", "sex", "F", 100 * M),
    part("2025-02", "sex", "M", 60 * M, transactions=7),
    part("2024-01", "sex", "M", 100 * M),
    part("2025-01", "weekday", "1", 5 * M, category_id="chicken", trade_code="chicken"),
]
DATASETS: list[Row] = [
    {"adapter": "monthly", "title": "달", "publisher": "발행처", "synthetic": False},
    {"source_id": "quarters", "adapter": "quarterly", "title": "분기"},
]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("market")
    cells = [*CELLS, *QUARTERS]
    write_snapshot(folder, card_sales=cells, card_sales_profile=PARTS, dataset=DATASETS)
    return Database(Snapshot(folder, folder.name))


def monthly(market: Database, **params: object) -> pd.DataFrame:
    rows = market.run("sales/monthly", **params)
    return rows.set_index(rows["period"].dt.strftime("%Y-%m"))


def test_series(market: Database) -> None:
    rows = market.run("sales/series")
    assert rows["series"].tolist() == ["monthly", "quarterly"]
    assert rows["area_kind"].tolist() == ["dong", "trade_area"]
    assert rows["period_months"].tolist() == [1, 3]
    assert rows["areas"].tolist() == [2, 2]
    assert rows["first_period"].dt.strftime("%Y-%m").tolist() == ["2023-01", "2024-01"]
    assert rows["last_period"].dt.strftime("%Y-%m").tolist() == ["2025-02", "2024-01"]
    assert rows["title"].tolist() == ["달", "분기"]
    assert rows["synthetic"].tolist() == [False, True]
    assert rows["is_main"].tolist() == [True, False]


def test_of_two_series_of_one_month_dongs_are_the_main_one(
    make_database: type[Database],
) -> None:
    areas = [
        sold("2024-01", 1, f"T{i}", area_kind="trade_area", source_id="quarters") for i in range(9)
    ]
    rows = make_database(card_sales=[*areas, sold("2024-01", 1)], dataset=DATASETS).run(
        "sales/series"
    )
    assert rows.loc[rows["is_main"], "area_kind"].tolist() == ["dong"]


def test_monthly_sums_what_is_known_and_says_how_much_that_is(market: Database) -> None:
    rows = monthly(market)
    assert len(rows) == 26
    row = rows.loc["2025-01"]
    # 110 + 25 + 20; the café is suppressed
    assert row["sales_krw"] == 155 * M
    assert row["merchants"] == 10 + 4 + 3 + 10
    assert row["coverage"] == pytest.approx(24 / 27)
    assert row["sales_per_shop"] == pytest.approx(155 * M / 24)
    # only suwan's korean food counts its transactions
    assert row["transactions"] == 4400
    assert row["sales_per_visit"] == pytest.approx(110 * M / 4400)
    assert (row["cells"], row["suppressed_cells"]) == (4, 1)
    assert pd.isna(rows.loc["2025-02", "transactions"])
    assert pd.isna(rows.loc["2025-02", "sales_per_visit"])


def test_year_on_year_is_over_the_cells_known_in_both_years(market: Database) -> None:
    rows = monthly(market)
    # 2025-01: 110 + 25 + 20 against 100 + 20 + 40; the café of 2024 (60) has no match
    assert rows.loc["2025-01", "yoy"] == pytest.approx(155 / 160 - 1)
    assert rows.loc["2025-01", "yoy_cells"] == 3
    # 2025-02: 180 + 60 against 200 + 50; chicken (30) was suppressed a year before
    assert rows.loc["2025-02", "yoy"] == pytest.approx(240 / 250 - 1)
    assert rows.loc["2025-02", "yoy_cells"] == 2
    # 2024-01: 100 + 20 against 100 + 20; cheomdan and the café are new
    assert rows.loc["2024-01", "yoy"] == pytest.approx(0.0)
    assert rows.loc["2023-01", "yoy_cells"] == 0
    assert pd.isna(rows.loc["2023-01", "yoy"])


def test_a_year_before_is_not_the_row_twelve_rows_before(make_database: type[Database]) -> None:
    cells = [sold("2023-01", 10), sold("2023-03", 20), sold("2024-03", 30), sold("2025-01", 40)]
    rows = make_database(card_sales=cells).run("sales/monthly")
    known = rows[rows["sales_krw"].notna()]
    assert known["yoy"].tolist()[2] == pytest.approx(30 / 20 - 1)
    assert known["yoy_cells"].tolist() == [0, 0, 1, 0]


def test_index_is_of_a_whole_year(market: Database) -> None:
    # 2023 is the first whole year: 120 in each month
    rows = monthly(market)
    assert rows.loc["2023-05", "index"] == pytest.approx(100)
    assert rows.loc["2025-01", "index"] == pytest.approx(155 / 120 * 100)
    # 2024: 220 + 250 + 10 × 120 = 1670
    rows = monthly(market, base_year=2024, from_month="2025-01")
    assert rows["index"].tolist() == pytest.approx([155 / 1670 * 1200, 270 / 1670 * 1200])
    # 2025 has two months only
    assert monthly(market, base_year=2025)["index"].isna().all()


def test_places_trades_and_months_can_be_chosen(market: Database) -> None:
    assert monthly(market, dong_codes=[CHEOMDAN])["sales_krw"].dropna().tolist() == [
        40 * M,
        50 * M,
        20 * M,
        60 * M,
    ]
    rows = monthly(market, category_ids=["restaurant"], from_month="2024-01", to_month="2024-02")
    # 100 + 20 + 40; 200 + × + 50
    assert rows["sales_krw"].tolist() == [160 * M, 250 * M]
    assert rows["coverage"].tolist() == pytest.approx([1, 20 / 22])
    assert monthly(market, dong_codes=[SONGJEONG]).empty


def test_a_month_without_rows_stands_with_nulls(market: Database) -> None:
    rows = monthly(market, dong_codes=[CHEOMDAN])
    assert len(rows) == 14  # 2024-01 to 2025-02
    gap = rows.loc["2024-07"]
    assert gap[["sales_krw", "merchants", "sales_per_shop", "coverage", "yoy"]].isna().all()
    assert gap["cells"] == 0


def test_suppressed_alone_is_null_and_never_zero(make_database: type[Database]) -> None:
    database = make_database(card_sales=[sold("2024-01", None, merchants=2)])
    row = database.run("sales/monthly").iloc[0]
    assert row[["sales_krw", "sales_per_shop", "sales_per_visit", "yoy", "index"]].isna().all()
    assert row["coverage"] == 0
    row = database.run("sales/by_dong").iloc[0]
    assert row[["sales_krw", "sales_per_shop", "yoy"]].isna().all()
    assert (row["merchants"], row["suppressed_cells"]) == (2, 1)


def test_merchants_that_are_not_counted_leave_coverage_unknown(
    make_database: type[Database],
) -> None:
    cells = [sold("2024-01", 5 * M, merchants=None)]
    row = make_database(card_sales=cells).run("sales/monthly").iloc[0]
    assert row["sales_krw"] == 5 * M
    assert row[["merchants", "sales_per_shop", "coverage"]].isna().all()


def test_named_areas_by_the_quarter_are_per_month(market: Database) -> None:
    rows = monthly(market, area_codes=["T1"])
    assert rows["sales_krw"].tolist() == [300 * M]
    assert rows["period_months"].tolist() == [3]
    # 300 over ten merchants and three months
    assert rows["sales_per_shop"].tolist() == pytest.approx([10 * M])
    rows = market.run("sales/by_dong", area_codes=["T1", "T2"]).set_index("dong_code")
    assert rows.loc[SUWAN, "sales_krw"] == pytest.approx(400 * M)
    assert rows.loc[SUWAN, "merchants"] == 20
    assert pd.isna(rows.loc[CHEOMDAN, "sales_krw"])
    assert monthly(market, series="quarterly")["sales_krw"].tolist() == [1200 * M]
    assert monthly(market, area_codes=["T1"], series="monthly").empty


def test_by_dong_means_of_the_last_twelve_months(market: Database) -> None:
    rows = market.run("sales/by_dong").set_index("dong_code")
    assert rows.index.tolist() == [SUWAN, CHEOMDAN, SONGJEONG]
    suwan = rows.loc[SUWAN]
    # 2024-03 to 2025-02: korean 10 × 100 + 110 + 180, chicken 10 × 20 + 25 + 30
    assert suwan["sales_krw"] == pytest.approx((1290 + 255) * M / 12)
    assert suwan["periods"] == 12
    # merchants: korean 120, chicken 10 × 4 + 4 + 5, café 3
    assert suwan["merchants"] == pytest.approx((120 + 49 + 3) / 12)
    assert suwan["sales_per_shop"] == pytest.approx(1545 * M / 169)
    assert suwan["coverage"] == pytest.approx(169 / 172)
    # against 10 × 120 of 2023, 120 of 2024-01 and 200 of 2024-02 (chicken suppressed)
    assert suwan["yoy"] == pytest.approx((1545 - 30) / (1200 + 120 + 200) - 1)
    assert suwan["yoy_cells"] == 20 + 2 + 1
    assert (suwan["cells"], suwan["suppressed_cells"]) == (25, 1)
    # cheomdan is known in two of the twelve months: a mean of two
    assert rows.loc[CHEOMDAN, "sales_krw"] == pytest.approx(40 * M)
    assert rows.loc[CHEOMDAN, "periods"] == 2
    assert rows.loc[CHEOMDAN, "yoy"] == pytest.approx(80 / 90 - 1)
    assert rows.loc[SONGJEONG, "cells"] == 0
    assert pd.isna(rows.loc[SONGJEONG, "sales_krw"])


def test_by_category_and_by_group(market: Database) -> None:
    rows = market.run("sales/by_category", from_month="2025-01", to_month="2025-02")
    assert rows["category_id"].tolist() == ["korean_food", "chicken", "cafe"]
    assert rows["group_id"].tolist() == ["restaurant", "restaurant", "cafe_bakery"]
    # 110 + 20 + 180 + 60 over two months
    assert rows["sales_krw"].tolist()[:2] == pytest.approx([185 * M, 27.5 * M])
    assert pd.isna(rows["sales_krw"].iloc[2])
    assert rows["name_en"].tolist() == ["Korean food", "Chicken", "Cafe"]
    groups = market.run(
        "sales/by_category", from_month="2025-01", to_month="2025-02", group_by="group"
    ).set_index("category_id")
    assert groups.loc["restaurant", "sales_krw"] == pytest.approx(212.5 * M)
    assert groups.loc["cafe_bakery", "coverage"] == 0


def test_dong_series_has_every_period_of_each_dong(market: Database) -> None:
    rows = market.run("sales/dong_series", from_month="2024-12")
    assert rows["dong_code"].tolist() == [SUWAN] * 3 + [CHEOMDAN] * 3
    assert rows["sales_krw"].fillna(-1).tolist() == [120 * M, 135 * M, 210 * M, -1, 20 * M, 60 * M]
    assert rows["coverage"].tolist()[1] == pytest.approx(14 / 17)


def test_profile_shares_and_what_they_speak_for(market: Database) -> None:
    rows = market.run("sales/profile").set_index(["dimension", "bucket"])
    # the last twelve months hold 2025-01 and 2025-02: F 160, M 80
    assert rows.loc[("sex", "F"), "share"] == pytest.approx(160 / 240)
    assert rows.loc[("sex", "M"), "sales_krw"] == 80 * M
    assert rows.loc[("sex", "M"), "transactions"] == 7
    assert rows.loc[("sex", "F"), "cells"] == 2
    # of 155 + 270 in those months
    assert rows.loc[("sex", "F"), "coverage"] == pytest.approx(240 / 425)
    assert rows.loc[("weekday", "1"), "coverage"] == pytest.approx(5 / 155)
    assert rows["period_to"].dt.strftime("%Y-%m").tolist() == ["2025-02", "2025-02", "2025-01"]
    korean = market.run("sales/profile", category_ids=["korean_food"], dimension="sex")
    # korean: 110 + 20 + 180 + 60
    assert korean["coverage"].tolist() == pytest.approx([240 / 370] * 2)
    assert market.run("sales/profile", dong_codes=[CHEOMDAN]).empty


def test_profile_by_the_quarter_beside_sales_by_the_month(make_database: type[Database]) -> None:
    months = [sold(f"2024-{month:02}", 10 * M) for month in range(1, 13)]
    quarter = [
        part("2024-07", "sex", "F", 12 * M, period_months=3),
        part("2024-07", "sex", "M", 12 * M, period_months=3),
    ]
    rows = make_database(card_sales=months, card_sales_profile=quarter).run("sales/profile")
    # 24 of the 30 sold from July to September
    assert rows["coverage"].tolist() == pytest.approx([0.8, 0.8])
    assert rows["period_from"].dt.strftime("%Y-%m").tolist() == ["2024-07"] * 2
    assert rows["period_to"].dt.strftime("%Y-%m").tolist() == ["2024-09"] * 2


def test_growth_ranks_what_is_not_small(market: Database) -> None:
    rows = market.run("sales/growth", from_month="2025-01", to_month="2025-02", min_merchants=4)
    found = rows.set_index(["dong_code", "category_id"])
    # korean in cheomdan: 20 + 60 against 40 + 50; in suwan 110 + 180 against 100 + 200
    assert found.loc[(CHEOMDAN, "korean_food"), "change"] == pytest.approx(80 / 90 - 1)
    assert found.loc[(CHEOMDAN, "korean_food"), "change_krw"] == pytest.approx(-5 * M)
    assert found.loc[(SUWAN, "korean_food"), "change"] == pytest.approx(290 / 300 - 1)
    assert found["rank"].dropna().to_dict() == {
        (CHEOMDAN, "korean_food"): 1,
        (SUWAN, "korean_food"): 2,
    }
    # chicken: known in January of both years only, 25 against 20: below 30 million
    chicken = found.loc[(SUWAN, "chicken")]
    assert (chicken["base_krw"], chicken["sales_krw"]) == (20 * M, 25 * M)
    assert (chicken["merchants"], chicken["yoy_cells"]) == (4, 1)
    assert chicken["is_small"]
    # nothing is known of the café in 2025
    assert pd.isna(found.loc[(SUWAN, "cafe"), "change"])
    assert found.loc[(SUWAN, "cafe"), "is_small"]


def test_growth_guards_by_base_and_by_merchants(market: Database) -> None:
    period = {"from_month": "2025-01", "to_month": "2025-01", "category_ids": ["chicken"]}
    small = market.run("sales/growth", **period)["is_small"].tolist()
    assert small == [True]
    by_base = market.run("sales/growth", min_base_krw=20 * M, **period)
    assert by_base["is_small"].tolist() == [True]  # four merchants
    both = market.run("sales/growth", min_base_krw=20 * M, min_merchants=4, **period)
    assert both["is_small"].tolist() == [False]
    assert both["rank"].tolist() == [1]


def test_headline(market: Database) -> None:
    row = market.run("sales/headline").iloc[0]
    assert row["series"] == "monthly"
    assert row["last_period"] == pd.Timestamp("2025-02-01")
    assert row["sales_krw"] == (180 + 30 + 60) * M
    assert row["yoy"] == pytest.approx(240 / 250 - 1)
    assert (row["merchants"], row["coverage"], row["yoy_cells"]) == (25, 1, 2)
    assert not row["synthetic"]


def test_headline_without_sales_is_one_row_of_nulls(make_database: type[Database]) -> None:
    rows = make_database().run("sales/headline")
    assert len(rows) == 1
    assert rows[["series", "last_period", "sales_krw", "yoy", "coverage"]].isna().all(axis=None)


def test_coverage_of_sources(make_database: type[Database]) -> None:
    from tests.conftest import shop

    permits = [
        shop("2020-01-01"),
        shop("2020-01-01"),
        shop("2020-01-01", "2021-01-01"),
        shop("2020-01-01", category_id="cafe"),
    ]
    cells = [
        sold("2024-01", 1, merchants=9),
        sold("2024-02", None, merchants=3),
        sold("2024-02", 1, category_id="flower_shop", merchants=5),
    ]
    shops = [
        {"shop_id": "1", "dong_code": SUWAN, "category_id": "cafe"},
        {"shop_id": "2", "dong_code": CHEOMDAN, "category_id": "korean_food"},
    ]
    database = make_database(permits, card_sales=cells, shop=shops)
    rows = database.run("data/coverage", dong_codes=[SUWAN]).set_index("category_id")
    assert rows.loc["korean_food", ["permits", "merchants", "shops"]].tolist() == [2, 3, 0]
    assert rows.loc["korean_food", "merchants_per_permit"] == pytest.approx(1.5)
    assert rows.loc["cafe", "shops_per_permit"] == 1
    assert pd.isna(rows.loc["cafe", "merchants"])
    assert pd.isna(rows.loc["flower_shop", "permits"])
    assert pd.isna(rows.loc["flower_shop", "merchants_per_permit"])
    # a source that knows no such trade anywhere may not cover it: that is not 0
    found = make_database(permits, card_sales=cells, shop=shops[:1])
    assert pd.isna(found.run("data/coverage").set_index("category_id").loc["korean_food", "shops"])
    without = make_database(permits).run("data/coverage").set_index("category_id")
    assert without["shops"].isna().all()


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("sales/")])
def test_views_and_the_tables_kept_of_them_answer_alike(name: str, market: Database) -> None:
    query = load(name)
    plain = plain_views(market.snapshot).execute(query.sql, bind(query, {})).df()
    pd.testing.assert_frame_equal(plain, market.execute(query, bind(query, {})))


def test_rows_are_kept_by_dong(market: Database) -> None:
    rows = market.cursor().execute("select dong_code::varchar from sale").fetchall()
    assert rows == sorted(rows)
    assert len(set(rows)) == 2
