"""Hangul taken apart: against lists made by hand, and against Unicode's own decomposition."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.search import hangul

BY_HAND = [
    ("수완동", "ㅅㅜㅇㅗㅏㄴㄷㅗㅇ", "ㅅㅇㄷ"),
    ("닭갈비", "ㄷㅏㄹㄱㄱㅏㄹㅂㅣ", "ㄷㄱㅂ"),
    ("꽃집", "ㄲㅗㅊㅈㅣㅂ", "ㄲㅈ"),
    ("의원", "ㅇㅡㅣㅇㅜㅓㄴ", "ㅇㅇ"),
    ("없음", "ㅇㅓㅂㅅㅇㅡㅁ", "ㅇㅇ"),
    ("GS25 수완-점!", "gs25ㅅㅜㅇㅗㅏㄴㅈㅓㅁ", "gs25ㅅㅇㅈ"),
    ("ＰＣ방", "pcㅂㅏㅇ", "pcㅂ"),
    ("ㄳ", "ㄱㅅ", "ㄱㅅ"),
    ("<b> \u202e\U0001f600", "b", "b"),
]


@pytest.mark.parametrize(("text", "keys", "initials"), BY_HAND)
def test_keys_and_initial_consonants_are_those_counted_by_hand(
    text: str, keys: str, initials: str
) -> None:
    assert hangul.keys(text) == keys
    assert hangul.initials(text) == initials


@pytest.mark.parametrize("part", ["ㅅ", "수", "숭", "수오", "수와", "수완", "수완ㄷ", "수완도"])
def test_whatever_is_typed_on_the_way_is_a_beginning(part: str) -> None:
    assert hangul.keys("수완동").startswith(hangul.keys(part))


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=6))
def test_a_decomposed_text_has_the_same_keys(text: str) -> None:
    assert hangul.keys(unicodedata.normalize("NFD", text)) == hangul.keys(text)
    assert len(hangul.initials(text)) == len(text)


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=1))
def test_the_keys_of_a_syllable_compose_to_it(text: str) -> None:
    assert hangul.compose(hangul.keys(text)) == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tndhks", "수완"),
        ("tndhksehd", "수완동"),
        ("ekfrrkfql", "닭갈비"),
        ("Rhcwlq", "꽃집"),
        ("thdwjdfh 40-1", "송정로 40-1"),
        ("cafe", None),
        ("수완", None),
        ("123", None),
    ],
)
def test_a_keyboard_left_in_english_is_read(typed: str, meant: str | None) -> None:
    assert hangul.from_english_layout(typed) == meant


@pytest.mark.parametrize(
    ("typed", "asks"),
    [("ㅅㅇㄷ", True), ("수ㅇㄷ", True), ("ㅅ", True), ("수ㅇ", False), ("", False)],
)
def test_initials_are_told_from_a_half_typed_syllable(typed: str, asks: bool) -> None:
    assert hangul.has_initials(typed) is asks


@pytest.mark.parametrize(
    ("typed", "agrees"),
    [("ㅅㅇㄷ", True), ("수ㅇㄷ", True), ("수ㅇ도", True), ("소ㅇㄷ", False), ("ㅅㅇㄷㄱ", False)],
)
def test_syllables_and_consonants_in_a_row(typed: str, agrees: bool) -> None:
    assert hangul.agrees(typed, "수완동") is agrees
