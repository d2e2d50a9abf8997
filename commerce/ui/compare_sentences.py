"""What a comparison says: its first sentence, what that rests on, and its figures' titles."""

from __future__ import annotations

from html import escape

from commerce.i18n import day, number, percent, t
from commerce.ui.compare_figures import Against, Measured, against, lead
from commerce.ui.frame import known_until
from commerce.ui.sentences import say, trade_words
from commerce.ui.shape import DRAWN, MARKED


def eyebrow(parts: list[Measured]) -> str:
    """Return the places and the trade as escaped HTML."""
    names = " · ".join(part.side.name for part in parts)
    return escape(f"{names} · {parts[0].side.chosen.trade}")


def headline(parts: list[Measured]) -> tuple[str, str]:
    """Return which places differ from the first and which cannot be told apart, and on what n."""
    chosen = parts[0].side.chosen
    if chosen.without_permits:
        said = say("compare.headline.no_permits", trade=chosen.trade)
        return said, say("basis.no_permits")
    measure = lead(parts)
    if not measure:
        sentence = say("compare.headline.few", what=trade_words(chosen))
        return sentence, _basis(parts, "rate")
    found = [against(parts[0], part, measure) for part in parts[1:]]
    sentences = []
    for verdict in ("higher", "lower", "same", "unknown"):
        names = _listed([one.side.label for one in found if one.verdict == verdict])
        if names:
            sentences.append(_sentence(measure, verdict, names, parts[0]))
    return " ".join(sentences), _basis(parts, measure)


def _sentence(measure: str, verdict: str, names: str, first: Measured) -> str:
    words = {"what": trade_words(first.side.chosen), "names": names, "base": first.side.label}
    if verdict == "unknown":
        return say("compare.headline.unknown", **words)
    return say(f"compare.headline.{measure}.{verdict}", **words)


def _listed(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return t("compare.and", first=", ".join(names[:-1]), last=names[-1])


def _basis(parts: list[Measured], measure: str) -> str:
    """Return each place's figure with its interval and n, as HTML."""
    said = [_of(part, measure) for part in parts]
    few = any(part.quoted(measure) and part.support(measure) < MARKED for part in parts)
    said.append(say("compare.basis.until", until=day(known_until())))
    note = " · " + say("basis.few", n=number(MARKED)) if few else ""
    return " · ".join(said) + note


def _of(part: Measured, measure: str) -> str:
    if not part.quoted(measure):
        return say("compare.basis.few", name=part.side.title, n=DRAWN)
    if measure == "rate":
        row = part.summary
        return say(
            "compare.basis.rate",
            name=part.side.title,
            value=number(row["closure_rate"], 1),
            low=number(row["ci_low"], 1),
            high=number(row["ci_high"], 1),
            n=number(row["shop_years"]),
        )
    return say(
        "compare.basis.s3",
        name=part.side.title,
        value=percent(part.s3.value * 100, 0),
        low=number(part.s3.low * 100),
        high=percent(part.s3.high * 100, 0),
        n=number(part.opened),
    )


def curves_title(parts: list[Measured]) -> str:
    """Return what the curves show at three years."""
    found = [against(parts[0], part, "s3") for part in parts[1:]]
    told = [one for one in found if one.known]
    if not told:
        return t("compare.curves.title.plain")
    apart = [one.side.label for one in told if one.verdict != "same"]
    if not apart:
        return t("compare.curves.title.same")
    return t("compare.curves.title", names=_listed(apart), base=parts[0].side.label)


def differences_title(found: list[Against], base: str) -> str:
    """Return how many of the differences stand apart from 0."""
    known = [one for one in found if one.known]
    apart = sum(one.verdict != "same" for one in known)
    if not known:
        return t("compare.diff.title.none")
    if not apart:
        return t("compare.diff.title.same", of=len(known), base=base)
    return t("compare.diff.title", n=apart, of=len(known), base=base)
