"""From the site queries' rows to what the site report's charts and tables show."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

import pandas as pd

from commerce.i18n import day, language, number, percent, t
from commerce.ui.kept import kept
from commerce.ui.shape import DRAWN, MARKED

_YEAR = 365.25
#: So many permits of a building are drawn, the newest; the table holds all.
MOST_LIVES = 40
_LONGEST_NAME = 16
#: A permit of the same name so soon after another is most likely the same shop's.
_RENEWED_DAYS = 31


def category(rows: pd.DataFrame) -> pd.Series:
    """Return the trades' names in the reader's language."""
    named = rows[f"category_{language()}"]
    return named.where(named.notna(), rows["category_ko"]).fillna("–")


def years(days: float) -> str:
    """Return a span of days in words: months below two years, else years with one decimal."""
    if days != days:
        return "–"
    if days < 60:
        return t("site.days", n=number(days))
    if days < 2 * _YEAR:
        return t("site.months", n=number(days / _YEAR * 12))
    return t("site.years", n=number(days / _YEAR, 1))


def mark(n: float) -> str:
    """Return a star where a figure rests on few."""
    return "*" if n < MARKED else ""


def interval(low: float, high: float, digits: int = 0) -> str:
    """Return an interval of ratios as ``12–34%``."""
    return f"{number(low * 100, digits)}–{percent(high * 100, digits)}"


@kept
def lives(rows: pd.DataFrame, whole: bool = False) -> pd.DataFrame:
    """Return bars over time from ``site/history``: the unit's own first, then the building's.

    Args:
        rows: of the query.
        whole: whether a whole building was asked for, so that no unit is its own.
    """
    known = rows[rows["opened_on"].notna()].head(MOST_LIVES)
    if known.empty:
        return pd.DataFrame()
    drawn: list[dict[str, Any]] = []
    own = known["is_same_unit"] if not whole else pd.Series(True, index=known.index)
    parts = [(known[own], "site.history.unit"), (known[~own], "site.history.building")]
    for part, heading in parts:
        if part.empty:
            continue
        if not whole and len(part) < len(known):
            drawn.append({"label": f"— {t(heading)}"})
        ordered = part.iloc[::-1].to_dict("records")
        drawn += [_life(row) for row in ordered]
        if heading == "site.history.unit" and not whole:
            drawn += _empty_now(ordered)
    seen: dict[str, int] = {}
    for place, row in enumerate(drawn):
        # Two permits of one name are two rows: blanks of no width tell them apart.
        times = seen[row["label"]] = seen.get(row["label"], 0) + 1
        row["label"] += "\u200b" * (times - 1)
        row["place"] = place
    return pd.DataFrame(drawn)


def _life(row: dict[Any, Any]) -> dict[str, Any]:
    left = row["exit_on"]
    state = _state(row["exit_kind"])
    end = left if left == left and left is not None else row["observed_until"]
    unknown = isinstance(row["exit_kind"], str) and left != left
    return {
        "label": _label(row),
        "start": _iso(row["opened_on"]),
        "end": _iso(row["opened_on"] if unknown else end),
        "gap_start": (
            _iso(row["opened_on"] - pd.Timedelta(days=row["gap_days"]))
            if row["gap_days"] > 0
            else None
        ),
        "state": t(f"site.life.{state}"),
        "name": str(row["name"]),
        "trade": _text(row[f"category_{language()}"]) or _text(row["category_ko"]) or "–",
        "span": f"{day(row['opened_on'])} – {day(left) if left == left else ''}",
        "lasted": years(row["days_open"]),
        "gap": years(row["gap_days"]) if row["gap_days"] > 0 else "–",
    }


def _empty_now(ordered: list[dict[Any, Any]]) -> list[dict[str, Any]]:
    """Return a row for the unit that stands empty, as far as permits tell."""
    if any(
        not isinstance(row["exit_kind"], str) or row["exit_on"] != row["exit_on"] for row in ordered
    ):
        return []
    last = max(row["exit_on"] for row in ordered)
    until = ordered[-1]["observed_until"]
    if not last < until:
        return []
    gap = years((until - last).days)
    return [
        {
            "label": t("site.history.empty"),
            "start": _iso(until),
            "end": _iso(until),
            "gap_start": _iso(last),
            "name": t("site.history.empty"),
            "gap": gap,
        }
    ]


def _label(row: dict[Any, Any]) -> str:
    floor = _text(row["floor"])
    name = str(row["name"])
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return f"{floor_words(floor)} {short}" if floor and not row["is_same_unit"] else short


def floor_words(floor: str) -> str:
    """Return a floor of a site's id as people say it."""
    below = floor.startswith(("-", "B"))
    shown = floor.lstrip("-B")
    return t("site.floor.below" if below else "site.floor", n=shown) if shown else ""


def _state(kind: object) -> str:
    if not isinstance(kind, str):
        return "standing"
    return "closed" if kind in ("closed", "cancelled") else "left"


def _iso(when: Any) -> str:
    return str(pd.Timestamp(when).date().isoformat())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


@kept
def renewed(rows: pd.DataFrame) -> int:
    """Return how many permits of ``site/history`` look like the renewed permit of the same shop.

    Such a permit was given within 31 days, before or after, of the day on which another of the
    same name left the building.
    """
    names = rows["name"].fillna("").str.replace(r"\s", "", regex=True)
    found = 0
    for place, opened_on in rows["opened_on"].items():
        earlier = (rows["opened_on"] < opened_on) & (names == names[place]) & (names != "")
        away = (rows.loc[earlier, "exit_on"] - opened_on).abs().dt.days
        found += bool((away <= _RENEWED_DAYS).any())
    return found


@kept
def history_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``site/history`` as people read it, in order of time."""
    ordered = rows.iloc[::-1]
    return pd.DataFrame(
        {
            t("site.column.unit"): [
                t("site.history.unit") if same else floor_words(_text(floor)) or "–"
                for same, floor in zip(ordered["is_same_unit"], ordered["floor"], strict=True)
            ],
            t("column.opened_on"): ordered["opened_on"].dt.date,
            t("column.exit_on"): ordered["exit_on"].dt.date,
            t("column.name"): ordered["name"],
            t("filter.trade"): category(ordered),
            t("site.column.how"): [t(f"site.life.{_state(kind)}") for kind in ordered["exit_kind"]],
            t("site.column.lasted"): [years(days) for days in ordered["days_open"]],
            t("site.column.gap_days"): ordered["gap_days"].where(ordered["gap_days"] > 0),
            t("column.exit_date_quality"): [
                t(f"exit_date_quality.{q}") if isinstance(q, str) else ""
                for q in ordered["exit_date_quality"]
            ],
            t("column.permit_id"): ordered["permit_id"],
        }
    )


@kept
def peers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bars of years from ``site/reference_class`` or ``site/recent``, the newest on top."""
    drawn = []
    kinds = {"stands": "standing", "closed": "closed"}
    for place, row in enumerate(rows.to_dict("records")):
        name = str(row["name"])
        short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
        drawn.append(
            {
                "label": f"{short} ’{row['opened_on']:%y}" + "\u200b" * place,
                "place": place,
                "start": 0.0,
                "end": round(row["days_open"] / _YEAR, 2),
                "state": t(f"site.life.{kinds.get(row['how'], 'left')}"),
                "name": name,
                "span": f"{day(row['opened_on'])} – "
                + (day(row["left_on"]) if row["left_on"] == row["left_on"] else ""),
                "lasted": years(row["days_open"]),
                "trade": _text(row[f"category_{language()}"]) or str(row["category_ko"]),
                "gap": f"{number(row['distance_m'])} m",
            }
        )
    return pd.DataFrame(drawn)


@kept
def peers_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``site/reference_class`` or ``site/recent`` as people read it."""
    return pd.DataFrame(
        {
            t("column.name"): rows["name"],
            t("filter.trade"): category(rows),
            t("column.opened_on"): rows["opened_on"].dt.date,
            t("column.exit_on"): rows["left_on"].dt.date,
            t("site.column.how"): [t(f"site.how.{how}") for how in rows["how"]],
            t("site.column.lasted"): [years(days) for days in rows["days_open"]],
            t("site.column.distance"): rows["distance_m"].round(0),
            t("column.address"): rows["address"],
        }
    )


@kept
def refill(rows: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return head and cells (HTML) of the table of ``site/refill``."""
    head = [t("site.refill.head"), *(t("site.months", n=number(m)) for m in rows["months"])]
    shares, limits, left = [], [], []
    for row in rows.to_dict("records"):
        quoted = row["at_risk"] >= DRAWN and row["refilled"] == row["refilled"]
        shares.append(
            f"{percent(row['refilled'] * 100, 0)}{mark(row['at_risk'])}" if quoted else "–"
        )
        # Where none is taken, or all are, the method knows no interval.
        spread = quoted and 0 < row["refilled"] < 1
        limits.append(escape(interval(row["ci_low"], row["ci_high"])) if spread else "–")
        left.append(number(row["at_risk"]))
    return head, [
        [t("site.refill.share"), *shares],
        [t("site.interval"), *limits],
        [t("site.refill.watched"), *left],
    ]


def date_of(value: Any) -> dt.date | None:
    """Return a day of a query's row, or None where it is not known."""
    return None if value is None or value != value else pd.Timestamp(value).date()
