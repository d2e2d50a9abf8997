"""Keep what was made of a query's rows for as long as the rows themselves are kept.

The database returns the same frame for the same question, so a chart's rows need
not be shaped again when another reader, or the same one, asks the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from commerce.i18n import language

P = ParamSpec("P")
R = TypeVar("R")
_MOST = 1024
_results: OrderedDict[Any, tuple[list[pd.DataFrame], Any]] = OrderedDict()
_lock = threading.Lock()


def kept(make: Callable[P, R]) -> Callable[P, R]:
    """Remember results of ``make`` by its frames, other arguments and language.

    What is returned must not be changed. The frames are held, so that an identity
    cannot come back as another frame.
    """

    @wraps(make)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        values = [*args, *kwargs.values()]
        frames = [value for value in values if isinstance(value, pd.DataFrame)]
        key = (
            make.__module__,
            make.__qualname__,
            language(),
            tuple(id(v) if isinstance(v, pd.DataFrame) else _hashable(v) for v in values),
            tuple(kwargs),
        )
        with _lock:
            if key in _results:
                _results.move_to_end(key)
                result: R = _results[key][1]
                return result
        made = make(*args, **kwargs)
        with _lock:
            _results[key] = (frames, made)
            while len(_results) > _MOST:
                _results.popitem(last=False)
        return made

    return remembering


def _hashable(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value
