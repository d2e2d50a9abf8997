"""What goes on from a query's rows: the function that its header names with ``-- method:``.

Only functions that the project's own queries name are ever called: what else stands in a
header that people typed is a comment.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pyarrow as pa

from commerce.queries import Query, load, method, names
from commerce.sandbox.runner import Result

#: Such functions are for series and small tables; they run in the app's own process.
MOST_ROWS = 2_000
_NAMED = re.compile(r"^--[ \t]*method:[ \t]*(?P<name>[a-z_.]+:[a-z_]+)[ \t]*$", re.MULTILINE)


def named(sql: str) -> str:
    """Return the function that the header of ``sql`` names, if a query of ours names it too."""
    found = _NAMED.search(sql)
    return found["name"] if found and found["name"] in _known() else ""


def finish(sql: str, result: Result) -> Result:
    """Return ``result`` with what the method of ``sql`` adds, and with its name.

    Rows that it cannot go on from (cut, too many, columns missing) stay as they are;
    ``method_failed`` says so then.
    """
    function_name = named(sql)
    if not function_name:
        return result
    function = method(_known()[function_name])
    if function is None or result.cut or result.table.num_rows > MOST_ROWS:
        return replace(result, method=function_name, method_failed=True)
    frame = result.frame()
    try:
        made = function(frame)
        columns = {}
        for name in made.columns:
            same = name in frame.columns and made[name].equals(frame[name])
            # Days stay days: pandas would make them instants.
            columns[name] = result.table[name] if same else pa.array(made[name], from_pandas=True)
        table = pa.table(columns)
    except Exception:
        # Rows of other SQL than the function was written for may break it in any way.
        return replace(result, method=function_name, method_failed=True)
    return replace(result, table=table, method=function_name)


@cache
def _known() -> dict[str, Query]:
    """Return a query for each function that the project's queries name."""
    return {query.method: query for query in map(load, names()) if query.method}
