"""Hot spots worked out in the background: once per snapshot and trade, for all readers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

import pandas as pd

from commerce.hot_spots import find
from commerce.ui.frame import data

# One at a time: each holds a processor for seconds.
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hot-spots")
_MOST = 64
_lock = threading.Lock()
_found: OrderedDict[tuple[str, tuple[str, ...]], Future[pd.DataFrame]] = OrderedDict()


def begin(excess: pd.DataFrame, category_ids: list[str] | None) -> Future[pd.DataFrame]:
    """Begin to find the spots, unless somebody has; return where they will be.

    Args:
        excess: rows of ``site/cell_excess``.
        category_ids: the trades that they are of; None means all.
    """
    snapshot = data().snapshot
    key = (f"{snapshot.path}:{snapshot.id}", tuple(category_ids or ()))
    with _lock:
        future = _found.get(key)
        if future is None:  # what failed once would fail again: the cells are the same
            cells, values = excess["h3_cell"].tolist(), excess["excess"].to_numpy(dtype=float)
            future = _found[key] = _pool.submit(find, cells, values)
            while len(_found) > _MOST:
                _found.popitem(last=False)
        _found.move_to_end(key)
    return future
