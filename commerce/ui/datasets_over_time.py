"""Quality over time: what was missing in each snapshot that was published, one after the other."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from babel import dates

from commerce import snapshot as snapshots
from commerce.i18n import language, number, t
from commerce.publishing import Published, over_snapshots
from commerce.publishing.history import FILE
from commerce.publishing.quality import COUNTS, MEASURES
from commerce.ui import datasets_charts
from commerce.ui.datasets_place import folder, when
from commerce.ui.figures import Answer, ask, draw_chart, figure
from commerce.ui.frame import colours, data

#: A share that moved by less, in % of all, is told as the same.
_LEAST = 0.05
_SEOUL = ZoneInfo("Asia/Seoul")


def draw() -> None:
    """Draw each share over the snapshots; of one snapshot alone, only what it is now."""
    answer = ask("data/quality_of_all")
    found = _published()
    now, before = _compared(found)
    with figure(
        "datasets-over-time",
        _finding(now, before),
        answer,
        note=_note(found),
        definition="datasets.over.definition",
        method=t("datasets.over.method"),
        shown=_table(found) if found else None,
    ):
        grid = st.grid(
            2 if len(found) > 1 else 4,
            min_column_width=230 if len(found) > 1 else 150,
            gap="medium",
        )
        for measure in MEASURES:
            with grid.cell():
                _panel(measure, answer, found, before)


def _published() -> list[Published]:
    """Return what was published to the data folder; nothing where the app shows fixed data."""
    place = folder()
    if place is None or not place.is_dir():
        return []
    history = place / FILE
    mark = history.stat().st_mtime_ns if history.is_file() else 0
    return _read(str(place), (mark, data().snapshot.id, tuple(snapshots.history(place))))


@st.cache_data(max_entries=8, show_spinner=False)
def _read(place: str, of: tuple[object, ...]) -> list[Published]:
    return over_snapshots(Path(place))  # anew whenever ``of`` changes


def _compared(found: list[Published]) -> tuple[Published | None, Published | None]:
    """Return what is served now, and the last before it that it was built upon."""
    line = [one for one in found if one.led_here and (one.counts or one.state == "current")]
    now = line[-1] if line else None
    return now, line[-2] if len(line) > 1 else None


def _finding(now: Published | None, before: Published | None) -> str:
    """Return what moved most since the snapshot before, in one sentence."""
    if now is None or before is None:
        return t("datasets.over.one")
    moves = {
        measure: (was, share)
        for measure in MEASURES
        if (was := before.share(measure)) is not None and (share := now.share(measure)) is not None
    }
    if not moves:
        return t("datasets.over.one")
    most = max(moves, key=lambda measure: abs(moves[measure][1] - moves[measure][0]))
    was, share = moves[most]
    if abs(share - was) < _LEAST:
        return t("datasets.over.same")
    return t(
        "datasets.over.more" if share > was else "datasets.over.less",
        measure=t(f"datasets.measure.{most}"),
        before=_percent(was),
        after=_percent(share),
    )


def _percent(share: float | None) -> str:
    """Return a share with as many decimals as it needs: a few refused rows are not none."""
    if share is None or share != share:
        return "–"
    return f"{number(share, 1 if share >= 1 or not share else 2 if share >= 0.01 else 4)}%"


def _note(found: list[Published]) -> str:
    if not found:
        return t("datasets.over.note.fixed")
    notes = [t("datasets.over.note", n=number(len(found)), first=when(found[0].at))]
    if any(not one.led_here for one in found):
        notes.append(t("datasets.over.note.taken_back"))
    unknown = sum(one.counts is None for one in found)
    if unknown:
        notes.append(t("datasets.over.note.unknown", n=number(unknown)))
    return " ".join(notes)


def _panel(measure: str, answer: Answer, found: list[Published], before: Published | None) -> None:
    """Draw one share: what it is now, what it was, and its line."""
    name = t(f"datasets.measure.{measure}")
    share = float(answer.rows.iloc[0][f"{measure}_share"])
    was = before.share(measure) if before else None
    st.metric(
        name,
        _percent(share),
        delta=t("datasets.over.was", share=_percent(was)) if was is not None else None,
        delta_color="off",
        delta_arrow="off",
        help=t(f"datasets.over.{measure}.help"),
    )
    if len(found) > 1:
        draw_chart(
            _line(found, measure),
            datasets_charts.over_time(colours(), measure),
            key=f"chart_datasets_over_{measure}",
            alt=t("datasets.over.alt", measure=name, n=number(len(found))),
        )


def _line(found: list[Published], measure: str) -> pd.DataFrame:
    """Return the rows of a chart: a snapshot each, in the order of publishing."""
    return pd.DataFrame(
        {
            "place": range(len(found)),
            "label": _labels(found),
            "share": [one.share(measure) for one in found],
            "text": [_percent(one.share(measure)) for one in found],
            "n_text": [_of(one, measure) for one in found],
            "state": [_state(one) for one in found],
            "led_here": [one.led_here for one in found],
        }
    )


def _of(one: Published, measure: str) -> str:
    if one.counts is None:
        return "–"
    return f"{number(one.counts[measure])} / {number(one.counts[MEASURES[measure]])}"


def _labels(found: list[Published]) -> list[str]:
    """Return the day of each snapshot; with the time where a day has several, never twice.

    Short, so that many fit under a chart.
    """
    here = [one.at.astimezone(_SEOUL) for one in found]
    pattern = "y.M.d" if language() == "ko" else "d MMM y"
    days = [dates.format_date(at.date(), pattern, locale=language()) for at in here]
    labels: list[str] = []
    for of, at in zip(days, here, strict=True):
        label = of if days.count(of) == 1 else f"{of} {at:%H:%M}"
        times = sum(other.partition(" #")[0] == label for other in labels)
        labels.append(f"{label} #{times + 1}" if times else label)
    return labels


def _state(one: Published) -> str:
    words = t(f"datasets.over.state.{one.state}")
    return words if one.led_here else f"{words}, {t('datasets.over.state.taken_back')}"


def _table(found: list[Published]) -> pd.DataFrame:
    """Return the table twin: a row per snapshot."""
    columns: dict[str, list[object]] = {
        "published_at": [
            one.at.astimezone(_SEOUL).replace(tzinfo=None, microsecond=0) for one in found
        ],
        "snapshot": [one.name for one in found],
        "state": [_state(one) for one in found],
    }
    for name in COUNTS:
        columns[name] = [one.counts[name] if one.counts else None for one in found]
        if name in MEASURES:
            columns[f"{name}_share"] = [one.share(name) for one in found]
    table = pd.DataFrame(columns)
    return table.astype(dict.fromkeys(COUNTS, "Int64"))
