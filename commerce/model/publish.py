"""Fits the model of a snapshot and writes it as tables of that snapshot, with its record."""

from __future__ import annotations

import hashlib
import logging
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from commerce.db import add_views
from commerce.model import features
from commerce.model.backtest import Bin, Record, Score, backtest, default_cut, first_day
from commerce.model.score import Interval
from commerce.model.train import MIN_EVENTS, MONTHS, Fitted, choose, train
from commerce.schema import create_table_sql, tables
from commerce.snapshot import write_table

Row = dict[str, Any]
#: Goes up whenever the same data would give another model.
VERSION = 1
TABLES = ("model", "model_term", "model_baseline", "model_record")
_METHOD = "Cox proportional hazards, strata by trade, Efron ties, ridge"
#: The last digits hang on the processor: the same data shall give the same bytes.
_DIGITS = 9
_NEEDED = ("establishment", "category")


def fit_snapshot(folder: Path, cut: date | None = None) -> dict[str, list[Row]]:
    """Return the rows of the four model tables for the snapshot in ``folder``.

    Args:
        folder: holds at least ``establishment`` and ``category``.
        cut: day that parts learning from scoring in the backtest; None means 1 January six
            years before S.

    All are empty where fewer than 200 permits had closed, by S or by the cut: a model
    without a record is not shown.
    """
    found = record_of(folder, cut)
    if found is None:
        return {name: [] for name in TABLES}
    frame, record, last_day = found
    day_after = last_day + timedelta(days=1)
    fitted = train(frame, day_after, choose(frame, day_after))
    if fitted is None:
        return {name: [] for name in TABLES}
    rows = {
        "model_term": _terms(fitted),
        "model_baseline": _baselines(fitted),
        "model_record": [row for score in record.scores for row in _record(score)],
    }
    rows["model"] = [_card(frame, fitted, record, last_day)]
    for table in rows.values():
        for row in table:
            row.update({key: _rounded(value) for key, value in row.items()})
    told = repr([VERSION, [rows[name] for name in TABLES]])
    name = hashlib.sha256(told.encode()).hexdigest()[:12]
    return {table: [{"model_id": name} | row for row in rows[table]] for table in TABLES}


def write_model(folder: Path) -> None:
    """Write the model tables of the snapshot in ``folder``; empty where there is no model.

    What goes wrong in fitting is logged and never stands in the way of publishing.
    """
    try:
        rows = fit_snapshot(folder)
    except Exception:
        logging.getLogger(__name__).exception("no model could be fitted")
        rows = {name: [] for name in TABLES}
    with duckdb.connect() as connection:
        for name in TABLES:
            connection.execute(create_table_sql(name))
            if rows[name]:
                # by name: rows do not all say all columns, and pyarrow asks only the first
                names = [column.name for column in tables()[name]]
                table = pa.table({key: [row.get(key) for row in rows[name]] for key in names})
                connection.register("given", table)
                connection.execute(f"insert into {name} by name select * from given")
            write_table(connection, name, name, folder)


def record_of(folder: Path, cut: date | None = None) -> tuple[pd.DataFrame, Record, date] | None:
    """Return the openings of a snapshot, the backtest on them and S; None where too few closed."""
    config = {"memory_limit": "4GB"}
    with TemporaryDirectory() as spill, duckdb.connect(config=config) as connection:
        connection.execute("set temp_directory = $folder", {"folder": spill})
        connection.execute("set enable_progress_bar = false")
        last_day = _last_day(connection, folder)
        if last_day is None:
            return None
        _open(connection, folder)
        cut = cut or default_cut(last_day)
        frame = features.openings(connection, first_day(cut), last_day + timedelta(days=1))
    record = backtest(frame, cut)
    return None if record is None else (frame, record, last_day)


def _last_day(connection: duckdb.DuckDBPyConnection, folder: Path) -> date | None:
    """Return S; None where so few permits closed that there is nothing to fit."""
    row = connection.execute(
        "select max(observed_until), count(*) filter (exit_kind in ('closed', 'cancelled'))"
        " from read_parquet($file)",
        {"file": str(folder / "establishment.parquet")},
    ).fetchone()
    last_day: date | None = row[0] if row and row[1] >= MIN_EVENTS else None
    return last_day


def _open(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make the tables that the view of permits reads; all others are empty."""
    for table in tables():
        file = str(folder / f"{table}.parquet").replace("'", "''")
        if table in _NEEDED:
            connection.execute(f"create view {table} as select * from read_parquet('{file}')")
        else:
            connection.execute(create_table_sql(table))
    add_views(connection)


def _card(frame: pd.DataFrame, fitted: Fitted, record: Record, last_day: date) -> Row:
    return {
        "fitted_on": last_day,
        "from_on": fitted.from_on,
        "openings": fitted.openings,
        "closures": fitted.closures,
        "all_openings": int(frame["openings"].iloc[0]),
        "sampled_openings": len(frame),
        "penalty": fitted.recipe.penalty,
        "method": _METHOD,
        "software": "; ".join(
            (f"commerce.model {VERSION}", f"numpy {np.__version__}", f"duckdb {duckdb.__version__}")
        ),
        "cut_on": record.fitted.cut,
        "record_openings": record.fitted.openings,
        "record_closures": record.fitted.closures,
        "record_tested": record.tested,
    }


def _terms(fitted: Fitted) -> list[Row]:
    told = {term.name: term.is_told for term in features.TERMS}
    found = fitted.coefficients
    return [
        {
            "position": i + 1,
            "term": name,
            "is_told": told[name],
            "coefficient": found.values[i],
            "standard_error": np.sqrt(found.covariance[i, i]),
            "covariance": found.covariance[i].tolist(),
        }
        for i, name in enumerate(fitted.recipe.terms)
    ]


def _baselines(fitted: Fitted) -> list[Row]:
    rows = []
    for category, stratum in sorted(fitted.strata.items()):
        curve = fitted.curves[stratum]
        centres = fitted.centres.loc[stratum].tolist()
        rows += [
            {
                "category_id": category,
                "stratum": stratum,
                "months": months,
                "openings": curve.openings,
                "closures": curve.closures,
                "hazard": curve.baseline.hazard[i],
                "variance": curve.baseline.variance[i],
                "drift": curve.baseline.drift[i].tolist(),
                "centres": centres,
                "survival": curve.survival[i],
                "greenwood": curve.greenwood[i],
            }
            for i, months in enumerate(MONTHS)
        ]
    return rows


def _record(score: Score) -> list[Row]:
    counts: Row = {"years": score.years, "openings": score.openings, "closures": score.closures}
    figures = {
        "brier": score.brier,
        "brier_km": score.brier_km,
        "brier_difference": score.difference,
        "concordance": score.concordance,
        "concordance_km": score.concordance_km,
    }
    rows: list[Row] = [
        counts | {"metric": name} | _limits(found) for name, found in figures.items()
    ]
    rows[2]["beats"] = score.beats
    rows += [counts | {"metric": "overall"} | _bin(score.overall)]
    rows += [counts | {"metric": "overall_km"} | _bin(score.overall_km)]
    for number, one in enumerate(score.bins, start=1):
        rows.append(counts | {"metric": "calibration", "bin": number} | _bin(one))
    return rows


def _limits(found: Interval) -> Row:
    return {"value": found.value, "ci_low": found.low, "ci_high": found.high}


def _bin(one: Bin) -> Row:
    told = {"expected": one.expected, "openings": one.openings, "closures": one.closures}
    return _limits(one.observed) | told


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(f"{value:.{_DIGITS}g}")
    return value
