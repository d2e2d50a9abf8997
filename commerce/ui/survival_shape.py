"""From the survival queries' rows to curves, their at-risk table, the triangle, the hazard."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from commerce.i18n import language, name_column, number, percent, t
from commerce.ui.kept import kept
from commerce.ui.line_names import Name, heights
from commerce.ui.shape import DRAWN, MARKED
from commerce.ui.survival_charts import group_colours
from commerce.ui.theme import Palette

_DAYS = 365.25


@kept
def group_labels(rows: pd.DataFrame, trade: str, years: tuple[int, int]) -> dict[str, str]:
    """Return the groups' labels in the reader's language by key, in the query's order.

    A band of opening years is named by those of its years that were asked for.
    """
    label = "group_label" if language() == "ko" else "group_label_en"
    first = rows.drop_duplicates("group_key")
    labels = dict(zip(first["group_key"].astype(str), first[label].astype(str), strict=True))
    if list(labels) == ["all"]:
        return {"all": trade}
    return {key: _band(text, years) for key, text in labels.items()}


def _band(label: str, years: tuple[int, int]) -> str:
    ends = label.split("–")
    if len(ends) != 2 or not all(end.isdigit() for end in ends):
        return label
    first, last = max(int(ends[0]), years[0]), min(int(ends[1]), years[1])
    return f"{first}–{last}" if first < last else str(first)


@kept
def curves(
    rows: pd.DataFrame, official: pd.DataFrame | None, years: int, labels: dict[str, str]
) -> pd.DataFrame:
    """Return the points of the curves and of the official benchmarks, up to ``years``.

    A curve ends where fewer than ten shops are at risk.
    """
    own = rows[(rows["age_days"] <= years * _DAYS) & (rows["at_risk"] >= DRAWN)]
    drawn = pd.DataFrame(
        {
            "kind": "curve",
            "label": own["group_key"].astype(str).map(labels),
            "age_years": (own["age_days"] / _DAYS).round(3),
            "survival": own["survival"].round(4),
            "ci_low": own["ci_low"].round(4),
            "ci_high": own["ci_high"].round(4),
            "at_risk": own["at_risk"],
        }
    )
    starts = pd.DataFrame(
        {
            "kind": "curve",
            "label": list(drawn["label"].unique()),
            "age_years": 0.0,
            "survival": 1.0,
            "ci_low": 1.0,
            "ci_high": 1.0,
        }
    )
    parts = [starts, drawn, _labels(drawn, official, years)]
    if official is not None:
        parts.append(
            pd.DataFrame(
                {
                    "kind": "benchmark",
                    "label": official[f"region_{name_column()}"],
                    "age_years": official["years"].astype(float),
                    "survival": official["survival"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _labels(drawn: pd.DataFrame, official: pd.DataFrame | None, years: int) -> pd.DataFrame:
    """Return where the names of curves and benchmarks stand: before their ends, across no line."""
    ends = drawn.loc[drawn.groupby("label")["age_years"].idxmax()]
    ends = ends.sort_values("survival", ascending=False)
    lines = [
        [(0.0, 1.0), *zip(curve["age_years"], curve["survival"], strict=True)]
        for _, curve in drawn.groupby("label")
    ]
    named = [
        ("label", Name(label, age, share))
        for label, age, share in zip(
            ends["label"], ends["age_years"], ends["survival"], strict=True
        )
    ]
    if official is not None:
        for region, rows in official.groupby(f"region_{name_column()}", sort=False):
            ages = rows["years"].astype(float).to_numpy()
            shares = rows["survival"].to_numpy()
            # Drawn straight from point to point: many small steps come near enough.
            steps = np.linspace(ages.min(), ages.max(), 60)
            lines.append(list(zip(steps, np.interp(steps, ages, shares), strict=True)))
            named.append(("benchmark_label", Name(str(region), ages[-1], shares[-1])))
    placed = heights([name for _, name in named], lines, (years, 1.0), (0.0, 1.0))
    return pd.DataFrame(
        {
            "kind": [kind for kind, _ in named],
            "label": [name.text for _, name in named],
            "age_years": [name.x for _, name in named],
            "survival": placed,
        }
    )


@kept
def at_risk(rows: pd.DataFrame, groups: dict[str, str], years: list[int]) -> pd.DataFrame:
    """Return the milestones of the drawn groups at the years of the table."""
    keyed = rows.assign(group_key=rows["group_key"].astype(str))
    if set(groups) == {"all"}:
        keyed["group_key"] = "all"
    return keyed[keyed["group_key"].isin(groups) & keyed["years"].isin(years)]


@kept
def risk_table(
    risk: pd.DataFrame, groups: dict[str, str], years: list[int], palette: Palette
) -> tuple[list[str], list[list[str]]]:
    """Return head and rows (HTML) of the table under the curves: survival and number at risk."""
    head = [t("survival.risk.head"), *(t("survival.risk.year", n=year) for year in years)]
    colours = group_colours(palette, len(groups))
    cells = []
    for (key, label), colour in zip(groups.items(), colours, strict=False):
        mine = risk[risk["group_key"] == key].set_index("years")
        line = [f'<i style="background:{colour}"></i>{escape(label)}']
        line += [_milestone(mine.loc[year]) if year in mine.index else "–" for year in years]
        cells.append(line)
    return head, cells


def _milestone(row: pd.Series) -> str:
    if not row["at_risk"] >= DRAWN or row["survival"] != row["survival"]:
        return "–"
    mark = "*" if row["at_risk"] < MARKED else ""
    return f"{percent(row['survival'] * 100, 0)}{mark} · {number(row['at_risk'])}"


@kept
def hazard(rows: pd.DataFrame, years: int) -> pd.DataFrame:
    """Return the hazard by age in per cent a month, ages with fewer than ten at risk left out."""
    drawn = rows[(rows["at_risk"] >= DRAWN) & (rows["age_to"] <= years * 12)]
    return pd.DataFrame(
        {
            "age_years": (drawn["age_from"] + drawn["age_to"]) / 24,
            "age_text": [
                t("survival.hazard.age", a=a, b=b)
                for a, b in zip(drawn["age_from"], drawn["age_to"], strict=True)
            ],
            "hazard_pct": (drawn["hazard"] * 100).round(3),
            "ci_low_pct": (drawn["ci_low"] * 100).round(3),
            "ci_high_pct": (drawn["ci_high"] * 100).round(3),
            "events": drawn["events"],
            "at_risk": drawn["at_risk"],
        }
    )


@kept
def cohorts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the cohort triangle: complete years of cohorts of ten and more."""
    drawn = rows[rows["complete"] & (rows["born"] >= DRAWN) & (rows["years"] <= 10)]
    return pd.DataFrame(
        {
            "opened_year": drawn["opened_year"],
            "years": drawn["years"],
            "rate": (drawn["rate"] / 100).round(4),
            "born": drawn["born"],
            "survived": drawn["survived"],
        }
    )
