"""How long one site report's queries take, beside one bare scan of the columns they need.

    python -m benchmarks.site [--rows 25000,1000000] [--repeat 9] [--each]

The page *site* is run once by Streamlit's own test harness, for one place and one trade, and
what it asks of the database is written down. Then all of it is asked anew, one query after
the other on one cursor each (nothing is cached, nothing runs beside), in turns with one bare
scan: it reads each column that any of the queries names once, from the very table they read,
and keeps its greatest value. Printed are the medians. The page itself asks four at a time.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from benchmarks.queries import snapshot
from commerce.db import Database
from commerce.queries import Query

ROOT = Path(__file__).resolve().parent.parent
#: Wide and narrow: a lot in the busiest dong with a common trade, and a group of trades.
REPORTS: dict[str, Chosen] = {
    "cafe, 300 m": {"trade": ["cafe"], "radius": "300"},
    "restaurants, 500 m": {"trade": ["korean_food"], "radius": "500"},
}
#: What the queries read by another name, as in commerce/views.sql and commerce/place.sql.
_MACROS = {
    "permits_near": "permit lon lat distance_m",
    "is_within": "lon lat",
    "building_of": "site_id",
    "sales_cells": "sale series area_kind period_months area_code dong_code category_id group_id",
    "sales_scope": "sale series area_kind period_months period",
    "footfall_counts": "visit series area_kind period_months unit area_code dong_code",
    "footfall_scope": "visit series area_kind period_months unit period",
}
_LARGE = ("permit", "establishment", "sale", "visit")

#: What each page asks once per snapshot, and the index of the search box.
_SHARED = ("dong/", "area/", "category/", "data/", "sales/series", "footfall/series", "place/")

Asked = tuple[Query, dict[str, object]]
Chosen = dict[str, list[str] | str]
Took = tuple[float, float]


def queries_of(folder: Path, at: str, chosen: Chosen) -> list[Asked]:
    """Return the queries of the page *site* for the place ``at``, each once, as they were asked."""
    asked: dict[str, Asked] = {}
    execute = Database.execute

    def noting(self: Database, query: Query, values: dict[str, object]) -> object:
        asked.setdefault(f"{query.name} {values}", (query, values))
        return execute(self, query, values)

    os.environ["COMMERCE_DATA"] = str(folder)
    os.chdir(ROOT)
    with patch.object(Database, "execute", noting):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
        for key, value in {"at": at, **chosen}.items():
            app.query_params[key] = value
        app.run()
        asked.clear()  # the overview's own
        app.switch_page("pages/explore/site.py").run()
    assert not app.exception
    return [found for found in asked.values() if not found[0].name.startswith(_SHARED)]


def columns_of(database: Database, queries: list[Asked]) -> dict[str, set[str]]:
    """Return by table the columns that any of ``queries`` names."""
    needed: dict[str, set[str]] = {}
    for query, _ in queries:
        text = "\n".join(line.split("--")[0] for line in query.sql.splitlines())
        words = set(re.findall(r"[a-z_][a-z0-9_]*", text))
        words |= {word for name in words & set(_MACROS) for word in _MACROS[name].split()}
        for table in words & set(_LARGE):
            named = words
            if table == "establishment" and "permit" in words:
                named = set(re.findall(r"establishment\.([a-z_0-9]+)", text))
            rows = database.cursor().execute(f"describe {table}").fetchall()
            needed.setdefault(table, set()).update({row[0] for row in rows} & named)
    return needed


def scan_sql(needed: dict[str, set[str]]) -> str:
    """Return one bare scan of the columns in ``needed``."""
    return " union all by name ".join(
        f"select {', '.join(f'max({c})::varchar as {c}' for c in sorted(columns))} from {table}"
        for table, columns in sorted(needed.items())
        if columns
    )


def measure(tasks: Mapping[str, Callable[[], object]], repeat: int) -> dict[str, Took]:
    """Return the median milliseconds of each task, by the clock and of processors, in turns."""
    for task in tasks.values():
        task()
    taken: dict[str, list[Took]] = {label: [] for label in tasks}
    for _ in range(repeat):
        for label, task in tasks.items():
            clock, work = time.perf_counter(), time.process_time()
            task()
            taken[label].append(
                ((time.perf_counter() - clock) * 1000, (time.process_time() - work) * 1000)
            )
    return {
        label: (statistics.median(t[0] for t in times), statistics.median(t[1] for t in times))
        for label, times in taken.items()
    }


def report(database: Database, label: str, chosen: Chosen, repeat: int, is_each: bool) -> None:
    """Print what one report's queries cost, and where ``is_each`` each of them."""
    place = database.run("site/examples").iloc[0]
    queries = queries_of(database.snapshot.path, f"site:{place['site_id']}", chosen)
    scan = scan_sql(columns_of(database, queries))
    asks: dict[str, Callable[[], object]] = {
        f"{number:02} {query.name}": partial(database.execute, query, values)
        for number, (query, values) in enumerate(queries)
    }

    def everything() -> None:
        for ask in asks.values():
            ask()

    took = measure(
        {"report": everything, "scan": lambda: database.cursor().execute(scan).fetchall()}, repeat
    )
    (clock, work), (scan_clock, scan_work) = took["report"], took["scan"]
    print(
        f"{label:24}{len(queries):8}{clock:11.1f}{scan_clock:10.1f}{clock / scan_clock:8.1f}"
        f"{work:11.1f}{scan_work:10.1f}{work / scan_work:8.1f}   wanted: under 10 at 1 million"
    )
    if is_each:
        for name, (clock, work) in sorted(measure(asks, repeat).items(), key=lambda r: -r[1][1]):
            print(f"    {name:28}{clock:11.1f}{'':18}{work:11.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="25000,1000000")
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--each", action="store_true", help="print each query, too")
    given = parser.parse_args()
    for rows in (int(part) for part in given.rows.split(",")):
        database = Database(snapshot(rows))
        counted = database.cursor().execute("select count(*) from permit").fetchone()
        assert counted is not None
        print(f"\n== {counted[0]:,} permits, load {os.getloadavg()[0]:.1f}")
        columns = f"{'ms':>11}{'scan ms':>10}{'times':>8}"
        print(f"{'report':24}{'queries':>8}{columns}{columns.replace('ms', 'CPU ms')}")
        for label, chosen in REPORTS.items():
            report(database, label, chosen, given.repeat, given.each)


if __name__ == "__main__":
    main()
