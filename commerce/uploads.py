"""Whose files are taken: sessions that the guard of a staff page let in, and no others.

Streamlit takes files from every session, and keeps them in memory, whether or not the page
asks for any: a visitor could fill the machine. So the guard says who may.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

_MOST = 2_000
_lock = threading.Lock()
_sessions: OrderedDict[str, None] = OrderedDict()


def allow(session: str, allowed: bool) -> None:
    """Note whether files of this session are taken from now on; the oldest are forgotten."""
    with _lock:
        _sessions.pop(session, None)
        if allowed:
            _sessions[session] = None
            while len(_sessions) > _MOST:
                _sessions.popitem(last=False)


def is_allowed(session: str) -> bool:
    """Return whether files of this session are taken."""
    with _lock:
        return session in _sessions
