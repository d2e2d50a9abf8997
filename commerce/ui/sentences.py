"""The sentences that say what the figures say, made from the figures themselves.

Every sentence is HTML: values are escaped here, ``<em>`` comes from the catalogue.
A figure too small to be quoted is not quoted.
"""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from commerce.i18n import day, language, month, number, percent, t
from commerce.ui.filters import Selection
from commerce.ui.frame import known_until
from commerce.ui.kept import kept
from commerce.ui.shape import DRAWN, MARKED


def say(key: str, **params: object) -> str:
    """Return the message of ``key`` as HTML, its text values escaped."""
    safe = {k: escape(v) if isinstance(v, str) else v for k, v in params.items()}
    return t(key, **safe)


def _few(n: float) -> str:
    return " " + say("basis.few", n=number(MARKED)) if n < MARKED else ""


def _nothing(chosen: Selection, key: str, n: float) -> tuple[str, str]:
    """Return what stands where too little is known, or nothing can be."""
    if chosen.without_permits:
        return say("overview.no_permits", trade=chosen.trade), say("basis.no_permits")
    return say("overview.nothing", place=chosen.place, trade=chosen.trade), say(
        key, n=number(0 if n != n else n)
    )


def no_file() -> tuple[str, str]:
    """Return what the overview says where no permit was loaded at all."""
    return say("overview.no_file"), say("overview.no_file.load")


def overview(row: pd.Series, chosen: Selection) -> tuple[str, str]:
    """Return the sentence and its basis from ``overview/headline``."""
    if not row["survival_3y_at_risk"] >= DRAWN:
        return _nothing(chosen, "basis.too_few", row["survival_3y_at_risk"])
    survived = row["survival_3y"] * 100
    sentence = say(
        "overview.headline", place=chosen.place, what=trade_words(chosen), survived=number(survived)
    )
    basis = say(
        "overview.basis",
        n=number(row["survival_n"]),
        low=percent(row["survival_3y_low"] * 100, 0),
        high=percent(row["survival_3y_high"] * 100, 0),
        start=month(row["period_from"]),
        end=month(row["period_to"]),
        until=day(row["observed_until"]),
    )
    return sentence, basis + _few(row["survival_3y_at_risk"])


def survival(rows: pd.DataFrame, chosen: Selection) -> tuple[str, str]:
    """Return the sentence and its basis from ``survival/milestones`` without groups."""
    by_year = rows.set_index("years")
    watched = [y for y in (3, 2, 1) if y in by_year.index and by_year.loc[y]["at_risk"] >= DRAWN]
    if not watched:
        most = rows["at_risk"].max() if len(rows) else 0
        return _nothing(chosen, "basis.too_few", most)
    years = watched[0]
    three = by_year.loc[years]
    words = {
        "place": chosen.place,
        "what": trade_words(chosen),
        "three": number(three["survival"] * 100),
        "years": years,
    }
    if 5 in by_year.index and by_year.loc[5]["at_risk"] >= DRAWN:
        five = number(by_year.loc[5]["survival"] * 100)
        sentence = say("survival.headline", **words, five=five)
    else:
        sentence = say("survival.headline.three", **words)
    basis = say(
        "survival.basis",
        start=month(chosen.from_month),
        end=month(chosen.to_month),
        n=number(three["n"]),
        low=percent(three["ci_low"] * 100, 0),
        high=percent(three["ci_high"] * 100, 0),
        until=day(known_until()),
    )
    return sentence, basis + _few(three["at_risk"])


@kept
def curve_title(risk: pd.DataFrame, groups: dict[str, str]) -> str:
    """Return which group lasts longest at three years, where its interval stands apart."""
    at_three = risk[(risk["years"] == 3) & (risk["at_risk"] >= DRAWN)]
    if len(groups) == 1 and len(at_three):
        gone = 100 - at_three["survival"].iloc[0] * 100
        return t("survival.curve.title.one", gone=number(gone))
    if len(at_three) < 2:
        return t("survival.curve.title.plain")
    best: Any = at_three.loc[at_three["survival"].idxmax()]
    worst: Any = at_three.loc[at_three["survival"].idxmin()]
    if best["ci_low"] <= worst["ci_high"]:
        return t("survival.curve.title.plain")
    names = {"best": groups[best["group_key"]], "worst": groups[worst["group_key"]]}
    return t("survival.curve.title", **names)


@kept
def hazard_title(rows: pd.DataFrame) -> str:
    """Return the age at which most shops close."""
    enough = rows[rows["at_risk"] >= MARKED]
    if len(enough) < 2:
        return t("survival.hazard.title.plain")
    top: Any = enough.loc[enough["hazard_pct"].idxmax()]
    others = enough[enough["age_text"] != top["age_text"]]
    if top["ci_low_pct"] <= others["ci_high_pct"].max():
        return t("survival.hazard.title.plain")
    return t("survival.hazard.title", age=top["age_text"])


def trade_words(chosen: Selection) -> str:
    """Return the chosen trades as they stand within a sentence."""
    if not chosen.category_ids:
        return t("word.shop")
    if language() == "ko":
        return chosen.trade
    # Within an English sentence, names begin small unless they are abbreviations.
    words = chosen.trade.split(", ")
    return ", ".join(w if w[1:2].isupper() else w[:1].lower() + w[1:] for w in words)


def openings(row: pd.Series, monthly: pd.DataFrame, chosen: Selection) -> tuple[str, str]:
    """Return the sentence and its basis from ``openings/total`` and ``openings/monthly``."""
    if not row["shop_years"] >= DRAWN:
        return _nothing(chosen, "basis.too_few_years", row["shop_years"])
    more = "openings.headline.more" if row["net"] >= 0 else "openings.headline.fewer"
    sentence = say(
        more,
        place=chosen.place,
        what=trade_words(chosen),
        opened=number(row["opened"]),
        closed=number(row["closed"]),
        rate=number(row["closure_rate"], 1),
    )
    basis = say(
        "openings.basis",
        start=month(chosen.from_month),
        end=month(chosen.to_month),
        low=number(row["ci_low"], 1),
        high=number(row["ci_high"], 1),
        years=number(row["shop_years"]),
        until=day(known_until()),
    )
    early = int(monthly["provisional"].sum())
    if early:
        basis += " · " + say("basis.provisional", n=early)
    return sentence, basis + _few(row["shop_years"])


@kept
def highest(rows: pd.DataFrame, key: str, digits: int = 1, mean: float | None = None) -> str:
    """Return a title that names the highest row, if it stands out; else the plain title.

    Args:
        rows: with ``name``, ``value`` and, for rates, ``ci_low`` and ``ci_high``.
        key: catalogue key of the title.
        digits: with which the value is written.
        mean: a rate stands out when its interval lies above this; None: above the
            interval of the next.
    """
    known = [row for row in rows.to_dict("records") if row["value"] == row["value"]]
    known.sort(key=lambda row: row["value"], reverse=True)
    if len(known) < 2:
        return t(f"{key}.plain")
    top, second = known[0], known[1]
    stands_out = round(top["value"], digits) > round(second["value"], digits)
    if "ci_low" in top:
        stands_out &= top["ci_low"] > (second["ci_high"] if mean is None else mean)
    if not stands_out:
        return t(f"{key}.plain")
    return t(key, name=top["name"], value=number(top["value"], digits))


@kept
def monthly_title(rows: pd.DataFrame) -> str:
    """Return what the last two complete years of openings and closures say."""
    columns = (rows[name].tolist() for name in ("opened", "closed", "provisional"))
    nets = [opened - closed for opened, closed, early in zip(*columns, strict=True) if not early]
    if len(nets) < 24:
        return t("openings.monthly.title")
    now, then = sum(nets[-12:]), sum(nets[-24:-12])
    until = month(rows["month"].tolist()[len(nets) - 1])
    if now == 0:
        return t("openings.monthly.title")
    if now < 0:
        state = "shrinking" if then < 0 else "turned"
        return t(f"openings.monthly.title.{state}", month=until)
    return t("openings.monthly.title.growing", net=number(now), month=until)


@kept
def active_title(rows: pd.DataFrame) -> str:
    """Return how many shops stand now against a year before."""
    if len(rows) < 13:
        return t("openings.active.title")
    now, before = rows["active"].iloc[-1], rows["active"].iloc[-13]
    key = "openings.active.title.more" if now >= before else "openings.active.title.fewer"
    when = month(rows["month"].iloc[-1])
    return t(key, month=when, now=number(now), change=number(abs(now - before)))


@kept
def bulk_title(rows: pd.DataFrame) -> str:
    """Return how many bulk clean-up days the period has."""
    if not len(rows):
        return t("openings.bulk.title.none")
    return t("openings.bulk.title", days=number(len(rows)), closures=number(rows["closures"].sum()))


@kept
def movers_title(rows: pd.DataFrame) -> str:
    """Return which trade grew most and which shrank most."""
    if not len(rows) or rows["net"].max() <= 0 or rows["net"].min() >= 0:
        return t("overview.movers.title.plain")
    return t(
        "overview.movers.title",
        up=rows.loc[rows["net"].idxmax(), "label"],
        down=rows.loc[rows["net"].idxmin(), "label"],
    )
