"""What a filter change costs on the server, beside an empty page under plain ``streamlit run``.

Both are asked over the websocket, as a browser does: the time from the message that
changes a filter to the message that says the script has finished, and the bytes between.
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
PAGES = ("overview", "openings", "survival", "sales", "footfall", "about")
EMPTY = "import streamlit as st\nst.multiselect('x', ['a', 'b', 'c'], key='dong')\n"
CHANGES = 30
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
CHOICES = list(combinations(DONGS, 2))


@dataclass
class Visit:
    """What one page cost."""

    first_bytes: int
    change_bytes: int
    seconds: list[float]


@contextmanager
def serving(command: list[str], cwd: Path, data: str | None) -> Iterator[int]:
    """Run a server on a free port until it answers; end it afterwards."""
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
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


async def visit(port: int, page: str, changes: int = CHANGES) -> Visit:
    """Open a page, then change the neighbourhood again and again."""
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=2**28) as socket_:
        hello = BackMsg()
        hello.rerun_script.query_string = ""
        hello.rerun_script.page_name = page
        hello.rerun_script.context_info.color_scheme = "light"
        seen: set[str] = set()
        first_bytes, widget, page_hash = await _ask(socket_, hello, seen)
        seconds, sizes = [], []
        for number in range(changes + 3):
            change = BackMsg()
            change.rerun_script.page_script_hash = page_hash
            change.rerun_script.page_name = page
            change.rerun_script.cached_message_hashes.extend(seen)
            change.rerun_script.context_info.color_scheme = "light"
            state = change.rerun_script.widget_states.widgets.add()
            state.id = widget or "none"
            state.string_array_value.data.extend(
                CHOICES[number % len(CHOICES)] if page else "abc"[number % 3]
            )
            start = time.perf_counter()
            size, _, _ = await _ask(socket_, change, seen)
            if number >= 3:
                seconds.append(time.perf_counter() - start)
                sizes.append(size)
        return Visit(first_bytes, max(sizes), seconds)


async def _ask(
    socket_: websockets.ClientConnection, message: BackMsg, seen: set[str]
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
            if "dong" in candidate.id:
                widget = candidate.id
        elif kind == "script_finished":
            return size, widget, page_hash


def measure(data: str | None) -> list[tuple[str, Visit]]:
    """Return the visits of an empty page under ``streamlit run`` and of each page of ours."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "empty.py").write_text(EMPTY, encoding="utf-8")
        plain = [sys.executable, "-m", "streamlit", "run", "empty.py", "--server.headless=true"]
        plain += ["--server.port=PORT", "--browser.gatherUsageStats=false"]
        with serving(plain, Path(folder), None) as port:
            asyncio.run(visit(port, "", 3))
            found.append(("empty page, streamlit run", asyncio.run(visit(port, ""))))
    ours = [sys.executable, "-m", "commerce", "serve", "--port", "PORT"]
    with serving(ours, ROOT, data) as port:
        for page in PAGES:
            found.append((page, asyncio.run(visit(port, page))))
    return found


def main() -> None:
    """Measure and print medians, bytes and ratios to the empty page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a data folder; else the demo")
    given = parser.parse_args()
    visits = measure(given.data)
    base = statistics.median(visits[0][1].seconds)
    print(f"{'page':28} {'median ms':>10} {'ratio':>7} {'first KB':>9} {'change KB':>10}")
    for name, cost in visits:
        median = statistics.median(cost.seconds)
        print(
            f"{name:28} {median * 1000:10.1f} {median / base:7.2f}"
            f" {cost.first_bytes / 1000:9.0f} {cost.change_bytes / 1000:10.0f}"
        )


if __name__ == "__main__":
    main()
