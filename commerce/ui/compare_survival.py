"""The places' survival on the same axes, and how each differs from the first."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from commerce.i18n import t
from commerce.ui import compare_sentences, compare_table, survival_charts, survival_shape
from commerce.ui.compare_figures import (
    MEASURES,
    Against,
    Measured,
    against,
    interval,
    log_rank_of_all,
)
from commerce.ui.compare_side import Side
from commerce.ui.figures import Answer, ahead, ask, draw_chart, figure, small_table
from commerce.ui.frame import colours
from commerce.ui.kept import kept
from commerce.ui.sentences import say
from commerce.ui.shape import DRAWN
from commerce.ui.site_survival import TABLE_YEARS, YEARS, milestones

_EVERY_DAYS = 30


def curve_params(side: Side) -> tuple[str, dict[str, object]]:
    """Return which query answers the curve of a side, and its parameters."""
    name = "site/survival" if side.is_circle and not side.missing else "survival/curve"
    params = side.params() | {"every_days": _EVERY_DAYS}
    # site/survival would add the dong of the circle; here it stands alone.
    return name, params


def ahead_of(sides: list[Side]) -> None:
    """Begin to answer together what the page will ask of the permits."""
    for side in sides:
        ahead("site/summary", "compare/standing", "site/durations", **side.params())
    for side in sides:
        name, params = curve_params(side)
        ahead(name, **params)


def curves(parts: list[Measured]) -> None:
    """Draw the Kaplan–Meier curves with bands, and survival and number at risk under them."""
    answers = [_curve(part.side) for part in parts]
    keys = tuple(str(part.side.order) for part in parts)
    groups = {key: part.side.name for key, part in zip(keys, parts, strict=True)}
    rows = _together(keys, *(answer.rows for answer in answers))
    risk = milestones(keys, *(part.durations for part in parts))
    with figure(
        "compare-curves",
        compare_sentences.curves_title(parts),
        answers[0],
        note=t("compare.curves.note"),
        definition="definition.survival",
        method=t("compare.method.each"),
        shown=risk.assign(group_label=risk["group_key"].map(groups)),
    ):
        if (rows["at_risk"] >= DRAWN).any():
            draw_chart(
                survival_shape.curves(rows, None, YEARS, groups),
                survival_charts.curves(colours(), tuple(groups.values()), YEARS),
                key="chart_compare_curves",
                alt=t("compare.curves.alt"),
            )
        else:
            st.write(t("compare.curves.none", n=DRAWN))
        small_table(*survival_shape.risk_table(risk, groups, TABLE_YEARS, colours()))
        st.caption("  \n".join([t("survival.risk.note"), t("survival.permit_note")]))


def _curve(side: Side) -> Answer:
    name, params = curve_params(side)
    return ask(name, **params)


@kept
def _together(keys: tuple[str, ...], *curves: pd.DataFrame) -> pd.DataFrame:
    """Return the curves as groups; of ``site/survival`` the circle alone."""
    parts = []
    for key, rows in zip(keys, curves, strict=True):
        own = rows[rows["group_key"].isin(("radius", "all"))]
        parts.append(own.assign(group_key=key))
    return pd.concat(parts, ignore_index=True)


def differences(parts: list[Measured], share: list[tuple[Side, Side, Answer]]) -> None:
    """Draw how each place differs from the first, and what the log-rank test says of all.

    Args:
        parts: the places, the first of which the others are held against.
        share: of :func:`commerce.ui.compare_side.shared`.
    """
    first = parts[0]
    with_first = {b.order for a, b, _ in share if a.order == first.side.order}
    lines = [(part, [against(first, part, measure) for measure in MEASURES]) for part in parts[1:]]
    found = [one for _, line in lines for one in line]
    answer = ask("site/durations", **first.side.params())
    with figure(
        "compare-differences",
        compare_sentences.differences_title(found, first.side.label),
        answer,
        note=say("compare.diff.note", base=first.side.title),
        definition="definition.difference",
        method=t("compare.diff.method"),
        shown=_table(lines),
    ):
        head = [t("compare.diff.place"), *(t(f"compare.diff.{measure}") for measure in MEASURES)]
        head = [compare_table.wrapped(escape(text)) for text in head]
        small_table(
            head,
            [
                [_name(part, part.side.order in with_first), *(_cell(one) for one in line)]
                for part, line in lines
            ],
        )
        notes = [
            log_rank_of_all(parts, bool(share)),
            t("compare.diff.shared") if with_first else "",
            t("compare.diff.many") if len(found) > 1 else "",
            t("compare.diff.few") if any(one.few and one.known for one in found) else "",
        ]
        st.caption("  \n".join(note for note in notes if note))


def _name(part: Measured, shares: bool) -> str:
    colour = part.side.colour(colours())
    mark = " †" if shares else ""
    return compare_table.wrapped(
        f'<i style="background:{colour}"></i>{escape(part.side.title)}{mark}'
    )


def _cell(one: Against) -> str:
    if not one.known:
        return compare_table.html("–", t("compare.absent.few", n=DRAWN))
    word = escape(_word(one))
    mark = "*" if one.few else ""
    text = escape(interval(one.found, one.measure))
    return f'{text}{mark}<br><span class="verdict">{word}</span>'


def _word(one: Against) -> str:
    """Return the verdict in words: a time is longer, not higher."""
    of_times = {"higher": "longer", "lower": "shorter"} if one.measure == "mean" else {}
    return t(f"compare.diff.word.{of_times.get(one.verdict, one.verdict)}")


def _table(lines: list[tuple[Measured, list[Against]]]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for part, line in lines:
        row: dict[str, Any] = {t("compare.diff.place"): part.side.title}
        for one in line:
            label, scale = t(f"compare.diff.{one.measure}"), MEASURES[one.measure]
            row[label] = one.found.value * scale
            row[f"{label} {t('column.ci_low')}"] = one.found.low * scale
            row[f"{label} {t('column.ci_high')}"] = one.found.high * scale
            row[f"{label} {t('survival.diff.verdict')}"] = _word(one)
        rows.append(row)
    return pd.DataFrame(rows)
