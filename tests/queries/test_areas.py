"""Named areas: the list of them, and the filter that every query of permits takes."""

from collections.abc import Callable

from commerce.db import Database
from commerce.queries import load, names
from tests.conftest import shop

AREAS = [
    {"area_code": "A1", "name_ko": "시장길", "boundary": "{}", "lon": 126.8, "lat": 35.2},
    {"area_code": "A2", "name_ko": "역 앞", "boundary": "{}", "lon": 126.8, "lat": 35.2},
    {"area_code": "A3", "name_ko": "점만 아는 상권", "lon": 126.8, "lat": 35.2},
]
# A1 holds three permits of which one closed, A2 one of the same; one stands outside
PERMITS = [
    shop("2020-01-10", trade_area_codes=["A1"]),
    shop("2020-02-10", trade_area_codes=["A1", "A2"]),
    shop("2020-03-10", "2021-03-10", trade_area_codes=["A1"]),
    shop("2020-04-10"),
]


def test_list_counts_standing_permits_and_shops_in_each_area(
    make_database: Callable[..., Database],
) -> None:
    database = make_database(
        PERMITS,
        trade_area=AREAS,
        shop=[{"shop_id": "1", "trade_area_codes": ["A2"]}, {"shop_id": "2"}],
        card_sales=[{"area_kind": "trade_area", "area_code": "A3", "suppressed": False}],
    )
    rows = database.run("area/list").set_index("area_code")
    assert rows["permits"].tolist()[:2] == [2, 1]
    assert rows.loc["A1", "shops"] == 0
    assert rows.loc["A2", "shops"] == 1
    # nothing can lie in an area of which only a point is known: that is not a zero
    assert rows.loc["A3", ["permits", "shops"]].isna().all()
    assert rows["has_sales"].to_dict() == {"A1": False, "A2": False, "A3": True}
    assert not rows["has_footfall"].any()


def test_the_filter_counts_permits_in_any_of_the_areas_once(
    make_database: Callable[..., Database],
) -> None:
    database = make_database(PERMITS, trade_area=AREAS)

    def opened(*codes: str) -> int:
        rows = database.run("openings/monthly", area_codes=list(codes) or None)
        return int(rows["opened"].sum())

    assert (opened(), opened("A1"), opened("A2"), opened("A1", "A2")) == (4, 3, 1, 3)
    assert opened("nowhere") == 0
    assert len(database.run("permits/list", area_codes=["A1"])) == 3
    assert database.run("overview/headline", area_codes=["A2"]).loc[0, "active"] == 1


def test_queries_that_filter_dongs_in_their_scan_filter_areas_too() -> None:
    """A query that cannot is one whose rows are the dongs themselves."""
    without = {
        name
        for name in names()
        if {"dong_codes"} <= {field.name for field in load(name).parameters}
        and "area_codes" not in {field.name for field in load(name).parameters}
    }
    by_dong = {"openings/by_dong", "survival/by_dong", "overview/map", "site/change_type"}
    # a circle, beside the dong that it lies in
    assert without <= by_dong | {"data/coverage", "site/survival"}
