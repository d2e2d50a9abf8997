"""What the site report finds, in plain sentences made from its figures, each with its n."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from commerce.comparison import Rate, rate_difference
from commerce.i18n import distance, money, month, number, percent
from commerce.survival import Difference
from commerce.ui import site_shape
from commerce.ui.figures import Answer, ask, headline
from commerce.ui.sentences import say
from commerce.ui.shape import DRAWN, MARKED
from commerce.ui.site_spot import Spot


def draw(spot: Spot) -> None:
    """Draw the finding in one large sentence, and under it what the other figures say."""
    if not spot.has_point:
        headline(spot.eyebrow(), say("site.no_point.headline"), say("site.no_point.basis"))
    elif spot.chosen.without_permits:
        headline(
            spot.eyebrow(),
            say("overview.no_permits", trade=spot.chosen.trade),
            say("basis.no_permits"),
        )
    else:
        headline(spot.eyebrow(), *finding(ask("site/reference_class", **spot_class(spot)), spot))
    said = [line for line in sentences(spot) if line]
    if said:
        st.html('<ul class="says">' + "".join(f"<li>{line}</li>" for line in said) + "</ul>")


def spot_class(spot: Spot) -> dict[str, object]:
    """Return the parameters of ``site/reference_class``: it begins at 500 m, as defined."""
    return spot.circle() | {"radius_m": None}


def finding(asked: Answer, spot: Spot) -> tuple[str, str]:
    """Return the sentence and its basis from ``site/reference_class``."""
    rows = asked.rows
    n = len(rows)
    if n < DRAWN:
        return (
            say("site.headline.few", what=spot.what),
            say("site.headline.few.basis", n=number(n)),
        )
    kept, closed = (int((rows["outcome"] == kind).sum()) for kind in ("reached", "closed"))
    words: dict[str, Any] = {
        "what": spot.what,
        "n": number(n),
        "kept": number(kept),
        "radius": distance(rows["radius_m"].iloc[0]),
    }
    left = n - kept - closed
    found = int(rows["found"].iloc[0])
    basis = say(
        "site.headline.basis",
        closed=number(closed),
        left=say("site.headline.left", n=number(left)) if left else "",
        start=month(site_shape.date_of(rows["opened_on"].min())),
        end=month(site_shape.date_of(rows["opened_on"].max())),
        of=say("site.headline.of", found=number(found), n=words["n"]) if found > n else "",
    )
    if spot.is_middle:
        basis += " · " + say("site.middle", place=spot.place.label)
    sentence = say("site.headline" if found > n else "site.headline.all", **words)
    return sentence, f"{basis} · {say('basis.few', n=number(MARKED))}"


def sentences(spot: Spot) -> list[str]:
    """Return up to four sentences (HTML): closures, competitors, this very spot, sales."""
    lines = []
    if spot.has_point and not spot.chosen.without_permits:
        here = ask("site/summary", **spot.circle()).rows.iloc[0]
        district = ask("site/summary", **spot.trade()).rows.iloc[0]
        lines.append(closures(here, district, spot))
        lines.append(competitors(here, ask("site/density", **spot.circle()).rows, spot))
    if spot.place.site_id:
        lines.append(stood(ask("site/history", site_id=spot.place.site_id).rows))
    lines.append(sold(ask("sales/monthly", **spot.market("sales")).rows, spot))
    return lines


def rate(row: pd.Series) -> Rate:
    """Return the closure rate of ``site/summary`` with its limits."""
    return Rate(float(row["closure_rate"]), float(row["ci_low"]), float(row["ci_high"]))


def verdict(found: Difference) -> str:
    """Return ``higher``, ``lower`` or ``same`` (cannot be told apart)."""
    if not found.distinguishable:
        return "same"
    return "higher" if found.value > 0 else "lower"


def closures(here: pd.Series, district: pd.Series, spot: Spot) -> str:
    """Return how fast shops close in the circle, and whether that differs from the district."""
    if not here["shop_years"] > 0:
        return say("site.says.closures.none", radius=spot.radius, what=spot.what)
    if not here["shop_years"] >= DRAWN:
        years = number(here["shop_years"], 1)
        return say("site.says.closures.few", years=years, radius=spot.radius, what=spot.what)
    compared = verdict(rate_difference(rate(here), rate(district)))
    return say(
        f"site.says.closures.{compared}",
        radius=spot.radius,
        what=spot.what,
        rate=number(here["closure_rate"], 1),
        closed=number(here["closed_36m"]),
        years=number(here["shop_years"]),
        low=number(here["ci_low"], 1),
        high=number(here["ci_high"], 1),
        district=number(district["closure_rate"], 1),
    ) + (f" {say('site.says.few')}" if here["closed_36m"] < DRAWN else "")


def competitors(here: pd.Series, density: pd.DataFrame, spot: Spot) -> str:
    """Return how many shops stand in the circle, and how that compares with other places."""
    row = density.iloc[0] if len(density) else None
    if row is None or not row["cells"] > 0:
        return ""
    words = {
        "radius": spot.radius,
        "what": spot.what,
        "n": number(row["active"]),
        "cells": number(row["cells"]),
        # Rounded up, "more than 100 %" would be said of the densest.
        "share": percent(min(math.floor(row["percentile"] * 100), 99), 0),
    }
    stands = "site.says.competitors" if row["active"] else "site.says.competitors.none"
    opened, closed = here["opened_36m"], here["closed_36m"]
    moves = (
        say("site.says.moves", opened=number(opened), closed=number(closed))
        if opened or closed
        else say("site.says.moves.none")
    )
    return f"{say(stands, **words)} {moves}"


def stood(rows: pd.DataFrame) -> str:
    """Return what stood at this spot before, from ``site/history``."""
    own = rows[rows["is_same_unit"]]
    used = own if len(own) else rows
    if used.empty:
        return ""
    standing = int(used["exit_kind"].isna().sum())
    closed = int(used["exit_kind"].isin(["closed", "cancelled"]).sum())
    return say(
        "site.says.stood" if len(own) else "site.says.stood.building",
        n=number(len(used)),
        since=str(pd.Timestamp(used["opened_on"].min()).year),
        closed=number(closed),
        standing=number(standing),
    )


def sold(monthly: pd.DataFrame, spot: Spot) -> str:
    """Return what shops of the trade sell in the dong, from ``sales/monthly``."""
    known = monthly[monthly["sales_per_shop"].notna()] if len(monthly) else monthly
    if known.empty or not known["merchants"].iloc[-1] >= DRAWN:
        return ""
    last = known.iloc[-1]
    return say(
        "site.says.sold",
        place=spot.place.label if spot.of_area("sales") else spot.dong,
        what=spot.sold if spot.chosen.without_permits else spot.what,
        amount=money(last["sales_per_shop"]),
        when=month(site_shape.date_of(last["period"])),
        n=number(last["merchants"]),
        coverage=percent(last["coverage"] * 100, 0),
    )
