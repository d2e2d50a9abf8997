"""``commerce.survival`` against lifelines and against figures worked out by hand."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.exceptions import StatError
from lifelines.statistics import logrank_test, multivariate_logrank_test
from lifelines.utils import restricted_mean_survival_time

from commerce import survival
from commerce.db import Database
from tests.conftest import shop
from tests.statistics.samples import RELIABLE_FROM, Life, arrays, lives

pytestmark = pytest.mark.filterwarnings("ignore::Warning:lifelines")
many = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def frame(rows: list[tuple[str, int, int, int, int, int]]) -> pd.DataFrame:
    """Rows of survival/durations: group, duration, entry, events, censored, moved."""
    return pd.DataFrame(
        rows,
        columns=["group_key", "duration_days", "entry_days", "events", "censored", "moved"],
    )


def durations(sample: list[Life], reliable_from: object = None) -> pd.DataFrame:
    kept = [life for life in sample if life.entry(reliable_from) <= life.days]
    return frame(
        [
            (
                life.dong,
                life.days,
                life.entry(reliable_from),
                int(life.is_event),
                int(not life.is_event),
                int(life.way == "moved_out"),
            )
            for life in kept
        ]
    )


def fit(sample: list[Life]) -> KaplanMeierFitter:
    days, events, _ = arrays(sample)
    return KaplanMeierFitter().fit(days, events)


@many
@given(sample=lives)
def test_log_rank_of_all_groups(sample: list[Life]) -> None:
    days, events, _ = arrays(sample)
    groups = [life.dong for life in sample]
    assume(len(set(groups)) > 1 and events.any())
    found = survival.log_rank(durations(sample))
    expected = multivariate_logrank_test(days, groups, events)
    assume(not math.isnan(expected.test_statistic))
    assert found.degrees_of_freedom == len(set(groups)) - 1
    assert found.statistic == pytest.approx(expected.test_statistic, abs=1e-6)
    assert found.p_value == pytest.approx(expected.p_value, abs=1e-6)
    assert sum(found.observed.values()) == pytest.approx(sum(found.expected.values()))


@many
@given(first=lives, second=lives)
def test_log_rank_of_two_groups(first: list[Life], second: list[Life]) -> None:
    a, b = arrays(first), arrays(second)
    rows = pd.concat(
        [durations(first).assign(group_key="a"), durations(second).assign(group_key="b")]
    )
    expected = logrank_test(a[0], b[0], a[1], b[1])
    assume(not math.isnan(expected.test_statistic) and (a[1].any() or b[1].any()))
    assert survival.log_rank(rows).statistic == pytest.approx(expected.test_statistic, abs=1e-6)


def test_log_rank_with_late_entry_by_hand() -> None:
    # day 10: at risk a 2 b 1 (the second of b enters on day 15), a closes: e_a = 2/3
    # day 20: at risk a 1 b 2, b closes: e_a = 1/3; later all are alone or none closes
    # O_a − E_a = 1 − 1 = 0
    rows = frame(
        [
            ("a", 10, 0, 1, 0, 0),
            ("a", 30, 0, 0, 1, 0),
            ("b", 20, 0, 1, 0, 0),
            ("b", 40, 15, 0, 1, 0),
        ]
    )
    found = survival.log_rank(rows)
    assert found.expected["a"] == pytest.approx(1)
    assert found.statistic == pytest.approx(0, abs=1e-12)


def test_one_group_cannot_be_tested() -> None:
    found = survival.log_rank(frame([("a", 10, 0, 1, 0, 0)]))
    assert math.isnan(found.p_value)
    assert math.isnan(survival.log_rank(frame([])).p_value)


@many
@given(sample=lives, age=st.sampled_from([0, 1, 365, 365.25, 1095.75, 1826.25, 4000]))
def test_survival_at_an_age(sample: list[Life], age: float) -> None:
    fitter = fit(sample)
    found = survival.survival_at(durations(sample), age)
    expected = float(fitter.predict(age))
    if found.at_risk == 0 and expected > 0:
        assert math.isnan(found.value)
        return
    low, high = fitter.confidence_interval_survival_function_.loc[:age].iloc[-1]
    assert (found.value, found.low, found.high) == pytest.approx((expected, low, high), abs=1e-9)


@many
@given(sample=lives, until=st.sampled_from([1.0, 365.25, 1826.25, 3000.0]))
def test_restricted_mean(sample: list[Life], until: float) -> None:
    found = survival.restricted_mean(durations(sample), until)
    if math.isnan(found.value):
        assert max(life.days for life in sample) < until
        return
    expected = restricted_mean_survival_time(fit(sample), t=until)
    assert found.value == pytest.approx(expected, abs=1e-6)


def test_restricted_mean_and_its_variance_by_hand() -> None:
    # 4 shops: close on day 10 and 20, two stand beyond day 40. S = 1, 3/4, 1/2
    # mean to day 40: 10·1 + 10·3/4 + 20·1/2 = 27.5
    # area after day 10: 7.5 + 10 = 17.5; after day 20: 10
    # variance: 17.5²·1/(4·3) + 10²·1/(3·2) = 25.5208333 + 16.6666667 = 42.1875
    rows = frame([("a", 10, 0, 1, 0, 0), ("a", 20, 0, 1, 0, 0), ("a", 50, 0, 0, 2, 0)])
    found = survival.restricted_mean(rows, 40)
    assert found.value == pytest.approx(27.5)
    assert found.variance == pytest.approx(42.1875)
    assert found.high - found.low == pytest.approx(2 * 1.959963984540054 * math.sqrt(42.1875))
    assert found.at_risk == 2


def test_difference_that_can_and_cannot_be_told_apart() -> None:
    a = survival.Estimate(0.8, 0.0004, 0.76, 0.84, 400)
    b = survival.Estimate(0.7, 0.0005, 0.66, 0.74, 400)
    found = survival.difference(a, b)
    # 0.1 ± 1.96·√0.0009 = 0.1 ± 0.0588
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.0412, 0.1588), abs=1e-4)
    assert found.distinguishable
    near = survival.difference(a, survival.Estimate(0.78, 0.0005, 0.7, 0.8, 400))
    assert not near.distinguishable
    nothing = survival.difference(a, survival.Estimate(math.nan, math.nan, math.nan, math.nan, 0))
    assert not nothing.distinguishable


@many
@given(
    days=st.lists(
        st.integers(1, 200).map(lambda n: 2 * n + 1), min_size=2, max_size=40, unique=True
    ),
    data=st.data(),
)
def test_competing_exits(days: list[int], data: st.DataObject) -> None:
    ways = data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=len(days), max_size=len(days)))
    assume(1 in ways)
    late = data.draw(st.booleans())
    # entered between the exits: lifelines counts ties of the two in two ways here
    entries = [min(8, day - 1) if late and day % 3 == 0 else 0 for day in days]
    rows = frame(
        [
            ("a", day, entry, int(way == 1), int(way != 1), int(way == 2))
            for day, way, entry in zip(days, ways, entries, strict=True)
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitter = AalenJohansenFitter(calculate_variance=False).fit(
                days, ways, event_of_interest=1, entry=entries
            )
        except StatError:  # lifelines refuses curves that late entry brings to 0 at once
            assume(False)
            raise
    expected = fitter.cumulative_density_["CIF_1"]
    found = survival.aalen_johansen(rows).set_index("age_days")
    shared = found.index.intersection(expected.index)
    np.testing.assert_allclose(found.loc[shared, "closed"], expected.loc[shared], atol=1e-9)
    total = found["closed"] + found["moved"] + found["standing"]
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_durations_query_feeds_these_functions(make_database: Callable[..., Database]) -> None:
    sample = [
        shop("2012-01-01", "2012-03-01"),
        shop("2012-01-01", "2012-03-01", "moved_out"),
        shop("2005-01-01", "2012-03-01"),
        shop("2005-01-01", "2009-01-01"),
        shop("2012-01-01", dong_code="1233000200"),
    ]
    database = make_database(sample)
    rows = database.run("survival/durations", group_by="dong", reliable_from=RELIABLE_FROM)
    # 2012-01-01 to 2012-03-01: 60 days; 2005-01-01 to 2012-03-01: 2616, entered at 1826;
    # gone in 2009: before records were reliable; to S 2025-12-31: 5113
    found = rows.set_index(["group_key", "duration_days", "entry_days"])[
        ["events", "censored", "moved"]
    ]
    assert found.to_dict("index") == {
        ("1233000100", 60, 0): {"events": 1, "censored": 1, "moved": 1},
        ("1233000100", 2616, 1826): {"events": 1, "censored": 0, "moved": 0},
        ("1233000200", 5113, 0): {"events": 0, "censored": 1, "moved": 0},
    }
    first = survival.aalen_johansen(rows[rows["group_key"] == "1233000100"])
    assert first.set_index("age_days").loc[60, ["closed", "moved"]].tolist() == [0.5, 0.5]
    assert survival.log_rank(rows).degrees_of_freedom == 1
