"""Ingest of permits against a tuned pandas script that only reads, parses days and projects.

Run ``python -m benchmarks.ingest [ROWS] [ROUNDS]``. Each round runs both, one after the
other, each in a process of its own; the script prints medians, their ratio, peak
memory and versions, and processor time beside the clock, which other load on the machine
moves less. Ours also finds dongs and identities, keeps the ledger and writes the snapshot.
Publishing also fits the model of survival, which is no part of the comparison: its time
is taken apart and printed on a line of its own.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OURS = """
import json, resource, sys, time
from pathlib import Path
started = time.perf_counter()
import commerce.ingest.run as run
fit, fitted = run.write_model, [0.0, 0.0]
def timed(*arguments):
    start = time.perf_counter(), time.process_time()
    try:
        return fit(*arguments)
    finally:
        fitted[:] = time.perf_counter() - start[0], time.process_time() - start[1]
run.write_model = timed
from commerce.ingest import ingest
report = ingest([Path(sys.argv[1])], Path(sys.argv[2]), fresh=True)
spent = time.perf_counter() - started - fitted[0]
cpu = time.process_time() - fitted[1]
assert report.rows_in == report.rows_kept + report.rows_refused
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"seconds": spent, "cpu": cpu, "gib": peak, "rows": report.rows_in,
                  "fit": fitted[0], "fit_cpu": fitted[1]}))
"""
PANDAS = """
import json, resource, sys, time
started = time.perf_counter()
import pandas as pd
from pyproj import Transformer
columns = (
    "개방자치단체코드 관리번호 인허가일자 영업상태명 폐업일자 소재지면적 사업장명 업태구분명 "
    "데이터갱신시점 도로명주소 영업상태코드 좌표정보(X) 좌표정보(Y) 지번주소 최종수정시점"
).split()
frame = pd.read_csv(sys.argv[1], encoding="cp949", dtype=str, usecols=columns)
for name in ("인허가일자", "폐업일자"):
    frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce")
for name in ("데이터갱신시점", "최종수정시점"):
    frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d %H:%M:%S", errors="coerce")
x = pd.to_numeric(frame["좌표정보(X)"].str.strip(), errors="coerce").to_numpy()
y = pd.to_numeric(frame["좌표정보(Y)"].str.strip(), errors="coerce").to_numpy()
frame["lon"], frame["lat"] = Transformer.from_crs(5174, 4326, always_xy=True).transform(x, y)
spent = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"seconds": spent, "cpu": time.process_time(), "gib": peak, "rows": len(frame)}))
"""


def main(rows: int, rounds: int) -> None:
    from benchmarks.permits import write

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write(rows, folder / "식품_일반음식점.csv")
        print(f"{rows:,} permits, {file.stat().st_size / 2**20:,.0f} MiB of cp949, 39 columns")
        ours, peer = [], []
        for _ in range(rounds):
            ours.append(_run(OURS, str(file), str(folder / "data")))
            peer.append(_run(PANDAS, str(file)))
    for title, results in (
        ("ingest, without the fit", ours),
        ("pandas: read, days, project", peer),
    ):
        seconds = [result["seconds"] for result in results]
        peak = max(result["gib"] for result in results)
        print(
            f"{title:30s} median {statistics.median(seconds):6.2f} s"
            f"  ({min(seconds):.2f} to {max(seconds):.2f})"
            f"  processor {_median(results, 'cpu'):6.2f} s  peak {peak:.2f} GiB"
        )
    ratio = _median(ours, "seconds") / _median(peer, "seconds")
    processor = _median(ours, "cpu") / _median(peer, "cpu")
    print(f"ratio ingest / pandas          {ratio:.2f}  (at most 1; the aim is 0.5)")
    print(f"the same of processor time     {processor:.2f}")
    print(
        f"fitting the model of survival  {_median(ours, 'fit'):.2f} s,"
        f" processor {_median(ours, 'fit_cpu'):.2f} s; not in the ratio"
    )
    names = ("duckdb", "pyarrow", "pandas", "numpy", "pyproj", "shapely", "h3")
    print(", ".join(f"{name} {version(name)}" for name in names))
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")


def _median(results: list[dict[str, float]], name: str) -> float:
    return statistics.median(result[name] for result in results)


def _run(code: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 3,
    )
