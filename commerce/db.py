"""The one door to DuckDB: a connection per snapshot, a cursor per call, cached results.

A shared connection gives wrong results under threads (measured), so every call takes
its own cursor. Small snapshots are loaded into memory once; a table whose file is
larger than ``IN_MEMORY_BYTES`` is read from Parquet.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from commerce.queries import Query, bind, load
from commerce.schema import create_table_sql, tables
from commerce.snapshot import Snapshot, resolve

IN_MEMORY_BYTES = 512 * 2**20
_REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
_VIEWS = Path(__file__).with_name("views.sql")
#: Enums of the codes in table ``permit``, and where their values come from.
_CODES = {
    "service_enum": "select service_code from establishment",
    "authority_enum": "select authority_code from establishment",
    "category_enum": "select category_id from establishment union select parent_id from category",
    "dong_enum": "select dong_code from establishment",
    "h3_9_enum": "select h3_9 from establishment",
    "h3_10_enum": "select h3_10 from establishment",
}
_ENUMS = {
    "service_code": "service_enum",
    "authority_code": "authority_enum",
    "category_id": "category_enum",
    "group_id": "category_enum",
    "dong_code": "dong_enum",
    "h3_9": "h3_9_enum",
    "h3_10": "h3_10_enum",
}
_CACHED_RESULTS = 512
_KEPT_SNAPSHOTS = 3
_lock = threading.Lock()
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="query")
_databases: OrderedDict[str, Database] = OrderedDict()


class Database:
    """The tables of one snapshot, ready to be asked.

    Args:
        snapshot: the snapshot to open. A table that it lacks is empty.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
            },
        )
        self._results: OrderedDict[str, Future[pd.DataFrame]] = OrderedDict()
        self._results_lock = threading.Lock()
        for table in tables():
            self._open(table)
        add_views(self._connection)
        self._keep_permits()

    def _open(self, table: str) -> None:
        file = self.snapshot.file(table)
        path = str(file).replace("'", "''")
        # The raw text of refused rows is for staff to download, not for queries.
        columns = "* exclude (raw)" if table == "refused" else "*"
        rows = f"select {columns} from read_parquet('{path}')"
        if file.is_file() and file.stat().st_size > IN_MEMORY_BYTES:
            self._connection.execute(f'create view "{table}" as {rows}')
            return
        self._connection.execute(create_table_sql(table))
        if table == "refused":
            self._connection.execute("alter table refused drop column raw")
        if file.is_file():  # by name: an older snapshot lacks columns that came later
            self._connection.execute(f'insert into "{table}" by name {rows}')

    def _keep_permits(self) -> None:
        """Keep the rows of view ``permit`` as a narrow table, its codes as enums.

        Figures scan a tenth of the bytes then, also when the permits themselves stay
        in their file. Queries read the same either way.
        """
        for name, source in _CODES.items():
            self._connection.execute(
                f"create type {name} as enum (select distinct code::varchar"
                f" from ({source}) as codes (code) where code is not null order by all)"
            )
        codes = ", ".join(f"{column}::{name} as {column}" for column, name in _ENUMS.items())
        self._connection.execute(
            f"create table kept as select * replace ({codes}) from permit;"
            " drop view permit; alter table kept rename to permit"
        )

    def run(self, name: str, **params: object) -> pd.DataFrame:
        """Return the result of ``queries/<name>.sql``; the caller must not change it.

        Args:
            name: such as ``openings/monthly``.
            params: values by parameter name; what is not given is null.
        """
        return self.ahead(name, **params).result()

    def ahead(self, name: str, **params: object) -> Future[pd.DataFrame]:
        """Begin to answer ``queries/<name>.sql``, and return where its result will be.

        Planning a query takes as long as answering it; several asked at once share the
        processors.
        """
        query = load(name)
        values = bind(query, params)
        key = f"{name}:{json.dumps(values, default=str, sort_keys=True)}"
        with self._results_lock:
            future = self._results.get(key)
            if future is None or (future.done() and future.exception() is not None):
                future = _pool.submit(self._answer, query, values)
                self._results[key] = future
                while len(self._results) > _CACHED_RESULTS:
                    self._results.popitem(last=False)
            self._results.move_to_end(key)
        return future

    def _answer(self, query: Query, values: dict[str, object]) -> pd.DataFrame:
        return _plain(self.execute(query, values))

    def execute(self, query: Query, values: dict[str, object]) -> pd.DataFrame:
        """Return the result of ``query``, asked anew on a cursor of its own."""
        cursor = self._connection.cursor()
        try:
            return cursor.execute(_statement(query), values).df()
        finally:
            cursor.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor for this thread; the caller closes it."""
        return self._connection.cursor()


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return whole numbers with unknown ones among them as floats with nan.

    pandas' own NA is neither true nor false, so that every comparison would have to
    ask first.
    """
    unknown = [name for name, kind in frame.dtypes.items() if str(kind) in ("Int64", "Int32")]
    return frame.astype(dict.fromkeys(unknown, "float64")) if unknown else frame


@cache
def _statement(query: Query) -> duckdb.Statement:
    """Return the parsed statement of ``query``: parsing takes as long as asking 25,000 rows."""
    return duckdb.extract_statements(query.sql)[0]


def add_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to the tables of a snapshot what every query may read: see ``views.sql``."""
    for table in ("poisson_limits", "official_survival"):
        connection.execute(
            f"create table {table} as select * from read_csv($file)",
            {"file": str(_REFERENCE / f"{table}.csv")},
        )
    connection.execute(_VIEWS.read_text(encoding="utf-8"))


def database(data_dir: str | None = None) -> Database:
    """Return the database of the snapshot that is current now.

    The last few snapshots stay open, so that running sessions finish undisturbed.
    """
    snapshot = resolve(data_dir)
    key = f"{snapshot.path}:{snapshot.id}"
    with _lock:
        if key not in _databases:
            _databases[key] = Database(snapshot)
            while len(_databases) > _KEPT_SNAPSHOTS:
                _databases.popitem(last=False)
        _databases.move_to_end(key)
        return _databases[key]
