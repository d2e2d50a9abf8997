"""The app in a process of its own, as `make run` serves it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the process listens on the port."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "it did not start"
        time.sleep(0.1)
    raise AssertionError("it did not listen in time")


@contextmanager
def served(state: Path, port: int = 0, **environment: str) -> Iterator[int]:
    """Serve the demo with this state folder; give the port."""
    port = port or free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "commerce", "serve", "--port", str(port)],
        cwd=ROOT,
        env=os.environ
        | {"COMMERCE_DATA": str(ROOT / "data" / "demo"), "COMMERCE_STATE": str(state)}
        | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
