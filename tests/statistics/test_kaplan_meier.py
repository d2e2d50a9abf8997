"""``survival/curve`` and ``survival/milestones`` agree with lifelines to 1e-9."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from lifelines import KaplanMeierFitter
from lifelines.exceptions import StatError

from commerce.db import Database
from tests.conftest import shop
from tests.statistics.samples import RELIABLE_FROM, Life, arrays, lives

CLOSE = {"rtol": 0, "atol": 1e-9}
# Each example writes and opens a snapshot: few of them, and none is shrunk.
few = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Make = Callable[..., Database]


def fit(sample: list[Life], reliable_from: dt.date | None = None) -> KaplanMeierFitter | None:
    days, events, entries = arrays(sample, reliable_from)
    # a shop that ends the day it enters was never watched; nobody agrees on what it tells
    assume(not ((entries > 0) & (entries == days)).any())
    if len(days) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return KaplanMeierFitter().fit(days, events, entry=entries)
        except StatError:  # lifelines refuses curves that late entry brings to 0 at once
            assume(False)
            raise


def assert_curve(rows: pd.DataFrame, fitter: KaplanMeierFitter) -> None:
    table = fitter.event_table
    expected = table[(table["observed"] > 0) | (table["censored"] > 0)]
    found = rows[(rows["events"] > 0) | (rows["censored"] > 0)]
    assert found["age_days"].tolist() == expected.index.astype(int).tolist()
    assert found["at_risk"].tolist() == expected["at_risk"].tolist()
    assert found["events"].tolist() == expected["observed"].tolist()
    assert found["censored"].tolist() == expected["censored"].tolist()
    ages = rows["age_days"].to_numpy(float)
    np.testing.assert_allclose(rows["survival"], np.atleast_1d(fitter.predict(ages)), **CLOSE)
    limits = fitter.confidence_interval_survival_function_.loc[ages]
    np.testing.assert_allclose(rows["ci_low"], limits.iloc[:, 0], **CLOSE)
    np.testing.assert_allclose(rows["ci_high"], limits.iloc[:, 1], **CLOSE)


@few
@given(sample=lives)
def test_curve_with_ties_and_zero_durations(make_database: Make, sample: list[Life]) -> None:
    database = make_database([life.row() for life in sample])
    rows = database.run("survival/curve")
    assert set(rows["n"]) == {len(sample)}
    fitter = fit(sample)
    assert fitter is not None
    assert_curve(rows, fitter)


@few
@given(sample=lives)
def test_curve_with_late_entry(make_database: Make, sample: list[Life]) -> None:
    database = make_database([life.row() for life in sample])
    rows = database.run("survival/curve", reliable_from=RELIABLE_FROM)
    fitter = fit(sample, RELIABLE_FROM)
    if fitter is None:
        assert rows.empty
    else:
        assert_curve(rows, fitter)


@few
@given(sample=lives)
def test_curves_of_groups_are_those_of_the_groups_alone(
    make_database: Make, sample: list[Life]
) -> None:
    database = make_database([life.row() for life in sample])
    rows = database.run("survival/curve", group_by="dong")
    assert set(rows["group_key"]) == {life.dong for life in sample}
    for dong, part in rows.groupby("group_key"):
        fitter = fit([life for life in sample if life.dong == dong])
        assert fitter is not None
        assert_curve(part, fitter)


@pytest.mark.parametrize("reliable_from", [None, RELIABLE_FROM])
@few
@given(sample=lives)
def test_milestones(make_database: Make, reliable_from: dt.date | None, sample: list[Life]) -> None:
    database = make_database([life.row() for life in sample])
    rows = database.run("survival/milestones", reliable_from=reliable_from)
    fitter = fit(sample, reliable_from)
    if fitter is None:
        assert rows.empty
        return
    days, _, entries = arrays(sample, reliable_from)
    for row in rows.itertuples():
        age = row.years * 365.25
        assert row.at_risk == ((entries <= age) & (days >= age)).sum()
        expected = float(fitter.predict(age))
        if row.at_risk == 0 and expected > 0:
            assert np.isnan(row.survival)
            assert np.isnan(row.ci_low)
            continue
        limits = fitter.confidence_interval_survival_function_.loc[:age].iloc[-1]
        np.testing.assert_allclose(
            [row.survival, row.ci_low, row.ci_high], [expected, *limits], **CLOSE
        )


def test_milestones_by_opening_year(make_database: Make) -> None:
    # 2010: closed after 300 days; after 400 days; stands. 2011: stands
    database = make_database(
        [
            shop("2010-01-01", "2010-10-28"),
            shop("2010-01-01", "2011-02-05"),
            shop("2010-01-01"),
            shop("2011-06-01"),
        ]
    )
    rows = database.run("survival/milestones", group_by="opened_year")
    first = rows[rows["years"] == 1].set_index("group_key")
    assert first["survival"].to_dict() == pytest.approx({"2010": 2 / 3, "2011": 1})
    assert first["at_risk"].to_dict() == {"2010": 2, "2011": 1}
    second = rows[rows["years"] == 2].set_index("group_key")
    assert second["survival"].to_dict() == pytest.approx({"2010": 1 / 3, "2011": 1})


def test_a_thinned_curve_is_part_of_the_whole(make_database: Make) -> None:
    database = make_database(
        [
            shop("2015-01-01", f"2015-{month:02}-{day:02}")
            for month in range(1, 13)
            for day in (1, 9)
        ]
    )
    whole = database.run("survival/curve")
    thin = database.run("survival/curve", every_days=30)
    assert len(thin) < len(whole)
    assert thin["age_days"].iloc[0] == 0
    merged = thin.merge(whole, on="age_days", suffixes=("", "_whole"))
    assert len(merged) == len(thin)
    assert merged["survival"].tolist() == merged["survival_whole"].tolist()
    assert thin["age_days"].iloc[-1] == whole["age_days"].iloc[-1]


def test_bulk_closures_can_be_censored(make_database: Make) -> None:
    database = make_database(
        [
            shop("2015-01-01", "2015-01-11"),
            shop("2015-01-01", "2015-01-21", exit_date_quality="bulk"),
            shop("2015-01-01", "2015-01-31"),
            shop("2015-01-01"),
        ]
    )
    with_bulk = database.run("survival/curve", include_bulk=True)
    without = database.run("survival/curve", include_bulk=False)
    # 3/4, 2/4, 1/4; without: 3/4, censored, 3/4 * 1/2
    assert with_bulk.set_index("age_days")["survival"].loc[[10, 20, 30]].tolist() == pytest.approx(
        [3 / 4, 2 / 4, 1 / 4]
    )
    assert without.set_index("age_days")["survival"].loc[[10, 20, 30]].tolist() == pytest.approx(
        [3 / 4, 3 / 4, 3 / 8]
    )


def test_a_trade_stands_beside_the_group_that_holds_it(make_database: Make) -> None:
    database = make_database(
        [
            shop("2015-01-01", "2015-01-11", category_id="korean_food"),
            shop("2015-01-01", category_id="chicken"),
            shop("2015-01-01", category_id="cafe"),
        ]
    )
    rows = database.run(
        "survival/curve", group_by="category", category_ids=["restaurant", "chicken"]
    )
    groups = rows.groupby("group_key")
    assert groups["n"].first().to_dict() == {"restaurant": 2, "chicken": 1}
    assert groups["group_label"].first().to_dict() == {"restaurant": "음식점", "chicken": "치킨"}
    assert groups["survival"].min().to_dict() == pytest.approx({"restaurant": 0.5, "chicken": 1})
