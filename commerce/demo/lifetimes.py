"""How long shops last: hazards by age, trade and place, and by the month in which they are met."""

from __future__ import annotations

import numpy as np

from commerce.demo.tables import FIRST_YEAR, LAST_YEAR, Floats, Ints, table

#: Ages up to which the hazard is tabled, in months. Nobody here is older than that.
MONTHS = (LAST_YEAR - FIRST_YEAR + 2) * 12
#: More closures are reported at the turn of the year.
MONTH_OF_CLOSURE = (1.06, 0.96, 1.02, 0.98, 0.96, 1.00, 0.94, 0.90, 0.93, 0.93, 0.96, 1.38)
_FAR = 1e3


def hazard_by_age() -> Floats:
    """Return shapes × months of age: the monthly hazard of an ordinary shop."""
    shapes = table("shapes")
    columns = [c for c in shapes.columns if c.startswith("from_")]
    starts = np.array([int(c[5:]) for c in columns])
    band = np.searchsorted(starts, np.arange(MONTHS), side="right") - 1
    return np.asarray(shapes[columns], dtype=np.float64)[:, band] / 12.0


def hazard_by_month() -> Floats:
    """Return kinds × calendar months: how the times raise or lower hazards (all, online, night)."""
    years = table("years")
    kinds = [years[c].to_numpy() for c in ("closures", "online_closures", "night_closures")]
    season = np.tile(MONTH_OF_CLOSURE, LAST_YEAR - FIRST_YEAR + 1)
    rows = np.array([np.repeat(k, 12) * season for k in kinds], dtype=np.float64)
    return np.pad(rows, ((0, 0), (0, MONTHS)), mode="edge")


def durations(
    shape: Ints, times: Ints, opened_month: Ints, factor: Floats, threshold: Floats
) -> Floats:
    """Return the ages in months at which shops close.

    Args:
        shape: row of ``hazard_by_age`` for each shop.
        times: row of ``hazard_by_month`` for each shop.
        opened_month: months since January of the first year, with the day as fraction.
        factor: the shop's own multiple of the hazard.
        threshold: a draw from the unit exponential for each shop.
    """
    by_age, by_month = hazard_by_age(), hazard_by_month()
    start = np.floor(opened_month).astype(np.int64)
    keys = (shape * len(by_month) + times) * MONTHS + start
    known, row = np.unique(keys, return_inverse=True)
    tabled = np.empty((len(known), MONTHS + 1))
    for i, key in enumerate(known):
        rest, month = divmod(int(key), MONTHS)
        s, t = divmod(rest, len(by_month))
        steps = by_age[s] * by_month[t, month : month + MONTHS]
        tabled[i, 0] = 0.0
        np.cumsum(steps, out=tabled[i, 1:])
    tabled[:, -1] = _FAR
    need = np.minimum(threshold / factor, _FAR * 0.999)
    flat = (tabled + np.arange(len(known))[:, None] * 2 * _FAR).ravel()
    at = np.searchsorted(flat, need + row * 2 * _FAR, side="right") - 1 - row * (MONTHS + 1)
    low, high = tabled[row, at], tabled[row, at + 1]
    return np.asarray(at + (need - low) / np.maximum(high - low, 1e-12), dtype=np.float64)
