"""What a filter change costs on the server, beside an empty page under plain ``streamlit run``.

Both are asked over the websocket, as a browser does: the time from the message that
changes a filter to the message that says the script has finished, the bytes between, and
the processor time that the server spent, which other load on the machine moves less.
The pages are visited in turns, a few changes each, so that all meet the same load.
Run it with ``python -m benchmarks.reruns [--data DIR]``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parent.parent
EMPTY = "import streamlit as st\nst.multiselect('x', ['a', 'b', 'c'], key='dong')\n"
ROUNDS = 5
CHANGES = 6
# Pairs of these: every change asks what nobody asked before, so no result is cached.
DONGS = [
    "수완동",
    "첨단1동",
    "첨단2동",
    "신창동",
    "운남동",
    "우산동",
    "하남동",
    "월곡1동",
    "도산동",
]
TRADES = ["korean_food", "meat_grill", "chicken", "cafe", "bakery", "pub", "hair_salon", "pharmacy"]
CHOICES = list(combinations(DONGS, 2))


@dataclass(frozen=True)
class Page:
    """A page and what is changed on it: pairs of ``choices`` in the multiselect ``widget``."""

    name: str
    widget: str = "dong"
    choices: tuple[tuple[str, ...], ...] = tuple(CHOICES)
    query: str = ""


PAGES = (
    Page("overview"),
    Page("openings"),
    Page("survival"),
    Page("sales"),
    Page("footfall"),
    Page("site", "trade", tuple(combinations(TRADES, 2)), "at=at:126.82350,35.19050"),
    Page("about"),
)
EMPTY_PAGE = Page("", choices=tuple(("abc"[n % 3],) for n in range(36)))


@dataclass
class Visit:
    """What changes of one page cost."""

    first_bytes: int
    change_bytes: int
    seconds: list[float]
    processor: list[float]


@contextmanager
def serving(command: list[str], cwd: Path, data: str | None) -> Iterator[tuple[int, int]]:
    """Run a server until it answers, and end it afterwards; its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | ({"COMMERCE_DATA": data} if data else {})
    filled = [part.replace("PORT", str(port)) for part in command]
    server = subprocess.Popen(
        filled, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has spent so far; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def visit(port: int, pid: int, page: Page, turn: int) -> Visit:
    """Open a page, then change its filter a few times, each time to what nobody asked before."""
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=2**28) as socket_:
        hello = BackMsg()
        hello.rerun_script.query_string = page.query
        hello.rerun_script.page_name = page.name
        hello.rerun_script.context_info.color_scheme = "light"
        seen: set[str] = set()
        first_bytes, widget, page_hash = await _ask(socket_, hello, seen, page.widget)
        seconds, sizes = [], []
        spent = processor_seconds(pid)
        for number in range(turn * CHANGES, (turn + 1) * CHANGES):
            change = BackMsg()
            change.rerun_script.query_string = page.query
            change.rerun_script.page_script_hash = page_hash
            change.rerun_script.page_name = page.name
            change.rerun_script.cached_message_hashes.extend(seen)
            change.rerun_script.context_info.color_scheme = "light"
            if widget:
                state = change.rerun_script.widget_states.widgets.add()
                state.id = widget
                state.string_array_value.data.extend(page.choices[number % len(page.choices)])
            start = time.perf_counter()
            size, _, _ = await _ask(socket_, change, seen, page.widget)
            seconds.append(time.perf_counter() - start)
            sizes.append(size)
        spent = processor_seconds(pid) - spent
        return Visit(first_bytes, max(sizes), seconds, [spent / CHANGES])


async def _ask(
    socket_: websockets.ClientConnection, message: BackMsg, seen: set[str], key: str
) -> tuple[int, str, str]:
    """Send a message; return bytes received, the id of the filter and the page's hash.

    ``seen`` gathers what a browser keeps: such messages are not sent again.
    """
    await socket_.send(message.SerializeToString())
    size, widget, page_hash = 0, "", ""
    while True:
        raw = await socket_.recv()
        size += len(raw)
        answer = ForwardMsg()
        answer.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
        kind = answer.WhichOneof("type")
        if answer.metadata.cacheable:
            seen.add(answer.hash)
        if kind == "new_session":
            page_hash = answer.new_session.page_script_hash
        elif kind == "navigation":
            page_hash = answer.navigation.page_script_hash
        elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "multiselect":
            candidate = answer.delta.new_element.multiselect
            if key in candidate.id:
                widget = candidate.id
        elif kind == "script_finished":
            return size, widget, page_hash


def measure(data: str | None) -> list[tuple[str, Visit]]:
    """Return the visits of an empty page under ``streamlit run`` and of each page of ours."""
    visits: dict[str, list[Visit]] = {}
    ours = [sys.executable, "-m", "commerce", "serve", "--port", "PORT"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "empty.py").write_text(EMPTY, encoding="utf-8")
        plain = [sys.executable, "-m", "streamlit", "run", "empty.py", "--server.headless=true"]
        plain += ["--server.port=PORT", "--browser.gatherUsageStats=false"]
        with serving(plain, Path(folder), None) as empty, serving(ours, ROOT, data) as full:
            for turn in range(-1, ROUNDS):  # the first turn warms the servers and is not counted
                found = {"empty page, streamlit run": _visit(empty, EMPTY_PAGE, turn)}
                found |= {page.name: _visit(full, page, turn) for page in PAGES}
                for name, cost in found.items() if turn >= 0 else ():
                    visits.setdefault(name, []).append(cost)
    return [(name, _together(costs)) for name, costs in visits.items()]


def _visit(server: tuple[int, int], page: Page, turn: int) -> Visit:
    return asyncio.run(visit(*server, page, turn % (ROUNDS + 1)))


def _together(costs: list[Visit]) -> Visit:
    return Visit(
        max(cost.first_bytes for cost in costs),
        max(cost.change_bytes for cost in costs),
        [one for cost in costs for one in cost.seconds],
        [one for cost in costs for one in cost.processor],
    )


def main() -> None:
    """Measure and print medians, bytes and ratios to the empty page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a data folder; else the demo")
    given = parser.parse_args()
    visits = measure(given.data)
    base = statistics.median(visits[0][1].seconds)
    base_processor = statistics.median(visits[0][1].processor)
    print(f"load {os.getloadavg()[0]:.1f}; wanted: ratio at most 1")
    print(
        f"{'page':28} {'median ms':>10} {'ratio':>7} {'cpu ms':>7} {'ratio':>7}"
        f" {'first KB':>9} {'change KB':>10}"
    )
    for name, cost in visits:
        median = statistics.median(cost.seconds)
        processor = statistics.median(cost.processor)
        print(
            f"{name:28} {median * 1000:10.1f} {median / base:7.2f}"
            f" {processor * 1000:7.0f} {processor / base_processor:7.2f}"
            f" {cost.first_bytes / 1000:9.0f} {cost.change_bytes / 1000:10.0f}"
        )


if __name__ == "__main__":
    main()
