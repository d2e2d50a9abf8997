"""Writes the published tables of card sales, footfall and indicators, and keeps their state."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from commerce.ingest import account, reference
from commerce.ingest.clean import run_script
from commerce.ingest.market import suppress, trades
from commerce.ingest.market.registry import adapters
from commerce.snapshot import write_table

TABLES = ("card_sales", "card_sales_profile", "footfall", "area_indicator")
_STATES = ("state_sale", "state_footfall", "state_presence", "state_indicator")


def write(
    connection: duckdb.DuckDBPyConnection, trade_areas: Path, folder: Path
) -> list[tuple[str, date, int, int]]:
    """Write the tables, without what has to be suppressed, and the state for later ingests.

    Args:
        connection: the working database, its states settled.
        trade_areas: the file of table ``trade_area``, which may be absent.
        folder: the snapshot under construction.

    Returns:
        The months of sales that are not published because days are missing: adapter, first
        day, days that are known, days that it has.
    """
    run = connection.execute
    run(
        "create or replace temp table trade_area_dong as "
        + (
            f"select area_code, dong_code from read_parquet('{_quoted(trade_areas)}')"
            if trade_areas.is_file()
            else "select '' as area_code, '' as dong_code where false"
        )
    )
    _register(connection)
    run_script(connection, "market/cells")
    suppress.protect(connection)
    run_script(connection, "market/presence")
    run_script(connection, "market/publish")
    for name in TABLES:
        write_table(connection, name, f"temp.{name}", folder)
    for name in _STATES:
        target = _quoted(folder / f"{name}.parquet")
        run(f"copy {name} to '{target}' (format parquet, compression zstd)")
    waiting = run("select adapter, period, days, of_days from waiting_month order by all")
    return [(adapter, first, days, of) for adapter, first, days, of in waiting.fetchall()]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _register(connection: duckdb.DuckDBPyConnection) -> None:
    """Register which category each trade is of, what the categories are, and k."""
    seen = connection.execute(
        "select distinct adapter, trade_key, trade_code, trade_name from ("
        "select adapter, trade_key, trade_code, trade_name from state_sale union all "
        "select adapter, trade_key, trade_code, trade_name from state_indicator) "
        "where trade_key is not null order by all"
    ).fetchall()
    found: dict[tuple[str, str], str | None] = {}
    every: set[tuple[str, str]] = set()
    for adapter, key, code, name in seen:
        if trades.is_all(code, name):
            every.add((adapter, key))
        found[adapter, key] = found.get((adapter, key)) or trades.category(adapter, code, name)
    categories = [category or "other" for category in found.values()]
    connection.register(
        "trade_category",
        pa.table(
            {
                "adapter": pa.array([adapter for adapter, _ in found], pa.string()),
                "trade_key": pa.array([key for _, key in found], pa.string()),
                "category_id": pa.array(categories, pa.string()),
                "is_all": pa.array([key in every for key in found], pa.bool_()),
                "is_group": pa.array([c in trades.groups() for c in categories], pa.bool_()),
            }
        ),
    )
    tree = reference.categories()
    connection.register(
        "category_tree",
        pa.table(
            {
                "category_id": [one.category_id for one in tree],
                "parent_id": pa.array([one.parent_id for one in tree], pa.string()),
            }
        ),
    )
    known = adapters()
    connection.register(
        "adapter_k",
        pa.table(
            {
                "adapter": list(known),
                "k": pa.array([one.min_merchants for one in known.values()], pa.int32()),
            }
        ),
    )


def count_superseded(connection: duckdb.DuckDBPyConnection) -> None:
    """Set ``rows_superseded`` of these files to the kept rows that no cell comes from any more."""
    names = [one.adapter for one in adapters().values() if one.kind == "market"]
    held = connection.execute(
        "select source_id, coalesce(sum(live.n), 0)::bigint from dataset left join ("
        "select source_id, n from state_sale union all select source_id, n from state_footfall "
        "union all select source_id, n from live_presence "
        "union all select source_id, n from state_indicator) as live using (source_id) "
        "where dataset.adapter = any($names) group by all",
        {"names": names},
    ).fetchall()
    account.count_superseded(connection, dict(held))
