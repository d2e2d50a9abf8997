"""Ingest of hourly footfall by dong, sex and age against pandas in chunks.

    python -m benchmarks.footfall [--rows 5000000] [--dongs 21,3500] [--full]

``--full`` takes 50 million rows (1.7 GB in the temporary folder). Ingest and both pandas
peers run in processes of their own, one after the other; printed are the seconds of each,
processor seconds, peak memory, ratios and versions. Both peers read a million rows at a
time and sum by month, weekday, hour, sex, age and dong. The usual one keeps codes as text,
as our tables do; the fastest that we could write takes numbers and categories, works out
each day once, sums without sorting, and looks for repeated rows by bits of days. Ours
also finds bad rows and dongs, hashes the file, keeps the ledger and writes the snapshot.

Where the nation was ingested too, the page's queries for the district's dongs are then asked
of its snapshot and of the district's alone, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import duckdb

from benchmarks.queries import asked, measure
from commerce.db import Database
from commerce.queries import load
from commerce.snapshot import resolve

ROOT = Path(__file__).resolve().parent.parent

PERIOD = {"from_month": "2024-01", "to_month": "2024-12"}
QUESTIONS = tuple(
    f"footfall/{name}" for name in ("headline", "monthly", "profile", "by_dong", "per_shop")
)

OURS = """
import json, resource, sys, time
from pathlib import Path
started = time.perf_counter()
from commerce.ingest import ingest
report = ingest([Path(sys.argv[1])], Path(sys.argv[2]), district=sys.argv[3] or None)
spent = time.perf_counter() - started
assert report.rows_in == report.rows_kept + report.rows_refused == int(sys.argv[4]), report
assert report.rows_refused == 0
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": spent, "cpu": used.ru_utime + used.ru_stime,
                  "gib": used.ru_maxrss / 2**20}))
"""
USUAL = """
import json, resource, sys, time
started = time.perf_counter()
import pandas as pd
keys = ["month", "weekday", "tmzon_se_code", "sexdstn_se_code", "agrde_se_code", "adstrd_code"]
codes = dict.fromkeys(keys[2:], str)
found = []
for chunk in pd.read_csv(sys.argv[1], dtype=codes, chunksize=1_000_000):
    day = pd.to_datetime(chunk["base_ymd"].astype(str), format="%Y%m%d")
    chunk["month"] = day.dt.year * 100 + day.dt.month
    chunk["weekday"] = day.dt.day_of_week
    assert chunk["popltn_cascnt"].ge(0).all()
    found.append(chunk.groupby(keys)["popltn_cascnt"].agg(["sum", "size"]))
    if len(found) == 8:
        found = [pd.concat(found).groupby(keys).sum()]
total = pd.concat(found).groupby(keys).sum()
spent = time.perf_counter() - started
assert total["size"].sum() == int(sys.argv[4])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": spent, "cpu": used.ru_utime + used.ru_stime,
                  "gib": used.ru_maxrss / 2**20}))
"""
FASTEST = """
import json, resource, sys, time
started = time.perf_counter()
import numpy as np
import pandas as pd
keys = ["month", "weekday", "tmzon_se_code", "sexdstn_se_code", "agrde_se_code", "adstrd_code"]
types = {
    "base_ymd": "int32", "tmzon_se_code": "int8", "adstrd_code": "int64",
    "sexdstn_se_code": pd.CategoricalDtype(["F", "M"]),
    "agrde_se_code": pd.CategoricalDtype([f"age_{n}0" for n in range(8)]),
    "popltn_cascnt": "float64",
}
sums = {"persons": ("popltn_cascnt", "sum"), "size": ("popltn_cascnt", "size"),
        "days": ("bit", "sum")}
found = []
for chunk in pd.read_csv(sys.argv[1], dtype=types, chunksize=1_000_000):
    number, days = pd.factorize(chunk["base_ymd"])
    day = pd.to_datetime(days.astype(str), format="%Y%m%d")
    chunk["month"] = (day.year * 100 + day.month).to_numpy()[number]
    chunk["weekday"] = day.day_of_week.to_numpy()[number]
    chunk["bit"] = (np.int64(1) << day.day.to_numpy().astype("int64"))[number]
    assert chunk["popltn_cascnt"].ge(0).all() and chunk[keys[3:5]].notna().all(axis=None)
    found.append(chunk.groupby(keys, observed=True, sort=False).agg(**sums))
    if len(found) == 8:
        found = [pd.concat(found).groupby(keys, observed=True, sort=False).sum()]
total = pd.concat(found).groupby(keys, observed=True, sort=False).sum()
# bits of days that repeat carry over: fewer are left than there are rows
assert np.bitwise_count(total["days"]).eq(total["size"]).all()
spent = time.perf_counter() - started
assert total["size"].sum() == int(sys.argv[4])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": spent, "cpu": used.ru_utime + used.ru_stime,
                  "gib": used.ru_maxrss / 2**20}))
"""


def write(rows: int, dongs: int, path: Path) -> int:
    """Write about so many rows: every dong, hour, sex and age of as many days as it takes."""
    per_day = dongs * 24 * 2 * 8
    days = max(1, rows // per_day)
    known = [
        row[0]
        for row in duckdb.execute(
            "select dong_code from read_parquet($file) order by 1",
            {"file": str(ROOT / "data" / "demo" / "dong.parquet")},
        ).fetchall()
    ]
    codes = [code[:8] for code in known[:dongs]]
    codes += [str(11000000 + 10 * n) for n in range(dongs - len(codes))]
    duckdb.execute(
        f"copy (select strftime(date '2024-01-01' + cast(d as integer), '%Y%m%d') as base_ymd, "
        "lpad(cast(h as varchar), 2, '0') as tmzon_se_code, s as sexdstn_se_code, "
        "'age_' || a || '0' as agrde_se_code, c as adstrd_code, "
        "round(5 + 400 * ((hash(d, h, s, a, c) % 1000) / 1000), 2) as popltn_cascnt "
        f"from range({days}) as days (d), range(24) as hours (h), unnest(['F', 'M']) as sexes (s), "
        "range(8) as ages (a), unnest($codes) as codes (c)) "
        f"to '{path}' (header)",
        {"codes": codes},
    )
    return days * per_day


def main() -> None:
    """Print the ingest of each number of dongs beside the peers, then the queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--dongs", default="21,3500")
    parser.add_argument("--full", action="store_true", help="50 million rows")
    given = parser.parse_args()
    sizes = [int(text) for text in given.dongs.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dongs in sizes:
            _ingest(50_000_000 if given.full else given.rows, dongs, folder)
        if len(sizes) == 2:
            _queries(*(folder / f"data-{dongs}" for dongs in sizes))
    names = ("duckdb", "pyarrow", "pandas", "numpy")
    print(", ".join(f"{name} {version(name)}" for name in names))
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")


def _ingest(rows: int, dongs: int, folder: Path) -> None:
    file = folder / "kt_footfall.csv"
    rows = write(rows, dongs, file)
    print(f"{rows:,} rows, {dongs:,} dongs, {file.stat().st_size / 2**20:,.0f} MiB")
    arguments = (str(file), str(folder / f"data-{dongs}"), "all" if dongs > 21 else "", str(rows))
    ours = _run("ingest", OURS, *arguments)
    usual = _run("pandas, codes as text", USUAL, *arguments)
    fastest = _run("pandas, fastest we could write", FASTEST, *arguments)
    print(f"pandas, codes as text / ingest   {usual / ours:.2f}  (at least 3)")
    print(f"pandas, fastest / ingest         {fastest / ours:.2f}", flush=True)
    file.unlink()


def _run(title: str, code: str, *arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result = json.loads(done.stdout)
    print(
        f"{title:30s} {result['seconds']:7.2f} s  {result['cpu']:7.2f} s of processors"
        f"  peak {result['gib']:.2f} GiB",
        flush=True,
    )
    return float(result["seconds"])


def _queries(district: Path, nation: Path) -> None:
    """Ask both snapshots for the dongs of the district, in turns; print medians."""
    alone, whole = Database(resolve(str(district))), Database(resolve(str(nation)))
    found = alone.cursor().execute("select distinct dong_code::varchar from visit").fetchall()
    codes = sorted(code for (code,) in found)
    print(f"{f'query, {len(codes)} dongs':30s} {'alone':>9} {'nation':>9}   ratio")
    for name in QUESTIONS:
        known = {field.name for field in load(name).parameters}
        params = {k: v for k, v in ({"dong_codes": codes} | PERIOD).items() if k in known}
        tasks = {"alone": asked(alone, name, params), "nation": asked(whole, name, params)}
        took = measure(tasks, 15)
        alone_ms, nation_ms = took["alone"].clock, took["nation"].clock
        ratio = nation_ms / alone_ms
        print(f"{name:30s} {alone_ms:6.1f} ms {nation_ms:6.1f} ms {ratio:7.2f}")


if __name__ == "__main__":
    main()
