"""What SQL cannot say about survival: tests and differences between groups, competing exits.

Every function starts from rows of the query ``survival/durations``: how many shops ended
at which age (``duration_days``), from which age on they were watched (``entry_days``),
how many of them closed (``events``), how many ended otherwise (``censored``) and how many
of those moved away (``moved``). Late entry needs no other call: a shop counts as at risk
from the age at which it entered, and takes part in closures after that age (from the
beginning of the curve also at it), which is how lifelines counts.

Unit: days. z = 1.959963984540054, so intervals hold 95 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

Z = 1.959963984540054
YEAR = 365.25
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class RiskTable:
    """One group's risk sets, a row per age at which shops entered or ended.

    Attributes:
        ages: days since opening, ascending.
        at_risk: shops watched and standing just before each age, or entering at it.
        exposed: of these, the shops that share in its closures: not those entering at it,
            except where the curve begins.
        events: shops that closed at it.
        moved: shops that moved away at it.
        ended: shops that closed, moved or were last seen at it.
    """

    ages: Numbers
    at_risk: Numbers
    exposed: Numbers
    events: Numbers
    moved: Numbers
    ended: Numbers

    def at_risk_at(self, age: float) -> int:
        """Return how many shops are watched and standing just before ``age``."""
        return int(self.at_risk_before(np.array([age]))[0])

    def at_risk_before(self, ages: Numbers) -> Numbers:
        """Return how many shops are watched and standing just before each of ``ages``."""
        found = np.zeros(len(ages))
        if not len(self.ages):
            return found
        last = np.searchsorted(self.ages, ages, side="right") - 1
        inside = last >= 0
        ended = np.where(self.ages[last] < ages, self.ended[last], 0.0)
        found[inside] = (self.at_risk[last] - ended)[inside]
        return found


@dataclass(frozen=True)
class Estimate:
    """A figure with its variance and 95 % interval; nan where nobody was watched so long."""

    value: float
    variance: float
    low: float
    high: float
    at_risk: int


@dataclass(frozen=True)
class Difference:
    """First group less second group. Not distinguishable when the interval holds 0."""

    value: float
    low: float
    high: float

    @property
    def distinguishable(self) -> bool:
        """Whether the interval leaves 0 out; False when it is not known."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class LogRank:
    """A log-rank test over all groups, with observed and expected closures of each."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    observed: dict[str, float]
    expected: dict[str, float]


def risk_table(durations: pd.DataFrame) -> RiskTable:
    """Return the risk sets of one group's rows of ``survival/durations``."""
    end = durations["duration_days"].to_numpy(dtype=np.float64)
    entry = durations["entry_days"].to_numpy(dtype=np.float64)
    events = durations["events"].to_numpy(dtype=np.float64)
    shops = events + durations["censored"].to_numpy(dtype=np.float64)
    moved = durations["moved"].to_numpy(dtype=np.float64)
    ages = np.unique(np.concatenate([end, entry]))
    at_end, at_entry = np.searchsorted(ages, end), np.searchsorted(ages, entry)
    size = len(ages)
    ended = _counted(at_end, shops, size)
    entered = _counted(at_entry, shops, size)
    at_risk = np.cumsum(entered) - np.cumsum(ended) + ended
    exposed = at_risk - entered
    exposed[:1] = at_risk[:1]
    closed, gone = _counted(at_end, events, size), _counted(at_end, moved, size)
    return RiskTable(ages, at_risk, exposed, closed, gone, ended)


def survival_at(durations: pd.DataFrame | RiskTable, age: float) -> Estimate:
    """Return S(age) of one group: Kaplan–Meier, Greenwood variance, log–log interval.

    Args:
        durations: rows of ``survival/durations``, or their risk sets where several ages are asked.
        age: days since opening.

    S(t) = Π (1 − dᵢ/nᵢ) over ages up to t (Kaplan & Meier 1958); Var = S² Σ dᵢ/(nᵢ(nᵢ−dᵢ))
    (Greenwood 1926); interval S^exp(±z·θ), θ = √(Σ dᵢ/(nᵢ(nᵢ−dᵢ))) / ln S
    (Kalbfleisch & Prentice 1980).
    """
    table = durations if isinstance(durations, RiskTable) else risk_table(durations)
    at_risk = table.at_risk_at(age)
    upto = table.ages <= age
    survival = float(np.prod(1 - _share(table.events[upto], table.exposed[upto])))
    if at_risk == 0 and survival > 0:
        return _unknown()
    if survival == 0 or survival == 1:
        return Estimate(survival, 0.0, survival, survival, at_risk)
    greenwood = float(_greenwood(table)[upto].sum())
    theta = math.sqrt(greenwood) / math.log(survival)
    return Estimate(
        survival,
        survival**2 * greenwood,
        survival ** math.exp(-Z * theta),
        survival ** math.exp(Z * theta),
        at_risk,
    )


def restricted_mean(durations: pd.DataFrame, until: float) -> Estimate:
    """Return the mean days a shop stands in its first ``until`` days: ∫₀^τ S.

    Var = Σ (∫_{tᵢ}^τ S)² dᵢ/(nᵢ(nᵢ−dᵢ)) over ages before τ, the interval value ± z·√Var
    (Klein & Moeschberger 2003, section 4.5). nan where nobody was watched until τ,
    unless all had closed before.
    """
    table = risk_table(durations)
    before = table.ages < until
    curve = np.cumprod(1 - _share(table.events[before], table.exposed[before]))
    at_risk = table.at_risk_at(until)
    if at_risk == 0 and (len(curve) == 0 or curve[-1] > 0):
        return _unknown()
    ages = table.ages[before]
    widths = np.diff(np.append(ages, until))
    areas = curve * widths
    first = float(ages[0]) if len(ages) else until
    value = first + float(areas.sum())
    remaining = np.cumsum(areas[::-1])[::-1]
    variance = float((remaining**2 * _greenwood(table)[before]).sum())
    margin = Z * math.sqrt(variance)
    return Estimate(value, variance, value - margin, value + margin, at_risk)


def difference(first: Estimate, second: Estimate) -> Difference:
    """Return ``first`` − ``second`` of independent groups, ± z·√(Var₁ + Var₂)."""
    value = first.value - second.value
    margin = Z * math.sqrt(first.variance + second.variance)
    return Difference(value, value - margin, value + margin)


def log_rank(durations: pd.DataFrame) -> LogRank:
    """Test whether the groups of ``survival/durations`` share one survival curve.

    At each age, of d closures among n at risk, group j expects d·nⱼ/n; covariance
    d(n−d)/(n−1) · (nⱼ/n)(δⱼₖ − nₖ/n). The statistic (O−E)ᵀV⁻(O−E) has χ² with groups − 1
    degrees of freedom (Mantel 1966; Peto & Peto 1972). Groups must not share shops.
    """
    names = [str(key) for key in durations["group_key"].unique()]
    tables = [risk_table(part) for _, part in durations.groupby("group_key", sort=False)]
    ages = np.unique(np.concatenate([t.ages[t.events > 0] for t in tables] or [np.empty(0)]))
    at_risk = np.array([_exposed_at(t, ages) for t in tables])
    events = np.array([_events_at(t, ages) for t in tables])
    if len(names) < 2 or len(ages) == 0:
        nothing = dict.fromkeys(names, 0.0)
        return LogRank(math.nan, max(len(names) - 1, 0), math.nan, nothing, dict(nothing))
    total, closed = at_risk.sum(axis=0), events.sum(axis=0)
    share = _ratio(at_risk, np.broadcast_to(total, at_risk.shape))
    expected = (share * closed).sum(axis=1)
    weight = closed * _ratio(total - closed, total - 1)
    covariance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    excess = events.sum(axis=1) - expected
    # the groups' excesses sum to 0, so one eigenvalue is 0 up to rounding
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    statistic = float(excess @ inverse @ excess)
    return LogRank(
        statistic,
        len(names) - 1,
        float(chdtrc(len(names) - 1, statistic)),
        dict(zip(names, events.sum(axis=1).tolist(), strict=True)),
        dict(zip(names, expected.tolist(), strict=True)),
    )


def aalen_johansen(durations: pd.DataFrame) -> pd.DataFrame:
    """Return the share of one group's shops that has closed, and moved away, by each age.

    F_k(t) = Σ S(tᵢ₋)·d_kᵢ/nᵢ with S counting both exits (Aalen & Johansen 1978). Closing
    and moving compete: 1 − Kaplan–Meier would overstate closing. Columns: age_days,
    at_risk, closed, moved, standing.
    """
    table = risk_table(durations)
    standing = np.cumprod(1 - _share(table.events + table.moved, table.exposed))
    before = np.concatenate([np.ones(1), standing[:-1]]) if len(standing) else standing
    return pd.DataFrame(
        {
            "age_days": table.ages,
            "at_risk": table.at_risk,
            "closed": np.cumsum(before * _share(table.events, table.exposed)),
            "moved": np.cumsum(before * _share(table.moved, table.exposed)),
            "standing": standing,
        }
    )


def _greenwood(table: RiskTable) -> Numbers:
    # 0 where all at risk close: the curve is 0 from there and has no variance
    rest = np.maximum(table.exposed - table.events, 0)
    return _ratio(table.events, table.exposed * rest)


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _share(exits: Numbers, exposed: Numbers) -> Numbers:
    # an exit of which nobody was exposed tells nothing
    return np.where(exits > exposed, 0.0, _ratio(exits, exposed))


def _counted(at: NDArray[np.intp], weights: Numbers, size: int) -> Numbers:
    return np.bincount(at, weights=weights, minlength=size).astype(np.float64)


def _events_at(table: RiskTable, ages: Numbers) -> Numbers:
    at = np.searchsorted(table.ages, ages)
    inside = at < len(table.ages)
    found = np.zeros(len(ages))
    found[inside] = np.where(table.ages[at[inside]] == ages[inside], table.events[at[inside]], 0.0)
    return found


def _exposed_at(table: RiskTable, ages: Numbers) -> Numbers:
    last = np.searchsorted(table.ages, ages, side="right") - 1
    inside = last >= 0
    at = np.maximum(last, 0)
    here = table.ages[at] == ages
    return np.where(inside, np.where(here, table.exposed[at], (table.at_risk - table.ended)[at]), 0)


def _unknown() -> Estimate:
    return Estimate(math.nan, math.nan, math.nan, math.nan, 0)
