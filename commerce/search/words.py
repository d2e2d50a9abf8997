"""Finds words by their beginning, their initial consonants, a part of them, or nearly.

All words stand one behind the other in one text, the preferred ones first, so that
looking for a beginning is a search in a text. For typos an index of three letters in a
row names the few hundred words that RapidFuzz then compares letter by letter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from commerce.search import hangul

#: Words are compared letter by letter only when they share this many of three letters in a row.
_CANDIDATES = 400
#: How alike a word must be for a typo, as 1 - edits / letters: 수한동 and 수완동 are 7/8 alike.
ALIKE = 0.7
#: Shorter than this a word with a typo could be any word: 수완 is six keys.
_SHORTEST_TYPO = 4
_END = "\n"
_BUCKETS = 2**16


class How(IntEnum):
    """How a word was found; the greater the better."""

    NEAR = 1
    INSIDE = 2
    INITIALS = 3
    BEGINNING = 4
    EXACT = 5


@dataclass(frozen=True)
class Match:
    """A word that was found: its number, how, and how much of it was typed (0 to 1)."""

    number: int
    how: How
    alike: float


class WordIndex:
    """Words that can be found.

    Args:
        words: the words, preferred ones first. One word may stand several times.
        groups: numbers of the words at which another kind of them begins; of each kind as
            many are found as of the others.
    """

    def __init__(self, words: Sequence[str], groups: Sequence[int] = ()) -> None:
        self.words = words
        limits = [0, *groups, len(words)]
        self._groups = list(pairwise(limits))
        keys = [hangul.keys(word) for word in words]
        self._keys = _Row(keys)
        self._initials = _Row([hangul.initials(word) for word in words])
        self._words_of, self._starts = _three_in_a_row(self._keys.text)

    def find(self, typed: str, most: int = 20) -> list[Match]:
        """Return words that ``typed`` may mean, the best ways of finding them first.

        Args:
            typed: what was typed, of any form; blanks, signs and case do not matter.
            most: how many words per way of finding them and kind of word.
        """
        keys = hangul.keys(typed)
        if not keys:
            return []
        found: dict[int, Match] = {}
        if hangul.has_initials(typed):
            self._find_initials(typed, most, found)
            return list(found.values())
        size = len(keys)
        ways = [(How.EXACT, _END + keys + _END), (How.BEGINNING, _END + keys)]
        if size >= 3:
            ways.append((How.INSIDE, keys))
        for how, text in ways:
            for number in self._holding(self._keys, text, most):
                found.setdefault(number, Match(number, how, size / self._keys.length(number)))
        if len(found) < 8:
            for match in self.near(keys, most):
                found.setdefault(match.number, match)
        return list(found.values())

    def near(self, keys: str, most: int = 20) -> list[Match]:
        """Return words that differ from ``keys`` by few letters, or whose beginning does."""
        if len(keys) < _SHORTEST_TYPO:
            return []
        numbers = self._sharing(keys)
        if not len(numbers):
            return []
        texts = [self._keys.of(int(number)) for number in numbers]
        size = len(keys)
        alike = np.zeros(len(texts), np.float32)
        # While somebody types, only the beginning of the word is there.
        for part in (texts, *([t[: size + more] for t in texts] for more in (-1, 0, 1))):
            scores = cdist([keys], part, scorer=OSA.normalized_similarity, score_cutoff=ALIKE)[0]
            # A whole word that is alike comes before one whose beginning is.
            alike = np.maximum(alike, scores if part is texts else scores * 0.97)
        order = np.argsort(-alike, kind="stable")[:most]
        return [
            Match(int(numbers[i]), How.NEAR, float(alike[i])) for i in order if alike[i] >= ALIKE
        ]

    def _find_initials(self, typed: str, most: int, found: dict[int, Match]) -> None:
        asked = hangul.initials(typed)
        for text in (_END + asked + _END, _END + asked):
            for number in self._holding(self._initials, text, most):
                if hangul.agrees(typed, self.words[number]):
                    alike = len(asked) / self._initials.length(number)
                    found.setdefault(number, Match(number, How.INITIALS, alike))

    def _holding(self, row: _Row, part: str, most: int) -> Iterator[int]:
        for start, stop in self._groups:
            yield from row.holding(part, start, stop, most)

    def _sharing(self, keys: str) -> npt.NDArray[np.int64]:
        """Return the words that share most threes of letters with ``keys``."""
        codes = np.unique(_hashes(_END + keys))
        parts = [self._words_of[self._starts[c] : self._starts[c + 1]] for c in codes.tolist()]
        posted = np.concatenate(parts) if parts else np.empty(0, np.int32)
        if not len(posted):
            return np.empty(0, np.int64)
        shared = np.bincount(posted, minlength=len(self.words))
        # One wrong letter spoils three of them, two spoil six.
        enough = max(1, min(len(codes) - 6, len(codes) // 2))
        numbers = np.flatnonzero(shared >= enough)
        if len(numbers) > _CANDIDATES:
            best = np.argsort(-shared[numbers], kind="stable")[:_CANDIDATES]
            numbers = numbers[best]
        return numbers


class _Row:
    """Texts one behind the other, each between two ends."""

    def __init__(self, texts: list[str]) -> None:
        self.text = _END + _END.join(texts) + _END
        lengths = np.fromiter((len(t) for t in texts), np.int64, len(texts))
        self._ends: list[int] | npt.NDArray[np.int64] = np.concatenate(
            ([0], np.cumsum(lengths + 1))
        )

    def holding(self, part: str, start: int, stop: int, most: int) -> Iterator[int]:
        """Yield at most ``most`` numbers from ``start`` to ``stop`` of texts that hold ``part``."""
        end, count = int(self._ends[stop]) + 1, 0
        at = self.text.find(part, int(self._ends[start]), end)
        while at >= 0 and count < most:
            number = bisect_right(self._ends, at) - 1
            yield number
            count += 1
            at = self.text.find(part, int(self._ends[number + 1]), end)

    def of(self, number: int) -> str:
        """Return a text."""
        return self.text[int(self._ends[number]) + 1 : int(self._ends[number + 1])]

    def length(self, number: int) -> int:
        """Return the length of a text, at least 1."""
        return max(int(self._ends[number + 1] - self._ends[number]) - 1, 1)


def _hashes(text: str) -> npt.NDArray[np.uint16]:
    """Return a number for every three letters in a row."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    if len(codes) < 3:
        return np.empty(0, np.uint16)
    mixed = (codes[:-2] * np.uint32(961) + codes[1:-1] * np.uint32(31) + codes[2:]) % _BUCKETS
    return mixed.astype(np.uint16)


def _three_in_a_row(text: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return for every three letters the words that hold them, and where each list begins."""
    codes = _hashes(text)
    is_end = np.frombuffer(text.encode("utf-32-le"), np.uint32) == ord(_END)
    word = np.cumsum(is_end, dtype=np.int32) - 1
    # Three letters may begin with the end before a word, but do not reach over its own end.
    inside = ~(is_end[1:-1] | is_end[2:]) if len(codes) else np.empty(0, np.bool_)
    codes, word = codes[inside], word[: len(inside)][inside]
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=_BUCKETS))))
    return word[order], starts
