"""All benchmarks, one after the other: ``make bench``."""

import subprocess
import sys

BENCHMARKS = (
    "ingest",
    "footfall",
    "queries",
    "site",
    "reruns",
    "crowd",
    "search",
    "workbench",
    "kills",
    "publishing",
)


def main() -> None:
    """Run each benchmark in a process of its own, so that none warms another."""
    for name in BENCHMARKS:
        print(f"\n== benchmarks.{name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
