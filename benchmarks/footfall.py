"""Ingest of hourly footfall by dong, sex and age against pandas in chunks.

Run ``python benchmarks/footfall.py [ROWS] [DONGS]``; 50 million rows and 21 dongs unless
told, 3,500 dongs for the nation. Both run in processes of their own, one after the other;
the script prints the seconds of each, their ratio, peak memory and versions. pandas sums by
month, weekday, hour, sex, age and dong in chunks of a million rows, codes as text; ours also
looks for slips and repeated rows, finds the dongs, hashes the file, keeps the ledger and
writes the snapshot.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent

OURS = """
import json, resource, sys, time
from pathlib import Path
started = time.perf_counter()
from commerce.ingest import ingest
report = ingest([Path(sys.argv[1])], Path(sys.argv[2]), district=sys.argv[3] or None)
spent = time.perf_counter() - started
assert report.rows_in == report.rows_kept + report.rows_refused == int(sys.argv[4]), report
assert report.rows_refused == 0
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"seconds": spent, "gib": peak}))
"""
PANDAS = """
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
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"seconds": spent, "gib": peak}))
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


def main(rows: int, dongs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "kt_footfall.csv"
        rows = write(rows, dongs, file)
        print(f"{rows:,} rows, {dongs:,} dongs, {file.stat().st_size / 2**20:,.0f} MiB")
        district = "all" if dongs > 21 else ""
        arguments = (str(file), str(folder / "data"), district, str(rows))
        ours = _run("ingest", OURS, *arguments)
        peer = _run("pandas: read, sum", PANDAS, *arguments)
    print(f"pandas / ingest                {peer / ours:.2f}  (at least 3)")
    names = ("duckdb", "pyarrow", "pandas", "numpy")
    print(", ".join(f"{name} {version(name)}" for name in names))
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")


def _run(title: str, code: str, *arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result = json.loads(done.stdout)
    print(f"{title:30s} {result['seconds']:7.2f} s  peak {result['gib']:.2f} GiB", flush=True)
    return float(result["seconds"])


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 21,
    )
