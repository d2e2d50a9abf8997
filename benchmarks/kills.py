"""Kills runs of ingest and publish at random moments, 200 of them, and counts what is served after.

Run ``python -m benchmarks.kills [KILLS] [SEED]``. Each kill is SIGKILL, half of them at a random
moment and half before a random step on files; after each a whole snapshot must be served, old or
new, and the next ingest must succeed, else the script stops with what it met. There is no peer:
the figure to hold it against is 0 damaged.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.publishing.kills import kill_side_by_side  # noqa: E402


def main(kills: int, seed: int) -> None:
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        seen = kill_side_by_side(Path(folder), kills, seed, colds=kills // 10)
    print(f"{kills} runs, {seen['killed']} of them killed before they ended, seed {seed}")
    print(f"served after: the old data {seen['old']}, the new data {seen['new']}, damaged 0")
    print(f"the next ingest succeeded {kills} times; {time.perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [200, 20261125][len(numbers) :]))
