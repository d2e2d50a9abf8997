"""From a query's rows to what a chart or map draws: labels, tips, which rows are drawn.

No figure is computed here; what is too small to be quoted is taken out.
"""

from __future__ import annotations

import pandas as pd

from commerce.i18n import name_column, number, t
from commerce.ui import source_words
from commerce.ui.kept import kept
from commerce.ui.scales import Scale, diverging, sequential
from commerce.ui.theme import Palette

#: Fewer than this is not drawn; fewer than ``MARKED`` is marked.
DRAWN = 10
MARKED = 30
_RATE_COLUMNS = (
    "key",
    "label",
    "name",
    "rate",
    "ci_low",
    "ci_high",
    "shrunken",
    "value",
    "n_text",
)


@kept
def monthly(rows: pd.DataFrame, last: int = 10**6) -> pd.DataFrame:
    """Return the last months for the charts of openings, closures and shops in business."""
    return rows.tail(last)[["month", "opened", "closed", "closed_bulk", "active", "provisional"]]


@kept
def rates(rows: pd.DataFrame, key: str, most: int) -> pd.DataFrame:
    """Return groups with enough shops, the highest shrunken closure rate first.

    Args:
        rows: of ``openings/by_dong`` or ``openings/by_category``.
        key: the column that a click selects.
        most: how many groups with the most shop-years are drawn.
    """
    name = name_column()
    # Plain rows: a dozen of them are shaped five times faster than a frame.
    groups = [row for row in rows.to_dict("records") if row["shop_years"] >= DRAWN]
    groups.sort(key=lambda row: row["shop_years"], reverse=True)
    groups = sorted(groups[:most], key=lambda row: row["shrunken_rate"], reverse=True)
    return pd.DataFrame(
        [
            {
                "key": row[key],
                "label": row[name] + _mark(row["shop_years"]),
                "name": row[name],
                "rate": round(row["closure_rate"], 2),
                "ci_low": round(row["ci_low"], 2),
                "ci_high": round(row["ci_high"], 2),
                "shrunken": round(row["shrunken_rate"], 2),
                "value": row["shrunken_rate"],
                "n_text": t(
                    "tip.closed_of", closed=number(row["closed"]), years=number(row["shop_years"])
                ),
            }
            for row in groups
        ],
        columns=list(_RATE_COLUMNS),
    )


def _mark(n: float) -> str:
    return " *" if n < MARKED else ""


@kept
def dong_values(
    dongs: pd.DataFrame,
    rows: pd.DataFrame,
    value: str,
    raw: str,
    n: str = "shop_years",
    digits: int = 1,
    unit: str = "",
) -> pd.DataFrame:
    """Return all dongs with their boundary, the value to colour by and what hovering says.

    Args:
        dongs: of :func:`commerce.ui.filters.dongs`.
        rows: one row per dong with ``value``, ``raw``, ``ci_low``, ``ci_high`` and ``n``.
        value: the column to colour by (shrunken where small areas are ranked).
        raw: the column that hovering quotes, with its interval.
        n: the column with the sample; a dong with fewer than ten has no value.
        digits, unit: how values are written.
    """
    columns = list(dict.fromkeys(["dong_code", value, raw, "ci_low", "ci_high", n]))
    joined = dongs.merge(rows[columns], on="dong_code", how="left")
    enough = joined[n].fillna(0) >= DRAWN
    joined["value"] = joined[value].where(enough)
    joined["tip"] = [
        _tip(name, ok, best, rate, low, high, count, digits, unit)
        for name, ok, best, rate, low, high, count in zip(
            joined["name"],
            enough,
            joined[value],
            joined[raw],
            joined["ci_low"],
            joined["ci_high"],
            joined[n],
            strict=True,
        )
    ]
    return joined


def _tip(
    name: str,
    enough: bool,
    value: float,
    raw: float,
    low: float,
    high: float,
    n: float,
    digits: int,
    unit: str,
) -> str:
    if not enough:
        return f"{name}\n{t('map.too_few')}"
    interval = f"{number(raw, digits)}{unit} ({number(low, digits)}–{number(high, digits)})"
    return f"{name}  {number(value, digits)}{unit}\n" + t(
        "tip.raw_interval", interval=interval, n=number(n)
    )


@kept
def dong_counts(
    dongs: pd.DataFrame, rows: pd.DataFrame, value: str, digits: int, unit: str
) -> pd.DataFrame:
    """Return all dongs with a count or density to colour by; no sample is needed to count."""
    joined = dongs.merge(rows[["dong_code", value]], on="dong_code", how="left")
    joined["value"] = joined[value]
    joined["tip"] = [
        f"{name}  {number(count, digits)}{unit}"
        for name, count in zip(joined["name"], joined[value], strict=True)
    ]
    return joined


@kept
def cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Return H3 cells with closures in them; the tip tells closures, openings and rate."""
    some = rows[rows["closed"] > 0]
    return pd.DataFrame(
        {
            "cell": some["h3_cell"],
            "value": some["closed"].astype(float),
            "tip": [
                t("tip.cell", closed=number(closed), opened=number(opened), active=number(active))
                for closed, opened, active in zip(
                    some["closed"], some["opened"], some["active_end"], strict=True
                )
            ],
        }
    )


def years_of(rows: pd.DataFrame) -> tuple[int, int]:
    """Return the first and the last year of bulk clean-up days; there must be one."""
    years = rows["closed_on"].dt.year
    return int(years.min()), int(years.max())


@kept
def bulk(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bulk clean-up days for their calendar."""
    days = rows["closed_on"].dt
    drawn = rows[["closed_on", "service_name", "closures"]]
    return source_words.said(drawn).assign(year=days.year, month=days.month)


#: What the overview's map can show, and the definition of each.
MEASURES = {
    "survival": "definition.survival",
    "closure": "definition.shrunken_rate",
    "density": "definition.density",
    "net": "definition.net",
}


@kept
def measure_map(
    dongs: pd.DataFrame, rows: pd.DataFrame, measure: str, palette: Palette
) -> tuple[pd.DataFrame, Scale, float]:
    """Return the rows, the colours and the mean of the overview's map for one of :data:`MEASURES`.

    Args:
        rows: of ``overview/map``, for survival of ``survival/by_dong``.
    """
    if measure == "closure":
        shown = dong_values(dongs, rows, "shrunken_rate", "closure_rate", "shop_years")
        mean = float(rows["mean_rate"].mean())
        return shown, diverging(shown["value"], mean, palette, 1, more_is_worse=True), mean
    if measure == "density":
        shown = dong_counts(dongs, rows, "density", 0, t("unit.shops_per_km2"))
        return shown, sequential(shown["value"], palette, 0), 0.0
    if measure == "net":
        shown = dong_counts(dongs, rows, "net", 0, t("unit.shops"))
        return shown, diverging(shown["value"], 0.0, palette, 0), 0.0
    return survival_map(dongs, rows, palette)


@kept
def survival_map(
    dongs: pd.DataFrame, rows: pd.DataFrame, palette: Palette
) -> tuple[pd.DataFrame, Scale, float]:
    """Return the rows, colours and mean of a map of 3-year survival from ``survival/by_dong``."""
    percents = rows.assign(
        **{
            name: rows[name] * 100
            for name in ("survival", "shrunken", "ci_low", "ci_high", "mean_survival")
        }
    )
    shown = dong_values(dongs, percents, "shrunken", "survival", "at_risk", 0, "%")
    mean = float(percents["mean_survival"].mean()) if len(shown["value"].dropna()) else 50.0
    return shown, diverging(shown["value"], mean, palette, 0, "%"), mean


@kept
def movers(rows: pd.DataFrame, most: int = 6) -> pd.DataFrame:
    """Return the trades that grew and shrank most, the growing on top."""
    trades = rows[(rows["kind"] == "category") & ~rows["small_base"] & (rows["net"] != 0)]
    up = trades[trades["net"] > 0].nlargest(most, "net")
    down = trades[trades["net"] < 0].nsmallest(most, "net").sort_values("net", ascending=False)
    both = pd.concat([up, down])
    return pd.DataFrame(
        {
            "key": both["key"],
            "label": both[name_column()],
            "net": both["net"],
            "opened": both["opened"],
            "closed": both["closed"],
            "active": both["active_end"],
        }
    )
