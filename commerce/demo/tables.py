"""The parameters of the demo district: small CSV files in ``parameters``, read once.

All of it is invented except the names of dongs and streets. The reasons:

- ``dongs``: shares of openings follow the residents that the district reported (수완
  78 thousand, 첨단2 44, 신창 35 ...), raised where people go out or work, and 수완 and 선운
  grow only once they were built.
- ``years``: the crisis of 2008-09, few openings and many closures in 2020, closures put
  off in 2021 and made good in 2022-23, online sellers booming meanwhile.
- ``shapes``: yearly hazards by age in months. Food peaks in its second and third year,
  online sellers in the first, clinics and pharmacies hardly at all.
- ``bulk_days``: days on which the authority closed many silent permits at once.
- ``card_trades``: trades of the card sales, with codes of our own. ``sales`` is what a shop
  takes a month at the end of 2025, in 10,000 KRW, held against public figures: franchise
  shops took 46 million KRW a month in convenience stores, 84 in pharmacies, 34 in bakeries,
  17 in chicken shops, 9 in laundries, 29 in all (프랜차이즈(가맹점) 조사 2019, Statistics
  Korea, 2020-12-24); shops outside chains take less. ``growth`` is by year, above prices.
- ``prices``: consumer prices, about those of Statistics Korea; the last two years are guessed.
- ``holidays``: Seol, Chuseok and Buddha's birthday, from the yearly calendar of the Korea
  Astronomy and Space Science Institute (월력요항). ``weeks``: what each weekday is worth to a
  trade (percent), and the ten days before a feast and its three days (factors).
- ``shocks``: percent by month: the waves and closing hours of 2020-22, their end in 2022-04,
  the relief payments of 2020-05, 2021-09 and 2025-07, the unrest of 2024-12.
- ``seasons``, ``hours``, ``people``: percent by month, hour and group of buyers.
- ``people_of_dongs``: residents add up to the 401 thousand of 2022-12 (주민등록인구), 수완
  77; workers and visitors are invented. ``walks``, ``ages``: who passes when.
- ``changes``, ``walk_changes``: places that lose or gain, so that there is something to find.
- ``named_areas``: invented areas around the centres; a radius and half a width in metres.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
FIRST_YEAR = 2005
LAST_YEAR = 2026


@cache
def table(name: str) -> Any:
    """Return one table of parameters as a data frame. Do not change it."""
    file = Path(__file__).with_name("parameters") / f"{name}.csv"
    return pd.read_csv(file, dtype={"dong_code": str})


def between_years(frame: Any, prefix: str) -> Floats:
    """Return rows × years: the columns ``<prefix><year>`` interpolated over all years."""
    columns = [c for c in frame.columns if c.startswith(prefix) and c[len(prefix) :].isdigit()]
    known = np.array([int(c[len(prefix) :]) for c in columns], dtype=np.float64)
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.float64)
    values = frame[columns].to_numpy(dtype=np.float64)
    return np.array([np.interp(years, known, row) for row in values])


def by_kind(name: str, families: list[str], kinds: list[str]) -> Floats:
    """Return families × kinds of place from a table whose columns are the kinds."""
    return np.asarray(table(name).set_index("family").loc[families, kinds], dtype=np.float64)


def pick(weights: Floats, rows: Ints, uniform: Floats) -> Ints:
    """Return a column for each ``rows[i]``, drawn by ``uniform[i]`` in proportion to weights."""
    cumulative = np.cumsum(weights, axis=1)
    cumulative /= cumulative[:, -1:]
    steps = cumulative + np.arange(len(weights), dtype=np.float64)[:, None]
    found = np.searchsorted(steps.ravel(), rows + uniform, side="right")
    return np.asarray(np.minimum(found - rows * weights.shape[1], weights.shape[1] - 1))
