"""Break-even: the sales that a shop needs to pay its way, and how long until its outlay is back."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """What a shop costs, in KRW; monthly but for the outlay.

    Args:
        rent: rent and service charge.
        wages: wages of staff, with insurance.
        owner_pay: what the owner must live on.
        loan: interest and repayment.
        other: other fixed cost: electricity, insurance, software.
        variable_share: cost that grows with sales, as a share of them: goods, card and
            delivery fees. From 0 to below 1.
        outlay: deposit and fit-out, spent once.
    """

    rent: float
    wages: float
    owner_pay: float
    loan: float
    other: float
    variable_share: float
    outlay: float

    def __post_init__(self) -> None:
        """Refuse what no shop can have.

        Raises:
            ValueError: when a cost is negative, or every won sold is spent on selling it.
        """
        fixed = (self.rent, self.wages, self.owner_pay, self.loan, self.other, self.outlay)
        if min(fixed) < 0:
            raise ValueError("costs must not be negative")
        if not 0 <= self.variable_share < 1:
            raise ValueError("variable_share must be at least 0 and below 1")

    @property
    def fixed(self) -> float:
        """Return the fixed cost of a month, KRW."""
        return self.rent + self.wages + self.owner_pay + self.loan + self.other

    def needed(self) -> float:
        """Return the sales of a month at which nothing is left and nothing is missing, KRW."""
        return self.fixed / (1 - self.variable_share)

    def left_over(self, sales: float) -> float:
        """Return what a month with these sales leaves after all cost, KRW."""
        return sales * (1 - self.variable_share) - self.fixed

    def months_to_recover(self, sales: float) -> float:
        """Return after how many months with these sales the outlay is back; inf when never."""
        over = self.left_over(sales)
        return self.outlay / over if over > 0 else (0.0 if self.outlay == 0 else math.inf)

    def customers(self, ticket: float, days: int) -> float:
        """Return how many customers a day that takes, at ``ticket`` KRW each on ``days`` days.

        Raises:
            ValueError: when the ticket or the days are not above 0.
        """
        if ticket <= 0 or days <= 0:
            raise ValueError("ticket and days must be above 0")
        return self.needed() / ticket / days
