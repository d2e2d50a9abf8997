"""The shops of one ingest: lists of shops that stand on a day, the newest of each district."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from commerce.errors import Refused
from commerce.ingest import account, headers, reference
from commerce.ingest.account import Publication
from commerce.ingest.area_files import AreaFiles
from commerce.ingest.clean import run_script
from commerce.ingest.market.registry import Found
from commerce.ingest.market.tabular import Table
from commerce.ingest.outlines import Outlines
from commerce.ingest.points import locate
from commerce.ingest.report import SourceReport
from commerce.ingest.shop_trades import category
from commerce.ingest.workbook import Links
from commerce.snapshot import Snapshot, write_table

STATE_FILE, HELD_FILE = "state_shop.parquet", "state_shop_list.parquet"
_ROLES = [
    *("shop_id", "name", "branch", "trade_code", "trade_name", "district_code"),
    *("address_lot", "address_road", "floor", "lon", "lat"),
]


@dataclass
class _Given:
    number: int
    report: SourceReport
    table: Table
    publication: Publication


class Shops:
    """What an ingest knows of shops.

    Args:
        connection: the working database.
        previous: the snapshot that is added to.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, previous: Snapshot | None) -> None:
        self._connection = connection
        self._given: list[_Given] = []
        self._moved_out: list[tuple[str, int, str]] = []
        run_script(connection, "shop_tables")
        changes = reference.code_changes("district")
        connection.register(
            "district_change",
            pa.table({"code_before": list(changes), "code_now": list(changes.values())}),
        )
        if previous is not None and (previous.path / STATE_FILE).is_file():
            self._load(previous)

    def _load(self, previous: Snapshot) -> None:
        run = self._connection.execute
        state = {"file": str(previous.path / STATE_FILE)}
        run(
            "insert into shop_held by name from read_parquet($file)",
            {"file": str(previous.path / HELD_FILE)},
        )
        run(
            "insert into shop_source select -row_number() over (order by source_id), "
            "source_id, max(s) from shop_held group by source_id"
        )
        run(
            "insert into shop_staged by name select source_no, line, shop_id, name, branch, "
            "trade_code, trade_name, district_code, address_lot, address_road, floor, lon, lat, "
            "from read_parquet($file) as state join read_parquet($shops) as shop "
            "using (shop_id, source_id) join shop_source using (source_id)",
            state | {"shops": str(previous.file("shop"))},
        )

    def add_table(self, table: Table, found: Found, snapshot_on: date | None) -> SourceReport:
        """Take the rows of a list of shops.

        Args:
            table: the opened file.
            found: its columns.
            snapshot_on: the day that the caller told, for a list that does not tell its own.

        Raises:
            Refused: when nothing says of which day the list is, or it is cut off.
        """
        number = len(self._given)
        report = SourceReport(
            "", f"상가(상권)정보 · {table.file.name}", found.adapter.adapter, table.file.shown, None
        )
        try:
            for piece in table.pieces(found.columns, _ROLES):
                report.rows_in += piece.count
                self._take(number, piece.rows, piece.bad)
            s = self._day(number, table.file.name) or snapshot_on
            if s is None and self._count(number, "reason is null"):
                raise Refused("ingest.no_day", file=table.file.shown)
        except Refused:
            self._drop(number)
            raise
        report.source_id, report.snapshot_on = table.content_hash[:16], s
        for other in self._given:
            if other.report.source_id == report.source_id:
                self._drop(number)
                report.repeated_of, report.rows_in = other.report.shown, 0
                return report
        self._forget(report.source_id)
        self._connection.execute(
            "insert into shop_source values ($no, $id, $s)",
            {"no": number, "id": report.source_id, "s": s or date.min},
        )
        self._connection.execute(
            "update shop_staged set reason = 'duplicate_id' where source_no = $no "
            "and reason is null and line not in (select min(line) from shop_staged "
            "where source_no = $no and reason is null group by shop_id)",
            {"no": number},
        )
        self._given.append(_Given(number, report, table, Publication.of(found.adapter)))
        return report

    def _take(self, number: int, rows: pa.Table, bad: list[tuple[int, str]]) -> None:
        self._connection.register("shop_given", rows)
        run_script(self._connection, "shops", {"source_no": number})
        self._connection.unregister("shop_given")
        if bad:
            self._connection.executemany(
                "insert into shop_staged (source_no, line, reason) values (?, ?, ?)",
                [(number, line, reason) for line, reason in bad],
            )

    def _day(self, number: int, name: str) -> date | None:
        """Return the day of a list: in its name, else the month of the last registered number."""
        told = day_in_name(name)
        if told is not None:
            return told
        latest = (datetime.now(UTC).date() + timedelta(days=31)).strftime("%Y%m")
        row = self._connection.execute(
            "select max(month) from (select regexp_extract(shop_id, '^MA[0-9]{4}(20[0-9]{4})', 1) "
            "as month from shop_staged where source_no = $no and reason is null) "
            "where month <= $latest and right(month, 2) between '01' and '12'",
            {"no": number, "latest": latest},
        ).fetchone()
        return _last_day(row[0]) if row and row[0] else None

    def _count(self, number: int, condition: str) -> int:
        row = self._connection.execute(
            f"select count(*) from shop_staged where source_no = $no and {condition}",
            {"no": number},
        ).fetchone()
        return int(row[0]) if row else 0

    def _drop(self, number: int) -> None:
        self._connection.execute("delete from shop_staged where source_no = $no", {"no": number})

    def _forget(self, source_id: str) -> None:
        """Forget what an earlier run read of a file: it is read again."""
        for statement in (
            "delete from shop_staged where source_no in "
            "(select source_no from shop_source where source_id = $id)",
            "delete from shop_source where source_id = $id",
            "delete from shop_held where source_id = $id",
        ):
            self._connection.execute(statement, {"id": source_id})

    def source_ids(self) -> list[str]:
        """Return the sources that were read in this run."""
        return [given.report.source_id for given in self._given]

    def settle(self, outlines: Outlines, keep_all: bool, drop_known: bool) -> None:
        """Find the dong of each shop, and refuse those outside the dongs.

        Args:
            outlines: the dongs that are ingested.
            keep_all: whether shops outside stay.
            drop_known: whether shops of earlier ingests that lie outside go.
        """
        run = self._connection.execute
        points = run(
            "select distinct lon, lat from shop_staged where lon is not null order by all"
        ).fetchnumpy()
        x, y = (np.asarray(points[name], dtype=float) for name in ("lon", "lat"))
        self._connection.register("shop_located", locate(x, y, outlines))
        run("create table shop_point as from shop_located")
        self._connection.unregister("shop_located")
        outside = (
            "shop_staged.reason is null and not coalesce(if(lon is null, "
            "district_code = any($codes), exists (from shop_point as point where "
            "point.x = shop_staged.lon and point.y = shop_staged.lat "
            "and point.dong_code is not null)), false)"
        )
        codes = {"codes": sorted(outlines.district_codes())}
        if not keep_all:
            run(
                "update shop_staged set reason = 'outside_district' "
                f"where source_no >= 0 and {outside}",
                codes,
            )
        if drop_known:
            self._moved_out = run(
                "select source_id, line + 1, concat_ws(' ', shop_id, name, trade_name, "
                "address_road) from shop_staged join shop_source using (source_no) "
                f"where source_no < 0 and {outside} order by source_id, line",
                codes,
            ).fetchall()
            run(f"delete from shop_staged where source_no < 0 and {outside}", codes)

    def account(self) -> None:
        """Write ``dataset`` and ``refused`` of these files, and of shops that moved out."""
        run = self._connection.execute
        for given in self._given:
            report = given.report
            reasons = run(
                "select line, reason from shop_staged where source_no = $no "
                "and reason is not null order by line",
                {"no": given.number},
            ).fetchall()
            report.refused = Counter(reason for _, reason in reasons)
            report.rows_refused = len(reasons)
            report.rows_kept = self._count(given.number, "reason is null")
            day = report.snapshot_on
            account.add_source(
                self._connection, report, given.table.file, given.publication, (day, day)
            )
            headers.note(self._connection, report.source_id, given.table)
            account.add_refused(self._connection, report.source_id, _raw(given.table, reasons))
        run("delete from shop_staged where reason is not null")
        account.move_out(self._connection, self._moved_out)
        run(
            "insert into shop_held select source_id, s, district_code, count(*) from shop_staged "
            "join shop_source using (source_no) where source_no >= 0 group by all"
        )

    def write(self, areas: AreaFiles, links: Links, folder: Path) -> None:
        """Write table ``shop`` and what later ingests need, and count what was replaced."""
        run = self._connection.execute
        areas.hold(self._connection, "shop_staged")
        trades = run(
            "select distinct trade_code, trade_name from shop_staged order by all"
        ).fetchall()
        now = links.codes_now()
        self._connection.register(
            "shop_trade",
            pa.table(
                {
                    "trade_code": pa.array([code for code, _ in trades], pa.string()),
                    "trade_name": pa.array([name for _, name in trades], pa.string()),
                    "category_id": pa.array([category(c, n, now) for c, n in trades], pa.string()),
                }
            ),
        )
        run_script(self._connection, "shop_settle")
        write_table(self._connection, "shop", "shop_row", folder)
        held = run(
            "select shop_source.source_id, count(shop_row.shop_id) from shop_source "
            "left join shop_row using (source_id) group by all"
        ).fetchall()
        account.count_superseded(self._connection, dict(held))
        if not held:
            return
        for name, rows in (
            (STATE_FILE, "select shop_id, source_id, line, district_code from shop_row"),
            (HELD_FILE, "select * from shop_held order by all"),
        ):
            target = str(folder / name).replace("'", "''")
            run(f"copy ({rows}) to '{target}' (format parquet, compression zstd)")


def day_in_name(name: str) -> date | None:
    """Return the day that a file's name tells; of a month its last day.

    >>> day_in_name("소상공인시장진흥공단_상가(상권)정보_광주_202409.csv")
    datetime.date(2024, 9, 30)
    """
    for year, month, day in re.findall(r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)?(?!\d)", name):
        if 1 <= int(month) <= 12:
            last = _last_day(year + month)
            return last.replace(day=int(day)) if 1 <= int(day or 0) <= last.day else last
    return None


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[4:])
    return date(year, number, calendar.monthrange(year, number)[1])


def _raw(table: Table, reasons: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    why = dict(reasons)
    for line, text in table.raw(np.array(sorted(why), dtype=np.int64)) if why else ():
        yield line + 1, why[line], text
