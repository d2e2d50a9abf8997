"""How long the queries take, beside a bare scan of their columns and beside pandas.

    python -m benchmarks.queries [--rows 25000,1000000] [--repeat 15]

Each size is a synthetic district, kept in the temporary folder between runs. A query is
asked anew each time (its result is not cached). The bare scan reads, from the very table
the query reads, every column that the query names and keeps the greatest value of each;
the lists of named areas are left out, since no query reads them unless one is asked for.
The pandas peer is ``benchmarks.pandas_peer``. All three are measured in turns, so that
they meet the same load; printed is the median, and beside the ratio of times that of
processor time (both cores), which other load on the machine moves less.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from benchmarks.pandas_peer import PandasPeer
from commerce.db import Database
from commerce.demo import write_demo
from commerce.queries import bind, load, names
from commerce.snapshot import Snapshot

DEMO_ROWS = 25_000
PERIOD = {"from_month": "2021-01", "to_month": "2025-12"}
ONE_DONG = "one dong"


class Taken(NamedTuple):
    """Milliseconds by the clock and of the processor."""

    clock: float
    processor: float


Question = tuple[str, dict[str, object], Callable[[PandasPeer], object]]


def questions(dong: str) -> dict[str, Question]:
    """Return what is asked of both: query, parameters, and the peer's method."""
    return {
        "monthly": ("openings/monthly", {}, lambda p: p.monthly()),
        f"monthly, {ONE_DONG}": (
            "openings/monthly",
            {"dong_codes": [dong]},
            lambda p: p.monthly([dong]),
        ),
        "closure rates by dong": (
            "openings/by_dong",
            dict(PERIOD),
            lambda p: p.rates("dong_code", "2021-01-01", "2026-01-01"),
        ),
        "closure rates by trade": (
            "openings/by_category",
            dict(PERIOD),
            lambda p: p.rates("category_id", "2021-01-01", "2026-01-01"),
        ),
        "survival curve": ("survival/curve", {}, lambda p: p.curve()),
        f"survival curve, {ONE_DONG}": (
            "survival/curve",
            {"dong_codes": [dong]},
            lambda p: p.curve([dong]),
        ),
        "milestones by dong": (
            "survival/milestones",
            {"group_by": "dong"},
            lambda p: p.milestones(),
        ),
        "cohorts": ("survival/cohort", {}, lambda p: p.cohort()),
        "headline": ("overview/headline", {}, lambda p: p.headline()),
    }


def snapshot(rows: int) -> Snapshot:
    """Return a synthetic district of about ``rows`` permits, written once."""
    folder = Path(tempfile.gettempdir()) / f"commerce-benchmark-{rows}"
    if not (folder / "dataset.parquet").is_file():
        folder.mkdir(exist_ok=True)
        write_demo(folder, scale=max(rows // DEMO_ROWS, 1))
    return Snapshot(folder, folder.name)


def scan_sql(database: Database, name: str) -> str | None:
    """Return a bare scan of the columns a query names, from the tables of permits it reads."""
    text = "\n".join(line.split("--")[0] for line in load(name).sql.splitlines())
    words = set(re.findall(r"[a-z_][a-z0-9_]*", text))
    scans = []
    for table in ("permit", "establishment"):
        if table not in words:
            continue
        found = database.cursor().execute(f"describe {table}").fetchall()
        columns = [row[0] for row in found if row[0] in words - {"trade_area_codes"}]
        if table == "establishment" and "permit" in words:
            columns = [c for c in columns if c in ("service_code", "service_name")]
        if not columns:  # its name is a word of another kind there
            continue
        scans.append(
            f"select {', '.join(f'max({c})::varchar as {c}' for c in columns)} from {table}"
        )
    return " union all by name ".join(scans) or None


def measure(tasks: dict[str, Callable[[], object]], repeat: int) -> dict[str, Taken]:
    """Return the median milliseconds of each task, asked in turns."""
    for task in tasks.values():
        task()
    taken: dict[str, list[Taken]] = {label: [] for label in tasks}
    for _ in range(repeat):
        for label, task in tasks.items():
            start, spent = time.perf_counter(), time.process_time()
            task()
            spent = time.process_time() - spent
            taken[label].append(Taken((time.perf_counter() - start) * 1000, spent * 1000))
    return {
        label: Taken(*(statistics.median(part) for part in zip(*times, strict=True)))
        for label, times in taken.items()
    }


def asked(database: Database, name: str, params: dict[str, object]) -> Callable[[], object]:
    query = load(name)
    values = bind(query, params)
    return lambda: database.execute(query, values)


def against_scans(database: Database, repeat: int) -> None:
    """Print every query beside a bare scan of its columns."""
    print(f"\n{'query':28}{'ms':>9}{'scan ms':>9}{'times':>8}{'cpu':>8}")
    ratios: dict[str, list[Taken]] = {"all": []}
    for name in names():
        scan = scan_sql(database, name)
        if scan is None:
            continue
        tasks = {
            "query": asked(database, name, {}),
            "scan": lambda sql=scan: database.cursor().execute(sql).fetchall(),
        }
        took = measure(tasks, repeat)
        ratio = _ratio(took["query"], took["scan"])
        for group in ("all", name.partition("/")[0]):
            ratios.setdefault(group, []).append(ratio)
        print(
            f"{name:28}{took['query'].clock:9.1f}{took['scan'].clock:9.1f}"
            f"{ratio.clock:8.1f}{ratio.processor:8.1f}"
        )
    wanted = [one for name in ("overview", "openings", "survival") for one in ratios[name]]
    for label, group in (("median", ratios["all"]), ("median of issue 2", wanted)):
        found = Taken(*(statistics.median(part) for part in zip(*group, strict=True)))
        print(f"{label:46}{found.clock:8.1f}{found.processor:8.1f}")
    print("wanted: each of issue 2 under 5 at 1 million")


def _ratio(one: Taken, other: Taken) -> Taken:
    return Taken(one.clock / other.clock, one.processor / other.processor)


def against_pandas(database: Database, repeat: int) -> None:
    """Print the main questions beside pandas with the table in memory."""
    cursor = database.cursor()
    peer = PandasPeer(
        cursor.execute(
            "select * exclude (service_code, authority_code, h3_9, h3_10, year_code, band_code,"
            " all_code, trade_area_codes, permit_id, site_id) replace ("
            "dong_code::varchar as dong_code, category_id::varchar as category_id,"
            " group_id::varchar as group_id) from permit"
        ).df(),
        cursor.execute("select dong_code, name_ko, name_en from dong").df(),
        cursor.execute("from poisson_limits").df(),
    )
    dong = peer.permit["dong_code"].mode()[0]
    print(f"\n{'question':28}{'ours ms':>9}{'pandas':>9}{'ours/pandas':>13}{'cpu':>8}")
    ratios = []
    for label, (name, params, method) in questions(dong).items():
        tasks = {
            "ours": asked(database, name, params),
            "pandas": lambda ask=method: ask(peer),
        }
        took = measure(tasks, repeat)
        ratio = _ratio(took["ours"], took["pandas"])
        ratios.append(ratio)
        print(
            f"{label:28}{took['ours'].clock:9.1f}{took['pandas'].clock:9.1f}"
            f"{ratio.clock:13.2f}{ratio.processor:8.2f}"
        )
    found = Taken(*(statistics.median(part) for part in zip(*ratios, strict=True)))
    print(f"{'median':46}{found.clock:13.2f}{found.processor:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="25000,1000000")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--no-scans", action="store_true", help="only the questions of pandas")
    options = parser.parse_args()
    print(
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, pandas {pd.__version__},"
        f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for rows in (int(part) for part in options.rows.split(",")):
        start = time.perf_counter()
        database = Database(snapshot(rows))
        opened = time.perf_counter() - start
        cursor = database.cursor()
        counted = cursor.execute("select count(*) from permit").fetchone()
        threads = cursor.execute("select current_setting('threads')").fetchone()
        assert counted is not None
        assert threads is not None
        print(f"\n== {counted[0]:,} permits, opened in {opened:.2f} s, {threads[0]} threads")
        if not options.no_scans:
            against_scans(database, options.repeat)
        against_pandas(database, options.repeat)


if __name__ == "__main__":
    main()
