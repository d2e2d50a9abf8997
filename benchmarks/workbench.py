"""How much slower the public pages get while two people run heavy queries in the workbench.

Visitors change filters over the websocket, as in ``benchmarks.reruns``; two members of staff
open the workbench of the same server, press Run, and press it again whenever a query ends.
Rounds with and without them alternate, each on a server of its own, since answers are kept;
the ratio of the medians is what counts: at most 1.5.
Run it with ``python -m benchmarks.workbench [--data DIR] [--rounds N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import statistics
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.reruns import PAGES, ROOT, serving, visit

#: Each keeps at least one processor busy until its deadline: in arithmetic, in hashing and joining.
HEAVY = (
    "select sum(a.range * b.range % 7) from range(1000000) a, range(10000000) b",
    "select count(*) from establishment a, establishment b, establishment c"
    " where hash(a.permit_id, b.permit_id, c.permit_id) % 7 = 3",
)
#: Each turn changes the filter a few times, every time to what nobody asked before.
TURNS = (1, 2, 3)
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


@dataclass
class Round:
    """Seconds per filter change by page, queries run, and processor seconds of the server."""

    seconds: dict[str, list[float]]
    runs: int
    cpu: float


async def _ask(
    server: tuple[int, int], queries: tuple[str, ...]
) -> tuple[dict[str, list[float]], int]:
    """Change filters on every page while a person runs each of ``queries``."""
    for page in PAGES:
        await visit(*server, page, 0)
    people = [Person(server[0], sql) for sql in queries]
    tasks = [asyncio.create_task(person.work()) for person in people]
    await asyncio.wait_for(asyncio.gather(*(person.busy.wait() for person in people)), _WAIT)
    seconds = {
        page.name: [s for turn in TURNS for s in (await visit(*server, page, turn)).seconds]
        for page in PAGES
    }
    for person in people:
        person.stop.set()
    await asyncio.gather(*tasks)
    return seconds, sum(person.runs for person in people)


def measure(data: str | None, queries: tuple[str, ...]) -> Round:
    """Return what one fresh server gave: answers that it remembered would hide what they cost."""
    ours = [sys.executable, "-m", "commerce", "serve", "--port", "PORT"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with serving(ours, ROOT, data) as server:
        seconds, runs = asyncio.run(_ask(server, queries))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Round(seconds, runs, cpu)


def main() -> None:
    """Measure, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a data folder; else the demo")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    began = time.monotonic()
    alone, beside = [], []
    for number in range(given.rounds):
        first, second = ((), HEAVY) if number % 2 == 0 else (HEAVY, ())
        for queries in (first, second):
            (beside if queries else alone).append(measure(given.data, queries))
    print(
        f"{os.cpu_count()} processors, {sum(r.runs for r in beside)} heavy queries,"
        f" {time.monotonic() - began:.0f} s; processor seconds alone"
        f" {sum(r.cpu for r in alone):.0f}, with queries {sum(r.cpu for r in beside):.0f}"
    )
    print(f"{'page':12} {'alone ms':>10} {'with two queries':>17} {'ratio':>7} {'p90 ratio':>10}")
    for page in PAGES:
        _line(
            page.name,
            *([s for r in rounds for s in r.seconds[page.name]] for rounds in (alone, beside)),
        )
    everything = ([s for r in rounds for p in PAGES for s in r.seconds[p.name]]
                  for rounds in (alone, beside))  # fmt: skip
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
