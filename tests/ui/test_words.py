"""The catalogues: both languages whole, placeholders alike, nothing asked for that is missing."""

import re
from pathlib import Path
from string import Formatter

import pytest

from commerce import i18n
from commerce.i18n import LANGUAGES, messages, set_language, t

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = [ROOT / "app.py", *ROOT.glob("commerce/**/*.py"), *ROOT.glob("pages/**/*.py")]
ASKED = re.compile(r"""\b(?:t|say|Refused|UsageError|_refuse)\(\s*"([a-z_]+\.[a-z0-9_.]+)["]""")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert set(messages("ko")) == set(messages("en"))


@pytest.mark.parametrize("key", sorted(messages("ko")))
def test_placeholders_are_the_same_and_no_text_is_empty(key: str) -> None:
    korean, english = messages("ko")[key], messages("en")[key]
    assert fields(korean) == fields(english)
    assert korean
    assert english


def test_every_key_that_the_code_asks_for_exists() -> None:
    known = messages("ko")
    asked = {(key, path.name) for path in SOURCES for key in ASKED.findall(path.read_text("utf-8"))}
    assert len(asked) > 100
    assert sorted(pair for pair in asked if pair[0] not in known) == []


def test_korean_particles_follow_the_last_syllable() -> None:
    set_language("ko")
    said = i18n._Formatter().vformat("{name:은는}", (), {"name": "카페"})
    assert said == "카페는"
    assert i18n._Formatter().vformat("{name:이가}", (), {"name": "한식"}) == "한식이"
    assert i18n._Formatter().vformat("{name:을를}", (), {"name": "PC방"}) == "PC방을"


@pytest.mark.parametrize(
    ("n", "said"), [("0", "0 shops"), ("1", "1 shop"), ("1,001", "1,001 shops"), (1, "1 shop")]
)
def test_english_counts_one_shop_and_many_shops(n: object, said: str) -> None:
    assert i18n._Formatter().vformat("{n:shop|shops}", (), {"n": n}) == said


#: Nouns that a number stands before; a number of settings or of a fixed rule is never one.
COUNTED = r"(?:shop|permit|opening|closure|merchant|cell|row|dong|month|day|year|shop-year|period)s"
ALWAYS_MANY = {
    "access.settings.short_secret",
    "builder.limit",
    "compare.absent.years",
    "compare.curves.none",
    "compare.sales.note",
    "overview.movers.none",
    "overview.movers.note",
    "sales.absent.few",
    "workbench.basis",
}


@pytest.mark.parametrize("key", sorted(messages("en")))
def test_no_english_number_stands_before_a_plural_only(key: str) -> None:
    if key not in ALWAYS_MANY:
        assert not re.search(r"\{\w+\} " + COUNTED + r"\b", messages("en")[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_money_and_days_follow_the_language(language: str) -> None:
    import datetime as dt

    set_language(language)
    korean = language == "ko"
    assert i18n.number(12345.678, 1) == "12,345.7"
    assert i18n.number(None) == i18n.number(float("nan")) == "–"
    assert i18n.money(1.2e8) == ("1.2억 원" if korean else "₩120M")
    assert i18n.money(19_300_000) == ("1,930만 원" if korean else "₩19.3M")
    assert i18n.day(dt.date(2026, 10, 31)) == ("2026년 10월 31일" if korean else "31 Oct 2026")
    assert t("no.such.key") == "no.such.key"
    set_language("ko")


@pytest.mark.parametrize(
    ("metres", "said"), [(93.8, "94 m"), (500, "500 m"), (1000, "1 km"), (1500, "1.5 km")]
)
def test_distances_are_said_in_metres_then_in_kilometres(metres: float, said: str) -> None:
    assert i18n.distance(metres) == said
