"""Kills ingests that publish, at random moments and at random steps, and looks at what is served.

Starting Python and importing takes longer than a tiny ingest: a warm process forks a child for
each run, which then calls the command line's ``main``. A few runs are started cold.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from commerce import snapshot as snapshots
from commerce.publishing import events
from commerce.schema import tables
from tests.publishing.vintages import FIRST, SECOND, first, second, write

ROOT = Path(__file__).resolve().parent.parent.parent
_STEPS = ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree", "fcntl.flock")


@dataclass(frozen=True)
class Run:
    """How one run ended: its status (negative: the signal), steps on files, and seconds."""

    status: int
    steps: int
    seconds: float


class Warm:
    """A process that has imported everything and forks a child for each command."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.publishing.kills"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, command: list[str], after: float | None = None, step: int | None = None) -> Run:
        """Run a command of the command line; kill it after so many seconds, or before a step."""
        order = {"command": command, "after": after, "step": step}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Run(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait()


def cold(command: list[str], after: float | None = None) -> Run:
    """Run a command as people do; kill it after so many seconds."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "commerce", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return Run(process.returncode, 0, time.monotonic() - begun)


def fingerprint(data: Path) -> dict[str, tuple[int, int]]:
    """Return rows and a checksum of every table that is served; times of reading left out."""
    folder = snapshots.resolve(data).path
    found = {}
    with duckdb.connect() as connection:
        for table in tables():
            rows = "* exclude (ingested_at)" if table == "dataset" else "*"
            found[table] = connection.execute(
                f"select count(*), coalesce(bit_xor(hash(t)), 0) from (select {rows}"
                " from read_parquet($file)) as t",
                {"file": str(folder / f"{table}.parquet")},
            ).fetchone()
    return found


class Trial:
    """A data folder that serves the first version, and the command that publishes the second."""

    def __init__(self, folder: Path, warm: Warm) -> None:
        self.warm, self.data, self._template = warm, folder / "data", folder / "template"
        # A short past has few figures to look at.
        old = write(folder / "a", first(2025), FIRST)
        new = write(folder / "b", second(2025), SECOND)
        self.command = ["ingest", str(new), "--data", str(self.data)]
        assert warm.run(["ingest", str(old), "--data", str(self._template)]).status == 0
        self.reset()
        self.old = fingerprint(self.data)
        self.whole = warm.run(self.command)
        assert self.whole.status == 0
        self.new = fingerprint(self.data)
        assert self.old != self.new

    def reset(self) -> None:
        """Serve the first version again, with nothing else there."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self._template, self.data)

    def check(self, run: Run) -> str:
        """Look at what is served after a kill, ingest again, and say what was served."""
        served = fingerprint(self.data)
        assert served in (self.old, self.new), served
        kind = "old" if served == self.old else "new"
        newest = next(event.snapshot for event in events(self.data) if event.action == "publish")
        assert newest == snapshots.resolve(self.data).path.name
        if run.status == 0:
            assert kind == "new"
        again = self.warm.run(self.command)
        assert again.status == 0, again
        assert fingerprint(self.data) == self.new
        published = {event.snapshot for event in events(self.data)}
        assert set(snapshots.history(self.data)) <= published
        assert not list(self.data.glob(".building-*")) + list(self.data.glob(".switch*"))
        return kind


def kill(folder: Path, times: int, seed: int, colds: int = 0) -> dict[str, int]:
    """Kill so many runs, half at a random moment and half before a random step on files.

    Args:
        folder: an empty folder to work in.
        times: how many runs are killed.
        seed: of the random moments.
        colds: how many of them are started cold.

    Returns:
        how often the old and the new data was served, and how many runs were killed.
    """
    chance = random.Random(seed)
    warm = Warm()
    seen = {"old": 0, "new": 0, "killed": 0}
    try:
        trial = Trial(folder, warm)
        whole = cold(trial.command).seconds if colds else 0.0
        for number in range(times):
            trial.reset()
            if number < colds:
                run = cold(trial.command, chance.uniform(0, whole))
            elif number % 2:
                run = warm.run(trial.command, after=chance.uniform(0, trial.whole.seconds))
            else:
                run = warm.run(trial.command, step=chance.randrange(trial.whole.steps))
            seen["killed"] += run.status == -signal.SIGKILL
            seen[trial.check(run)] += 1
    finally:
        warm.close()
    return seen


def kill_side_by_side(folder: Path, times: int, seed: int, colds: int = 0) -> dict[str, int]:
    """Do :func:`kill` in two folders at once."""
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(_apart, folder / str(n), times // 2, seed + n, colds // 2) for n in (0, 1)
        ]
        found = [future.result() for future in both]
    return {key: sum(one[key] for one in found) for key in found[0]}


def _apart(folder: Path, times: int, seed: int, colds: int) -> dict[str, int]:
    folder.mkdir(parents=True)
    return kill(folder, times, seed, colds)


def _serve() -> None:
    """Fork a child for each command on standard input, kill it as told, and tell how it ended."""
    import pandas
    import pandera.pandas

    import commerce.__main__
    import commerce.i18n
    import commerce.ingest
    import commerce.publishing
    import commerce.publishing.command

    # What else is loaded at its first use; nothing that starts a thread, which no fork survives.
    pandera.pandas.DataFrameSchema({}).validate(pandas.DataFrame())
    commerce.i18n.messages("ko")
    commerce.i18n.t("publishing.action.publish")

    for line in sys.stdin:
        order = json.loads(line)
        read, written = os.pipe()
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _be_child(order, written)
        os.close(written)
        status = None
        while status is None:
            done, code = os.waitpid(child, os.WNOHANG)
            if done:
                status = os.waitstatus_to_exitcode(code)
            elif order["after"] is not None and time.monotonic() - begun >= order["after"]:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.002)
        with os.fdopen(read) as told:
            steps = int(told.read() or 0)
        seconds = time.monotonic() - begun
        print(json.dumps({"status": status, "steps": steps, "seconds": seconds}), flush=True)


def _be_child(order: dict, written: int) -> None:
    """Run the command; before the step asked for, die at once."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    where = order["command"][-1]
    steps = 0

    def hook(event: str, given: tuple) -> None:
        nonlocal steps
        if event not in _STEPS or (event != "fcntl.flock" and where not in str(given[0])):
            return
        if steps == order["step"]:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    sys.addaudithook(hook)
    status = 70
    try:
        from commerce.__main__ import main

        status = main(order["command"])
        sys.stdout.flush()
    finally:
        os.write(written, str(steps).encode())
        os._exit(status)


if __name__ == "__main__":
    _serve()
