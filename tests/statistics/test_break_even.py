"""Break-even against sums worked out by hand."""

import math

import pytest

from commerce.break_even import Costs

# 1.5 + 3 + 2.5 + 0.5 + 0.5 million a month; 60 % of each won goes into what is sold
COSTS = Costs(1.5e6, 3e6, 2.5e6, 0.5e6, 0.5e6, 0.6, 60e6)


def test_needed_sales_and_customers() -> None:
    assert COSTS.fixed == 8e6
    # 8 million / 0.4
    assert COSTS.needed() == pytest.approx(20e6)
    # 20 million / 8,000 won / 25 days
    assert COSTS.customers(8_000, 25) == pytest.approx(100)


def test_months_to_recover_the_outlay() -> None:
    # 25 million leave 10 - 8 = 2 million a month: 60 million are back after 30 months
    assert COSTS.left_over(25e6) == pytest.approx(2e6)
    assert COSTS.months_to_recover(25e6) == pytest.approx(30)
    assert COSTS.months_to_recover(20e6) == math.inf
    assert Costs(0, 0, 0, 0, 0, 0, 0).months_to_recover(0) == 0


@pytest.mark.parametrize(
    ("costs", "message"),
    [((-1, 0, 0, 0, 0, 0.5, 0), "negative"), ((1, 0, 0, 0, 0, 1.0, 0), "variable_share")],
)
def test_impossible_costs_are_refused(costs: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Costs(*costs)


@pytest.mark.parametrize(("ticket", "days"), [(0, 25), (8_000, 0)])
def test_no_customers_without_ticket_or_days(ticket: float, days: int) -> None:
    with pytest.raises(ValueError, match="above 0"):
        COSTS.customers(ticket, days)
