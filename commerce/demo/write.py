"""Write the demo district as a snapshot: every table of the schema, the same for the same seed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from commerce.demo import assemble, places, records, series_sources, sites, sources, trading
from commerce.demo.draw import SNAPSHOT_ON, draw
from commerce.model import write_model
from commerce.snapshot import write_table

SEED = 20261031
#: Permits drawn per unit of scale, before the companions of convenience stores.
PERMITS = 24_400
#: Units drawn at a time: 20 need about 1.5 GB.
UNITS_PER_PART = 20
#: Closures of one service on one day from which the day counts as a clean-up.
BULK = 20

Progress = Callable[[int, int], None]


def write_demo(
    folder: Path, scale: int = 1, seed: int = SEED, progress: Progress | None = None
) -> None:
    """Write the synthetic district to ``folder``, which then is a snapshot itself.

    With ``scale`` N there are N times as many permits in the same dongs, and a
    clean-up day is one with N times as many closures.

    Args:
        folder: where the tables go; made if it is not there, its tables replaced.
        scale: how many times 25,000 permits.
        seed: the same seed writes the same bytes.
        progress: called with the permits drawn so far and the permits in all.

    Raises:
        ValueError: when the scale is below 1.
    """
    if scale < 1:
        raise ValueError("scale must be 1 or more")
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".demo-", dir=folder))
    try:
        _parts(work, scale, seed, progress)
        connection = duckdb.connect(
            ":memory:", config={"memory_limit": "4GB", "temp_directory": str(work / "spill")}
        )
        with connection:
            connection.execute("set enable_progress_bar = false")
            _establishment(connection, work, scale)
            write_table(connection, "establishment", "demo_establishment", folder)
            trading.write(connection, folder, scale, seed)
            sources.register(connection, folder, seed)
            series_sources.register(connection, folder)
            for name in ("dong", "category"):
                write_table(connection, name, f"demo_{name}", folder)
            for name in ("dataset", "refused"):
                both = f"(from demo_{name} union all by name from demo_series_{name})"
                write_table(connection, name, both, folder)
        write_model(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _parts(work: Path, scale: int, seed: int, progress: Progress | None) -> None:
    """Draw the district in parts of bounded size and put each into a file of its own."""
    count = -(-scale // UNITS_PER_PART)
    done = 0
    for part in range(count):
        units = min(UNITS_PER_PART, scale - part * UNITS_PER_PART)
        rng = np.random.default_rng([seed, part])
        buildings = places.build(rng, units)
        permits = draw(rng, units * PERMITS)
        settled = sites.settle(rng, permits, buildings)
        permits, settled = sites.with_companions(rng, permits, settled)
        rows = assemble.establishments(
            rng, permits, settled, records.record(rng, permits, units), buildings, (part, count)
        )
        pq.write_table(rows, work / f"part-{part:04d}.parquet", compression="lz4")
        done += units
        if progress:
            progress(done * PERMITS, scale * PERMITS)


def _establishment(connection: duckdb.DuckDBPyConnection, work: Path, scale: int) -> None:
    """Make the view of all parts in which the days of bulk clean-ups are marked."""
    files = str(work / "part-*.parquet").replace("'", "''")
    connection.execute(f"create view part as select * from read_parquet('{files}')")
    connection.execute(
        """
        create table bulk_day as
        select service_code, exit_on
        from part
        where exit_kind in ('closed', 'cancelled') and exit_on is not null
        group by all
        having count(*) >= $closures
        """,
        {"closures": BULK * scale},
    )
    connection.execute(
        """
        create view demo_establishment as
        select part.* replace (
            if(
                bulk_day.exit_on is not null and part.exit_kind in ('closed', 'cancelled'),
                'bulk',
                part.exit_date_quality
            ) as exit_date_quality
        )
        from part
        left join bulk_day using (service_code, exit_on)
        """
    )


__all__ = ["SEED", "SNAPSHOT_ON", "write_demo"]
