"""The permits themselves: which trade opens when and where, and until when it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from commerce.demo import lifetimes
from commerce.demo.tables import (
    FIRST_YEAR,
    LAST_YEAR,
    Bools,
    Floats,
    Ints,
    between_years,
    by_kind,
    pick,
    table,
)

EPOCH = date(1970, 1, 1)
SNAPSHOT_ON = date(2026, 10, 31)
S = (SNAPSHOT_ON - EPOCH).days
MONTH_OF_OPENING = (0.92, 0.93, 1.28, 1.14, 1.06, 1.02, 0.98, 0.95, 1.00, 0.98, 0.94, 0.84)
#: The first wave of 2020, by month; online sellers did not feel it.
SHOCK_2020 = (1.08, 0.95, 0.70, 0.68, 0.85, 1.00, 1.08, 0.98, 0.80, 0.98, 1.02, 0.82)
HOLIDAYS = ("01-01", "03-01", "05-05", "06-06", "08-15", "10-03", "10-09", "12-25")
#: Sites differ: some see one shop after the other, some keep theirs. Share and hazard.
SITE_SHARE = (0.22, 0.53, 0.25)
SITE_HAZARD = (1.75, 0.95, 0.50)
#: Multiple of its dong's share of the busy core, by family.
CORE_SHARE = {"night": 1.4, "cafe": 1.2, "health": 1.2, "home": 0.0, "industry": 0.3, "farm": 0.2}
#: Rents are high in the core: food lasts less long there, doctors longer.
CORE_HAZARD = {"eat": 1.12, "cafe": 1.15, "retail": 1.08, "health": 0.90, "beauty": 1.06}
MOVES_PER_YEAR = 0.0080


@dataclass
class Permits:
    """One array per property, one element per permit; days count from 1970."""

    trade: Ints
    dong: Ints
    opened: Ints
    closed: Ints
    moved: Ints
    site_kind: Ints
    core: Bools

    def __len__(self) -> int:
        return len(self.trade)


def draw(rng: np.random.Generator, n: int) -> Permits:
    """Draw ``n`` permits: trade and year, dong, day, and the days on which they close or move."""
    trades, dongs, years = table("trades"), table("dongs"), table("years")
    families = sorted(set(trades["family"]))
    kinds = sorted(set(dongs["kind"]))
    family = np.array([families.index(f) for f in trades["family"]])
    kind = np.array([kinds.index(k) for k in dongs["kind"]])
    online = (trades["family"] == "home").to_numpy()

    wave = np.where(
        online[:, None], years["online_openings"].to_numpy(), years["openings"].to_numpy()
    )
    months_known = np.ones(LAST_YEAR - FIRST_YEAR + 1)
    months_known[-1] = SNAPSHOT_ON.month / 12
    joint = trades["share"].to_numpy()[:, None] * between_years(trades, "y") * wave * months_known
    cell = pick(joint.reshape(1, -1), np.zeros(n, np.int64), rng.random(n))
    trade, year = cell // joint.shape[1], cell % joint.shape[1]

    shares = between_years(dongs, "share_").T
    affinity = by_kind("place_openings", families, kinds)[:, kind]
    weights = shares[:, None, :] * affinity[None, :, :]
    dong = pick(
        weights.reshape(-1, len(dongs)), year * len(families) + family[trade], rng.random(n)
    )

    month = pick(_months(rng), year * 2 + online[trade], rng.random(n))
    opened = _workday(year * 12 + month, rng.random(n))

    site_kind = pick(np.array([SITE_SHARE]), np.zeros(n, np.int64), rng.random(n))
    share = np.array([CORE_SHARE.get(f, 1.0) for f in families])[family[trade]]
    core = rng.random(n) < dongs["core_share"].to_numpy()[dong] * share

    factor = (
        trades["hazard"].to_numpy(dtype=np.float64)[trade]
        * dongs["hazard"].to_numpy(dtype=np.float64)[dong]
        * by_kind("place_hazard", families, kinds)[family[trade], kind[dong]]
        * np.where(online[trade], 1.0, np.array(SITE_HAZARD)[site_kind])
        * rng.gamma(5.0, 1 / 5.0, n)
    )
    core_hazard = np.array([CORE_HAZARD.get(f, 1.0) for f in families])[family[trade]]
    factor = factor * np.where(core, core_hazard, 1.0)
    shapes = list(table("shapes")["shape"])
    shape = np.array([shapes.index(s) for s in trades["shape"]])[trade]
    crowded = np.isin(trades["family"].to_numpy(), ("night", "sport"))
    times = np.where(online, 1, np.where(crowded, 2, 0))[trade]
    age = lifetimes.durations(shape, times, year * 12 + month, factor, rng.exponential(1.0, n))
    closed = opened + np.maximum(1, np.round(age * 30.4375).astype(np.int64))
    moved = opened + 30 + rng.exponential(365.25 / MOVES_PER_YEAR, n).astype(np.int64)
    return Permits(trade, dong, opened, _onto_workdays(closed, rng), moved, site_kind, core)


def _months(rng: np.random.Generator) -> Floats:
    """Return (years × offline, online) rows of monthly weights for openings."""
    rows = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        season = np.array(MONTH_OF_OPENING) * rng.lognormal(0.0, 0.03, 12)
        if year == LAST_YEAR:
            season[SNAPSHOT_ON.month :] = 0.0
        rows += [season * np.array(SHOCK_2020) if year == 2020 else season, season]
    return np.array(rows)


def _workday(month: Ints, uniform: Floats) -> Ints:
    """Return a working day of each month, counted from the first month of all."""
    first = np.datetime64(f"{FIRST_YEAR}-01", "M")
    last = np.datetime64(f"{LAST_YEAR}-12", "M")
    holidays = [f"{y}-{d}" for y in range(FIRST_YEAR, LAST_YEAR + 1) for d in HOLIDAYS]
    days = np.arange(first.astype("M8[D]"), (last + 1).astype("M8[D]"))
    days = days[np.is_busday(days, holidays=np.array(holidays, dtype="M8[D]"))]
    of_month = (days.astype("M8[M]") - first).astype(np.int64)
    start = np.searchsorted(of_month, np.arange(of_month[-1] + 2))
    at = start[month] + (uniform * (start[month + 1] - start[month])).astype(np.int64)
    return days.astype(np.int64)[at]


def _onto_workdays(day: Ints, rng: np.random.Generator) -> Ints:
    """Move most weekend days to the Monday after: offices are closed."""
    weekday = (day + 3) % 7
    wait = np.where(weekday >= 5, 7 - weekday, 0)
    return day + np.where(rng.random(len(day)) < 0.93, wait, 0)
