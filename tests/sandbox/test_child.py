"""The child alone, its gate left out: it can reach nothing; and bombs, which the gate lets pass."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from commerce.db import Database
from commerce.sandbox.limits import limits
from commerce.sandbox.process import Child
from commerce.sandbox.refusal import Rejected
from commerce.sandbox.runner import Runner, request
from tests.sandbox.conftest import SECRET, Place
from tests.sandbox.lists import ROOT, attacks

SECONDS = 0.5
BOMBS = attacks()["bombs"]
#: What a bomb may end as; a few end in time because DuckDB is quick or says no at once.
ENDS = {"sandbox.timeout", "sandbox.memory", "sandbox.died", "sandbox.cpu", "sandbox.failed"}


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def bare(place: Place, statements: list[str]) -> list[str]:
    """Run statements without a gate in one child, and return what each gave."""
    asked = request("", {}, place.snapshot, limits(seconds=100))
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.bare"],
        input=json.dumps(asked | {"statements": statements}).encode(),
        capture_output=True,
        cwd=ROOT,
        env={},
        check=False,
    )
    found = dict(json.loads(line) for line in ended.stdout.splitlines())
    assert found, ended.stderr.decode()
    return [found.get(number, "ended") for number in range(len(statements))]


def test_without_the_gate_nothing_outside_is_read_or_written(place: Place) -> None:
    listed = attacks(**place.names)
    statements = [
        sql
        for heading, found in listed.items()
        for sql in found
        if heading not in ("bombs", "deep") and "sleep" not in sql
    ]
    before = hashes(place.root)
    # The last one shows that the child lived until the end, and could answer.
    given = bare(place, [*statements, "select 'alive' as a"])
    assert given[-1] == "[{'a': 'alive'}]"
    assert hashes(place.root) == before
    assert not list(place.out.iterdir())
    # Errors may repeat a statement, and it names the file: only what it holds is secret.
    leaked = [sql for sql, said in zip(statements, given, strict=False) if SECRET in said]
    assert leaked == []
    assert not any("root:" in said for said in given)


def test_what_the_attacks_look_for_is_there(place: Place) -> None:
    """The files that the attacks name can be read and written by this very user."""
    assert place.secret.read_text() == SECRET
    probe = place.out / "probe"
    probe.write_text("x")
    probe.unlink()
    script = f"import duckdb; print(duckdb.sql(\"from read_text('{place.secret}')\").fetchall())"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert SECRET in shown.stdout.decode()


@pytest.mark.parametrize("number", range(len(attacks()["deep"])))
def test_depth_does_not_reach_the_parent(number: int, place: Place, runner: Runner) -> None:
    with pytest.raises(Rejected):
        runner.run(attacks()["deep"][number], who="test", snapshot=place.snapshot)


@pytest.fixture(scope="module")
def busy(place: Place) -> Iterator[list[tuple[str, str, float]]]:
    """How each bomb ended, and how long after its deadline, with the app at work meanwhile."""

    def throw(sql: str) -> tuple[str, str, float]:
        held = limits(seconds=1, memory_mb=256, threads=1)
        child = Child()
        child.wait_until_warm()
        started = time.monotonic()
        try:
            answer = child.ask(request(sql, {}, place.snapshot, held), SECONDS, 40 * 2**20)
            end = answer.end.get("cut") or answer.end.get("failed") or answer.end.get("refused", "")
        except Rejected as error:
            end = error.key
        late = time.monotonic() - started - SECONDS
        assert not child.alive()
        return sql, str(end), late

    with ThreadPoolExecutor(2) as threads:
        yield list(threads.map(throw, BOMBS))


@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_no_bomb_outlives_its_deadline(number: int, busy: list[tuple[str, str, float]]) -> None:
    sql, end, late = busy[number]
    assert late < 1, f"{sql} ended {end} {late:.2f} s after its deadline"


def test_bombs_are_cut_off(busy: list[tuple[str, str, float]]) -> None:
    kinds = [end for _, end, _ in busy]
    held = [end for end in kinds if end in ENDS or end in ("memory", "rows", "size", "error")]
    assert len(held) >= len(kinds) * 3 // 4, kinds
    assert "sandbox.timeout" in kinds
    assert {"memory", "sandbox.died"} & set(kinds)


def test_the_app_answers_while_bombs_go_off(place: Place, full: Database) -> None:
    expected = full.cursor().execute("select count(*) from permit").fetchall()
    stop = threading.Event()

    def throw() -> None:
        runner = Runner(keep_spare=False, given=limits(seconds=1, memory_mb=256))
        with pytest.raises(Rejected):
            runner.run(BOMBS[1], who="test", snapshot=place.snapshot)
        stop.set()

    thread = threading.Thread(target=throw)
    thread.start()
    answers = 0
    while not stop.is_set() and thread.is_alive():
        assert full.cursor().execute("select count(*) from permit").fetchall() == expected
        answers += 1
    thread.join()
    assert answers > 5


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc on this system")
def test_the_child_has_no_descriptors_secrets_or_folder_of_the_parent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_PASSWORD", SECRET)
    with place.secret.open() as opened:
        os.set_inheritable(opened.fileno(), True)
        child = Child()
        try:
            child.wait_until_warm()
            process = Path(f"/proc/{child.pid}")
            targets = {os.readlink(link) for link in (process / "fd").iterdir()}
            environment = (process / "environ").read_bytes()
            folder = os.readlink(process / "cwd")
        finally:
            child.end()
    assert str(place.secret) not in targets
    assert not any(target.startswith("socket:") for target in targets)
    assert SECRET.encode() not in environment
    assert {part.split(b"=")[0] for part in environment.split(b"\0") if part} <= {
        b"TZ", b"LC_ALL", b"MALLOC_ARENA_MAX", b"OPENBLAS_NUM_THREADS",
    }  # fmt: skip
    assert folder == "/"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits as Linux keeps them")
def test_the_system_holds_what_duckdb_would_not(place: Place) -> None:
    """Python itself, in a process that was shut, can open, write, connect and start nothing."""
    script = f"""
import os, resource, socket, sys
from commerce.sandbox import lockdown
lockdown.bound(30, 256, 1)
landlock = lockdown.see_only([{str(place.data)!r}])
readable = open({str(place.data / "dong.parquet")!r}, "rb").read(4)
def tried(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print(readable, landlock)
if landlock:
    print(tried(lambda: open({str(place.secret)!r})))
    print(tried(lambda: os.truncate({str(place.data / "dong.parquet")!r}, 0)))
    print(tried(lambda: os.unlink({str(place.secret)!r})))
    print(tried(lambda: os.mkdir({str(place.out / "new")!r})))
lockdown.open_nothing_more()
print(tried(lambda: open({str(place.data / "dong.parquet")!r})))
print(tried(socket.socket))
print(tried(os.pipe))
print(tried(lambda: bytearray(2**30)))
"""
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, cwd=ROOT
    )
    first, *rest = shown.stdout.splitlines()
    assert first.startswith("b'PAR1'")
    assert len(rest) == (8 if first.endswith("True") else 4)
    assert "done" not in rest
    assert rest[-1] == "MemoryError"


def test_a_child_ends_by_itself_when_its_parent_is_gone() -> None:
    script = "from commerce.sandbox.process import Child; c = Child(); print(c.pid, flush=True)"
    shown = subprocess.run(
        [sys.executable, "-c", script + "; import os; os._exit(0)"],
        capture_output=True, check=True, text=True, cwd=ROOT,
    )  # fmt: skip
    pid = int(shown.stdout)
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").is_file():
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            if state == "Z":  # ended; whoever adopted it has not looked yet
                return
        time.sleep(0.1)
    pytest.fail("the child waits for a parent that is gone")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_query_that_goes_on_is_put_last_with_all_its_threads(place: Place) -> None:
    child = Child()
    sql = "select sum(a.range * b.range % 7) from range(1000000) a, range(10000000) b"
    asked = request(sql, {}, place.snapshot, limits(seconds=60))
    child.wait_until_warm()
    assert set(niceness(child.pid)) == {os.getpriority(os.PRIO_PROCESS, 0) + 5}
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(child.ask, asked, 60, 2**20)
        until = time.monotonic() + 50
        while set(niceness(child.pid)) != {15} and time.monotonic() < until:
            time.sleep(0.1)
        found = niceness(child.pid)
        child.cancel()
        with pytest.raises(Rejected, match="취소"):
            asking.result()
    assert set(found) == {15}
    assert len(found) > 1


def niceness(pid: int) -> list[int]:
    """Return the priority of every thread of a process."""
    threads = os.listdir(f"/proc/{pid}/task")
    return [os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in threads]
