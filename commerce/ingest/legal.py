"""Finds the dong of rows without a point by their 법정동, where that lies in one dong only."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from commerce.ingest import reference
from commerce.ingest.outlines import Outlines
from commerce.ingest.places import canonical, legal_dong


def find(connection: duckdb.DuckDBPyConnection, outlines: Outlines) -> None:
    """Make table ``legal_found`` (row_no, dong_code) for rows that nothing else places."""
    known = {
        (canonical(f"{row['sido_ko']} {row['sigungu_ko']}"), row["legal_dong_ko"]): row["dong_code"]
        for row in reference.rows("legal_dongs")
    }
    ours = set(outlines.codes.tolist())
    rows = connection.execute(
        "select current.row_no, staged.address_lot, staged.address_road from current "
        "join staged on current.row_no = staged.rowid left join found using (row_no) "
        "where current.lon is null and found.dong_code is null"
    ).fetchall()
    placed: list[tuple[int, str]] = []
    for row_no, lot, road in rows:
        named = legal_dong(lot, road)
        code = known.get(named) if named else None
        if code in ours and code is not None:
            placed.append((row_no, code))
    table = pa.table(
        {
            "row_no": pa.array([row_no for row_no, _ in placed], pa.int64()),
            "dong_code": pa.array([code for _, code in placed], pa.string()),
        }
    )
    connection.register("placed", table)
    connection.execute("create table legal_found as from placed")
    connection.unregister("placed")
