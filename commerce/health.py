"""Whether the app is well: a snapshot is there, and a query on it runs now."""

from __future__ import annotations

import logging

from commerce.db import database
from commerce.queries import load

_log = logging.getLogger(__name__)
_QUERY = "data/sources"


def health() -> tuple[int, dict[str, str]]:
    """Return an HTTP status and what to say: ``status``, and the name of the ``snapshot``.

    The query is asked anew each time. What is wrong stands in the log, not in the answer,
    which anybody may read.
    """
    try:
        served = database()
        rows = len(served.execute(load(_QUERY), {}))
    except Exception:
        _log.exception("The app is not well")
        return 503, {"status": "failed"}
    if not rows:
        return 503, {"status": "failed", "snapshot": served.snapshot.path.name}
    return 200, {"status": "ok", "snapshot": served.snapshot.path.name}
