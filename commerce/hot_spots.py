"""Hot and cold spots: H3 cells around which a value is higher or lower than chance would have it.

Getis–Ord Gi* (Ord and Getis 1995) over each cell and its direct neighbours, judged by
conditional permutations, with the false-discovery rate held at 5 % over all cells
(Benjamini and Hochberg 1995).
"""

from __future__ import annotations

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

PERMUTATIONS = 99_999
FALSE_DISCOVERIES = 0.05
#: After so many permutations a cell above ``_DOUBTFUL`` is let be: the control of false
#: discoveries calls nothing a spot whose p is above ``FALSE_DISCOVERIES``.
_FIRST, _DOUBTFUL = 9_999, 0.1
#: Fewer cells than this say nothing about chance.
FEWEST_CELLS = 30
_SEED = 20261031
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def find(
    cells: list[str], values: Floats, permutations: int = PERMUTATIONS, seed: int = _SEED
) -> pd.DataFrame:
    """Return where ``values`` cluster.

    Args:
        cells: n different H3 cells of one resolution.
        values: n values, such as closures minus expected closures.
        permutations: how often the values of all other cells are dealt anew.
        seed: of the permutations; the same seed gives the same result.

    Returns:
        n rows in the order of ``cells``: ``h3_cell``, ``value``, ``neighbours`` (direct
        neighbours among the cells), ``gi`` (Gi*, a standard score), ``p`` (two-sided, from
        the permutations), ``q`` (p after false-discovery control) and ``spot`` (``hot``,
        ``cold`` or empty). Below ``FEWEST_CELLS`` cells, or where all values are equal,
        ``gi``, ``p`` and ``q`` are nan.
    """
    x = np.asarray(values, dtype=np.float64)
    near = neighbours(cells)
    frame = pd.DataFrame(
        {"h3_cell": cells, "value": x, "neighbours": [len(n) for n in near]},
    )
    if len(cells) < FEWEST_CELLS or np.ptp(x) == 0:
        return frame.assign(gi=np.nan, p=np.nan, q=np.nan, spot="")
    p = _permuted(x, near, permutations, seed)
    q = false_discovery(p)
    gi = scores(x, near)
    spot = np.where(q <= FALSE_DISCOVERIES, np.where(gi > 0, "hot", "cold"), "")
    return frame.assign(gi=gi, p=p, q=q, spot=spot)


def neighbours(cells: list[str]) -> list[Ints]:
    """Return for each cell the positions of its direct neighbours among ``cells``."""
    place = {cell: i for i, cell in enumerate(cells)}
    if len(place) != len(cells):
        raise ValueError("cells must be different")
    return [
        np.array(
            sorted(place[c] for c in h3.grid_disk(cell, 1) if c in place and c != cell),
            dtype=np.int64,
        )
        for cell in cells
    ]


def scores(x: Floats, near: list[Ints]) -> Floats:
    """Return Gi* of each cell, its own value included, with weights of 1.

    Gi* = (Σ x_j − W x̄) / (s √((n W − W²) / (n − 1))), W cells summed, s with divisor n
    (Ord and Getis 1995, equation 5).
    """
    n, mean, spread = len(x), x.mean(), x.std()
    weights = np.array([len(others) + 1 for others in near], dtype=np.float64)
    sums = np.array([x[i] + x[others].sum() for i, others in enumerate(near)])
    return np.asarray(
        (sums - weights * mean) / (spread * np.sqrt((n * weights - weights**2) / (n - 1)))
    )


def _permuted(x: Floats, near: list[Ints], permutations: int, seed: int) -> Floats:
    """Return two-sided p: the cell keeps its value, its neighbours are drawn from all others."""
    n, most = len(x), max(len(others) for others in near)
    rng = np.random.default_rng(seed)
    # One set of draws serves all cells, as is usual for conditional permutations.
    draws = _draw(rng, n - 1, most, permutations)
    p = np.ones(n)
    for i, others in enumerate(near):
        if not len(others):
            continue  # alone: nothing can be dealt anew
        rest, seen = np.delete(x, i), x[others].sum()
        p[i] = _tail(rest, seen, draws[: len(others), :_FIRST])
        if p[i] <= _DOUBTFUL:
            p[i] = _tail(rest, seen, draws[: len(others)])
    return p


def _tail(rest: Floats, seen: float, draws: Ints) -> float:
    """Return how often sums of ``rest`` are as far out as ``seen``, on both sides."""
    dealt = np.zeros(draws.shape[1])
    for column in draws:
        dealt += rest[column]
    above = int((dealt >= seen - 1e-9).sum())
    below = int((dealt <= seen + 1e-9).sum())
    return float(min(1.0, 2 * (min(above, below) + 1) / (draws.shape[1] + 1)))


def _draw(rng: np.random.Generator, n: int, size: int, times: int) -> Ints:
    """Return ``times`` columns of ``size`` different numbers below ``n``, each order as likely."""
    found = rng.integers(n, size=(size, times))
    again = np.arange(times)
    while len(again):  # a column in which a number repeats is drawn anew, as a whole
        ordered = np.sort(found[:, again], axis=0)
        again = again[(ordered[1:] == ordered[:-1]).any(axis=0)]
        found[:, again] = rng.integers(n, size=(size, len(again)))
    return found


def false_discovery(p: Floats) -> Floats:
    """Return p adjusted for the number of tests (Benjamini and Hochberg 1995)."""
    n = len(p)
    order = np.argsort(p)
    raised = p[order] * n / np.arange(1, n + 1)
    q = np.empty(n)
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q
