"""One, ten and fifty people at once, each changing a filter again and again, while data is published.

All are served as ``make run`` serves them; the peer is an **empty** page under plain
``streamlit run``. Each change asks for another pair of neighbourhoods, as people do, and
waits until the page is whole. In the middle of the last round the served snapshot is
switched, so that everything has to be opened and asked anew. Run it with
``python -m benchmarks.crowd [--people 1,10,50] [--changes 6]``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.reruns import CHOICES, EMPTY, ROOT, serving
from commerce.snapshot import DEMO_DIR, switch

PAGES = ("overview", "openings", "survival", "sales", "footfall")
EMPTY_CHOICES = [("a",), ("b",), ("c",)]


@dataclass
class Reader:
    """Somebody with a page open, who changes its filter of neighbourhoods.

    Args:
        page: name of the page; empty for a script of one page.
        seconds: how long each change took.
        headlines: what the page said last in its large sentence, by change.
        troubles: what it showed instead of figures: errors and tracebacks.
    """

    page: str
    seconds: list[float] = field(default_factory=list)
    headlines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _widget: str = ""
    _hash: str = ""

    async def read(
        self, port: int, choices: Sequence[tuple[str, ...]], opened: asyncio.Event | None = None
    ) -> None:
        """Open the page, say so by ``opened``, then ask for each of ``choices`` in turn."""
        url = f"ws://127.0.0.1:{port}/_stcore/stream"
        async with websockets.connect(
            url,
            subprotocols=["streamlit"],
            max_size=2**28,
            open_timeout=120,
            ping_interval=None,
        ) as socket:
            await self._ask(socket, self._message())
            if opened is not None:
                opened.set()
            for choice in choices:
                change = self._message()
                change.rerun_script.page_script_hash = self._hash
                change.rerun_script.cached_message_hashes.extend(self._seen)
                state = change.rerun_script.widget_states.widgets.add()
                state.id = self._widget
                state.string_array_value.data.extend(choice)
                start = time.perf_counter()
                await self._ask(socket, change)
                self.seconds.append(time.perf_counter() - start)

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.context_info.color_scheme = "light"
        return message

    async def _ask(self, socket: websockets.ClientConnection, message: BackMsg) -> None:
        await socket.send(message.SerializeToString())
        headline = ""
        while True:
            raw = await socket.recv()
            answer = ForwardMsg()
            answer.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = answer.WhichOneof("type")
            if answer.metadata.cacheable:
                self._seen.add(answer.hash)
            if kind == "new_session":
                self._hash = answer.new_session.page_script_hash
            elif kind == "navigation":
                self._hash = answer.navigation.page_script_hash
            elif kind == "delta":
                headline = self._take(answer) or headline
            elif kind == "script_finished":
                self.headlines.append(headline)
                return

    def _take(self, answer: ForwardMsg) -> str:
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "multiselect" and "dong" in element.multiselect.id:
            self._widget = element.multiselect.id
        elif kind == "exception":
            self.troubles.append(element.exception.message)
        elif kind == "alert":
            self.troubles.append(element.alert.body)
        elif kind == "html" and 'class="headline"' in element.html.body:
            return str(element.html.body)
        return ""


async def crowd(
    port: int,
    pages: tuple[str, ...],
    people: int,
    changes: int,
    meanwhile: Callable[[], object],
    choices: Sequence[tuple[str, ...]] = CHOICES,
) -> list[Reader]:
    """Let ``people`` read at once; do ``meanwhile`` once, when the first has the page open.

    The change ``n`` of person ``who`` asks for choice ``7 * who + n``, begun again at the end.
    """
    readers = [Reader(pages[number % len(pages)]) for number in range(people)]
    opened = asyncio.Event()
    asked = [
        [choices[(7 * who + n) % len(choices)] for n in range(changes)] for who in range(people)
    ]
    # A group: who cannot read ends the wait of all.
    async with asyncio.TaskGroup() as group:
        for reader, pairs in zip(readers, asked, strict=True):
            group.create_task(reader.read(port, pairs, opened))
        await opened.wait()
        await asyncio.to_thread(meanwhile)
    return readers


def two_snapshots(folder: Path) -> Path:
    """Return a data folder with the demo under two names, the first of them served."""
    for name in ("1", "2"):
        shutil.copytree(DEMO_DIR, folder / name)
    os.utime(folder / "2" / "dataset.parquet")
    switch(folder, "1")
    return folder


def main() -> None:
    """Measure and print how long a change takes, and what memory the server takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", default="1,10,50")
    parser.add_argument("--changes", type=int, default=6)
    given = parser.parse_args()
    counts = [int(count) for count in given.people.split(",")]
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "empty.py").write_text(EMPTY, encoding="utf-8")
        plain = [sys.executable, "-m", "streamlit", "run", "empty.py", "--server.headless=true"]
        plain += ["--server.port=PORT", "--browser.gatherUsageStats=false"]
        ours = [sys.executable, "-m", "commerce", "serve", "--port", "PORT"]
        data = two_snapshots(folder / "data")
        print(f"{'served':28} {'people':>7} {'median ms':>10} {'95 % ms':>9} {'troubles':>9}")
        with serving(plain, folder, None) as (port, _):
            for people in counts:
                found = asyncio.run(
                    crowd(port, ("",), people, given.changes, lambda: None, EMPTY_CHOICES)
                )
                _print("empty page, streamlit run", found)
        with serving(ours, ROOT, str(data)) as (port, _):
            asyncio.run(crowd(port, PAGES, len(PAGES), 1, lambda: None))
            for people in counts:
                last = people == counts[-1]
                publish = (lambda: switch(data, "2")) if last else (lambda: None)
                found = asyncio.run(crowd(port, PAGES, people, given.changes, publish))
                _print("our pages" + (", data published" if last else ""), found)


def _print(served: str, readers: list[Reader]) -> None:
    seconds = sorted(second for reader in readers for second in reader.seconds)
    troubles = sum(len(reader.troubles) for reader in readers)
    print(
        f"{served:28} {len(readers):7} {statistics.median(seconds) * 1000:10.0f}"
        f" {seconds[int(len(seconds) * 0.95)] * 1000:9.0f} {troubles:9}",
        flush=True,
    )


if __name__ == "__main__":
    main()
