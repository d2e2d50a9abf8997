"""Where no line is broken: what belongs together stays together on a narrow screen."""

from __future__ import annotations

import re

_JOINER = "\u2060"
_DOT = re.compile(r"(?<=\S)·(?=\S)")
_HYPHEN = re.compile(r"(?<=[a-z\d])-(?=(?:dong|gu|si|gun)\b)")
_RANGE = re.compile(r"(?<=[\w%])–(?=\w)")
_BULLET = re.compile(r"(?<=\S) · ")
_SIGN = re.compile(r"([▼●▸]) ")
_QUOTED = re.compile(r"([」’”])(?=[가-힣])")
_STAR = re.compile(r"(?<= )\* ")
_WON = re.compile(r"(?<=[조억만]) 원")


def in_headline(text: str) -> str:
    """Return text that is not broken at a middle dot, as between the names of a trade, either."""
    return _DOT.sub(f"{_JOINER}·{_JOINER}", in_text(text))


def in_text(text: str) -> str:
    """Return text that is not broken within a place or a range, or after a sign.

    So ``Gwangsan-gu``, ``49–55%``, ``「12달」은`` and ``* fewer than 30`` stay as they are,
    and a line never begins with a middle dot. HTML comes through whole: what is joined here
    stands in no attribute of ours.
    """
    text = _HYPHEN.sub(f"-{_JOINER}", text)
    text = _BULLET.sub("\u00a0· ", _SIGN.sub("\\1\u00a0", text))
    text = _RANGE.sub(f"{_JOINER}–{_JOINER}", text)
    return _STAR.sub("*\u00a0", _QUOTED.sub(rf"\1{_JOINER}", text))


def in_title(text: str) -> str:
    """Return text in which an amount and its 원 stay on one line, too."""
    return _WON.sub("\u00a0원", in_text(text))
