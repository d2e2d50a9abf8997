"""What a key pressed in the box for places costs, beside a rerun of an empty page.

Both are asked over the websocket, as a browser does, of the same kind of server. Then how
long the index of a snapshot takes, how large it is, and how long it searches by itself.
Run it with ``python -m benchmarks.search [--data DIR]``; a million permits come from
``python -m commerce demo --data DIR --scale 40``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.reruns import EMPTY, EMPTY_PAGE, ROOT, ROUNDS, serving, visit
from commerce.db import Database
from commerce.search import Finder
from commerce.snapshot import resolve

PAGE = f"""import sys
sys.path.insert(0, {str(ROOT)!r})
from commerce.ui import place_picker
place_picker.draw()
"""
#: What people type, one key after the other, and the other ways of asking.
WORDS = ("수완동", "송정로 40", "카페", "빛고을", "하남대로 12", "첨단1동", "국밥", "수완동 123-4")
OTHERS = (
    "ㅅㅇㄷ",
    "ㅊㄷ",
    "tndhks",
    "수한동",
    "송졍로 75",
    "송정로 9999",
    "없는가게이름",
    "쌍암동",
)
TYPED = [word[:size] for word in WORDS for size in range(1, len(word) + 1)] + list(OTHERS)


async def keystrokes(port: int) -> list[float]:
    """Return how long each of ``TYPED`` took until the script had finished, in seconds."""
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=2**28) as socket:
        hello = BackMsg()
        hello.rerun_script.query_string = ""
        box, fragment, page, _ = await _ask(socket, hello)
        seconds: list[float] = []
        texts = list(reversed(TYPED))
        tries = 0
        while texts:
            # The first ones wait until the index is made, and do not count.
            text = f"준비{tries}" if tries >= 0 else texts.pop()
            change = BackMsg()
            change.rerun_script.page_script_hash = page
            change.rerun_script.fragment_id = fragment
            state = change.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = box, json.dumps({"typed": text})
            start = time.perf_counter()
            *_, is_pending = await _ask(socket, change)
            if tries < 0:
                seconds.append(time.perf_counter() - start)
            tries = tries + 1 if tries >= 0 and (is_pending or tries < 5) else -1
        return seconds


async def _ask(socket: websockets.ClientConnection, message: BackMsg) -> tuple[str, str, str, bool]:
    """Send a message; return the ids of the box, its fragment and the page, and if it waits."""
    await socket.send(message.SerializeToString())
    box = fragment = page = ""
    is_pending = False
    while True:
        raw = await socket.recv()
        answer = ForwardMsg()
        answer.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
        kind = answer.WhichOneof("type")
        if kind == "new_session":
            page = answer.new_session.page_script_hash
        elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "bidi_component":
            drawn = answer.delta.new_element.bidi_component
            box, fragment = drawn.id, answer.delta.fragment_id
            is_pending = '"isPending": true' in (drawn.json or drawn.mixed.json)
        elif kind == "script_finished":
            return box, fragment, page, is_pending


def over_the_wire(data: str | None) -> None:
    """Print what a key pressed costs, beside a rerun of an empty page."""
    command = [sys.executable, "-m", "streamlit", "run", "page.py", "--server.headless=true"]
    command += ["--server.port=PORT", "--browser.gatherUsageStats=false"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.py").write_text(EMPTY, encoding="utf-8")
        with serving(command, Path(folder), None) as (port, pid):
            turns = [asyncio.run(visit(port, pid, EMPTY_PAGE, turn)) for turn in range(ROUNDS + 1)]
            empty = statistics.median(one for turn in turns[1:] for one in turn.seconds)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.py").write_text(PAGE, encoding="utf-8")
        ours = [*command, "--runner.postScriptGC=false"]  # as .streamlit/config.toml has it
        with serving(ours, Path(folder), data) as (port, _):
            keys = asyncio.run(keystrokes(port))
    median, slowest = statistics.median(keys), max(keys)
    most = statistics.quantiles(keys, n=20)[-1]
    print(f"empty page, streamlit run     {empty * 1000:8.1f} ms")
    print(f"a key pressed, median         {median * 1000:8.1f} ms   ratio {median / empty:.2f}")
    print(f"19 of 20 keys are below        {most * 1000:7.1f} ms   ratio {most / empty:.2f}")
    print(f"a key pressed, slowest        {slowest * 1000:8.1f} ms   ratio {slowest / empty:.2f}")


def by_itself(data: str | None) -> None:
    """Print what the index costs, and a search in it."""
    database = Database(resolve(data))
    start = time.perf_counter()
    found = Finder(database)
    made = time.perf_counter() - start
    seconds, work = [], []
    for text in TYPED:
        start, began = time.perf_counter(), time.process_time()
        found.search(text)
        seconds.append(time.perf_counter() - start)
        work.append(time.process_time() - began)
    tracemalloc.start()
    kept = Finder(database)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    print(f"index                         {made:8.2f} s    {size / 2**20:.0f} MB without Arrow")
    print(
        f"search, median and slowest    {statistics.median(seconds) * 1000:8.1f} ms"
        f"   {max(seconds) * 1000:.1f} ms; of the processor {statistics.median(work) * 1000:.1f}"
        f" and {max(work) * 1000:.1f} ms"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a data folder; else the demo")
    given = parser.parse_args()
    over_the_wire(given.data)
    by_itself(given.data)


if __name__ == "__main__":
    main()
