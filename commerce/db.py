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
#: Of these tables figures read a narrow copy: the rows themselves stay in their files sooner.
_COPIED_BYTES = dict.fromkeys(("card_sales", "card_sales_profile", "footfall"), 8 * 2**20)
_REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
_VIEWS = tuple(Path(__file__).with_name(name) for name in ("views.sql", "place.sql"))
#: Enums of the codes in the tables that are kept, and where their values come from.
_CODES = {
    "service_enum": "select service_code from establishment",
    "authority_enum": "select authority_code from establishment",
    # What permits are grouped by is of one kind, so that a query may group by whichever is asked.
    "code_enum": "select dong_code from establishment union select dong_code from dong"
    " union select dong_code from card_sales union select dong_code from footfall"
    " union select category_id from establishment union select parent_id from category"
    " union select category_id from card_sales union select category_id from category"
    " union select dong_code from card_sales_profile"
    " union select category_id from card_sales_profile"
    " union select year_code from permit union select band_code from permit"
    " union select all_code from permit",
    "h3_9_enum": "select h3_9 from establishment",
    "h3_10_enum": "select h3_10 from establishment",
    "area_enum": "select area_code from card_sales union select area_code from footfall"
    " union select area_code from card_sales_profile",
    "area_kind_enum": "select area_kind from card_sales union select area_kind from footfall"
    " union select area_kind from card_sales_profile union select unnest(['dong', 'trade_area'])",
    "trade_enum": "select trade_code from card_sales union select trade_code from"
    " card_sales_profile",
    "trade_name_enum": "select trade_name from card_sales",
    "dimension_enum": "select dimension from footfall union select dimension from"
    " card_sales_profile",
    "bucket_enum": "select bucket from footfall union select bucket from card_sales_profile",
    "unit_enum": "select unit from footfall",
    "source_enum": "select source_id from card_sales union select source_id from footfall"
    " union select source_id from card_sales_profile",
    "series_enum": "select adapter from dataset union select source_id from card_sales"
    " union select source_id from footfall union select source_id from card_sales_profile",
}
_PLACE = {
    "dong_code": "code_enum",
    "area_kind": "area_kind_enum",
    "area_code": "area_enum",
    "source_id": "source_enum",
    "series": "series_enum",
}
_TRADE = {"category_id": "code_enum", "group_id": "code_enum"}
_PART = {"dimension": "dimension_enum", "bucket": "bucket_enum"}
_SERIES = {"series": "series_enum", "area_kind": "area_kind_enum"}
#: The views that are kept as tables, with their codes as enums, each after those it reads.
_KEPT = {
    "permit": _TRADE
    | {
        "service_code": "service_enum",
        "authority_code": "authority_enum",
        "dong_code": "code_enum",
        "year_code": "code_enum",
        "band_code": "code_enum",
        "all_code": "code_enum",
        "h3_9": "h3_9_enum",
        "h3_10": "h3_10_enum",
    },
    "sale": _PLACE | _TRADE | {"trade_code": "trade_enum", "trade_name": "trade_name_enum"},
    "sale_profile": _PLACE | _TRADE | _PART | {"trade_code": "trade_enum"},
    "visit": _PLACE | _PART | {"unit": "unit_enum"},
    "sales_series": _SERIES,
    "footfall_series": _SERIES | {"unit": "unit_enum"},
}
#: Rows by place, so that scans skip: a join does not keep the order of its file.
_ORDER = {
    "sale": "dong_code nulls last",
    "sale_profile": "dong_code nulls last",
    "visit": "dong_code nulls last, dimension",
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
        self._keep_views()

    def _open(self, table: str) -> None:
        file = self.snapshot.file(table)
        path = str(file).replace("'", "''")
        # The raw text of refused rows is for staff to download, not for queries.
        columns = "* exclude (raw)" if table == "refused" else "*"
        rows = f"select {columns} from read_parquet('{path}')"
        limit = _COPIED_BYTES.get(table, IN_MEMORY_BYTES)
        if file.is_file() and file.stat().st_size > limit:
            self._connection.execute(f'create view "{table}" as {rows}')
            return
        self._connection.execute(create_table_sql(table))
        if table == "refused":
            self._connection.execute("alter table refused drop column raw")
        if file.is_file():  # by name: an older snapshot lacks columns that came later
            self._connection.execute(f'insert into "{table}" by name {rows}')

    def _keep_views(self) -> None:
        """Keep the rows of some views as narrow tables, their codes as enums.

        Figures scan a tenth of the bytes then, also when the permits themselves stay
        in their file. Queries read the same either way.
        """
        for name, source in _CODES.items():
            self._connection.execute(
                f"create type {name} as enum (select distinct code::varchar"
                f" from ({source}) as codes (code) where code is not null order by all)"
            )
        for view, enums in _KEPT.items():
            codes = ", ".join(f"{column}::{name} as {column}" for column, name in enums.items())
            order = f" order by {_ORDER[view]}" if view in _ORDER else ""
            self._connection.execute(
                f"create table kept as select * replace ({codes}) from {view}{order};"
                f" drop view {view}; alter table kept rename to {view}"
            )
        counted = self._connection.execute("select count(*) from permit").fetchone()
        # Groups are counted in an array as long as it is shorter than the permits: dong and age
        # in days, say, need 18 bits. DuckDB stops at 12, however many rows there are.
        bits = max(12, min(18, (counted[0] if counted else 0).bit_length() - 2))
        self._connection.execute("set global perfect_ht_threshold = $bits", {"bits": bits})

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
    """Add to the tables of a snapshot what every query may read (views.sql, place.sql)."""
    for table in ("poisson_limits", "official_survival", "holidays"):
        connection.execute(
            f"create table {table} as select * from read_csv($file)",
            {"file": str(_REFERENCE / f"{table}.csv")},
        )
    for file in _VIEWS:
        connection.execute(file.read_text(encoding="utf-8"))


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
