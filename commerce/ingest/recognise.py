"""Says what a file is: its encoding, its layout by the header, and the service it is about."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from commerce.errors import Refused
from commerce.i18n import language
from commerce.ingest.files import RawFile, is_workbook, why_zip_unreadable
from commerce.ingest.reference import Layout, layouts, service_ids, services

#: A permit file must have these; a status may come as a code or as a name.
REQUIRED = ("permit_id", "opened_on", "status_code")
PEEK = 1 << 16
_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|meta|script|body)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Match:
    """A recognised header: the layout, and the column index (or key) of each role."""

    layout: Layout
    columns: dict[str, int]
    service: str | None


def kind(head: bytes, file: RawFile) -> str:
    """Return what the first bytes of a file are: ``boundaries``, ``json``, ``xml``, ``text``,
    ``parquet`` or ``workbook``.

    Raises:
        Refused: when it is empty or no text at all.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise Refused("ingest.empty_file", file=file.shown)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("ingest.utf16", file=file.shown)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        if is_workbook(file):
            return "workbook"
        why_zip_unreadable(file)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("ingest.spreadsheet", file=file.shown)
    if b"\x00" in head[:4096]:
        raise Refused("ingest.binary", file=file.shown)
    if start.startswith((b"{", b"[")):
        is_geo = re.search(rb'"FeatureCollection"|"features"\s*:', head)
        return "boundaries" if is_geo else "json"
    if _PAGE.match(start):
        raise Refused("ingest.web_page", file=file.shown)
    return "xml" if start.startswith(b"<") else "text"


def header_cells(head: bytes, file: RawFile) -> tuple[list[str], int, str, bool | None]:
    """Return the header of a text file, its length in bytes, the delimiter and if it is UTF-8.

    The last is None when the header is ASCII and does not tell.
    """
    mark = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    start = mark
    while head[start : start + 1] in (b"\n", b"\r", b" "):
        start += 1
    end = head.find(b"\n", start)
    if end < 0:
        end = len(head)
        if end >= PEEK:
            raise Refused("ingest.line_too_long", file=file.shown)
    line = head[start:end].rstrip(b"\r")
    try:
        text, is_utf8 = line.decode("utf-8"), True
    except UnicodeDecodeError:
        text, is_utf8 = line.decode("cp949", errors="replace"), False
    told = True if mark else (None if line.isascii() else is_utf8)
    delimiter = max(",\t;|", key=text.count)
    try:
        cells = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error as error:  # a bare carriage return, a cell of more than 128 KB
        raise Refused("ingest.unrecognised", file=file.shown) from error
    return [cell.strip() for cell in cells], min(end + 1, len(head)), delimiter, told


def match(names: list[str], file: RawFile) -> Match:
    """Return the layout that the column names follow.

    Raises:
        Refused: when no layout fits, with the nearest one and what is missing; or when
            nothing says which service the permits are of.
    """
    scored = [(_columns(names, layout), layout) for layout in layouts()]
    columns, layout = max(scored, key=lambda pair: (len(pair[0][1]), len(pair[0][0])))
    found = columns[0]
    missing = [role for role in REQUIRED if role not in found]
    if "status_code" in missing and "status_name" in found:
        missing.remove("status_code")
    if missing:
        if len(found) < 2:
            raise Refused("ingest.unrecognised", file=file.shown)
        wanted = ", ".join(layout.roles[role][0] for role in missing)
        title = layout.title_ko if language() == "ko" else layout.title_en
        raise Refused("ingest.missing_columns", file=file.shown, layout=title, columns=wanted)
    if "service_id" in found or "service_name" in found:
        return Match(layout, found, None)
    service = service_of_name(file.name)
    if service is None and file.member is not None:
        service = service_of_name(file.path.name)
    if service is None:
        raise Refused("ingest.no_service", file=file.shown)
    return Match(layout, found, service)


def _columns(names: list[str], layout: Layout) -> tuple[dict[str, int], set[str]]:
    """Return the roles found among the names, and those whose spelling is exact."""
    plain = [_plain(name) for name in names]
    found: dict[str, int] = {}
    exact: set[str] = set()
    for role, variants in layout.roles.items():
        for variant in variants:
            if variant in names:
                found.setdefault(role, names.index(variant))
                exact.add(role)
            elif _plain(variant) in plain:
                found.setdefault(role, plain.index(_plain(variant)))
    return found, exact


def _plain(name: str) -> str:
    return re.sub(r"[\s_()（）]", "", name).casefold()


def service_of_name(name: str) -> str | None:
    """Return the slug of the service that a file's name speaks of, if exactly one can be told.

    ``동물_동물병원_202602수집.csv``, ``fulldata_07_24_04_P_일반음식점.csv``,
    ``서울시 일반음식점 인허가 정보.csv``, ``general_restaurants.json``, ``LOCALDATA_072404.csv``.
    """
    lowered = name.casefold()
    slug = _longest([s for s in services() if re.search(rf"(?<![a-z]){s}(?![a-z])", lowered)])
    if slug:
        return slug
    number = re.search(r"(\d\d)_(\d\d)_(\d\d)_p|localdata_(\d\d)(\d\d)(\d\d)", lowered)
    if number:
        digits = "_".join(group for group in number.groups() if group)
        known = service_ids().get(f"{digits}_P")
        if known:
            return known
    plain = _korean(name)
    names = {_korean(n): s for s, n in services().items()}
    short = {n.removesuffix("업체").removesuffix("영업").removesuffix("업"): n for n in names}
    spoken = _longest([n for n in names if n in plain]) or _longest(
        [s for s in short if len(s) >= 3 and s in plain]
    )
    if not spoken:
        tokens = {_korean(token) for token in re.split(r"[_\s.\-]+", name)}
        spoken = _longest([n for n in (*names, *short) if n in tokens])
    if not spoken:
        return None
    return names.get(spoken) or names[short[spoken]]


def service_of_value(service_id: str, service_name: str) -> str | None:
    """Return the slug for a row's service id or service name."""
    known = service_ids().get(service_id.strip().upper())
    if known:
        return known
    plain = _korean(service_name)
    for slug, name in services().items():
        if plain and (plain == _korean(name) or service_name.strip() == slug):
            return slug
    return service_of_name(service_name) if plain else None


def _longest(found: list[str]) -> str | None:
    """Return the longest; a name that only stands inside a longer one does not count."""
    outer = [f for f in found if not any(f != other and f in other for other in found)]
    return outer[0] if len(outer) == 1 else None


def _korean(text: str) -> str:
    return re.sub(r"[\s_()（）·\-]", "", text)
