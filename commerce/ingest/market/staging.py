"""The tables about places of one ingest: read, checked, merged with what is known, accounted."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from commerce.errors import Refused
from commerce.ingest import account, headers, reference
from commerce.ingest.account import Publication
from commerce.ingest.clean import run_script
from commerce.ingest.market import presence, publish
from commerce.ingest.market.registry import Adapter, Found, adapters
from commerce.ingest.market.tabular import Table
from commerce.ingest.outlines import Outlines
from commerce.ingest.report import SourceReport
from commerce.snapshot import Snapshot

STATES = ("state_sale", "state_footfall", "state_presence", "state_indicator")
#: Which roles a reason for refusal is about, when no row of a file is spared by it.
_BLAMED = {
    "bad_period": ("quarter", "month", "day", "period"),
    "bad_code": ("dong", "trade_area", "area_code"),
    "bad_number": ("sales:total:all", "persons:total:all", "sales", "persons", "amount_dong"),
}
#: Columns that the scripts may ask for, whether an adapter has them or not.
_KEYS = ("quarter", "month", "dong", "trade_area", "trade_code", "trade_name")
_BATCH = 50_000


@dataclass
class _Given:
    number: int
    report: SourceReport
    table: Table
    adapter: Adapter
    coverage: tuple[date | None, date | None]


class Market:
    """Card sales, footfall and indicators of one ingest.

    Args:
        connection: the working database.
        previous: the snapshot that is added to.
        outlines: the dongs that are ingested.
        keep_all: whether rows outside the dongs stay.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        previous: Snapshot | None,
        outlines: Outlines,
        keep_all: bool,
    ) -> None:
        self._connection, self._keep_all = connection, keep_all
        self._given: list[_Given] = []
        run_script(connection, "market/tables")
        changes = reference.code_changes("district")
        connection.register(
            "changes", pa.table({"code_before": list(changes), "code_now": list(changes.values())})
        )
        connection.execute("create table code_change as from changes")
        connection.register("dongs", pa.table({"dong_code": outlines.codes.tolist()}))
        connection.execute("create table outline_dong as from dongs")
        for name in STATES:
            if previous is not None and previous.file(name).is_file():
                connection.execute(
                    f"insert into {name} by name from read_parquet($file)",
                    {"file": str(previous.file(name))},
                )

    def add_table(
        self,
        table: Table,
        found: Found,
        snapshot_on: date | None,
        progress: Callable[[int], None] = lambda rows: None,
    ) -> SourceReport:
        """Take the rows of a table; what it holds of places outside the dongs is refused.

        Args:
            table: the opened file.
            found: its adapter and columns.
            snapshot_on: the day up to which the file knows, where the caller told it.
            progress: called with the number of rows read so far.

        Raises:
            Refused: when its columns do not hold what their names say, or it is cut off.
        """
        number, adapter = len(self._given), found.adapter
        report = SourceReport(
            "", f"{adapter.title_ko} · {table.file.name}", adapter.adapter, table.file.shown, None
        )
        try:
            if adapter.script in presence.SCRIPTS:
                report.rows_in = presence.read(
                    self._connection, number, table, found, self._keep_all, progress
                )
            else:
                report.rows_in = self._read(number, table, found, progress)
            report.refused = self._refused(number)
            self._blame(report, table, found)
        except Refused:
            self._drop(number)
            raise
        report.rows_refused = report.refused.total()
        report.rows_kept = report.rows_in - report.rows_refused
        report.source_id = hashlib.sha256(
            f"{table.content_hash}:{adapter.adapter}".encode()
        ).hexdigest()[:16]
        for other in self._given:
            if other.report.source_id == report.source_id:
                self._drop(number)
                report.repeated_of, report.rows_in = other.report.shown, 0
                report.rows_kept = report.rows_refused = 0
                report.refused = Counter()
                return report
        coverage = self._coverage(number)
        report.snapshot_on = snapshot_on or coverage[1]
        self._merge(number, report.source_id, adapter)
        self._given.append(_Given(number, report, table, adapter, coverage))
        return report

    def _read(
        self, number: int, table: Table, found: Found, progress: Callable[[int], None]
    ) -> int:
        run, adapter = self._connection, found.adapter
        roles = [r for r in adapter.roles if ":" not in r or r in found.columns]
        roles += [role for role in _KEYS if role not in roles]
        if adapter.script == "semas_ai" and not any(":" in role for role in roles):
            roles.append("share:weekday:1")
        rows = 0
        for piece in table.pieces(found.columns, roles):
            run.register("given", piece.rows)
            run_script(run, f"market/{adapter.script}", {"source_no": number})
            run.unregister("given")
            note_bad(run, number, piece.bad)
            rows += piece.count
            progress(rows)
        measures = {role.split(":")[0] for role in adapter.roles}
        run_script(
            run,
            "market/check",
            {
                "source_no": number,
                "keep_all": self._keep_all,
                "sido": adapter.sido,
                "trade_pattern": adapter.trade_pattern,
                "is_sales": _is_sales(adapter),
                "is_footfall": "persons" in measures and not _is_sales(adapter),
            },
        )
        return rows

    def _refused(self, number: int) -> Counter[str]:
        return Counter(
            dict(
                self._connection.execute(
                    "select reason, count(*) from market_refusal where source_no = $no "
                    "group by reason",
                    {"no": number},
                ).fetchall()
            )
        )

    def _blame(self, report: SourceReport, table: Table, found: Found) -> None:
        """Refuse a file of which not one row holds what a column's name says."""
        for reason, roles in _BLAMED.items():
            if report.refused[reason] == report.rows_in > 0:
                role = next((r for r in roles if r in found.columns), None)
                if role is not None:
                    raise Refused(
                        "ingest.wrong_column",
                        file=table.file.shown,
                        column=table.names[found.columns[role]],
                        reason=Refused(f"reason.{reason}"),
                    )

    def _coverage(self, number: int) -> tuple[date | None, date | None]:
        """Return the first and the last day of the kept rows of a file."""
        found = self._connection.execute(
            "select min(coalesce(day, period)), max(coalesce(day, period + to_months(period_months)"
            " - interval 1 day)) from market_row where source_no = $no union all "
            "select min(period), max(period + to_months(1) - interval 1 day) "
            "from market_presence where source_no = $no order by all nulls last",
            {"no": number},
        ).fetchall()[0]
        first, last = (value and date(value.year, value.month, value.day) for value in found)
        return first, last

    def _merge(self, number: int, source_id: str, adapter: Adapter) -> None:
        for name in STATES:
            self._connection.execute(
                f"delete from {name} where source_id = $source_id", {"source_id": source_id}
            )
        names = {
            "source_no": number,
            "source_id": source_id,
            "adapter": adapter.adapter,
            "unit": adapter.unit,
            "is_sales": _is_sales(adapter),
        }
        run_script(self._connection, "market/merge", names)
        presence.merge(self._connection, number, source_id, adapter.adapter)

    def _drop(self, number: int) -> None:
        for name in ("market_row", "market_value", "market_presence", "market_refusal"):
            self._connection.execute(f"delete from {name} where source_no = $no", {"no": number})

    def source_ids(self) -> list[str]:
        """Return the sources that were read in this run."""
        return [given.report.source_id for given in self._given]

    def settle(self, drop_known: bool) -> None:
        """Let go of cells of earlier ingests whose places are not in the dongs any more.

        Args:
            drop_known: whether boundaries were given that replace the district.
        """
        if not drop_known:
            return
        known = adapters()
        sidos = pa.table(
            {"adapter": list(known), "sido": [adapter.sido for adapter in known.values()]}
        )
        self._connection.register("adapter_sido", sidos)
        for name in STATES:
            kind = "'dong'" if name == "state_presence" else f"{name}.area_kind"
            self._connection.execute(
                f"delete from {name} using adapter_sido as a where {name}.adapter = a.adapter and "
                f"case {kind} when 'dong' then area_code not in "
                "(select dong_code from outline_dong) else a.sido <> '' and a.sido not in "
                "(select left(dong_code, 2) from outline_dong) end"
            )
        self._connection.unregister("adapter_sido")

    def account(self) -> None:
        """Write ``dataset`` and ``refused`` of these files, and count what newer files replaced."""
        run = self._connection
        for given in self._given:
            account.add_source(
                run, given.report, given.table.file, Publication.of(given.adapter), given.coverage
            )
            headers.note(run, given.report.source_id, given.table)
            found = run.execute(
                "select line, reason from market_refusal where source_no = $no order by line",
                {"no": given.number},
            ).fetchnumpy()
            rows = _refused_rows(given.table, found["line"], found["reason"])
            while batch := list(itertools.islice(rows, _BATCH)):
                account.add_refused(run, given.report.source_id, batch)
        run_script(run, "market/newest")
        presence.settle(run)
        publish.count_superseded(run)


def _is_sales(adapter: Adapter) -> bool:
    return any(role.split(":")[0] in ("sales", "amount_dong") for role in adapter.roles)


def note_bad(
    connection: duckdb.DuckDBPyConnection, number: int, bad: list[tuple[int, str]]
) -> None:
    """Refuse records that could not be read."""
    if bad:
        rows = pa.table({"line": [line for line, _ in bad], "reason": [why for _, why in bad]})
        connection.register("bad_record", rows)
        connection.execute(
            "insert into market_refusal select $no, line, reason from bad_record", {"no": number}
        )
        connection.unregister("bad_record")


def _refused_rows(
    table: Table, lines: np.ndarray, reasons: np.ndarray
) -> Iterator[tuple[int, str, str]]:
    if len(lines):
        for (line, raw), reason in zip(table.raw(lines), reasons, strict=True):
            yield line + 1, str(reason), raw
