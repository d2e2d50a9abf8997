"""How much slower the public pages get while two people run heavy queries in the workbench.

Visitors change filters over the websocket, as in ``benchmarks.reruns``; two members of staff
open the workbench of the same server, press Run, and press it again whenever a query ends.
Rounds with and without them alternate; the ratio of the medians is what counts: at most 1.5.
Run it with ``python -m benchmarks.workbench [--data DIR] [--rounds N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import time
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.reruns import PAGES, ROOT, serving, visit

#: Both keep every processor that they may have busy until their deadline: one in arithmetic,
#: one in hashing and sorting.
HEAVY = (
    "select sum(a.range * b.range % 7) from range(1000000) a, range(10000000) b",
    "select count(*) from (select hash(a.range, b.range) as h from range(30000) a, range(30000) b"
    " qualify row_number() over (partition by h % 1000 order by h) = 1)",
)
CHANGES = 20
_WAIT = 300  # seconds: the machine may be busy with other things


class Person:
    """A member of staff whose query runs, again and again, until ``stop`` is set."""

    def __init__(self, port: int, sql: str) -> None:
        self.port, self.sql = port, sql
        self.stop = asyncio.Event()
        self.busy = asyncio.Event()
        self.runs = 0
        self._finished = asyncio.Event()
        self._button = self._page = ""
        self._fragments: set[str] = set()

    async def work(self) -> None:
        """Run it, as the browser does: a click, and a look every 0.3 s until it ended."""
        url = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        async with websockets.connect(url, subprotocols=["streamlit"], max_size=2**28) as socket:
            reader = asyncio.create_task(self._read(socket))
            hello = BackMsg()
            hello.rerun_script.query_string = urlencode({"sql": self.sql})
            hello.rerun_script.page_name = "workbench"
            await socket.send(hello.SerializeToString())
            await asyncio.wait_for(self._finished.wait(), _WAIT)
            if not self._button:
                raise RuntimeError("the workbench is shut: it has no button to run")
            while not self.stop.is_set():
                self._finished.clear()
                await socket.send(self._message(self._button))
                await asyncio.wait_for(self._finished.wait(), _WAIT)
                if self._fragments:
                    self.runs += 1
                    self.busy.set()
                while self._fragments:
                    await asyncio.sleep(0.3)
                    for fragment in list(self._fragments):
                        await socket.send(self._message(fragment=fragment))
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    def _message(self, button: str = "", fragment: str = "") -> bytes:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.page_name = "workbench"
        if button:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = button, True
        if fragment:
            message.rerun_script.fragment_id = fragment
        return message.SerializeToString()

    async def _read(self, socket: websockets.ClientConnection) -> None:
        pending: set[str] = set()
        async for raw in socket:
            answer = ForwardMsg()
            answer.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self._page, pending = answer.new_session.page_script_hash, set()
            elif kind == "navigation":
                self._page = answer.navigation.page_script_hash
            elif kind == "auto_rerun":
                pending.add(answer.auto_rerun.fragment_id)
            elif kind == "delta" and "workbench_run" in answer.delta.new_element.button.id:
                self._button = answer.delta.new_element.button.id
            elif (
                kind == "script_finished"
                and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            ):
                self._fragments = pending  # the whole page was drawn; none where no query runs
                self._finished.set()


async def measure(port: int, rounds: int) -> tuple[dict[str, tuple[list[float], list[float]]], int]:
    """Return seconds per filter change by page, without and with queries, and runs begun."""
    found: dict[str, tuple[list[float], list[float]]] = {page: ([], []) for page in PAGES}
    runs = 0
    for page in PAGES:
        await visit(port, page, 3)
    for _ in range(rounds):
        for page in PAGES:
            found[page][0].extend((await visit(port, page, CHANGES)).seconds)
        people = [Person(port, sql) for sql in HEAVY]
        tasks = [asyncio.create_task(person.work()) for person in people]
        await asyncio.wait_for(asyncio.gather(*(person.busy.wait() for person in people)), _WAIT)
        for page in PAGES:
            found[page][1].extend((await visit(port, page, CHANGES)).seconds)
        for person in people:
            person.stop.set()
            runs += person.runs
        await asyncio.gather(*tasks)
    return found, runs


def main() -> None:
    """Measure, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a data folder; else the demo")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ours = [sys.executable, "-m", "commerce", "serve", "--port", "PORT"]
    began = time.monotonic()
    with serving(ours, ROOT, given.data) as port:
        found, runs = asyncio.run(measure(port, given.rounds))
    print(f"{os.cpu_count()} processors, {runs} heavy queries, {time.monotonic() - began:.0f} s")
    print(f"{'page':12} {'alone ms':>10} {'with two queries':>17} {'ratio':>7} {'p90 ratio':>10}")
    everything: tuple[list[float], list[float]] = ([], [])
    for page, (alone, beside) in found.items():
        everything[0].extend(alone)
        everything[1].extend(beside)
        _line(page, alone, beside)
    _line("all", *everything)


def _line(name: str, alone: list[float], beside: list[float]) -> None:
    medians = [statistics.median(seconds) for seconds in (alone, beside)]
    tails = [statistics.quantiles(seconds, n=10)[-1] for seconds in (alone, beside)]
    print(
        f"{name:12} {medians[0] * 1000:10.1f} {medians[1] * 1000:17.1f}"
        f" {medians[1] / medians[0]:7.2f} {tails[1] / tails[0]:10.2f}"
    )


if __name__ == "__main__":
    main()
