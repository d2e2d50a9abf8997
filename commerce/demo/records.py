"""What the authority's file says of a shop: late, imputed, unknown or bulk closures, and all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from commerce.demo.draw import EPOCH, Permits, S
from commerce.demo.tables import Bools, Ints, table

KINDS = (None, "closed", "cancelled", "moved_out", "vanished")
STATES = ("open", "suspended", "closed", "cancelled", "moved_out", "unknown")
QUALITIES = (None, "reported", "imputed", "unknown")
#: Days of earlier full files: a vanished permit was last seen on one of them.
SEEN = (date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 8, 31))
CANCELLED = 0.02
CANCELLED_SELLERS = 0.05
IMPUTED = 0.02
UNDATED = 0.004
VANISHED = 0.006
SUSPENDED = 0.013


@dataclass(frozen=True)
class Records:
    """How each permit stands in the file; ``exit_on`` and ``updated`` are 0 where null."""

    kind: Ints
    quality: Ints
    state: Ints
    exit_on: Ints
    updated: Ints


def record(rng: np.random.Generator, permits: Permits, units: int) -> Records:
    """Write down what was reported by S, with the delays and the faults of real files."""
    n = len(permits)
    services = table("trades")["service_code"].to_numpy(dtype=object)[permits.trade]
    left = np.minimum(permits.closed, permits.moved)
    gone = left <= S
    kind = np.where(gone, np.where(permits.moved < permits.closed, 3, 1), 0)
    exit_on = np.where(gone, left, 0)
    swept = _bulk(rng, kind, exit_on, services, units)
    delay = rng.exponential(np.where(rng.random(n) < 0.82, 16.0, 110.0), n)
    reported = np.where(swept, exit_on, exit_on + np.floor(delay)).astype(np.int64)
    late = (kind > 0) & (reported > S)
    kind[late] = 0
    sellers = np.isin(services, ("ecommerce_businesses", "door_to_door_sales"))
    chance = np.where(sellers, CANCELLED_SELLERS, CANCELLED)
    kind[(kind == 1) & ~swept & (rng.random(n) < chance)] = 2

    u = rng.random(n)
    dated = (kind > 0) & ~swept
    quality = np.where(kind > 0, 1, 0)
    quality[dated & (kind != 3) & (u < IMPUTED)] = 2
    exit_on = np.where(quality == 2, reported, exit_on)
    quality[dated & (kind != 3) & (u > 1 - UNDATED)] = 3

    day = np.array([(d - EPOCH).days for d in SEEN])[rng.integers(0, len(SEEN), n)]
    vanished = (kind == 0) & (u < VANISHED) & (permits.opened + 60 < day)
    kind[vanished], quality[vanished] = 4, 2
    exit_on = np.where(vanished, day, exit_on)
    exit_on = np.where((kind == 0) | (quality == 3), 0, exit_on)

    state = np.array([0, 2, 3, 4, 5])[kind]
    state[(kind == 0) & (u > 1 - SUSPENDED)] = 1
    touched = permits.opened + ((S - permits.opened) * rng.random(n) ** 0.6).astype(np.int64)
    updated = np.where((kind > 0) & (kind < 4), reported, touched)
    updated = np.where(vanished, np.minimum(touched, day), updated)
    updated = np.where(quality == 3, 0, updated)
    return Records(kind, quality, state, exit_on, updated)


def _bulk(
    rng: np.random.Generator, kind: Ints, exit_on: Ints, services: object, units: int
) -> Bools:
    """Move closures that nobody had reported onto the days of the clean-ups, in place."""
    swept = np.zeros(len(kind), dtype=np.bool_)
    for row in table("bulk_days").itertuples():
        day = (date.fromisoformat(row.exit_on) - EPOCH).days
        may = (kind == 1) & ~swept & (exit_on > day - 1000) & (exit_on < day - 20)
        chosen = np.flatnonzero(may & (services == row.service_code))
        chosen = rng.permutation(chosen)[: row.closures * units]
        exit_on[chosen] = day
        swept[chosen] = True
    return swept
