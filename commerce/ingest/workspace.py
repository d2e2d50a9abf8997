"""The working database of one ingest: rows of this run beside what earlier runs knew.

What a later ingest needs beyond the published tables is kept in the snapshot as
``state_permit.parquet`` (one row per permit id ever seen, with its newest row and what
its oldest one said), ``state_sighting.parquet`` (how many ids each file held per
service and authority), ``state_point.parquet`` (points that only older rows had) and
``state_outline.parquet`` (the full outlines of the dongs).
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import duckdb

from commerce.ingest import headers, reference
from commerce.ingest.clean import sql
from commerce.ingest.outlines import Outlines
from commerce.ingest.points import locate
from commerce.snapshot import Snapshot

#: While a file is read its pieces take memory too; afterwards sorting wants what there is.
READING_MEMORY, WORKING_MEMORY = "900MB", "1500MB"
PERMIT, SIGHTING, POINT = "state_permit", "state_sighting", "state_point"


class Workspace:
    """An in-memory database that spills to ``folder``.

    Args:
        folder: where DuckDB may put what does not fit into memory.
    """

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect(
            config={
                "memory_limit": READING_MEMORY,
                "temp_directory": str(folder),
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        self.connection.execute("set enable_progress_bar = false")
        self.working()
        for script in ("address", "tables"):
            self.connection.execute(sql(script))
        self.connection.executemany(
            "insert into status_name values (?, ?)", list(reference.status_codes().items())
        )

    def reading(self) -> None:
        """Leave memory to the pieces of a file, and one thread to each statement.

        Pieces are read in threads of their own, which is faster than sharing each one.
        """
        self.connection.execute(f"set memory_limit = '{READING_MEMORY}'; set threads = 1")

    def working(self) -> None:
        """Take what there is: nothing is being read."""
        threads = max(2, os.cpu_count() or 2)
        self.connection.execute(f"set memory_limit = '{WORKING_MEMORY}'; set threads = {threads}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own for another thread."""
        return self.connection.cursor()

    def close(self) -> None:
        """Let go of the memory."""
        self.connection.close()

    def load(self, previous: Snapshot | None) -> None:
        """Take over what earlier runs knew."""
        if previous is None or not previous.file(PERMIT).is_file():
            return
        run = self.connection.execute
        files = {name: str(previous.file(name)) for name in (PERMIT, SIGHTING, POINT)}
        run("insert into sighting by name from read_parquet($file)", {"file": files[SIGHTING]})
        run("insert into older_point by name from read_parquet($file)", {"file": files[POINT]})
        run(
            "insert into source select -row_number() over (order by source_id, s), source_id, s, "
            "false from (select distinct source_id, s from read_parquet($file))",
            {"file": files[PERMIT]},
        )
        run(
            sql("restore"),
            {"file": files[PERMIT], "published": str(previous.file("establishment"))},
        )

    def forget(self, source_ids: list[str]) -> None:
        """Forget how many ids these files held: they are being read again."""
        self.connection.execute(
            "delete from sighting where source_id = any($ids)", {"ids": source_ids}
        )

    def drop(self, source_no: int) -> None:
        """Drop the rows of a file that was refused after all."""
        for table in ("staged", "refusal"):
            self.connection.execute(
                f"delete from {table} where source_no = $source_no", {"source_no": source_no}
            )

    def set_refused_apart(self, source_no: int) -> None:
        """Move the rows of a file that are refused for what they hold to ``refusal``."""
        for statement in (
            "insert into refusal select source_no, line, reason from staged "
            "where source_no = $no and reason is not null",
            "delete from staged where source_no = $no and reason is not null",
        ):
            self.connection.execute(statement, {"no": source_no})

    def latest(self, source_no: int, today: date) -> date | None:
        """Return S, the latest day that the rows of a file speak of.

        A day after tomorrow is a slip of the pen, unless the file has no other; a day after
        2100 always is, whatever this machine's clock says.
        """
        for column in ("refreshed_at", "updated_at"):
            row = self.connection.execute(
                f"select coalesce(max({column}) filter (where {column} < $today + interval 2 day), "
                f"max({column})) from staged where source_no = $source_no "
                f"and {column} < timestamp '2100-01-01'",
                {"source_no": source_no, "today": today},
            ).fetchone()
            if row and row[0] is not None:
                return date(row[0].year, row[0].month, row[0].day)
        return None

    def has_rows(self, source_no: int) -> bool:
        """Return whether any row of a file could be typed."""
        row = self.connection.execute(
            "select 1 from staged where source_no = $no limit 1", {"no": source_no}
        ).fetchone()
        return row is not None

    def services(self, source_no: int) -> list[str]:
        """Return the services that the rows of a file are of."""
        rows = self.connection.execute(
            "select distinct service_code from staged where source_no = $no order by 1",
            {"no": source_no},
        ).fetchall()
        return [row[0] for row in rows]

    def add_source(self, source_no: int, source_id: str, s: date | None) -> None:
        """Take note of a file that was read."""
        self.connection.execute(
            "insert into source values ($no, $id, $s, true)",
            {"no": source_no, "id": source_id, "s": s},
        )

    def locate(self, outlines: Outlines) -> None:
        """Make table ``point``: each distinct point, in WGS84, in its dong and cells."""
        self.connection.execute(
            "create table point (x double, y double, lon double, lat double, dong_code varchar, "
            "h3_9 ubigint, h3_10 ubigint)"
        )
        found = self.connection.execute(
            "select distinct x, y from staged where x is not null "
            "union select distinct lon, lat from older_point order by all"
        ).fetchnumpy()
        located = locate(found["x"], found["y"], outlines)
        self.connection.register("located", located)
        self.connection.execute("insert into point by name from located")
        self.connection.unregister("located")

    def know_authorities(self, outlines: Outlines) -> None:
        """Make table ``authority``: the code in force, and whether it is of our districts."""
        codes = [
            code
            for (code,) in self.connection.execute(
                "select authority from staged union select authority from sighting"
            ).fetchall()
            if code
        ]
        ours, now = outlines.authority_codes(), reference.code_changes("authority")
        known = reference.authorities()
        if codes:
            self.connection.executemany(
                "insert into authority values (?, ?, ?)",
                [
                    (code, now.get(code, code), code in ours if code in known else None)
                    for code in codes
                ],
            )

    def save(self, folder: Path) -> None:
        """Write what later ingests need into the snapshot."""

        def target(name: str) -> str:
            return str(folder / f"{name}.parquet").replace("'", "''")

        options = "(format parquet, compression snappy)"
        self.connection.execute(f"copy sighting to '{target(SIGHTING)}' {options}")
        self.connection.execute(
            f"copy (select distinct * from older_point) to '{target(POINT)}' {options}"
        )
        self.connection.execute(f"copy ({sql('state')}) to '{target(PERMIT)}' {options}")
        headers.save(self.connection, folder)
