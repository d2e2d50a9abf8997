"""Search over what is loaded: places by name or address, trades by their everyday word.

The index of a snapshot is built once, in the background, and kept while it is served.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from commerce.search.finder import LONGEST, Finder, Hit
from commerce.search.words import How

if TYPE_CHECKING:
    from commerce.db import Database

__all__ = ["LONGEST", "Finder", "Hit", "How", "finder"]
_KEPT = 2
_lock = threading.Lock()
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
_finders: OrderedDict[str, Future[Finder]] = OrderedDict()


def finder(database: Database) -> Future[Finder]:
    """Begin to make what is searched in the data of ``database``, and return where it will be."""
    key = f"{database.snapshot.path}:{database.snapshot.id}"
    with _lock:
        future = _finders.get(key)
        if future is None or (future.done() and future.exception() is not None):
            future = _pool.submit(Finder, database)
            _finders[key] = future
            while len(_finders) > _KEPT:
                _finders.popitem(last=False)
        _finders.move_to_end(key)
    return future
