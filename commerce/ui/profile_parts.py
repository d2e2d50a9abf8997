"""When and who: the two figures that sales and footfall share."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from commerce.i18n import t
from commerce.ui import footfall_sentences, multiples, profile_charts, profile_shape
from commerce.ui.figures import Answer, draw_chart, figure
from commerce.ui.frame import colours


@dataclass(frozen=True)
class Subject:
    """What a profile is of.

    Args:
        name: ``sales`` or ``footfall``; begins its catalogue keys.
        value: the column that is drawn by hour and by weekday: ``share`` or ``persons``.
        unit: of the value, in words.
        flows: whether values add up over the hours of a day.
    """

    name: str
    value: str
    unit: str
    flows: bool = True

    @property
    def colour(self) -> str:
        """Return the colour of the subject in the reader's mode."""
        return str(getattr(colours(), self.name))

    @property
    def steps(self) -> tuple[str, ...]:
        """Return its colours from low to high."""
        return tuple(getattr(colours(), f"{self.name}_steps"))


def when(profile: Answer, subject: Subject, period: str) -> None:
    """Draw when: weekday by hour where the source tells them together, else each for itself."""
    name, rows = subject.name, profile.rows
    week = profile_shape.week(rows, subject.flows)
    note = f"{name}.when.note" if len(week) else f"{name}.when.note.apart"
    with figure(
        f"{name}-when",
        footfall_sentences.busy_title(rows, subject.flows, name),
        profile,
        note=t(note, period=period, unit=subject.unit),
        definition="definition.profile",
    ):
        alt = t(f"{name}.when.alt")
        if len(week):
            # Only where fields are few is there room to write into them.
            written = len(week) <= 60
            spec = profile_charts.week(colours(), subject.steps, written)
            draw_chart(week, spec, key=f"chart_{name}_week", alt=alt)
        if not len(week) and profile_shape.has(rows, "weekday"):
            days = profile_shape.weekdays(rows, subject.value)
            spec = profile_charts.weekdays(colours(), subject.colour, subject.unit)
            draw_chart(days, spec, key=f"chart_{name}_weekdays", alt=alt)
        if profile_shape.has(rows, "hour_band"):
            hours = profile_shape.hours(rows, subject.value, subject.flows)
            unit = t("chart.per_hour", unit=subject.unit) if subject.flows else subject.unit
            spec = profile_charts.hours(colours(), subject.colour, unit, hours)
            draw_chart(hours, spec, key=f"chart_{name}_hours", alt=alt)
        if not _any(rows, ("weekday_hour", "weekday", "hour_band")):
            st.write(t(f"{name}.when.none"))


def who(profile: Answer, subject: Subject, period: str) -> None:
    """Draw who: age by sex where the source tells them together, else each for itself."""
    name, rows = subject.name, profile.rows
    with figure(
        f"{name}-who",
        footfall_sentences.people_title(rows, name),
        profile,
        note=t(f"{name}.who.note", period=period),
        definition="definition.profile",
    ):
        ages = profile_shape.pyramid(rows)
        if len(ages):
            spec = profile_charts.pyramid(colours(), ages["age"].nunique())
            draw_chart(ages, spec, key=f"chart_{name}_who", alt=t(f"{name}.who.alt"))
        elif _any(rows, ("sex", "age_group")):
            head = [t("column.label"), t("column.share")]
            bars = profile_shape.people(rows)
            multiples.draw(multiples.bars(head, bars, [subject.colour]))
        else:
            st.write(t(f"{name}.who.none"))


def _any(rows: pd.DataFrame, dimensions: tuple[str, ...]) -> bool:
    return any(profile_shape.has(rows, dimension) for dimension in dimensions)
