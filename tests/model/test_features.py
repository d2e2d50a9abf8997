"""What the model is told of an opening: counted by hand, and never from after the opening."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commerce.model import features
from tests.conftest import Row, shop
from tests.model.places import at, features_of, town

TOLD = [
    "area_m2", "same_500", "all_300", "closed_500", "earlier", "is_shared", "last_years",
    "dong_ratio", "trade_rate",
]  # fmt: skip


def new(**values: object) -> Row:
    return shop("2020-06-01", permit_id="new", site_id="7-1", area_m2=50.0) | at(0, 0) | values


def test_neighbours_by_hand(tmp_path: Path) -> None:
    rows = [
        new(),
        shop("2015-01-01", **at(299, 0)),  # stands: both circles
        shop("2015-01-01", **at(0, 301)),  # only the wide one
        shop("2015-01-01", **at(499, 0), category_id="cafe"),  # another trade, too far for 300
        shop("2015-01-01", **at(-501, 0)),  # out
        shop("2015-01-01", **at(354, 354)),  # 500.6 m: out, although in the square
        shop("2015-01-01", "2020-06-01", **at(10, 0)),  # closes that day: stood that morning
        shop("2015-01-01", "2020-05-31", **at(10, 0)),  # closed the day before
        shop("2015-01-01", "2018-06-01", **at(10, 0)),  # 24 months before, to the day
        shop("2015-01-01", "2018-05-31", **at(10, 0)),  # a day earlier: not counted
        shop("2015-01-01", "2019-01-01", "moved_out", **at(10, 0)),  # left, but did not close
        shop("2020-06-01", **at(20, 0)),  # opened the same day: not known before
        shop("2015-01-01"),  # no point
    ]
    found = features_of(tmp_path, rows).loc["new"]
    assert found["same_500"] == 3
    assert found["all_300"] == 2
    assert found["closed_500"] == 2


def test_distance_across_cells_is_great_circle(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    others = [at(*rng.uniform(-900, 900, 2)) for _ in range(400)]
    rows = [new(), *(shop("2015-01-01", **point) for point in others)]
    lon, lat = np.radians([[p["lon"], p["lat"]] for p in [at(0, 0), *others]]).T
    half = np.sin((lat[1:] - lat[0]) / 2) ** 2
    half += np.cos(lat[1:]) * np.cos(lat[0]) * np.sin((lon[1:] - lon[0]) / 2) ** 2
    metres = 2 * 6_371_008.8 * np.arcsin(np.sqrt(half))
    found = features_of(tmp_path, rows).loc["new"]
    assert found["same_500"] == (metres <= 500).sum()
    assert found["all_300"] == (metres <= 300).sum()


def test_the_site_by_hand(tmp_path: Path) -> None:
    rows = [
        new(),
        shop("2010-01-01", "2012-01-01", site_id="7-1"),
        shop("2016-06-01", "2018-06-01", site_id="7-1"),  # the last one: 730 days
        shop("2012-01-01", site_id="7-2"),
        shop("2020-06-01", site_id="7-1"),
        shop("2021-06-01", site_id="7-1", permit_id="later"),
        shop("2020-06-01", permit_id="nowhere"),
    ]
    found = features_of(tmp_path, rows)
    assert found.loc["new", ["earlier", "is_shared"]].tolist() == [2, 0]
    assert found.loc["new", "last_years"] == pytest.approx(730 / 365.25)
    # both of 2020 opened before it and stand; they had stood 365 days by then
    assert found.loc["later", ["earlier", "is_shared"]].tolist() == [4, 1]
    assert found.loc["later", "last_years"] == pytest.approx(365 / 365.25)
    assert found.loc["nowhere", ["earlier", "is_shared", "last_years"]].isna().all()


def test_dong_and_trade_by_hand(tmp_path: Path) -> None:
    here, there = {"dong_code": "1233000100"}, {"dong_code": "1233000200", "category_id": "cafe"}
    rows = [
        new(**here),
        *(shop("2015-01-01", **here) for _ in range(30)),
        *(shop("2015-01-01", "2019-06-01", **here) for _ in range(20)),
        *(shop("2015-01-01", **there) for _ in range(70)),
        *(shop("2015-01-01", "2019-06-01", **there) for _ in range(5)),
        *(shop("2015-01-01", "2017-06-01", **there) for _ in range(9)),
    ]
    found = features_of(tmp_path, rows).loc["new"]
    # 100 stand, 25 closed in two years: 0.25; the dong with 30 gives 7.5 and had 20
    assert found["dong_ratio"] == pytest.approx((20 + 10) / (7.5 + 10))
    assert found["trade_rate"] == pytest.approx(21 / 31)


def after(rows: list[Row], day: str, seed: int) -> list[Row]:
    """The same rows with everything that happens from ``day`` on made up anew."""
    rng = np.random.default_rng(seed)
    changed: list[Row] = []
    for row in rows:
        if str(row["opened_on"]) >= day:
            if row["permit_id"] == "new":
                changed.append(dict(row) | {"exit_on": "2020-09-09", "exit_kind": "closed"})
            continue
        if str(row.get("exit_on") or "9999") >= day:
            left = dt.date.fromisoformat(day) + dt.timedelta(days=int(rng.integers(0, 2000)))
            gone = rng.random() < 0.7
            changed.append(
                dict(row)
                | {
                    "exit_on": str(left) if gone else None,
                    "exit_kind": str(rng.choice(["closed", "moved_out"])) if gone else None,
                    "status": "closed" if gone else "open",
                }
            )
        else:
            changed.append(row)
    for number in range(60):
        opened = dt.date.fromisoformat(day) + dt.timedelta(days=int(rng.integers(0, 2000)))
        changed.append(
            shop(
                str(opened), permit_id=f"L{number}", site_id="7-1", **at(*rng.uniform(-300, 300, 2))
            )
        )
    return changed


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_nothing_after_the_opening_is_read(tmp_path: Path, seed: int) -> None:
    rows = [new(), *town(seed, 150)]
    folder = tmp_path / str(seed)
    before = features_of(folder / "a", rows).loc["new", TOLD]
    later = features_of(folder / "b", after(rows, "2020-06-01", seed)).loc["new", TOLD]
    pd.testing.assert_series_equal(before, later)


def test_what_happened_before_is_read(tmp_path: Path) -> None:
    """The test above could not fail if nothing were read at all."""
    rows = [new(), *town(1, 150)]
    before = features_of(tmp_path / "a", rows).loc["new", TOLD]
    without = [row for row in rows if str(row["opened_on"]) > "2015-01-01"]
    assert not before.equals(features_of(tmp_path / "b", without).loc["new", TOLD])


def test_a_sample_is_bounded_and_always_the_same(tmp_path: Path) -> None:
    rows = town(2, 300)
    every = features_of(tmp_path / "a", rows, "2008-01-01")
    assert every["openings"].eq(len(every)).all()
    few = features_of(tmp_path / "b", rows[::-1], "2008-01-01", max_rows=40)
    assert len(few) == 40
    assert few["openings"].eq(len(every)).all()
    pd.testing.assert_frame_equal(few, every.loc[few.index], check_dtype=False)
    # a bound on pairs cuts the same line of openings shorter
    fewer = features_of(tmp_path / "c", rows, "2008-01-01", max_pairs=2000)
    assert 0 < len(fewer) < len(every)
    some = features_of(tmp_path / "d", rows, "2008-01-01", max_rows=len(fewer))
    assert set(some.index) == set(fewer.index)


def test_what_is_missing_stays_missing(tmp_path: Path) -> None:
    rows = [
        shop("2020-01-01", permit_id="bare", dong_code=None, area_m2=None),
        shop("2020-01-01", permit_id="zero", area_m2=0.0),
    ]
    made = features.columns(features_of(tmp_path, rows))
    told = [t.name for t in features.TERMS if t.is_told and t.name != "log_trade_rate"]
    assert made.loc["bare", told].isna().all()
    assert np.isnan(made.loc["zero", "log_area"])
    missing = [t.name for t in features.TERMS if not t.is_told]
    assert made.loc["bare", missing].tolist() == [1, 1, 1, 1]
    assert made.loc["zero", missing].tolist() == [1, 1, 1, 0]
