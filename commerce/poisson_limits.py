"""Writes ``data/reference/poisson_limits.csv``: exact limits of a Poisson count (Garwood).

Queries join this table to give each rate its interval, since SQL has no chi-square
quantile. For D events the 95 % limits of the expected count are
χ²(α/2; 2D)/2 and χ²(1 − α/2; 2D + 2)/2 (Garwood 1936; lower is 0 for D = 0).

Run ``python -m commerce.poisson_limits`` to write it anew; it needs scipy.
"""

from __future__ import annotations

from pathlib import Path

LAST_COUNT = 10_000
ALPHA = 0.05
TARGET = Path(__file__).resolve().parent.parent / "data" / "reference" / "poisson_limits.csv"


def limits(events: int) -> tuple[float, float]:
    """Return the exact 95 % limits of the expected count after ``events`` events."""
    from scipy.stats import chi2

    lower = float(chi2.ppf(ALPHA / 2, 2 * events)) / 2 if events else 0.0
    upper = float(chi2.isf(ALPHA / 2, 2 * events + 2)) / 2
    return lower, upper


def write(target: Path = TARGET) -> None:
    """Write the table for 0 to ``LAST_COUNT`` events, each limit at full double precision."""
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.write("events,lower,upper\n")
        for events in range(LAST_COUNT + 1):
            lower, upper = limits(events)
            file.write(f"{events},{lower!r},{upper!r}\n")


if __name__ == "__main__":
    write()
