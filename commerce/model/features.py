"""What the model is told of an opening: the columns, and how they are made from the records.

Only what was known on the day of opening. Two things the records cannot give as of that
day: floor area and place are those of the newest record. They are set right later for shops
that still stand and never for those that closed (of the real animal hospitals that stood in
2023 without a floor area, 5 % of the survivors had one in 2026, none of the closed). That an
entry is missing therefore tells who survived: a column for it goes into the fit, so that the
others are not blurred, and is held at its mean whenever anything is predicted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_SQL = Path(__file__).with_name("features.sql")
#: So many openings are looked at, and so many pairs of them and shops around: seconds, not
#: minutes, at a million permits. More would hardly sharpen a dozen coefficients.
MAX_ROWS = 60_000
MAX_PAIRS = 300_000_000
#: A column that so few openings differ in is left out.
MIN_VARIED = 25
_OPEN_AREA = (3.0, 10_000.0)


@dataclass(frozen=True)
class Term:
    """A column of the model.

    Attributes:
        name: its name in ``model_term``.
        source: the column of ``opening_features`` that must be known for it.
        make: from the features to its values.
        is_told: False for columns that say that an entry is missing: held when predicting.
    """

    name: str
    source: str
    make: Callable[[pd.DataFrame], pd.Series]
    is_told: bool = True


def _log1p(name: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda frame: np.log1p(frame[name])


def _missing(name: str) -> Term:
    return Term(
        f"{name}_missing", name, lambda frame: frame[name].isna().astype(np.float64), is_told=False
    )


TERMS = (
    Term("log_area", "area_m2", lambda f: np.log(f["area_m2"].clip(*_OPEN_AREA))),
    Term("log_same_500", "same_500", _log1p("same_500")),
    Term("log_all_300", "all_300", _log1p("all_300")),
    Term("log_closed_500", "closed_500", _log1p("closed_500")),
    Term("has_earlier", "earlier", lambda f: (f["earlier"] > 0).astype(np.float64)),
    Term("log_earlier", "earlier", _log1p("earlier")),
    Term("log_last_years", "earlier", lambda f: np.log1p(f["last_years"].fillna(0.0))),
    Term("is_shared", "earlier", lambda f: f["is_shared"]),
    Term("log_dong_ratio", "dong_ratio", lambda f: np.log(f["dong_ratio"])),
    Term("log_trade_rate", "trade_rate", lambda f: np.log(f["trade_rate"])),
    _missing("area_m2"),
    _missing("same_500"),
    _missing("earlier"),
    _missing("dong_ratio"),
)


def openings(
    connection: duckdb.DuckDBPyConnection,
    from_on: date,
    to_on: date,
    max_rows: int = MAX_ROWS,
    max_pairs: int = MAX_PAIRS,
) -> pd.DataFrame:
    """Return openings from ``from_on`` up to the day before ``to_on`` with their features.

    The columns are those of the last statement of ``features.sql``; ``openings`` is how many
    there were before a sample was drawn. Rows are in a fixed order.
    """
    given = {"from_on": from_on, "to_on": to_on, "max_rows": max_rows, "max_pairs": max_pairs}
    names = ("shops", "openings", "near", "sites", "ledger", "asked", "opening_features")
    try:
        for statement in connection.extract_statements(_SQL.read_text(encoding="utf-8")):
            wanted = statement.named_parameters
            connection.execute(statement, {k: v for k, v in given.items() if k in wanted})
        return connection.execute(
            "select * from opening_features order by opened_on, service_code, permit_id"
        ).df()
    finally:
        for name in names:
            connection.execute(f"drop table if exists {name}")


def columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every term's values; nan where what it needs is not known."""
    made = {}
    for term in TERMS:
        values = term.make(frame).astype(np.float64)
        made[term.name] = values.where(frame[term.source].notna()) if term.is_told else values
    return pd.DataFrame(made, index=frame.index)


def varied(made: pd.DataFrame) -> list[str]:
    """Return the terms in which openings differ enough to learn from."""
    found = []
    for name in made.columns:
        values = made[name].dropna()
        if len(values) and (values != values.median()).sum() >= MIN_VARIED:
            found.append(str(name))
    return found
