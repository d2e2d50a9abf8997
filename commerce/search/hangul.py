"""Hangul taken apart into the keys that type it, so that half a word finds the whole one.

수완동 is typed ㅅㅜㅇㅗㅏㄴㄷㅗㅇ on the usual keyboard (KS X 5002): ``수오`` and ``숭`` are then
beginnings of it, as they are while somebody types. The composition of syllables is that of
the Unicode standard, chapter 3.12.
"""

from __future__ import annotations

import unicodedata

_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: tuple[str, ...] = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
#: Letters that are typed with two keys.
_PAIRS = {
    "ㅘ": "ㅗㅏ",
    "ㅙ": "ㅗㅐ",
    "ㅚ": "ㅗㅣ",
    "ㅝ": "ㅜㅓ",
    "ㅞ": "ㅜㅔ",
    "ㅟ": "ㅜㅣ",
    "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
_JOINED = {pair: letter for letter, pair in _PAIRS.items()}
#: What the keys of an English layout type in Korean; with shift only where that differs.
_LAYOUT = {
    key: letter
    for keys_of_row, letters in (
        ("qwertyuiop", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ"),
        ("asdfghjkl", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ"),
        ("zxcvbnm", "ㅋㅌㅊㅍㅠㅜㅡ"),
        ("QWERTOP", "ㅃㅉㄸㄲㅆㅒㅖ"),
    )
    for key, letter in zip(keys_of_row, letters, strict=True)
}


class _Table(dict[int, str]):
    """A table for ``str.translate`` that works out each letter when it is first met."""

    def __init__(self, initials: bool) -> None:
        super().__init__()
        self._initials = initials

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
            first, vowel, final = _parts(code)
            text = first if self._initials else first + _typed(vowel) + _typed(final)
        elif is_consonant(letter) or letter in _VOWELS:
            text = _typed(letter)
        elif 0x1100 <= code <= 0x11FF:  # a lone letter of a decomposed text
            text = _typed(_lone(letter))
        else:
            plain = unicodedata.normalize("NFKC", letter).casefold()
            text = "".join(c for c in plain if c.isalnum())
        self[code] = text
        return text


_KEYS, _FIRSTS = _Table(False), _Table(True)


def keys(text: str) -> str:
    """Return the keys that type ``text``: letters and digits only, in one case.

    ``수완동`` gives ``ㅅㅜㅇㅗㅏㄴㄷㅗㅇ``; blanks, dashes and signs are left out.
    """
    return unicodedata.normalize("NFC", text).translate(_KEYS)


def initials(text: str) -> str:
    """Return the initial consonants of ``text``: ``ㅅㅇㄷ`` for ``수완동``; other letters stay."""
    return unicodedata.normalize("NFC", text).translate(_FIRSTS)


def is_consonant(letter: str) -> bool:
    """Return whether ``letter`` is a consonant that stands alone, such as ``ㅅ`` or ``ㄳ``."""
    return "ㄱ" <= letter <= "ㅎ"


def has_initials(text: str) -> bool:
    """Return whether ``text`` asks by initial consonants: ``ㅅㅇㄷ``, ``ㅅㅇ``, ``수ㅇㄷ``.

    One consonant behind a syllable is the beginning of the next syllable: ``수ㅇ`` is not meant.
    """
    letters = [c for c in unicodedata.normalize("NFC", text) if not c.isspace()]
    alone = [is_consonant(c) for c in letters]
    return any(alone[:-1]) or (len(alone) == 1 and alone[0])


def agrees(typed: str, word: str) -> bool:
    """Return whether ``word`` begins as ``typed`` says, syllables and lone consonants in a row.

    ``수ㅇㄷ`` agrees with ``수완동``, ``소ㅇㄷ`` does not.
    """
    asked, given = _letters(typed), _letters(word)
    if len(asked) > len(given):
        return False
    for number, (want, have) in enumerate(zip(asked, given, strict=False)):
        is_last = number == len(asked) - 1
        if is_consonant(want):
            if initials(have) != want:
                return False
        elif not (keys(have).startswith(keys(want)) if is_last else keys(have) == keys(want)):
            return False
    return True


def from_english_layout(text: str) -> str | None:
    """Return what ``text`` would read with the keyboard set to Korean, or None.

    ``tndhks`` gives ``수완``. None where it holds Hangul already, or gives no syllable.
    """
    if not any("a" <= c.lower() <= "z" for c in text) or not text.isascii():
        return None
    typed = compose("".join(_LAYOUT.get(c, _LAYOUT.get(c.lower(), c)) for c in text))
    return typed if any(_FIRST_SYLLABLE <= ord(c) <= _LAST_SYLLABLE for c in typed) else None


def compose(letters: str) -> str:
    """Put letters together into syllables, as a Korean keyboard does.

    Letters that belong to no syllable stay as they are.
    """
    out: list[str] = []
    at = 0
    while at < len(letters):
        first = letters[at]
        vowel, used = _vowel_at(letters, at + 1)
        if first not in _INITIALS or not vowel:
            out.append(first)
            at += 1
            continue
        at += 1 + used
        final, used = _final_at(letters, at)
        at += used
        code = (_INITIALS.index(first) * 21 + _VOWELS.index(vowel)) * 28 + _FINALS.index(final)
        out.append(chr(_FIRST_SYLLABLE + code))
    return "".join(out)


def _vowel_at(letters: str, at: int) -> tuple[str, int]:
    pair = _JOINED.get(letters[at : at + 2], "")
    if pair and pair in _VOWELS:
        return pair, 2
    return (letters[at], 1) if letters[at : at + 1] and letters[at] in _VOWELS else ("", 0)


def _final_at(letters: str, at: int) -> tuple[str, int]:
    """Return the final consonant at ``at``: as many letters as the next vowel does not need."""
    for size in (2, 1):
        part = letters[at : at + size]
        final = _JOINED.get(part, "") if size == 2 else part
        follows_vowel = bool(_vowel_at(letters, at + size)[0])
        if len(part) == size and final and final in _FINALS and not follows_vowel:
            return final, size
    return "", 0


def _parts(code: int) -> tuple[str, str, str]:
    rest, final = divmod(code - _FIRST_SYLLABLE, 28)
    first, vowel = divmod(rest, 21)
    return _INITIALS[first], _VOWELS[vowel], _FINALS[final]


def _typed(letter: str) -> str:
    return str(_PAIRS.get(letter, letter))


def _lone(letter: str) -> str:
    """Return the letter that is written alone of a conjoining one (U+1100 to U+11FF)."""
    code = ord(letter)
    if 0x1100 <= code < 0x1100 + len(_INITIALS):
        return _INITIALS[code - 0x1100]
    if 0x1161 <= code < 0x1161 + len(_VOWELS):
        return _VOWELS[code - 0x1161]
    if 0x11A8 <= code < 0x11A7 + len(_FINALS):
        return _FINALS[code - 0x11A7]
    return ""


def _letters(text: str) -> tuple[str, ...]:
    """Return the letters and digits of ``text``, pairs of lone consonants taken apart."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        typed = keys(letter)
        found.extend(typed if is_consonant(letter) else [letter] if typed else [])
    return tuple(found)
