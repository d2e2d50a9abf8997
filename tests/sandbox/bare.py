"""The child without its gate: statements one after another in one process that was shut.

Reads a request with ``statements`` on standard input, writes a JSON line for each: its
number, and what it gave or the error. Run by ``test_child.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

import duckdb

from commerce.sandbox import child
from commerce.sandbox.catalog import Catalog
from commerce.sandbox.gate import Plan


def main() -> None:
    """Answer one request."""
    asked = json.loads(sys.stdin.buffer.read())
    connection = child.connect()
    child.confine(connection, asked)
    catalog = Catalog.from_json(asked["catalog"])
    everything = catalog.columns_needed(dict.fromkeys(catalog.readable(), True), ())
    child.prepare(connection, asked, catalog, Plan(everything, list(catalog.relations), []))
    for number, sql in enumerate(asked["statements"]):
        try:
            relation = connection.sql(sql)
            given = "nothing"
            if relation is not None:
                with relation.to_arrow_reader(20) as reader:
                    given = next((str(batch.to_pylist()) for batch in reader), "no rows")
        except Exception as error:
            given = f"{type(error).__name__}: {error}"
            with contextlib.suppress(duckdb.Error):  # what it began must not stop the next
                connection.execute("rollback")
        line = json.dumps([number, given[:2000]]) + "\n"
        os.write(1, line.encode())


if __name__ == "__main__":
    main()
