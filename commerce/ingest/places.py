"""Brings the written names of places to one form: city names change, blanks come and go."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

#: What a 시도 was called, and the one name it goes by here.
_SIDO = {
    "전남광주": (
        r"전남광주통합특별시|광주광역시|광주직할시|전라남도|전남(?=\s)|광주(?=\s*(?:[동서남북]|광산)구)"
    ),
    "서울": r"서울특별시|서울시|서울(?=\s)",
    "부산": r"부산광역시|부산직할시|부산시|부산(?=\s)",
    "대구": r"대구광역시|대구직할시|대구시|대구(?=\s)",
    "인천": r"인천광역시|인천직할시|인천시|인천(?=\s)",
    "대전": r"대전광역시|대전직할시|대전시|대전(?=\s)",
    "울산": r"울산광역시|울산시|울산(?=\s)",
    "세종": r"세종특별자치시|세종시|세종(?=\s)",
    "경기": r"경기도|경기(?=\s)",
    "강원": r"강원특별자치도|강원도|강원(?=\s)",
    "충북": r"충청북도|충북(?=\s)",
    "충남": r"충청남도|충남(?=\s)",
    "전북": r"전북특별자치도|전라북도|전북(?=\s)",
    "경북": r"경상북도|경북(?=\s)",
    "경남": r"경상남도|경남(?=\s)",
    "제주": r"제주특별자치도|제주도|제주(?=\s)",
}
_SIDO_PATTERN = re.compile(
    r"^\s*(?:" + "|".join(f"(?P<s{n}>{p})" for n, p in enumerate(_SIDO.values())) + ")"
)
_SIDO_NAMES = tuple(_SIDO)


@dataclass(frozen=True)
class Districts:
    """The districts that are ingested, by their canonical names, such as ``전남광주광산구``."""

    names: tuple[str, ...]

    def holds(self, canonical_place: str) -> bool:
        """Return whether a canonical place lies in one of the districts."""
        return canonical_place.startswith(self.names) if self.names else False


def canonical(place: str) -> str:
    """Return a place without blanks and brackets, its 시도 under the one name.

    >>> canonical("광주광역시  광산구 수완동")
    '전남광주광산구수완동'
    """
    match = _SIDO_PATTERN.match(place)
    if match and match.lastgroup:
        place = _SIDO_NAMES[int(match.lastgroup[1:])] + place[match.end() :]
    return re.sub(r"\([^)]*\)|[\s()（）,]", "", place)


def place_hash(canonical_place: str) -> int:
    """Return a number below 2^62 that stands for a place, the same in every run."""
    digest = hashlib.blake2b(canonical_place.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 2


def legal_dong(address_lot: str | None, address_road: str | None) -> tuple[str, str] | None:
    """Return the canonical district text and the 법정동 that the addresses name, if any.

    The lot address names it itself, the road address in the brackets at its end.
    """
    if address_lot:
        match = re.match(
            r"^(.*?)\s*([가-힣]+(?:\d가)?(?:동|리|가))(?=[\s\d]|산\s*\d|$)", address_lot
        )
        if match and _has_district(match.group(1)):
            return canonical(match.group(1)), match.group(2)
    if address_road:
        match = re.match(
            r"^(\S+\s+\S*[시군구](?:\s+\S+구)?)\s.*\(\s*([가-힣]+(?:\d가)?(?:동|리|가))[\s\d-]*[,)]",
            address_road,
        )
        if match:
            return canonical(match.group(1)), match.group(2)
    return None


def _has_district(text: str) -> bool:
    return bool(re.search(r"[시군구]\s*$", text))
