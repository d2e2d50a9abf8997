"""From rows of a profile query to what its charts draw: hours, weekdays, sex and age in words.

Bands of hours differ in length, so that what passes is drawn per hour; what is present
at a moment (``flows`` false) is drawn as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from commerce.i18n import language, number, percent, t
from commerce.ui.kept import kept
from commerce.ui.multiples import Bar

# A part that is not larger than the next by this is not named as the largest.
_STANDS_OUT = 1.01
# Hours and weekdays that differ by less than this are called alike.
_EVEN = 1.15
#: The hour after work that shops ask for: seven in the evening.
EVENING = 19


def hour_span(band: str) -> tuple[int, int]:
    """Return first and last hour of a band: ``06-11`` is 6 to 11, ``17`` is 17 to 18.

    A band over midnight ends on the next day: ``23-05`` is 23 to 29.
    """
    first, _, last = band.partition("-")
    start = int(first)
    end = int(last) if last else start + 1
    return start, end if end > start else end + 24


def _clock(hour: int) -> str:
    return f"{hour if hour <= 24 else hour - 24:02d}"


def hour_words(band: str, key: str = "word.hours") -> str:
    """Return a band of hours in words, such as ``06–11시``, by a message of the catalogue."""
    start, end = hour_span(band)
    return t(key, start=_clock(start), end=_clock(end))


def age_words(group: str) -> str:
    """Return an age group in words: ``20-29`` is ``20대`` or ``20–29``."""
    if group.endswith("+"):
        return t("age.from", age=group[:-1])
    low, _, high = group.partition("-")
    if low in ("0", "00"):
        return t("age.below", age=int(high) + 1)
    decade = language() == "ko" and low.endswith("0") and high.endswith("9")
    return t("age.decade", age=low) if decade else f"{low}–{high}"


def has(rows: pd.DataFrame, dimension: str) -> bool:
    """Return whether the profile is split by a dimension."""
    return bool((rows["dimension"] == dimension).any())


def _of(rows: pd.DataFrame, dimension: str) -> list[dict[Any, Any]]:
    found = rows[(rows["dimension"] == dimension) & rows["share"].notna()]
    return list(found.sort_values("bucket").to_dict("records"))


@kept
def week(rows: pd.DataFrame, flows: bool = True) -> pd.DataFrame:
    """Return weekday by hour against the mean hour of the week.

    Args:
        rows: of ``sales/profile`` or ``footfall/profile``.
        flows: whether values add up over hours.
    """
    made = []
    for row in _of(rows, "weekday_hour"):
        day, _, band = str(row["bucket"]).partition(" ")
        start, end = hour_span(band)
        made.append(
            {
                "weekday": int(day),
                "day": t(f"weekday.{day}"),
                "band": f"{_clock(start)}–{_clock(end)}",
                "starts": start,
                "hours": end - start,
                "level": row["share"] / (end - start if flows else 1),
                "share_text": percent(row["share"] * 100),
                "when": f"{t(f'weekday.long.{day}')} {hour_words(band)}",
            }
        )
    if not made:
        return pd.DataFrame()
    mean = sum(m["level"] * m["hours"] for m in made) / sum(m["hours"] for m in made)
    for m in made:
        m["level"] = round(m["level"] / mean, 3) if mean else 0.0
    return pd.DataFrame(made)


@kept
def hours(rows: pd.DataFrame, value: str, flows: bool = True) -> pd.DataFrame:
    """Return bands of hours for :func:`commerce.ui.profile_charts.hours`.

    Args:
        rows: of a profile query.
        value: ``share`` (drawn in %) or ``persons``.
        flows: whether values add up over hours, and are drawn per hour.
    """
    made = []
    for row in _of(rows, "hour_band"):
        start, end = hour_span(row["bucket"])
        amount = row[value] * (100 if value == "share" else 1)
        # A band over midnight stands at both ends of the day.
        spans = [(start, end)] if end <= 24 else [(start, 24), (0, end - 24)]
        made += [
            {
                "starts": first,
                "ends": last,
                "value": amount / (end - start if flows else 1),
                "label": hour_words(row["bucket"]),
                "tip": _tip(row, value),
            }
            for first, last in spans
        ]
    return pd.DataFrame(made)


def _tip(row: dict[Any, Any], value: str) -> str:
    share = percent(row["share"] * 100)
    return share if value == "share" else f"{number(row[value])} ({share})"


@kept
def weekdays(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return weekdays for :func:`commerce.ui.profile_charts.weekdays`."""
    return pd.DataFrame(
        [
            {
                "weekday": int(row["bucket"]),
                "label": t(f"weekday.{row['bucket']}"),
                "long": t(f"weekday.long.{row['bucket']}"),
                "value": row[value] * (100 if value == "share" else 1),
                "tip": _tip(row, value),
            }
            for row in _of(rows, "weekday")
        ]
    )


@kept
def pyramid(rows: pd.DataFrame) -> pd.DataFrame:
    """Return sex by age for :func:`commerce.ui.profile_charts.pyramid`, the young on top."""
    return pd.DataFrame(
        [
            {
                "age": age_words(row["bucket"][2:]),
                "sex": row["bucket"][0],
                "sex_text": t(f"sex.{row['bucket'][0]}"),
                "share": round(row["share"] * 100, 2),
                "tip": percent(row["share"] * 100),
            }
            for row in _of(rows, "sex_age")
        ]
    )


@kept
def people(rows: pd.DataFrame) -> list[tuple[str, list[Bar]]]:
    """Return bars of sex and of age, where the two are not told together, on one scale."""
    told: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("sex", lambda sex: t(f"sex.{sex}")),
        ("age_group", age_words),
    )
    found = [(words(r["bucket"]), r["share"]) for name, words in told for r in _of(rows, name)]
    most = max((share for _, share in found), default=1.0) or 1.0
    return [(words, [Bar(share / most, percent(share * 100))]) for words, share in found]


@kept
def largest(
    rows: pd.DataFrame, dimension: str, flows: bool = True, brief: bool = False
) -> tuple[str, float]:
    """Return the largest part of a dimension in words and its share.

    Nothing where it is not known, or hardly larger than the next.

    Args:
        rows: of ``footfall/profile`` or ``sales/profile``.
        dimension: of the profile.
        flows: whether people add up over hours, so that long bands must not win by length.
        brief: whether hours are written as short as a key figure has room for.
    """
    per_hour = dimension == "hour_band" and flows
    ordered = sorted(
        (
            (row["share"] / (_length(row["bucket"]) if per_hour else 1), row)
            for row in _of(rows, dimension)
        ),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if len(ordered) < 2 or ordered[0][0] < ordered[1][0] * _STANDS_OUT:
        return "", float("nan")
    top = ordered[0][1]
    words = _words(dimension, str(top["bucket"]))
    if brief and dimension == "hour_band":
        words = hour_words(str(top["bucket"]), "word.hours.short")
    return words, float(top["share"])


@kept
def is_even(rows: pd.DataFrame, flows: bool) -> bool:
    """Return whether hours and weekdays are all nearly alike, as far as they are told."""
    told = 0
    for dimension in ("hour_band", "weekday"):
        per_hour = dimension == "hour_band" and flows
        levels = [
            row["share"] / (_length(str(row["bucket"])) if per_hour else 1)
            for row in _of(rows, dimension)
        ]
        told += len(levels) > 1
        if len(levels) > 1 and max(levels) > min(levels) * _EVEN:
            return False
    return told > 0


@kept
def around(rows: pd.DataFrame, hour: int, flows: bool) -> tuple[str, float] | None:
    """Return the band of hours that holds an hour, and its people; or nothing.

    Args:
        rows: of ``footfall/profile``.
        hour: 0 to 23.
        flows: whether people add up over hours, and are returned per hour.
    """
    for row in _of(rows, "hour_band"):
        band = str(row["bucket"])
        start, end = hour_span(band)
        if start <= hour < end or start <= hour + 24 < end:
            return hour_words(band), float(row["persons"] / (_length(band) if flows else 1))
    return None


def _length(band: str) -> int:
    start, end = hour_span(band)
    return end - start


def _words(dimension: str, bucket: str) -> str:
    if dimension == "hour_band":
        return hour_words(bucket)
    if dimension == "weekday":
        return t(f"weekday.long.{bucket}")
    if dimension == "sex":
        return t(f"sex.{bucket}")
    if dimension == "sex_age":
        return t("sex.age", age=age_words(bucket[2:]), sex=t(f"sex.{bucket[0]}"))
    return age_words(bucket)


@kept
def bands(rows: pd.DataFrame) -> dict[str, str]:
    """Return the bands of hours that a select offers: the whole day first, alike in any language.

    Args:
        rows: of ``footfall/profile``.
    """
    found = [str(row["bucket"]) for row in _of(rows, "hour_band")]
    spans = {band: hour_span(band) for band in found}
    return {"all": "00–24"} | {
        band: f"{_clock(start)}–{_clock(end)}" for band, (start, end) in spans.items()
    }
