"""Where sales, footfall, areas and shops of the demo claim to come from, and what was refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from commerce.demo.draw import SNAPSHOT_ON
from commerce.demo.shops import LISTED_ON
from commerce.demo.sources import INGESTED_AT, LICENCE, PUBLISHER
from commerce.demo.tables import table


def register(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make ``demo_series_dataset`` and ``demo_series_refused``; the tables must be written."""
    given, refused = table("series_sources"), table("series_refused")
    rows = []
    for source in given.itertuples():
        kept, begin, end = _extent(connection, folder, source.table)
        lost = int((refused["source_id"] == source.source_id).sum())
        rows.append(
            {
                "source_id": source.source_id,
                "title": source.title,
                "publisher": PUBLISHER,
                "licence": LICENCE,
                "snapshot_on": SNAPSHOT_ON,
                "coverage_from": begin,
                "coverage_to": end,
                "rows_in": kept + source.repeated + lost,
                "rows_kept": kept + source.repeated,
                "rows_refused": lost,
                "rows_superseded": source.repeated,
                "sha256": None,
                "adapter": source.adapter,
                "tested_on_real_files": False,
                "ingested_at": INGESTED_AT,
                "unit": source.unit,
                "min_merchants": source.min_merchants,
                "synthetic": True,
            }
        )
    connection.register("series_dataset", pd.DataFrame(rows))
    connection.execute("create view demo_series_dataset as from series_dataset")
    connection.register("demo_series_refused", refused)


def _extent(
    connection: duckdb.DuckDBPyConnection, folder: Path, name: str
) -> tuple[int, object, object]:
    """Return a table's rows, and the first and last day of which they speak."""
    if name == "shop":
        ask = f"select count(*), date '{LISTED_ON}', date '{LISTED_ON}'"
    elif name == "trade_area":
        ask = "select count(*), null, null"
    else:
        ask = """
            select count(*), min(period),
                max(period + to_months(period_months) - interval 1 day)::date
        """
    n, begin, end = connection.execute(
        f"{ask} from read_parquet($file)", {"file": str(folder / f"{name}.parquet")}
    ).fetchall()[0]
    return n, begin, end
