"""Words in two languages: gettext catalogues, and numbers, dates and money by Babel.

Catalogues are ``locale/<language>/*.po``; message ids are keys such as
``overview.title``. All files of a language form one catalogue. ``{name:은는}`` in a
Korean message adds the particle that fits the last syllable of ``name``; ``{n:shop|shops}``
in an English one adds the word that fits the number. (gettext's own plurals know one number
a message, and want it unformatted; our messages count several, already written out.)
"""

from __future__ import annotations

import datetime as dt
import string
from contextvars import ContextVar
from functools import cache, lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel import dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ko", "en")
_LOCALE_DIR = Path(__file__).with_name("locale")
_language: ContextVar[str] = ContextVar("language", default="ko")

#: particle pair -> (after a consonant, after a vowel)
_PARTICLES = {
    "은는": ("은", "는"),
    "이가": ("이", "가"),
    "을를": ("을", "를"),
    "과와": ("과", "와"),
}


def set_language(language: str | None) -> str:
    """Set the language of this run; anything unknown becomes Korean. Returns it."""
    chosen = language if language in LANGUAGES else "ko"
    _language.set(chosen)
    return chosen


def language() -> str:
    """Return the language of this run, ``ko`` or ``en``."""
    return _language.get()


def t(key: str, **params: object) -> str:
    """Return the message of ``key`` in the current language, its placeholders filled.

    A key that no catalogue has comes back as itself; a test holds that none exists.
    """
    text = _catalogue(language()).gettext(key)
    return _Formatter().vformat(text, (), params) if params else text


@cache
def messages(lang: str) -> dict[str, str]:
    """Return all messages of one language, by key."""
    found: dict[str, str] = {}
    for file in sorted((_LOCALE_DIR / lang).glob("*.po")):
        with file.open("rb") as handle:
            for message in read_po(handle, locale=lang):
                if message.id:
                    if message.id in found:
                        raise ValueError(f"{message.id} stands twice in {lang}")
                    found[str(message.id)] = str(message.string)
    return found


@cache
def _catalogue(lang: str) -> GNUTranslations:
    catalogue = Catalog(locale=lang)
    for key, text in messages(lang).items():
        catalogue.add(key, text)
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return GNUTranslations(buffer)


class _Formatter(string.Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec in _PARTICLES:
            return f"{value}{_particle(str(value), format_spec)}"
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return f"{value} {one if str(value).lstrip('+−') == '1' else many}"
        return str(super().format_field(value, format_spec))


def _particle(word: str, pair: str) -> str:
    after_consonant, after_vowel = _PARTICLES[pair]
    last = word.rstrip(" )”\"'")[-1:] or " "
    if "가" <= last <= "힣":
        return after_consonant if (ord(last) - ord("가")) % 28 else after_vowel
    # Digits and Latin letters are read aloud; these end in a consonant when read in Korean.
    return after_consonant if last in "013678LMNRlmnr" else after_vowel


def number(value: float | int | None, digits: int = 0) -> str:
    """Return ``value`` with thousands separators and ``digits`` decimals; a dash if unknown.

    A negative one has the minus sign (U+2212): a hyphen is too short to be seen before digits.
    """
    if value is None or value != value:
        return "–"
    # Adding 0 takes the sign of what was rounded to nothing.
    return _number(round(float(value), digits) + 0.0, digits, language())


@lru_cache(maxsize=16384)
def _number(value: float, digits: int, lang: str) -> str:
    written = str(numbers.format_decimal(value, format=_decimal(digits), locale=lang))
    return written.replace("-", "−")


def percent(value: float | None, digits: int = 1) -> str:
    """Return ``value`` (already in percent) as ``12.3%``; a dash if unknown."""
    return "–" if value is None or value != value else f"{number(value, digits)}%"


def money(krw: float | None) -> str:
    """Return KRW as people write it: ``1.2억 원`` in Korean, ``₩120M`` in English."""
    if krw is None or krw != krw:
        return "–"
    if language() == "en":
        written = numbers.format_compact_currency(krw, "KRW", locale="en", fraction_digits=1)
        return str(written).replace("-", "−")
    for size, unit in ((1e12, "조"), (1e8, "억"), (1e4, "만")):
        if abs(krw) >= size:
            scaled = krw / size
            return f"{number(scaled, 0 if abs(scaled) >= 100 or unit == '만' else 1)}{unit} 원"
    return f"{number(krw)}원"


def distance(metres: float) -> str:
    """Return a distance: ``450 m``, from a kilometre on ``1.5 km``."""
    if metres < 1000:
        return f"{number(metres)} m"
    km = metres / 1000
    return f"{number(km, 0 if round(km, 1) == round(km) else 1)} km"


def briefly(value: float) -> str:
    """Return a number briefly: ``12,340``, ``123만``, ``1.2M``; a dash if unknown."""
    if value != value:
        return "–"
    if abs(value) < 1e5:
        return number(value)
    if language() == "en":
        return str(numbers.format_compact_decimal(value, locale="en", fraction_digits=1))
    if abs(value) < 1e8:
        return f"{number(value / 1e4, 1 if abs(value) < 1e6 else 0)}만"
    return f"{number(value / 1e8, 1)}억"


def day(value: dt.date | None) -> str:
    """Return a day, as ``2026년 10월 31일`` or ``31 Oct 2026``."""
    if value is None or value != value:
        return "–"
    pattern = "y년 M월 d일" if language() == "ko" else "d MMM y"
    return str(dates.format_date(value, pattern, locale=language()))


def month(value: dt.date | None) -> str:
    """Return a month, as ``2026년 10월`` or ``Oct 2026``."""
    if value is None or value != value:
        return "–"
    pattern = "y년 M월" if language() == "ko" else "MMM y"
    return str(dates.format_date(value, pattern, locale=language()))


def month_of_year(first: dt.date, months: int) -> str:
    """Return a month or quarter without its year: ``8월``, ``7–9월``; ``August``, ``Jul–Sep``."""
    if language() == "ko":
        last = f"–{first.month + months - 1}" if months > 1 else ""
        return f"{first.month}{last}월"
    if months == 1:
        return str(dates.format_date(first, "MMMM", locale="en"))
    ends = (first, first.replace(day=1, month=first.month + months - 1))
    return "–".join(str(dates.format_date(end, "MMM", locale="en")) for end in ends)


def name_column() -> str:
    """Return the column that holds names in this language: ``name_ko`` or ``name_en``."""
    return f"name_{language()}"


def _decimal(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
