"""From dropping a district's file of 25,000 permits to the changed figure on the overview.

Run ``python -m benchmarks.publishing [ROWS]``. A real browser drops the file on the page
*datasets* of an app of its own, waits for the dry run, publishes, and opens the overview;
the script prints what each step took. The goal is a minute in all.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.permits import write
from tests.browser.conftest import FLAGS
from tests.browser.install import chromium

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 600_000


def main(rows: int) -> None:
    """Publish a first file, serve it, and time a second one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = write(rows, folder / "식품_일반음식점.csv")
        command = [sys.executable, "-m", "commerce", "ingest", str(first)]
        subprocess.run([*command, "--data", str(folder / "data")], check=True, capture_output=True)
        second = _newer(first, folder / "식품_일반음식점_새로.csv")
        server, address = _serve(folder)
        try:
            _run(address, second, rows)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _newer(first: Path, target: Path) -> Path:
    """Write the file of the next day, in which every hundredth permit in business has closed."""
    header, *lines = first.read_text("cp949").splitlines()
    names = header.split(",")
    state, code, closed = (names.index(n) for n in ("영업상태명", "영업상태코드", "폐업일자"))
    standing, text = 0, io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for cells in csv.reader([header, *lines]):
        standing += cells[code] == "01"
        if cells[code] == "01" and standing % 100 == 0:
            cells[state], cells[code], cells[closed] = "폐업", "03", "2026-10-15"
        if cells[0] != names[0]:
            cells[names.index("데이터갱신시점")] = "2026-11-01 22:02:00"
        writer.writerow(cells)
    target.write_text(text.getvalue(), "cp949")
    return target


def _serve(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    state = {"COMMERCE_DATA": str(folder / "data"), "COMMERCE_STATE": str(folder / "state")}
    server = subprocess.Popen(
        [sys.executable, "-m", "commerce", "serve", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | state,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    return server, f"http://127.0.0.1:{port}"


def _run(address: str, file: Path, rows: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1200})
        page.goto(f"{address}/overview")
        before = _active(page)
        page.goto(f"{address}/datasets?datasets_view=new")
        page.get_by_test_id("stFileUploaderDropzone").wait_for(timeout=_PATIENCE)
        marks = [("", time.perf_counter())]
        page.locator("input[type=file]").set_input_files(str(file))
        page.get_by_text("파일 1개").wait_for(timeout=_PATIENCE)
        marks.append(("dropped and sent", time.perf_counter()))
        page.get_by_role("button", name="미리 보기").click()
        page.get_by_text("읽은 파일").wait_for(timeout=_PATIENCE)
        marks.append(("dry run", time.perf_counter()))
        reason = page.get_by_label("까닭 (꼭 적어야")
        page.get_by_label("왜 바꾸나").wait_for(timeout=_PATIENCE)
        if reason.count():
            reason.fill("benchmark")
        page.get_by_role("button", name=re.compile("공개$")).last.click()
        page.get_by_text("공개했습니다").wait_for(timeout=_PATIENCE)
        marks.append(("published", time.perf_counter()))
        page.get_by_role("link", name="개요에서 보기").click()
        page.wait_for_url(re.compile("overview|/$"), timeout=_PATIENCE)
        after = _active(page)
        marks.append(("figure on the overview", time.perf_counter()))
        browser.close()
    assert after != before, "the figure did not change"
    size = file.stat().st_size / 1e6
    print(f"{rows:,} permits ({size:.1f} MB), permits in business {before:,} -> {after:,}")
    for (_, start), (step, end) in itertools.pairwise(marks):
        print(f"  {step:<24} {end - start:6.1f} s")
    print(f"  {'in all':<24} {marks[-1][1] - marks[0][1]:6.1f} s   (goal: under 60 s)")


def _active(page: Page) -> int:
    metric = page.get_by_test_id("stMetricValue").first
    metric.wait_for(timeout=_PATIENCE)
    return int(re.sub(r"\D", "", metric.inner_text()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000)
