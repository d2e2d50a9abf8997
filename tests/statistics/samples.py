"""Random shops for the statistics tests, written down twice: as rows, and as plain numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from tests.conftest import Row, S, shop

FIRST = dt.date(2000, 1, 1)
RELIABLE_FROM = dt.date(2010, 1, 1)
_DONGS = ["1233000100", "1233000200", "1233000300"]
_WAYS = ["closed", "cancelled", "moved_out", "vanished", "standing"]


@dataclass(frozen=True)
class Life:
    """One shop, as a statistician sees it."""

    opened: dt.date
    days: int
    way: str
    dong: str

    @property
    def is_event(self) -> bool:
        return self.way in ("closed", "cancelled")

    def entry(self, reliable_from: dt.date | None) -> int:
        return max((reliable_from - self.opened).days, 0) if reliable_from else 0

    def row(self) -> Row:
        end = self.opened + dt.timedelta(days=self.days)
        if self.way == "standing":
            return shop(str(self.opened), observed_until=end, dong_code=self.dong)
        return shop(str(self.opened), str(end), self.way, dong_code=self.dong)


def _life(opened: int, days: int, way: str, dong: str) -> Life:
    day = FIRST + dt.timedelta(days=opened)
    return Life(day, min(days, (S - day).days), way, dong)


#: Few distinct ages, zero among them, so that ties are common; and ages near milestones.
lives = st.lists(
    st.builds(
        _life,
        opened=st.integers(0, 9000),
        days=st.one_of(
            st.sampled_from([0, 0, 1, 5, 365, 366, 730, 1095, 1096, 1826, 3652, 3653]),
            st.integers(0, 5000),
        ),
        way=st.sampled_from([*_WAYS, "closed", "closed"]),
        dong=st.sampled_from(_DONGS),
    ),
    min_size=1,
    max_size=60,
)


def arrays(
    sample: list[Life], reliable_from: dt.date | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return durations, events and entries of the shops watched after they entered."""
    kept = [life for life in sample if life.entry(reliable_from) <= life.days]
    return (
        np.array([life.days for life in kept], dtype=float),
        np.array([life.is_event for life in kept], dtype=bool),
        np.array([life.entry(reliable_from) for life in kept], dtype=float),
    )
