"""What the operating system takes from the child, so that a query finds nothing to harm.

DuckDB's own settings come first (``child.py``); these hold where they do not. What a
system lacks is left out: Landlock is Linux alone, RLIMIT_AS does nothing on macOS.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import struct
import sys
from collections.abc import Collection

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # system calls of Landlock, the same everywhere
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_PR_SET_NO_NEW_PRIVS = 38
#: Rights over files, and over the network, that each version of Landlock knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NICE, _LONG_NICE = 5, 15
_NO_LIMIT = resource.RLIM_INFINITY


def be_modest() -> None:
    """Let the app go first: a lower priority, and first to be killed when memory runs out.

    Only somewhat lower: starting, and a query that is soon over, come forward even where every
    processor is busy. Those that go on are put further back: see ``go_last``.
    """
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    # Where Linux shares time among sessions first, a process's own priority says nothing.
    _order_session(os.getpid(), _NICE)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def go_last(pid: int) -> None:
    """Let process ``pid`` and all its threads, which lead a session, take what others leave.

    What queries cost the pages then is measured by ``benchmarks/workbench.py``.
    """
    # Of a process Linux would change the first thread alone, of a group every thread.
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, pid, _LONG_NICE)
    _order_session(pid, _LONG_NICE)


def _order_session(pid: int, nice: int) -> None:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/autogroup", "w") as file:
        file.write(str(nice))


def see_only(paths: Collection[str]) -> bool:
    """Let this thread, and those it starts later, read these files and folders, nothing else.

    Returns:
        Whether the kernel has Landlock and took it.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rights = (1 << _FILE_RIGHTS[min(version, 5)]) - 1
    # From version 4 on TCP, from version 6 on signals and abstract sockets of other processes.
    network, scoped = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    asked = struct.pack("=QQQ", rights, network, scoped)[: 8 if version < 4 else 24]
    asked = asked[:16] if 4 <= version < 6 else asked
    ruleset = libc.syscall(_CREATE, asked, ctypes.c_size_t(len(asked)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
            reading = _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)
            rule = struct.pack("=Qi", reading, opened)
            libc.syscall(_ADD_RULE, ruleset, ctypes.c_int(1), rule, ctypes.c_uint32(0))
            os.close(opened)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = libc.syscall(_RESTRICT, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)
    return bool(done == 0)


def bound(seconds: float, memory_mb: int, threads: int) -> None:
    """Bound memory and processor time; the kernel ends this process where it stays on.

    Args:
        seconds: the deadline of the query, from now.
        memory_mb: address space beyond what is taken now.
        threads: how many processors it may use at a time.
    """
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, 0)
    # Should the parent die, nobody else would end this process.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + 2)
    _set(resource.RLIMIT_CPU, math.ceil((seconds + 1) * (threads + 1)))
    taken = _address_space()
    if taken:
        _set(resource.RLIMIT_AS, taken + memory_mb * 2**20)


def open_nothing_more() -> None:
    """Take the right to open files and sockets and to start processes; open ones stay open."""
    _set(resource.RLIMIT_NPROC, 0)
    _set(resource.RLIMIT_NOFILE, 0)


def _set(kind: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(kind)[1]
        lower = value if hard == _NO_LIMIT else min(value, hard)
        resource.setrlimit(kind, (lower, lower))


def _address_space() -> int:
    """Return the bytes of address space in use; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
