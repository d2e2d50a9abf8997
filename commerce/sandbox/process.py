"""One child process as its parent sees it: started, asked, read within bounds, killed in time."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commerce.sandbox import lockdown
from commerce.sandbox.refusal import Rejected

_ROOT = str(Path(__file__).resolve().parent.parent.parent)
#: Modest before all else: starting costs more than many a query.
_MAIN = (
    "import sys; sys.path.insert(0, sys.argv[1]); from commerce.sandbox import lockdown;"
    " lockdown.be_modest(); from commerce.sandbox.child import main; main()"
)
_START_SECONDS = 60
#: From then on a query is a long one, which can wait for others.
_LONG_SECONDS = 1.0
_CHUNK = 1 << 20
#: The last frame says how it went: it is never long.
_END_BYTES = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What a child said: the bytes of an Arrow stream, and how it went."""

    arrow: bytes
    end: dict[str, Any]


class Child:
    """A process that is warm, or about to be, and that answers one request."""

    _is_cancelled = False

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _MAIN, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            start_new_session=True,  # Ctrl+C in a terminal is the parent's to handle
            cwd="/",
            env=_environment(),
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._is_warm = False

    @property
    def pid(self) -> int:
        """Return the process's number."""
        return self._process.pid

    def alive(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def wait_until_warm(self) -> None:
        """Wait until the process can take a request.

        Raises:
            Rejected: when it ended before.
            TimeoutError: when it took a minute.
        """
        if not self._is_warm and self._read(1, time.monotonic() + _START_SECONDS) != b"R":
            raise Rejected("sandbox.no_child")
        self._is_warm = True

    def ask(self, request: dict[str, Any], seconds: float, most_bytes: int) -> Answer:
        """Send ``request`` and return the answer; the process has ended then, come what may.

        Args:
            request: plain values, see ``child.py``.
            seconds: how long it may take from the moment at which the child is warm.
            most_bytes: how long an answer may be.

        Raises:
            Rejected: when it took too long, said too much, was cancelled, or ended without
                an answer.
        """
        patience = threading.Timer(_LONG_SECONDS, lockdown.go_last, [self.pid])
        try:
            self.wait_until_warm()
            deadline = time.monotonic() + seconds
            patience.start()
            self._send(json.dumps(request).encode(), deadline)
            return self._receive(deadline, most_bytes)
        except TimeoutError:
            raise Rejected("sandbox.timeout", seconds=f"{seconds:g}") from None
        except Rejected:
            if self._is_cancelled:
                raise Rejected("sandbox.cancelled") from None
            raise
        finally:
            patience.cancel()
            if patience.ident:
                patience.join()  # while the process's number is still its own
            self.end()

    def cancel(self) -> None:
        """Kill the process from another thread than the one that asked, which then ends."""
        self._is_cancelled = True
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Kill the process, if it still runs, and wait until it is gone."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            _wait(self._in, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._in, rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                break
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _receive(self, deadline: float, most_bytes: int) -> Answer:
        arrow = bytearray()
        while True:
            head = self._read(9, deadline)
            if len(head) < 9:
                raise self._died()
            letter, length = head[:1], int.from_bytes(head[1:], "big")
            most = most_bytes - len(arrow) if letter == b"A" else _END_BYTES
            if length > most or letter not in (b"A", b"E"):
                raise Rejected("sandbox.bad_answer")
            data = self._read(length, deadline)
            if len(data) < length:
                raise self._died()
            if letter == b"E":
                return Answer(bytes(arrow), _end(data))
            arrow += data

    def _read(self, length: int, deadline: float) -> bytes:
        """Return ``length`` bytes, or fewer where the child closed its end."""
        found = bytearray()
        while len(found) < length:
            _wait(self._out, select.POLLIN, deadline)
            try:
                data = os.read(self._out, min(_CHUNK, length - len(found)))
            except BlockingIOError:
                continue
            if not data:
                break
            found += data
        return bytes(found)

    def _died(self) -> Rejected:
        """Return why the child closed its end without an answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        status = self._process.returncode
        if status in (-signal.SIGXCPU, -signal.SIGALRM):
            return Rejected("sandbox.cpu")
        return Rejected("sandbox.died")


def _end(data: bytes) -> dict[str, Any]:
    try:
        end = json.loads(data)
    except (ValueError, RecursionError):
        end = None
    if not isinstance(end, dict):
        raise Rejected("sandbox.bad_answer")
    return end


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Wait until ``descriptor`` is ready or closed.

    Raises:
        TimeoutError: when the deadline passed.
    """
    poll = select.poll()
    poll.register(descriptor, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


def _environment() -> dict[str, str]:
    """Return all that a child may know of its surroundings: no secrets, no home."""
    kept = {name: os.environ[name] for name in ("TZ",) if name in os.environ}
    # Each arena of glibc's allocator reserves 64 MiB of the address space that is bounded.
    return kept | {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
