"""What the figures of footfall say, in sentences made from them, each in its publisher's unit.

Sentences are HTML as in :mod:`commerce.ui.sentences`; titles are plain text.
"""

from __future__ import annotations

import pandas as pd

from commerce.i18n import briefly, language, month, name_column, number, percent, t
from commerce.ui import footfall_shape, profile_shape
from commerce.ui.filters import Selection
from commerce.ui.kept import kept
from commerce.ui.sentences import say
from commerce.ui.series import Series


def headline(
    rows: pd.DataFrame, profile: pd.DataFrame, series: Series | None, chosen: Selection
) -> tuple[str, str]:
    """Return the sentence and its basis from ``footfall/monthly`` and ``footfall/profile``."""
    if series is None:
        return say("footfall.nothing"), say("footfall.nothing.load")
    if not len(rows):
        return (
            say("footfall.none_here", place=chosen.place),
            say("footfall.none_here.basis", title=series.title, until=month(series.until)),
        )
    row = rows.iloc[-1]
    # 12,340명, but 539만 명
    counted = briefly(row["persons"])
    key = f"footfall.said.{row['unit']}"
    known = t(key) != key
    sentence = say(
        key if known else "footfall.said.other",
        place=chosen.place,
        n=counted if counted[-1:].isdigit() or language() == "en" else f"{counted} ",
        unit=footfall_shape.unit_words(str(row["unit"])),
    )
    if row["yoy"] == row["yoy"]:
        steady = abs(row["yoy"]) < 0.005
        change = "change.same" if steady else "change.more" if row["yoy"] > 0 else "change.less"
        sentence += " " + say(change, change=percent(abs(row["yoy"]) * 100))
    when = month(pd.Timestamp(row["period"]).date())
    basis = say(
        "footfall.basis",
        when=when if series.months == 1 else t("sales.quarter", start=when),
        unit=footfall_shape.unit_words(str(row["unit"])),
        n=number(row["areas"]),
        publisher=series.publisher,
    )
    if not series.of_dongs and not chosen.area_codes:
        basis += " · " + say("series.of_areas", n=number(series.areas))
    return sentence, basis


@kept
def busy_title(profile: pd.DataFrame, flows: bool, subject: str) -> str:
    """Return when it is busiest: weekday and hour where they are told together.

    Args:
        profile: of ``footfall/profile`` or ``sales/profile``.
        subject: ``footfall`` or ``sales``.
    """
    week = profile_shape.week(profile, flows)
    if len(week):
        top = week.loc[week["level"].idxmax()]
        return t(f"{subject}.when.title", when=top["when"], times=number(top["level"], 1))
    hour, _ = profile_shape.largest(profile, "hour_band", flows)
    day, _ = profile_shape.largest(profile, "weekday")
    if hour and day:
        return t(f"{subject}.when.title.apart", day=day, hour=hour)
    if hour or day:
        return t(f"{subject}.when.title.one", when=hour or day)
    if profile_shape.is_even(profile, flows):
        return t(f"{subject}.when.title.even")
    return t(f"{subject}.when.title.plain")


@kept
def people_title(profile: pd.DataFrame, subject: str) -> str:
    """Return who makes the largest part."""
    for dimension in ("sex_age", "age_group", "sex"):
        name, share = profile_shape.largest(profile, dimension)
        if name:
            said = t(f"{subject}.who.title", who=name, share=percent(share * 100, 0))
            return said[:1].upper() + said[1:]
    return t(f"{subject}.who.title.plain")


def findings(profile: pd.DataFrame, flows: bool, subject: str) -> list[str]:
    """Return when and who in sentences that stand without a chart, or that a source splits neither.

    Args:
        profile, flows, subject: as for :func:`busy_title`.
    """
    told = []
    for part, words, dimensions in (
        ("when", busy_title(profile, flows, subject), ("weekday_hour", "weekday", "hour_band")),
        ("who", people_title(profile, subject), ("sex_age", "age_group", "sex")),
    ):
        if not profile["dimension"].isin(dimensions).any():
            told.append(t(f"{subject}.{part}.none"))
        elif words != t(f"{subject}.{part}.title.plain"):
            told.append(f"{t(f'{subject}.subject')}: {words}")
    return told


def evening(profile: pd.DataFrame, flows: bool) -> list[str]:
    """Return how many pass around seven in the evening, in a list; none where it is not told."""
    found = profile_shape.around(profile, profile_shape.EVENING, flows)
    if found is None:
        return []
    unit = footfall_shape.unit_words(str(profile["unit"].iloc[0]))
    words = t("chart.per_hour", unit=unit) if flows else unit
    return [t("footfall.evening.said", band=found[0], n=briefly(found[1]), unit=words)]


@kept
def map_title(rows: pd.DataFrame, band: str) -> str:
    """Return which dong is the busiest for its size, in a band of hours such as ``06–11``."""
    known = rows[rows["value"].notna()]
    if len(known) < 2:
        return t("footfall.map.title.plain")
    top = known.loc[known["value"].idxmax()]
    words = {"name": top["name"], "value": briefly(top["value"])}
    if band == "00–24":
        return t("footfall.map.title", **words)
    return t("footfall.map.title.band", **words, band=band)


@kept
def beside_title(rows: pd.DataFrame) -> str:
    """Return whether shops sell most where most people pass, from ``footfall/per_shop``."""
    known = rows[rows["persons"].notna() & rows["sales_per_shop"].notna()]
    passed = rows[rows["persons"].notna()]
    if not len(known) and len(passed) > 1:
        busiest = passed.loc[passed["persons"].idxmax()]
        return t("footfall.beside.title.alone", busiest=busiest[name_column()])
    if len(known) < 2:
        return t("footfall.beside.title.plain")
    busiest = known.loc[known["persons"].idxmax()]
    richest = known.loc[known["sales_per_shop"].idxmax()]
    names = {"busiest": busiest[name_column()], "richest": richest[name_column()]}
    same = busiest["dong_code"] == richest["dong_code"]
    return t("footfall.beside.title.same" if same else "footfall.beside.title", **names)


@kept
def beside_note(rows: pd.DataFrame) -> str:
    """Return of which periods footfall and sales are, from ``footfall/per_shop``."""
    spans = {}
    for name in ("footfall", "sales"):
        ends = [rows[f"{name}_period_{end}"].dropna() for end in ("from", "to")]
        if len(ends[0]):
            first, last = (month(pd.Timestamp(end.iloc[0]).date()) for end in ends)
            spans[name] = first if first == last else f"{first} – {last}"
    columns = footfall_shape.beside_columns(rows)
    note = t(
        "footfall.beside.note",
        footfall=spans.get("footfall", "–"),
        sales=spans.get("sales", t("footfall.beside.no_sales")),
    )
    known = int(rows["persons"].notna().sum())
    if known > footfall_shape.MOST_ROWS:
        note += " · " + t("footfall.beside.most", n=footfall_shape.MOST_ROWS, of=number(known))
    for name, why in (("sales_per_shop", "sales" in spans), ("persons_per_permit", True)):
        if name not in columns and why:
            note += " · " + t(f"footfall.beside.no.{name}")
    return note


@kept
def residents_title(rows: pd.DataFrame) -> str:
    """Return where most pass for each resident, from ``footfall/residents``."""
    known = rows[rows["persons_per_resident"].notna()]
    if len(known) < 2:
        return t("footfall.residents.title.plain")
    top = known.loc[known["persons_per_resident"].idxmax()]
    return t(
        "footfall.residents.title",
        name=top[name_column()],
        value=number(top["persons_per_resident"], 1),
    )


@kept
def residents_note(rows: pd.DataFrame, unit: str) -> str:
    """Return the period of the residents and the unit of footfall."""
    when = rows["residents_period"].dropna()
    said = month(pd.Timestamp(when.max()).date()) if len(when) else "–"
    return t("footfall.residents.note", when=said, unit=unit)


@kept
def trend_title(rows: pd.DataFrame) -> str:
    """Return the change of the last period against the year before."""
    known = rows[rows["yoy"].notna()] if len(rows) else rows
    if not len(known):
        return t("footfall.trend.title.plain")
    yoy = known["yoy"].iloc[-1] / 100
    if abs(yoy) < 0.005:
        return t("footfall.trend.title.flat")
    key = "footfall.trend.title.up" if yoy > 0 else "footfall.trend.title.down"
    return t(key, change=percent(abs(yoy) * 100))
