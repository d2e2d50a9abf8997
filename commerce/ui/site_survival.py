"""The site report on survival: curves around the point, and what is expected of an opening."""

from __future__ import annotations

import math
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from commerce.i18n import day, number, percent, t
from commerce.survival import YEAR, Estimate, RiskTable, difference, risk_table, survival_at
from commerce.ui import filters, site_shape, survival_charts, survival_shape
from commerce.ui.figures import Answer, ahead, ask, draw_chart, figure, small_table
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.shape import DRAWN
from commerce.ui.site_spot import Spot

YEARS = 10
TABLE_YEARS = [1, 2, 3, 5, 7, 10]


def groups(spot: Spot) -> dict[str, str]:
    """Return what the groups of ``site/survival`` are called."""
    names = {"radius": spot.radius} if spot.has_point else {}
    if spot.dong:
        names["dong"] = spot.dong
    return names | {"district": t("site.district")}


def places(spot: Spot) -> dict[str, dict[str, object]]:
    """Return the parameters of ``site/durations`` by group."""
    found: dict[str, dict[str, object]] = {}
    if spot.has_point:
        found["radius"] = spot.circle() | {"dong_codes": None}
    if spot.place.dong_code:
        found["dong"] = spot.trade() | {"dong_codes": spot.dongs()}
    return found | {"district": spot.trade()}


def ahead_of(spot: Spot) -> None:
    """Begin to answer what :func:`draw` will ask."""
    ahead("site/survival", **spot.circle(), every_days=30)
    for params in places(spot).values():
        ahead("site/durations", **params)


def draw(spot: Spot) -> None:
    """Draw the curves of circle, dong and district, with their numbers at risk."""
    found = ask("site/survival", **spot.circle(), every_days=30)
    names = groups(spot)
    rows = found.rows[found.rows["group_key"].isin(names)]
    lines = survival_shape.curves(rows, None, YEARS, names)
    lasted = {key: ask("site/durations", **params) for key, params in places(spot).items()}
    risk = milestones(tuple(lasted), *(answer.rows for answer in lasted.values()))
    with figure(
        "site-survival",
        title(lasted, spot),
        found,
        note=t("site.survival.note"),
        definition="definition.survival",
        method=t("site.survival.method"),
        shown=risk,
    ):
        draw_chart(
            lines,
            survival_charts.curves(colours(), tuple(names.values()), YEARS),
            key="chart_site_survival",
            alt=t("site.survival.alt"),
        )
        small_table(*survival_shape.risk_table(risk, names, TABLE_YEARS, colours()))
        st.caption("  \n".join([t("survival.risk.note"), t("survival.permit_note")]))


@kept
def milestones(keys: tuple[str, ...], *durations: pd.DataFrame) -> pd.DataFrame:
    """Return survival at the years of the table by group, from rows of ``site/durations``."""
    found = []
    for key, rows in zip(keys, durations, strict=True):
        risk_sets = rows if rows.empty else risk_table(rows)
        for years in TABLE_YEARS:
            at = at_age(risk_sets, years)
            found.append(
                {
                    "group_key": key,
                    "years": years,
                    "survival": at.value,
                    "ci_low": at.low,
                    "ci_high": at.high,
                    "at_risk": at.at_risk,
                    "n": int(rows["events"].sum() + rows["censored"].sum()),
                }
            )
    return pd.DataFrame(found)


def at_age(durations: pd.DataFrame | RiskTable, years: float) -> Estimate:
    """Return survival at an age from rows of ``site/durations``, or from their risk sets.

    It is not known where there are no rows.
    """
    if isinstance(durations, pd.DataFrame) and durations.empty:
        return Estimate(math.nan, math.nan, math.nan, math.nan, 0)
    return survival_at(durations, years * YEAR)


def title(lasted: dict[str, Answer], spot: Spot) -> str:
    """Return whether the circle differs from the rest that it is held against, at three years."""
    if "radius" not in lasted:
        return t("site.survival.title.plain")
    here = at_age(lasted["radius"].rows, 3)
    there = at_age(lasted["district"].rows, 3)
    if not min(here.at_risk, there.at_risk) >= DRAWN:
        return t("site.survival.title.few", radius=spot.radius)
    between = difference(here, there)
    kind = "same"
    if between.distinguishable:
        kind = "higher" if between.value > 0 else "lower"
    words = {"radius": spot.radius, "here": number(here.value * 100)}
    return t(f"site.survival.title.{kind}", **words, there=number(there.value * 100))


def expected_params(spot: Spot) -> dict[str, object] | None:
    """Return the parameters of ``site/expected``, or None where it means nothing.

    The model knows single trades: a group, several or all have no expectation.
    """
    ids = spot.chosen.category_ids or []
    if len(ids) != 1 or spot.chosen.without_permits or ids[0] not in _trades(filters.categories()):
        return None
    return {
        "lon": None if spot.place.kind == "dong" else spot.place.lon,
        "lat": None if spot.place.kind == "dong" else spot.place.lat,
        "dong_code": spot.place.dong_code,
        "category_id": ids[0],
        "site_id": spot.place.site_id,
    }


@kept
def _trades(rows: pd.DataFrame) -> frozenset[str]:
    """Return the single trades: those in a group, and groups without any trade."""
    groups = set(rows["parent_id"].dropna())
    return frozenset(i for i in rows["category_id"] if i not in groups)


def expected(spot: Spot) -> None:
    """Draw what is expected of an opening now: the model where it has earned it, else Kaplan-Meier.

    Where no single trade was chosen, say so in one line.
    """
    params = expected_params(spot)
    if params is None:
        st.caption(t("site.expected.one_trade"))
        return
    found = ask("site/expected", **params)
    rows = found.rows
    earned = rows[rows["beats"] & rows["expected"].notna()]
    head = [t("site.expected.head"), *(t("survival.risk.year", n=int(y)) for y in rows["years"])]
    with figure(
        "site-expected",
        _expected_title(rows, earned),
        found,
        note=t("site.expected.note"),
        definition="definition.expected",
    ):
        cells = []
        if len(earned):
            cells.append([t("site.expected.model"), *(_model(row) for row in _records(rows))])
        for group, label in (("dong", spot.dong), ("district", t("site.district"))):
            line = [t("site.expected.km", place=escape(label))]
            cells.append([*line, *(_kaplan_meier(row, group) for row in _records(rows))])
        small_table(head, cells)
        st.caption("  \n".join([*_record(rows, earned), t("survival.risk.note")]))


def _records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    found: list[dict[Any, Any]] = rows.to_dict("records")
    return found


def _expected_title(rows: pd.DataFrame, earned: pd.DataFrame) -> str:
    three = earned[earned["years"] == 3]
    if len(three):
        return t("site.expected.title", share=number(three["expected"].iloc[0] * 100))
    known = rows[(rows["years"] == 3) & (rows["district_at_risk"] >= DRAWN)]
    if len(known):
        return t("site.expected.title.km", share=number(known["district_survival"].iloc[0] * 100))
    return t("site.expected.title.few")


def _model(row: dict[Any, Any]) -> str:
    if not row["beats"] or row["expected"] != row["expected"]:
        return "–"
    limits = site_shape.interval(row["ci_low"], row["ci_high"])
    return f"{percent(row['expected'] * 100, 0)} ({limits})"


def _kaplan_meier(row: dict[Any, Any], group: str) -> str:
    at_risk = row[f"{group}_at_risk"]
    if not at_risk >= DRAWN or row[f"{group}_survival"] != row[f"{group}_survival"]:
        return "–"
    limits = site_shape.interval(row[f"{group}_low"], row[f"{group}_high"])
    share = percent(row[f"{group}_survival"] * 100, 0)
    return f"{share}{site_shape.mark(at_risk)} ({limits})"


def _record(rows: pd.DataFrame, earned: pd.DataFrame) -> list[str]:
    """Return what the model's record says, horizon by horizon, and what it rests on."""
    if rows.empty or rows["expected"].isna().all():
        return [t("site.expected.no_model")]
    said = []
    for row in _records(rows):
        if row["scored"] != row["scored"]:
            said.append(t("site.expected.unscored", years=int(row["years"])))
            continue
        key = "site.expected.beats" if row["beats"] else "site.expected.even"
        gap = f"{row['brier_difference']:+.4f}".replace("-", "−")
        said.append(t(key, years=int(row["years"]), gap=gap, n=number(row["scored"])))
    first = rows.iloc[0]
    said.append(
        t(
            "site.expected.basis",
            n=number(first["stratum_openings"]),
            start=day(site_shape.date_of(first["from_on"])),
            fitted=day(site_shape.date_of(first["fitted_on"])),
        )
    )
    if isinstance(first["not_told"], str) and first["not_told"] and len(earned):
        said.append(t("site.expected.not_told"))
    return said
