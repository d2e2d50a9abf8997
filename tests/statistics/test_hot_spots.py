"""Hot spots: full enumeration, the formula written out, and SciPy agree with them."""

from __future__ import annotations

import itertools
import math

import h3
import numpy as np
import pytest
from scipy.stats import false_discovery_control

from commerce import hot_spots

CENTRE = h3.latlng_to_cell(35.19, 126.82, 9)


def line(length: int) -> list[str]:
    """Return cells in a row, so that each has at most two neighbours."""
    end = h3.grid_ring(CENTRE, length)[0]
    return h3.grid_path_cells(CENTRE, end)[:length]


def test_neighbours_are_those_that_touch() -> None:
    cells = [*h3.grid_disk(CENTRE, 1), h3.grid_ring(CENTRE, 5)[0]]
    near = hot_spots.neighbours(cells)
    assert len(near[cells.index(CENTRE)]) == 6
    assert len(near[-1]) == 0
    with pytest.raises(ValueError, match="different"):
        hot_spots.neighbours([CENTRE, CENTRE])


def test_scores_are_the_formula() -> None:
    rng = np.random.default_rng(1)
    cells = list(h3.grid_disk(CENTRE, 3))
    x = rng.normal(size=len(cells))
    near = hot_spots.neighbours(cells)
    n, mean = len(x), sum(x) / len(x)
    s = math.sqrt(sum(v * v for v in x) / n - mean**2)
    for i, score in enumerate(hot_spots.scores(x, near)):
        w = [1.0 if j == i or h3.are_neighbor_cells(cells[i], cells[j]) else 0.0 for j in range(n)]
        top = sum(a * b for a, b in zip(w, x, strict=True)) - mean * sum(w)
        bottom = s * math.sqrt((n * sum(a * a for a in w) - sum(w) ** 2) / (n - 1))
        assert score == pytest.approx(top / bottom, rel=1e-9)


def test_permutations_agree_with_dealing_every_hand() -> None:
    rng = np.random.default_rng(2)
    cells = line(32)
    x = rng.normal(size=len(cells))
    x[10:13] += 3
    found = hot_spots.find(cells, x, permutations=20_000)
    near = hot_spots.neighbours(cells)
    for i, others in enumerate(near):
        rest = np.delete(x, i)
        hands = [sum(hand) for hand in itertools.combinations(rest, len(others))]
        seen = x[others].sum()
        exact = 2 * min(
            np.mean([h >= seen - 1e-9 for h in hands]), np.mean([h <= seen + 1e-9 for h in hands])
        )
        # five standard errors of a share of 20,000 draws
        margin = 5 * 2 * math.sqrt(max(exact / 2 * (1 - exact / 2), 1e-4) / 20_000) + 1e-4
        assert abs(found.loc[i, "p"] - min(exact, 1)) < margin


def test_false_discovery_is_scipys() -> None:
    p = np.random.default_rng(3).uniform(size=200) ** 3
    assert np.allclose(hot_spots.false_discovery(p), false_discovery_control(p))


def test_a_cluster_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(4)
    cells = list(h3.grid_disk(CENTRE, 9))
    noise = rng.normal(size=len(cells))
    assert (hot_spots.find(cells, noise, 9_999)["spot"] == "").mean() > 0.98
    hot, cold = set(h3.grid_disk(CENTRE, 1)), set(h3.grid_disk(h3.grid_ring(CENTRE, 6)[0], 1))
    clustered = noise + np.array([4.0 * (c in hot) - 4.0 * (c in cold) for c in cells])
    found = hot_spots.find(cells, clustered, 9_999).set_index("h3_cell")["spot"]
    assert found[CENTRE] == "hot"
    assert found[h3.grid_ring(CENTRE, 6)[0]] == "cold"
    assert hot_spots.find(cells, clustered, 999).equals(hot_spots.find(cells, clustered, 999))


@pytest.mark.parametrize("values", [np.ones(40), np.arange(20.0)])
def test_too_few_or_equal_values_are_no_finding(values: np.ndarray) -> None:
    cells = line(len(values))
    found = hot_spots.find(cells, values, 99)
    assert found["p"].isna().all()
    assert (found["spot"] == "").all()
