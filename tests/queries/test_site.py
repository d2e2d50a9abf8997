"""Questions about one place: history, shops like yours, who is around, how dense, how they last."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from commerce.db import Database
from commerce.snapshot import DEMO_DIR, resolve
from tests.conftest import Row, shop

HERE = {"lon": 126.82, "lat": 35.19}
#: Metres per degree of latitude on a sphere of 6,371,008.8 m.
DEGREE = 6_371_008.8 * math.pi / 180


def north(metres: float, *dates: str, **values: object) -> Row:
    """Return a shop so many metres north of HERE."""
    point = {"lon": HERE["lon"], "lat": HERE["lat"] + metres / DEGREE}
    return shop(*dates, **{"observed_until": "2026-10-31"} | point | values)


@pytest.fixture(scope="module")
def demo() -> Database:
    return Database(resolve(DEMO_DIR))


def test_history_orders_permits_and_measures_the_gaps(
    make_database: Callable[..., Database],
) -> None:
    database = make_database(
        [
            shop("2015-01-01", "2016-01-01", site_id="7-1", name="first"),
            # 2016-01-01 to 2016-03-01: 60 days in a leap year
            shop("2016-03-01", "2018-03-01", site_id="7-1", name="second"),
            # opened while the second still stood: minus 59 days (2018-01-01 to 2018-03-01)
            shop("2018-01-01", site_id="7-1", name="third"),
            shop("2017-01-01", site_id="7-2", name="upstairs"),
            shop("2017-01-01", site_id="71-1", name="another building"),
        ]
    )
    rows = database.run("site/history", site_id="7-1").set_index("name")
    assert rows.index.tolist() == ["third", "upstairs", "second", "first"]
    assert rows["is_same_unit"].tolist() == [True, False, True, True]
    assert rows["floor"].tolist() == ["1", "2", "1", "1"]
    assert rows["gap_days"].fillna(-1000).tolist() == [-59, -1000, 60, -1000]
    assert rows.loc["first", "days_open"] == 365
    assert (rows["total_rows"] == 4).all()


def test_history_does_not_guess_where_the_day_of_leaving_is_unknown(
    make_database: Callable[..., Database],
) -> None:
    database = make_database(
        [
            shop(
                "2015-01-01",
                site_id="7-1",
                exit_kind="closed",
                status="closed",
                exit_date_quality="unknown",
            ),
            shop("2018-01-01", site_id="7-1"),
        ]
    )
    rows = database.run("site/history", site_id="7-1")
    assert rows["gap_days"].isna().all()
    assert math.isnan(rows.loc[1, "days_open"])


def test_reference_class_takes_the_last_openings_that_had_three_years(
    make_database: Callable[..., Database],
) -> None:
    # S is 2026-10-31 in these rows: openings after 2023-10-31 had no time
    database = make_database(
        [
            north(10, "2024-01-01", name="too young"),
            north(20, "2023-10-31", name="just old enough"),
            north(30, "2020-01-01", "2022-12-31", name="closed a day early"),
            north(40, "2019-01-01", "2022-01-01", name="closed on the day"),
            north(50, "2018-01-01", "2019-01-01", "moved_out", name="moved"),
            north(450, "2010-01-01", name="old"),
            north(700, "2010-01-01", name="further"),
        ]
    )
    rows = database.run("site/reference_class", **HERE, shops=5).set_index("name")
    # five within 450 m are enough within the first radius
    assert rows["radius_m"].unique().tolist() == [500]
    assert rows["found"].unique().tolist() == [5]
    assert rows["outcome"].to_dict() == {
        "just old enough": "reached",
        "closed a day early": "closed",
        # active at t means t < exit_on: it was not active on its third anniversary
        "closed on the day": "closed",
        "moved": "left",
        "old": "reached",
    }
    wider = database.run("site/reference_class", **HERE, shops=6)
    assert (wider["radius_m"].unique().tolist(), len(wider)) == ([750], 6)
    # where even the widest circle has too few it says how many it found
    most = database.run("site/reference_class", **HERE, shops=20)
    assert (most["radius_m"].unique().tolist(), len(most)) == ([5000], 6)


def test_trades_count_what_stands_and_the_location_quotient(
    make_database: Callable[..., Database],
) -> None:
    cafe, chicken = {"category_id": "cafe"}, {"category_id": "chicken"}
    database = make_database(
        [
            north(100, "2020-01-01", **cafe),
            north(290, "2025-01-01", **cafe),
            north(310, "2020-01-01", **cafe),
            north(50, "2020-01-01", "2026-01-01", **chicken),
            north(60, "2020-01-01", **chicken),
            *[north(5000, "2020-01-01", **chicken) for _ in range(5)],
        ]
    )
    rows = database.run("site/trades", **HERE, category_ids=["cafe_bakery"])
    rows = rows.set_index("category_id")
    assert rows.loc["cafe", ["active", "opened_36m", "closed_36m"]].tolist() == [2, 1, 0]
    assert rows.loc["chicken", ["active", "opened_36m", "closed_36m"]].tolist() == [1, 0, 1]
    assert rows["is_asked"].to_dict() == {"cafe": True, "chicken": False}
    # cafes: 2 of 3 here, 3 of 9 in all, so 2; chicken: 1 of 3 here, 6 of 9 in all, so a half
    assert rows["location_quotient"].to_dict() == pytest.approx({"cafe": 2.0, "chicken": 0.5})
    assert rows.loc["cafe", "nearest_m"] == pytest.approx(100, abs=0.01)


def test_distances_agree_with_the_law_of_cosines(demo: Database) -> None:
    rows = demo.run("site/shops", **HERE, radius_m=800, max_rows=5000)
    a, b = math.radians(HERE["lat"]), np.radians(rows["lat"])
    turn = np.radians(rows["lon"]) - math.radians(HERE["lon"])
    cosine = math.sin(a) * np.sin(b) + math.cos(a) * np.cos(b) * np.cos(turn)
    assert np.allclose(6_371_008.8 * np.arccos(cosine), rows["distance_m"], atol=0.01)
    # none is lost by the box: counted again without it
    everything = demo.cursor().execute(
        "select count(*) from permit where not has_left and lon is not null and "
        "6371008.8 * acos(least(1, sin(radians($lat)) * sin(radians(lat)) + cos(radians($lat))"
        " * cos(radians(lat)) * cos(radians(lon - $lon)))) <= 800",
        HERE,
    )
    assert everything.fetchall() == [(int(rows["is_open"].sum()),)]


def test_density_agrees_with_counting_around_every_cell(demo: Database) -> None:
    permits = (
        demo.cursor()
        .execute(
            "select h3_9::varchar as h3_9, lon, lat, category_id::varchar as category_id "
            "from permit where not has_left and lon is not null"
        )
        .df()
    )
    cells = permits.groupby("h3_9")[["lon", "lat"]].mean()
    cafes = permits[permits["category_id"] == "cafe"]

    def around(lon: float, lat: float) -> int:
        x = np.radians(cafes["lon"] - lon) * math.cos(math.radians(lat))
        y = np.radians(cafes["lat"] - lat)
        return int((6_371_008.8 * np.hypot(x, y) <= 300).sum())

    counts = np.array([around(lon, lat) for lon, lat in cells.to_numpy()])
    here = around(**HERE)
    row = demo.run("site/density", **HERE, category_ids=["cafe"]).iloc[0]
    assert row["active"] == here
    assert row["cells"] == len(cells)
    expected = ((counts < here).sum() + (counts == here).sum() / 2) / len(cells)
    # the flat earth of this test may put a shop on the rim on the other side
    assert row["percentile"] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("group", ["radius", "district"])
def test_survival_agrees_with_lifelines(demo: Database, group: str) -> None:
    from lifelines import KaplanMeierFitter

    rows = demo.run("site/survival", **HERE, radius_m=600, category_ids=["cafe"])
    rows = rows[rows["group_key"] == group]
    near = "is_within(lon, lat, 126.82, 35.19, 600)" if group == "radius" else "true"
    permits = (
        demo.cursor()
        .execute(f"select age_days, is_closure from permit where category_id = 'cafe' and {near}")
        .df()
    )
    fit = KaplanMeierFitter().fit(permits["age_days"], permits["is_closure"])
    theirs = fit.survival_function_at_times(rows["age_days"]).to_numpy()
    assert np.abs(theirs - rows["survival"].to_numpy()).max() < 1e-9
    limits = fit.confidence_interval_survival_function_.loc[rows["age_days"]].to_numpy()
    inside = rows["survival"].to_numpy() < 1
    assert np.nanmax(np.abs(limits[inside, 0] - rows["ci_low"].to_numpy()[inside])) < 1e-9


def test_refill_agrees_with_lifelines(demo: Database) -> None:
    from lifelines import KaplanMeierFitter

    permits = (
        demo.cursor()
        .execute(
            "select site_id, opened_on, watched_until, has_left, is_closure, is_bulk,"
            " observed_until from permit where site_id is not null"
        )
        .df()
    )
    since = permits["observed_until"].max() - pd.DateOffset(years=5)
    waits: dict[tuple[str, pd.Timestamp], tuple[int, bool]] = {}
    for site, lives in permits.groupby("site_id"):
        for life in lives.itertuples():
            if not life.is_closure or life.is_bulk or life.watched_until < since:
                continue
            day = life.watched_until
            standing = (lives["opened_on"] < day) & (
                ~lives["has_left"] | (lives["watched_until"] > day)
            )
            if standing.any():
                continue
            later = lives.loc[lives["opened_on"] >= day, "opened_on"]
            until = later.min() if len(later) else life.observed_until
            waits[site, day] = ((until - day).days, bool(len(later)))
    days, events = zip(*waits.values(), strict=True)
    fit = KaplanMeierFitter().fit(days, events)
    rows = demo.run("site/refill")
    assert rows["n"].unique().tolist() == [len(waits)]
    theirs = 1 - fit.survival_function_at_times(rows["months"] * 30.4375).to_numpy()
    assert np.allclose(rows["refilled"], theirs, atol=1e-9)


def test_change_types_are_named_as_the_publisher_names_them(
    make_database: Callable[..., Database],
) -> None:
    dongs = [
        {"dong_code": f"123300010{i}", "name_ko": f"{i}동", "district_code": "12330"}
        for i in range(4)
    ]
    # open shops of dongs 0 and 1 are young; closed shops of dongs 0 and 2 lasted a short time
    rows = []
    for i in range(4):
        opened = "2024-10-31" if i < 2 else "2010-10-31"
        closed = ("2024-01-01", "2024-07-01") if i % 2 == 0 else ("2012-01-01", "2024-07-01")
        rows += [shop(opened, dong_code=f"123300010{i}") for _ in range(10)]
        rows += [shop(*closed, dong_code=f"123300010{i}") for _ in range(10)]
    database = make_database(rows, dong=dongs)
    assert database.run("site/change_type")["change_type"].tolist() == ["LL", "LH", "HL", "HH"]
    few = make_database(rows[:9] + rows[10:], dong=dongs).run("site/change_type")
    assert few["change_type"].isna().tolist() == [True, False, False, False]


def test_summary_counts_36_months_and_their_shop_years(
    make_database: Callable[..., Database],
) -> None:
    # S is 2026-10-31, so the 36 months begin on 2023-11-01
    database = make_database(
        [
            north(10, "2020-01-01"),
            north(20, "2020-01-01", "2023-10-31"),
            north(30, "2020-01-01", "2023-11-01"),
            north(40, "2025-10-31"),
            north(5000, "2020-01-01"),
        ]
    )
    row = database.run("site/summary", **HERE).iloc[0]
    assert row[["active", "opened_36m", "closed_36m", "ever"]].tolist() == [2, 1, 1, 4]
    # 1095 days of the first, none of the third, 365 of the fourth
    assert row["shop_years"] == pytest.approx((1095 + 365) / 365.25)
    assert row["ci_low"] < row["closure_rate"] < row["ci_high"]
    assert database.run("site/summary").loc[0, "ever"] == 5


def test_expected_closures_standardise_by_trade_and_age(
    make_database: Callable[..., Database],
) -> None:
    # S is 2025-12-31: the 36 months begin on 2023-01-01. All shops opened on 2020-01-01 and are
    # past their third birthday, so one trade has one rate per band of age: 3 to 5, and 5 to 10.
    left = {"h3_9": "left", "category_id": "cafe"}
    right = {"h3_9": "right", "category_id": "cafe"}
    rows = [shop("2020-01-01", "2023-07-01", **left)]
    rows += [shop("2020-01-01", **left)]
    rows += [shop("2020-01-01", **right) for _ in range(2)]
    rows += [shop("2020-01-01", "2022-06-01", **right)]
    # another trade that never closes, in the left cell only
    rows += [shop("2020-01-01", **left | {"category_id": "chicken"}) for _ in range(3)]
    found = make_database(rows).run("site/cell_excess").set_index("h3_cell")
    assert found["shops"].to_dict() == {"left": 5, "right": 2}
    assert found["observed"].to_dict() == {"left": 1, "right": 0}
    # days of cafes at ages 3 to 5 years (1095.75 to 1826.25): entering at 1096; one left at 1277
    days = {"left": (1277 - 1096) + (1826.25 - 1096), "right": 2 * (1826.25 - 1096)}
    total = sum(days.values())
    for cell, share in days.items():
        assert found.loc[cell, "expected"] == pytest.approx(share / total)
    assert found["excess"].sum() == pytest.approx(0)


def test_expected_closures_add_up_to_the_observed_ones(demo: Database) -> None:
    rows = demo.run("site/cell_excess", category_ids=["restaurant"])
    # permits without a point count for the rates but are in no cell
    assert rows["expected"].sum() == pytest.approx(rows["observed"].sum(), rel=0.15)
    assert (rows["expected"] >= 0).all()


def test_what_was_there_as_often_is_taken_in_an_order(
    make_database: Callable[..., Database],
) -> None:
    trades = ["korean_food", "cafe", "chicken"]
    database = make_database(
        [north(0, "2020-01-01", site_id="7-1", category_id=trade) for trade in trades]
        + [north(9, "2020-01-01", site_id="8-1", category_id="korean_food") for _ in range(2)]
    )
    # three permits at one site, of three trades: the first by its id
    assert database.run("site/examples")["category_id"].tolist() == ["cafe"]
    more = [north(0, "2020-01-01", site_id="7-1", category_id=t) for t in [*trades, "chicken"]]
    assert make_database(more).run("site/examples")["category_id"].tolist() == ["chicken"]


@pytest.mark.parametrize("backwards", [False, True])
def test_an_address_that_is_written_as_often_in_two_ways_is_taken_in_an_order(
    make_database: Callable[..., Database], backwards: bool
) -> None:
    said = [
        ("광주광역시 광산구 수완로 12, 1층", "광산구 수완동 1433-2", "1233000100"),
        ("광주광역시 광산구 수완로 11, 2층", "광산구 수완동 1433-1", "1233000200"),
    ]
    rows = [
        shop("2020-01-01", site_id="7-1", address_road=road, address_lot=lot, dong_code=dong)
        for road, lot, dong in (reversed(said) if backwards else said)
    ]
    found = make_database(rows).run("place/addresses").set_index("kind")
    assert found.loc["road", ["street", "main", "permits"]].tolist() == ["수완로", 11, 2]
    assert found.loc["lot", ["street", "main", "sub"]].tolist() == ["수완동", 1433, 1]
    assert found["dong_code"].tolist() == ["1233000100"] * 2
    # what is written more often is still what counts
    again = make_database([*rows, *(row for row in rows if "로 12" in str(row["address_road"]))])
    assert again.run("place/addresses").set_index("kind").loc["road", "main"] == 12
