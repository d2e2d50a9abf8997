"""What the figures of card sales say, in sentences made from them.

Sentences are HTML as in :mod:`commerce.ui.sentences`; titles are plain text.
"""

from __future__ import annotations

import pandas as pd

from commerce.decomposition import HOLIDAYS, PERIODS_WANTED
from commerce.i18n import money, month, number, percent, t
from commerce.ui.filters import Selection
from commerce.ui.kept import kept
from commerce.ui.sales_shape import PANELS, signed
from commerce.ui.sentences import say, trade_words
from commerce.ui.series import Series
from commerce.ui.shape import DRAWN

#: Below this share of merchants in cells with known sales, the headline says it first.
LOW_COVERAGE = 0.5
# A change of less is written as none.
_STEADY = 0.005
# A difference of more by moving holidays is said beside the change.
_MOVED = 0.01


def of(key: str, by: str, **params: object) -> str:
    """Return a message in its variant for a measure of :func:`commerce.ui.sales_shape.measure`."""
    return t(key if by == "sales_per_shop" else f"{key}.total", **params)


def headline(
    rows: pd.DataFrame, adjusted: float, series: Series | None, chosen: Selection
) -> tuple[str, str]:
    """Return the sentence and its basis from ``sales/monthly``.

    Args:
        adjusted: the last change year on year without the holidays' effect; nan: not known.
    """
    if series is None:
        return say("sales.nothing"), say("sales.nothing.load")
    if not len(rows):
        return (
            say("sales.none_here", place=chosen.place, what=trade_words(chosen)),
            say("sales.none_here.basis", title=series.title, until=month(series.until)),
        )
    row = rows.iloc[-1]
    known = row["merchants"] * row["coverage"] if row["coverage"] > 0 else 0
    words = {"place": chosen.place, "what": trade_words(chosen)}
    counted = row["merchants"] == row["merchants"]
    basis = say(
        "sales.basis" if counted else "sales.basis.total",
        when=month(pd.Timestamp(row["period"]).date())
        if series.months == 1
        else t("sales.quarter", start=month(pd.Timestamp(row["period"]).date())),
        n=number(row["merchants"]),
        coverage=percent(row["coverage"] * 100, 0),
        publisher=series.publisher,
    )
    if not series.of_dongs and not chosen.area_codes:
        basis += " · " + say("series.of_areas", n=number(series.areas))
    if (counted and known < DRAWN) or not row["sales_krw"] > 0:
        return say("sales.all_suppressed", **words), basis
    if counted:
        sentence = say("sales.headline", **words, amount=money(row["sales_per_shop"]))
    else:
        amount = money(row["sales_krw"] / series.months)
        sentence = say("sales.headline.total", **words, amount=amount)
    if row["coverage"] < LOW_COVERAGE:
        share = percent(row["coverage"] * 100, 0)
        sentence = say("sales.headline.low", share=share, rest=number(100)) + " " + sentence
    if row["yoy"] == row["yoy"]:
        sentence += " " + _changed(row["yoy"], adjusted)
        basis += " · " + say("sales.basis.yoy", cells=number(row["yoy_cells"]))
    return sentence, basis


def _changed(yoy: float, adjusted: float) -> str:
    if abs(yoy - adjusted) >= _MOVED:
        return say("change.moved", change=signed(yoy), adjusted=signed(adjusted))
    if abs(yoy) < _STEADY:
        return say("change.same")
    key = "change.more" if yoy > 0 else "change.less"
    return say(key, change=percent(abs(yoy) * 100))


@kept
def trend_title(levels: pd.DataFrame) -> str:
    """Return whether the trend rises or falls over its last twelve months, where there is one.

    Args:
        levels: of :func:`commerce.ui.sales_trend.levels`.
    """
    if not len(levels):
        return t("sales.trend.title.plain")
    trend = levels.loc[levels["trend"].notna(), ["trend", "months"]]
    back = 12 // int(levels["months"].iloc[0])
    if len(trend) <= back:
        return t("sales.trend.title.plain")
    change = trend["trend"].iloc[-1] / trend["trend"].iloc[-1 - back] - 1
    if abs(change) < _STEADY:
        return t("sales.trend.title.flat")
    key = "sales.trend.title.up" if change > 0 else "sales.trend.title.down"
    return t(key, change=percent(abs(change) * 100))


@kept
def trades_title(rows: pd.DataFrame, by: str) -> str:
    """Return which trade sells most, unless it rests on few shops.

    Args:
        rows: of :func:`commerce.ui.sales_shape.trades`.
        by: of :func:`commerce.ui.sales_shape.measure`.
    """
    if len(rows) < 2 or rows["label"].iloc[0] != rows["name"].iloc[0]:
        return of("sales.trades.title.plain", by)
    return of("sales.trades.title", by, name=rows["name"].iloc[0], value=rows["value_text"].iloc[0])


@kept
def map_title(rows: pd.DataFrame, by: str) -> str:
    """Return in which dong most is sold, unless it rests on few shops."""
    known = rows[rows["value"].notna()]
    if len(known) < 2:
        return of("sales.map.title.plain", by)
    top = known.loc[known["value"].idxmax()]
    if top["is_small"]:
        return of("sales.map.title.plain", by)
    if len(known) * 2 < len(rows):
        among = {"known": number(len(known)), "of": number(len(rows))}
        return of("sales.map.title.few", by, name=top["name"], value=money(top["value"]), **among)
    return of("sales.map.title", by, name=top["name"], value=money(top["value"]))


@kept
def growth_title(rows: pd.DataFrame) -> str:
    """Return what fell fastest, else what rose.

    Args:
        rows: of :func:`commerce.ui.sales_shape.growth`, rises first.
    """
    if not len(rows):
        return t("sales.growth.title.none")
    # One of one is no fastest.
    alone = ".alone" if len(rows) == 1 else ""
    last = rows.iloc[-1]
    if last["change"] < 0:
        names = {"place": last["place"], "trade": last["trade"]}
        key = "sales.growth.title.fall" + alone
        return t(key, **names, change=last["said"].lstrip("−"))
    first = rows.iloc[0]
    names = {"place": first["place"], "trade": first["trade"]}
    return t("sales.growth.title.rise" + alone, **names, change=first["said"].lstrip("+"))


@kept
def window_note(by_dong: pd.DataFrame) -> str:
    """Return how many cells are known and how many suppressed."""
    cells, hidden = by_dong["cells"].sum(), by_dong["suppressed_cells"].sum()
    return t("sales.cells", cells=number(cells), hidden=number(hidden))


@kept
def holiday_note(parts: pd.DataFrame) -> str:
    """Return what the holidays do to a month's sales, or why that is not known.

    Args:
        parts: of :func:`commerce.ui.sales_trend.taken_apart`.
    """
    reasons = parts["reason"].dropna().unique()
    if len(reasons):
        return t(f"sales.no_trend.{reasons[0]}", n=PERIODS_WANTED)
    said = []
    for name in HOLIDAYS:
        days = parts[f"{name}_days"].where(parts["holiday_share"].abs() > 0, 0)
        if days.max() > 0:  # nothing is known of a holiday that hardly moves
            share = parts.loc[days.idxmax(), "holiday_share"]
            said.append(f"{t(f'holiday.{name}')} {signed(share)}")
    return t("sales.holiday.note", effects=" · ".join(said)) if said else ""


@kept
def yoy_title(levels: pd.DataFrame) -> str:
    """Return the change of the last period, and what is left of it without holidays.

    Args:
        levels: of :func:`commerce.ui.sales_trend.levels`.
    """
    known = levels[levels["yoy"].notna()] if len(levels) else levels
    if not len(known):
        return t("sales.yoy")
    last = known.iloc[-1]
    when = month(pd.Timestamp(last["period"]).date())
    moved = abs(last["yoy"] - last["yoy_adjusted"]) >= _MOVED * 100
    key = "sales.yoy.title.moved" if moved else "sales.yoy.title"
    return t(key, when=when, yoy=last["yoy_text"], adjusted=last["adjusted_text"])


@kept
def panels_note(series: pd.DataFrame, ends: list[str], by_dong: pd.DataFrame, by: str) -> str:
    """Return what the axes of the small multiples are, and how many of all are drawn.

    Args:
        series: of ``sales/dong_series``.
        ends: first and last period in words.
        by_dong: of ``sales/by_dong``.
        by: of :func:`commerce.ui.sales_shape.measure`.
    """
    most = series[by].max()
    if not len(ends) or most != most:
        return t("sales.absent.suppressed")
    note = of("sales.dongs.note", by, start=ends[0], end=ends[1], top=money(most))
    dongs, known = len(by_dong), int(by_dong[by].notna().sum())
    if by == "sales_krw" and known < min(dongs, PANELS):
        note += " · " + t("sales.dongs.note.known", n=number(known), of=number(dongs))
    elif dongs > PANELS:
        note += " · " + of("sales.dongs.note.most", by, n=PANELS, of=number(dongs))
    return note


@kept
def growth_note(rows: pd.DataFrame, period: str) -> str:
    """Return of what the ranks are, and how many small bases are left out of them."""
    small = int(rows["is_small"].sum())
    return t("sales.growth.note", period=period, n=number(len(rows) - small), small=number(small))


@kept
def waiting_note(rows: pd.DataFrame) -> str:
    """Return which months are left out because days are missing, from ``sales/waiting``."""
    said = [
        t(
            "sales.waiting.month",
            month=month(pd.Timestamp(row["period"]).date()),
            days=number(row["days"]),
            of=number(row["of_days"]),
        )
        for row in rows.to_dict("records")
    ]
    return t("sales.waiting", months=" · ".join(said[-3:])) if said else ""


def yoy_note(levels: pd.DataFrame) -> str:
    """Return what the marks of the chart of changes are."""
    adjusted = levels["yoy_adjusted"].notna().any()
    return t("sales.yoy.note.adjusted" if adjusted else "sales.yoy.note")
