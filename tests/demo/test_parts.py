"""The parts of the generator against slow and simple versions of themselves."""

from __future__ import annotations

import numpy as np
import pytest

from commerce.demo import lifetimes, sites
from commerce.demo.assemble import categories_of_trades
from commerce.demo.tables import pick, table


@pytest.mark.parametrize("seed", range(20))
def test_sites_are_let_in_the_order_in_which_they_fall_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 200
    group = rng.integers(0, 7, n)
    opened = rng.permutation(5 * n)[:n] * 2
    empty = opened + 1.0 + 2 * rng.integers(0, 300, n)
    let = rng.random(n) < 0.6
    expected = np.full(n, -1)
    for here in range(7):
        mine = np.flatnonzero(group == here)
        events = [(empty[i], 0, i) for i in mine if let[i]] + [(opened[i], 1, i) for i in mine]
        queue: list[int] = []
        for _, wants, i in sorted(events):
            if not wants:
                queue.append(i)
            elif queue:
                expected[i] = queue.pop(0)
    found = sites.match(group, opened, empty, let)
    assert (found == expected).all()
    assert (found >= 0).any()


def test_nobody_closes_before_the_hazard_adds_up() -> None:
    rng = np.random.default_rng(5)
    n = 300
    shape, times = rng.integers(0, 8, n), rng.integers(0, 3, n)
    month, factor = rng.integers(0, 262, n), rng.gamma(4, 0.25, n)
    threshold = rng.exponential(1.0, n) * 0.5
    ages = lifetimes.durations(shape, times, month, factor, threshold)
    by_age, by_month = lifetimes.hazard_by_age(), lifetimes.hazard_by_month()
    for i in range(n):
        whole = int(ages[i])
        if whole >= lifetimes.MONTHS - 2:
            continue
        steps = by_age[shape[i], : whole + 1] * by_month[times[i], month[i] : month[i] + whole + 1]
        added = factor[i] * (steps[:-1].sum() + steps[-1] * (ages[i] - whole))
        assert added == pytest.approx(threshold[i], rel=1e-9)


def test_pick_draws_in_proportion() -> None:
    rng = np.random.default_rng(1)
    drawn = pick(
        np.array([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]]), np.arange(2).repeat(4000), rng.random(8000)
    )
    shares = np.bincount(drawn[:4000], minlength=3) / 4000
    assert shares == pytest.approx([0.25, 0.0, 0.75], abs=0.03)
    assert (drawn[4000:] == 1).all()


def test_every_trade_has_a_category() -> None:
    trades = table("trades")
    pairs = zip(trades["service_code"], categories_of_trades(), strict=True)
    unmapped = {service for service, category in pairs if category == "other"}
    assert unmapped == {"logistics_warehouses", "elevator_maintenance"}
