"""One shop after the other: which permit takes over the site that another one left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from commerce.demo.draw import Permits, S
from commerce.demo.places import POOLS, Buildings
from commerce.demo.tables import Bools, Floats, Ints, table

#: Chance that an empty site is let again, by kind of site (quick, ordinary, stable).
REFILL = np.array([0.95, 0.75, 0.60])
#: Chance that the next shop is of the same trade, and that it is of another family.
SAME_TRADE = 0.25
OTHER_FAMILY = 0.14
#: Families that want the same kind of room and so follow one another.
SLOT_OF_FAMILY = {"cafe": "eat", "pet": "beauty", "night": "sport", "farm": "industry"}
#: Chance that the next shop of the same trade keeps the name (re-opened, or bought).
SAME_NAME = 0.16
#: Percent of the district's openings from which a dong's core lets its sites apart from the rest.
CORE_APART_FROM = 5.0
POOL_OF_FAMILY = {"home": "home", "industry": "plant", "farm": "plant"}
#: What a convenience store holds besides: service, share, since when.
COMPANIONS = (
    ("tobacco_retailers", 0.7, "2005-01-01"),
    ("over_the_counter_medicine_stores", 0.4, "2012-11-15"),
)
_GAP = 1 << 40


@dataclass(frozen=True)
class Sites:
    """Where each permit is: its building and floor, and whose name it keeps (or itself)."""

    building: Ints
    floor: Ints
    unit: Ints
    named_like: Ints


def settle(rng: np.random.Generator, permits: Permits, buildings: Buildings) -> Sites:
    """Give every permit a site: one that fell empty, else a new one drawn by attraction."""
    trades = table("trades")
    families = sorted(set(trades["family"]))
    family = np.array([families.index(f) for f in trades["family"]])[permits.trade]
    alike = np.array([families.index(SLOT_OF_FAMILY.get(f, f)) for f in families])
    floors = sorted(set(trades["floors"]))
    floor_kind = np.array([floors.index(f) for f in trades["floors"]])[permits.trade]
    n = len(permits)
    stays = rng.random(n)
    other = rng.integers(0, len(families), n)
    changes = (stays > 1 - OTHER_FAMILY) & (family != families.index("home"))
    slot = alike[np.where(changes, other, family)]
    slot = np.where(stays < SAME_TRADE, 1000 + permits.trade, slot)
    big = table("dongs")["share_2020"].to_numpy()[permits.dong] >= CORE_APART_FROM
    parts = (permits.dong, permits.core & big, permits.site_kind, slot, floor_kind)
    group = np.zeros(n, dtype=np.int64)
    for part, size in zip(parts, (64, 2, 4, 2048, 16), strict=True):
        group = group * size + part
    left = np.minimum(permits.closed, permits.moved)
    let = (rng.random(n) < REFILL[permits.site_kind]) & (left < S)
    empty = left + np.ceil(rng.lognormal(4.0, 0.9, n))
    before = match(group, permits.opened, empty, let)
    root = _follow(before)
    floor, unit = _floors(rng, floors, floor_kind)
    building = _building(rng, permits, buildings, families, family)
    kept = (before >= 0) & (permits.trade[before] == permits.trade) & (rng.random(n) < SAME_NAME)
    return Sites(building[root], floor[root], unit[root], _follow(np.where(kept, before, -1)))


def match(group: Ints, opened: Ints, empty: Floats, let: Bools) -> Ints:
    """Return for each opening the permit whose empty site it takes, or -1: first empty, first let.

    Within each group, openings and sites that fall empty meet in the order of their
    days. An opening goes without where the queue of empty sites is empty, which is
    where the running balance reaches a new minimum.
    """
    free = np.flatnonzero(let)
    wants = np.arange(len(opened))
    who = np.concatenate([free, wants])
    is_free = np.arange(len(who)) < len(free)
    when = np.concatenate([empty[free], opened.astype(np.float64)])
    order = np.lexsort((who, ~is_free, when, group[who]))
    who, is_free = who[order], is_free[order]
    _, dense = np.unique(group[who], return_inverse=True)
    starts = np.flatnonzero(np.diff(dense, prepend=-1))
    balance = np.cumsum(np.where(is_free, 1, -1))
    before = np.concatenate([[0], balance[:-1]])[starts]
    level = balance - before[dense] - dense * _GAP
    lowest = np.minimum.accumulate(np.minimum(level, -dense * _GAP))
    previous = np.concatenate([[0], lowest[:-1]])
    previous[starts] = -dense[starts] * _GAP
    served = ~is_free & (lowest == previous)
    rank_served = np.cumsum(served) - 1
    first_free: Ints = (np.cumsum(is_free) - is_free)[starts][dense]
    first_served: Ints = (np.cumsum(served) - served)[starts][dense]
    sites = who[is_free]
    taken = np.full(len(opened), -1, dtype=np.int64)
    at = (first_free + rank_served - first_served)[served]
    taken[who[served]] = sites[at]
    return taken


def _follow(before: Ints) -> Ints:
    """Return the first of each chain."""
    root = np.where(before >= 0, before, np.arange(len(before)))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _floors(rng: np.random.Generator, floors: list[str], floor_kind: Ints) -> tuple[Ints, Ints]:
    """Draw floors (-1 is below ground, 0 unknown) and unit numbers by the trade's habit."""
    n = len(floor_kind)
    u = rng.random(n)
    ground = np.select([u < 0.05, u < 0.86, u < 0.96], [-1, 1, 2], 3)
    upper = np.select([u < 0.10, u < 0.24, u < 0.55, u < 0.80, u < 0.92], [-1, 1, 2, 3, 4], 5)
    home = 1 + (u * 20).astype(np.int64)
    by_kind = {"ground": ground, "upper": upper, "home": home}
    drawn = np.select([floor_kind == floors.index(k) for k in by_kind], list(by_kind.values()), 0)
    unit = np.where(rng.random(n) < 0.35, rng.integers(1, 7, n), 0)
    block = 101 + rng.integers(0, 9, n)
    return drawn, np.where(floor_kind == floors.index("home"), block, unit)


def _building(
    rng: np.random.Generator,
    permits: Permits,
    buildings: Buildings,
    families: list[str],
    family: Ints,
) -> Ints:
    """Draw a building of the right kind in the permit's dong, by attraction."""
    pools = len(POOLS)
    dongs = len(table("dongs"))
    cell = (buildings.dong * pools + buildings.pool) * 2 + buildings.core
    size = np.bincount(cell, minlength=dongs * pools * 2)
    pool = np.array([POOLS.index(POOL_OF_FAMILY.get(f, "shop")) for f in families])[family]
    want = (permits.dong * pools + pool) * 2 + permits.core
    for fallback in (want ^ 1, permits.dong * pools * 2 + permits.core, permits.dong * pools * 2):
        want = np.where(size[want] > 0, want, fallback)
    order = np.argsort(cell, kind="stable")
    total = np.cumsum(buildings.pull[order])
    start = np.concatenate([[0], np.cumsum(size)])
    edge = np.concatenate([[0.0], total])
    low, high = edge[start[want]], edge[start[want + 1]]
    at = np.searchsorted(total, low + rng.random(len(want)) * (high - low), side="right")
    return np.asarray(order[np.clip(at, start[want], start[want + 1] - 1)])


def with_companions(
    rng: np.random.Generator, permits: Permits, sites: Sites
) -> tuple[Permits, Sites]:
    """Add the permits that convenience stores hold besides: tobacco, and medicine since 2012-11."""
    trades = table("trades")
    store = (trades["trade_name"] == "편의점").to_numpy()[permits.trade]
    picks, trade = [], []
    for service, share, since in COMPANIONS:
        day = np.datetime64(since, "D").astype(np.int64)
        chosen = store & (rng.random(len(permits)) < share) & (permits.opened >= day)
        at = np.flatnonzero(chosen)
        index = int(np.flatnonzero(trades["service_code"] == service)[0])
        picks.append(at)
        trade.append(np.full(len(at), index, dtype=np.int64))
    of = np.concatenate([np.arange(len(permits)), *picks])
    return (
        Permits(
            trade=np.concatenate([permits.trade, *trade]),
            dong=permits.dong[of],
            opened=permits.opened[of],
            closed=permits.closed[of],
            moved=permits.moved[of],
            site_kind=permits.site_kind[of],
            core=permits.core[of],
        ),
        Sites(sites.building[of], sites.floor[of], sites.unit[of], sites.named_like[of]),
    )
