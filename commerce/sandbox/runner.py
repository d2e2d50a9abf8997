"""The one way to run SQL from people: a warm child per query, few at once, all in the journal."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from commerce.errors import Refused
from commerce.sandbox import journal
from commerce.sandbox.catalog import WITHHELD, catalog
from commerce.sandbox.limits import Limits, limits
from commerce.sandbox.parameters import plain_values
from commerce.sandbox.process import Answer, Child
from commerce.sandbox.refusal import Rejected, explain
from commerce.snapshot import Snapshot, resolve

if TYPE_CHECKING:
    import pandas as pd

_MB = 2**20
_WITHHELD_COLUMNS = {column for _, column in WITHHELD}


@dataclass(frozen=True)
class Result:
    """What a query gave.

    Attributes:
        table: its rows, at most as many as the limit.
        cut: ``rows`` or ``size`` when there were more rows; else ''.
        cut_cells: how many cells were too wide and were cut.
        seconds: how long it took.
        tables: the columns that were loaded for it, by table.
        limits: the limits that held.
        method: the function that went on from the rows, if any; see ``method.py``.
        method_failed: whether it could not, so that these are the query's rows alone.
    """

    table: pa.Table
    cut: str
    cut_cells: int
    seconds: float
    tables: dict[str, list[str]]
    limits: dict[str, int]
    method: str = ""
    method_failed: bool = False

    def shortfall(self) -> Refused:
        """Return what the reader must know when rows or cells were cut."""
        from commerce.i18n import number

        rows = number(self.table.num_rows)
        if self.cut == "rows":
            return Refused("sandbox.cut.rows", rows=rows)
        if self.cut == "size":
            return Refused("sandbox.cut.size", rows=rows, mb=self.limits["mb"])
        cells, chars = number(self.cut_cells), number(self.limits["cell_chars"])
        return Refused("sandbox.cut.cells", cells=cells, chars=chars)

    def frame(self) -> pd.DataFrame:
        """Return the rows as pandas holds them: days as timestamps, decimals as numbers."""
        return to_frame(self.table)


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return rows as pandas holds them: days as timestamps, decimals as numbers."""
    columns = []
    for column in table.columns:
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        elif pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns.append(column)
    return pa.Table.from_arrays(columns, names=table.column_names).to_pandas(date_as_object=False)


def request(
    sql: str,
    values: Mapping[str, object],
    snapshot: Snapshot,
    held: Limits,
    *,
    export: bool = False,
) -> dict[str, Any]:
    """Return what a child is asked, as plain values."""
    found = catalog()
    files = {r.statement for r in found.relations.values() if r.kind == "reference"}
    folder = str(snapshot.path.resolve())
    return {
        "sql": sql,
        "values": plain_values(sql, values),
        "snapshot": folder,
        "paths": [folder, *sorted(files)],
        "catalog": found.to_json(),
        "limits": {
            "seconds": held.seconds,
            "memory_mb": held.memory_mb,
            "threads": held.threads,
            "columns": held.columns,
            "cell_chars": held.cell_chars,
            "sql_chars": held.sql_chars,
            "rows": held.rows_exported if export else held.rows_shown,
            "mb": held.mb_exported if export else held.mb_shown,
        },
    }


class Runner:
    """Runs queries in children, with one warm in reserve.

    Args:
        keep_spare: whether to start the next child ahead; a single run needs none.
        given: the limits; None means those in force.
    """

    def __init__(self, keep_spare: bool = True, given: Limits | None = None) -> None:
        self.limits = given or limits()
        self._keep_spare = keep_spare
        self._places = threading.BoundedSemaphore(self.limits.at_once)
        self._lock = threading.Lock()
        self._spare: Child | None = None
        self._closed = False

    def warm(self) -> None:
        """Start a child in reserve now, so that the first query is quick too."""
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = Child()

    def close(self) -> None:
        """End the child in reserve; no query can be run then."""
        with self._lock:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare:
            spare.end()

    def run(
        self,
        sql: str,
        values: Mapping[str, object] | None = None,
        *,
        who: str,
        data_dir: str | None = None,
        snapshot: Snapshot | None = None,
        export: bool = False,
        taken: Callable[[Child], None] | None = None,
    ) -> Result:
        """Return what ``sql`` gives on a snapshot, and write the run into the journal.

        Args:
            sql: the statement as typed.
            values: values of its parameters by name; texts are read as their type.
            who: who asks, for the journal.
            data_dir: the data folder; None means the one that the app serves.
            snapshot: the snapshot itself, instead.
            export: whether the larger limits hold, of rows and of bytes.
            taken: called with the child before it is asked: what another thread cancels.

        Raises:
            Rejected: when the statement was refused, failed or was cut off.
            Refused: when there is no snapshot, or the journal cannot be written.
        """
        started = time.monotonic()
        outcome, rows = "failed", 0
        journal.check()
        try:
            found = snapshot or resolve(data_dir)
            result = self._run(sql, values or {}, found, export, taken or (lambda _: None))
            outcome, rows = result.cut or "done", result.table.num_rows
            return result
        except Refused as error:
            outcome = error.key
            raise
        finally:
            journal.write(
                who=who,
                sql=sql,
                values={name: str(value) for name, value in (values or {}).items()},
                rows=rows,
                seconds=round(time.monotonic() - started, 3),
                outcome=outcome,
            )

    def _run(
        self,
        sql: str,
        values: Mapping[str, object],
        snapshot: Snapshot,
        export: bool,
        taken: Callable[[Child], None],
    ) -> Result:
        if len(sql) > self.limits.sql_chars:
            raise Rejected("sandbox.too_long", limit=self.limits.sql_chars)
        mb = self.limits.mb_exported if export else self.limits.mb_shown
        wanted = request(sql, values, snapshot, self.limits, export=export)
        if not self._places.acquire(timeout=self.limits.wait_seconds):
            raise Rejected("sandbox.busy", at_once=self.limits.at_once)
        try:
            child = self._take()
            taken(child)
            answer = child.ask(wanted, self.limits.seconds, (mb + 1) * _MB)
        finally:
            self._places.release()
        return self._read(answer, sql, wanted["limits"])

    def _take(self) -> Child:
        """Return a child for one query; the next one warms up meanwhile."""
        with self._lock:
            if self._closed:
                raise Rejected("sandbox.no_child")
            child, self._spare = self._spare, None
            if child is None or not child.alive():
                if child:
                    child.end()
                child = Child()
            if self._keep_spare:
                self._spare = Child()
        return child

    def _read(self, answer: Answer, sql: str, held: dict[str, int]) -> Result:
        """Return the result in ``answer``: its sender is not trusted."""
        try:
            error = self._error(answer.end, sql)
            if error:
                str(error)  # its sentence can be said
                raise error
            return _result(answer, held)
        except (LookupError, AttributeError, TypeError, ValueError, OSError, pa.ArrowException):
            raise Rejected("sandbox.bad_answer") from None

    def _error(self, end: dict[str, Any], sql: str) -> Rejected | None:
        if "refused" in end:
            params: dict[str, Any] = {str(key): str(value) for key, value in end["params"].items()}
            line, column = end.get("line"), end.get("column")
            known = isinstance(line, int) and isinstance(column, int)
            at = {"line": line, "column": column} if known else {}
            return Rejected(str(end["refused"]), **at, **params)
        if end.get("failed") == "memory":
            return Rejected("sandbox.memory", memory=self.limits.memory_mb)
        if "failed" not in end:
            return None
        relations = [catalog().relations[str(name)] for name in end["relations"]]
        columns = sorted({column for relation in relations for column in relation.columns})
        error = explain(str(end["message"]), sql, columns)
        if error.params.get("name") in _WITHHELD_COLUMNS:
            return Rejected("sandbox.withheld", line=error.line, column=error.column)
        return error


def _result(answer: Answer, held: dict[str, int]) -> Result:
    end = answer.end
    table = pa.ipc.open_stream(answer.arrow).read_all()
    table.validate(full=True)
    table = _whole_numbers(table)
    tables = {str(name): [str(column) for column in end["tables"][name]] for name in end["tables"]}
    cut, cut_cells, seconds = str(end["cut"]), int(end["cut_cells"]), float(end["seconds"])
    return Result(table, cut, cut_cells, seconds, tables, held)


def _whole_numbers(table: pa.Table) -> pa.Table:
    """Return ``table`` with sums of whole numbers as such, where 64 bits hold them.

    DuckDB sums in 128 bits, which Arrow knows as decimals: files would show them as 12.0.
    """
    for position, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            with suppress(pa.ArrowInvalid):
                column = table.column(position).cast(pa.int64())
                table = table.set_column(position, field.with_type(pa.int64()), column)
    return table


@cache
def runner() -> Runner:
    """Return the runner of this process, the next child warm; it ends with the process."""
    made = Runner()
    atexit.register(made.close)
    made.warm()
    catalog()
    return made
