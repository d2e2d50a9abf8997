"""Writes Korean place names in Latin letters, by the Revised Romanisation of 2000."""

from __future__ import annotations

import re

_LEADS = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "·").split(" ")
_VOWELS = [
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
]
#: what is heard of a final before a consonant, and before a vowel
_FINALS = (
    ("", ""), ("k", "g"), ("k", "kk"), ("k", "ks"), ("n", "n"), ("n", "nj"), ("n", "n"),
    ("t", "d"), ("l", "r"), ("k", "lg"), ("m", "lm"), ("l", "lb"), ("l", "ls"), ("l", "lt"),
    ("p", "lp"), ("l", "r"), ("m", "m"), ("p", "b"), ("p", "ps"), ("t", "s"), ("t", "ss"),
    ("ng", "ng"), ("t", "j"), ("t", "ch"), ("k", "k"), ("t", "t"), ("p", "p"), ("", ""),
)  # fmt: skip
#: (heard final, next lead) -> both, where one changes the other
_MEET = {
    ("k", "n"): "ngn", ("k", "r"): "ngn", ("k", "m"): "ngm",
    ("n", "r"): "ll", ("t", "n"): "nn", ("t", "r"): "nn", ("t", "m"): "nm",
    ("l", "n"): "ll", ("l", "r"): "ll",
    ("m", "r"): "mn", ("p", "n"): "mn", ("p", "r"): "mn", ("p", "m"): "mm",
    ("ng", "r"): "ngn",
}  # fmt: skip
_ASPIRATE = {("k", "h"): "kh", ("t", "h"): "th", ("p", "h"): "ph"}
_ENDINGS = (
    ("특별자치시", "si"), ("특별자치도", "do"), ("특별시", "si"), ("광역시", "si"),
    ("동", "dong"), ("읍", "eup"), ("면", "myeon"), ("리", "ri"), ("가", "ga"),
    ("시", "si"), ("군", "gun"), ("구", "gu"), ("도", "do"),
)  # fmt: skip


def romanise(text: str) -> str:
    """Return Korean letters in Latin ones; everything else stays.

    >>> romanise("광산")
    'gwangsan'
    """
    letters = [_split(character) for character in text]
    written: list[str] = []
    swallowed = False
    for place, parts in enumerate(letters):
        if parts is None:
            written.append(text[place])
            swallowed = False
            continue
        lead, vowel, final = parts
        written.append(("" if swallowed else _LEADS[lead].replace("·", "")) + _VOWELS[vowel])
        after = letters[place + 1] if place + 1 < len(letters) else None
        heard, before_vowel = _FINALS[final]
        swallowed = False
        if after is None:
            written.append(heard)
        elif _LEADS[after[0]] == "·":
            written.append(before_vowel)
        else:
            pair = (heard, _LEADS[after[0]])
            met = _MEET.get(pair) or _ASPIRATE.get(pair)
            written.append(met if met else heard)
            swallowed = met is not None
    return "".join(written)


def place_name(name: str) -> str:
    """Return a place name as road signs write it: ``송정1동`` is ``Songjeong 1-dong``."""
    words = re.split(r"[·.\s]", name)
    if len(words) > 1:
        return "·".join(place_name(word) for word in words if word)
    for ending, latin in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            stem = name.removesuffix(ending)
            match = re.fullmatch(r"(.*?)(\d+)(가|동)?", stem)
            if match and match.group(1):
                return f"{romanise(match.group(1)).capitalize()} {match.group(2)}-{latin}"
            return f"{romanise(stem).capitalize()}-{latin}"
    return romanise(name).capitalize()


def _split(character: str) -> tuple[int, int, int] | None:
    if not "가" <= character <= "힣":
        return None
    code = ord(character) - ord("가")
    return code // 588, code % 588 // 28, code % 28
