"""Files of every adapter, of our own making, and ways to spoil them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

from commerce.ingest.market.registry import Adapter, adapters, template_header
from tests.ingest import test_layouts, test_named_areas, test_shops
from tests.ingest.permits import csv_bytes, json_bytes, shop
from tests.ingest.test_bad_input import WHOLE, square
from tests.ingest.test_market import DAYS, KT, A, B, kt, sale

ROWS = 12
_ALTERNATIVES = ("month", "trade_area")
_ROLES: dict[str, Callable[[int], object]] = {
    "quarter": lambda n: f"2025{n % 4 + 1}",
    "month": lambda n: f"2025{n % 12 + 1:02d}",
    "day": lambda n: DAYS[n % len(DAYS)],
    "hour": lambda n: n % 24,
    "dong": lambda n: (A, B)[n % 2][:8],
    "trade_code": lambda n: f"CS10000{n % 9 + 1}",
    "trade_name": lambda n: "커피-음료",
    "status": lambda n: "direct",
    "sales:total:all": lambda n: 1_000_000 + n,
    "persons:total:all": lambda n: 1_000_000 + n,
    "count:total:all": lambda n: 1_000_000 + n,
    "text:change_type:": lambda n: ("LL", "LH", "HL", "HH")[n % 4],
}


def _table(header: list[str], rows: list[list[object]], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode(encoding)


def _market(adapter: Adapter) -> bytes:
    """Return a file of an adapter: one value per role, the first spelling of its column."""
    roles = {
        role: names[0]
        for role, names in adapter.roles.items()
        if "quarter" not in adapter.roles or role not in _ALTERNATIVES
    }
    roles.pop("trade_area", None)
    number: Callable[[int], object] = lambda n: 100 + n  # noqa: E731
    values = dict(_ROLES)
    if adapter.adapter == "semas_ai":  # people of a dong stand on each of its rows
        values |= dict.fromkeys(roles, lambda n: 14) | {
            name: values[name] for name in ("dong", "trade_name", "status")
        }
        values |= {
            "month": lambda n: "202501",
            "trade_code": lambda n: f"I2{n:02d}01",
            "people": lambda n: 5000,
        }
    rows = [[values.get(role, number)(n) for role in roles] for n in range(ROWS)]
    return _table(list(roles.values()), rows, "cp949")


def seeds() -> dict[str, tuple[str, bytes]]:
    """Return a file of every kind that ingest reads: its name and its bytes, by kind."""
    found = {name: (file, content) for name, (file, content, _) in test_layouts.FILES.items()}
    many = [shop(n, name=f"가게{n}", opened=f"2020-01-{n:02d}") for n in range(1, ROWS + 1)]
    found["permits"] = ("식품_일반음식점.csv", csv_bytes(many))
    found["permits as JSON"] = ("일반음식점.json", json_bytes(many))
    special = ("semas_shops", "seoul_trade_areas")
    for name, adapter in adapters().items():
        if name.startswith("template_") or name in special or name == "kt_footfall":
            continue
        found[name] = (f"{name}.csv", _market(adapter))
    sales = [sale(f"CS{n}", 1000 * n) for n in range(1, ROWS + 1)]
    found["template_card_sales"] = ("매출.csv", _table(template_header("card_sales"), sales))
    people = [
        {"period": "2026-01", "period_months": 1, "area_kind": "dong", "area_code": (A, B)[n % 2],
         "dimension": "total" if n < 2 else "hour_band", "bucket": "all" if n < 2 else f"{n:02d}",
         "persons": 10_000 if n < 2 else 10 * n, "unit": "persons_per_month"}
        for n in range(ROWS)
    ]  # fmt: skip
    header = template_header("footfall")
    rows = [[row[name] for name in header] for row in people]
    found["template_footfall"] = ("유동인구.csv", _table(header, rows))
    walked = [kt(DAYS[n], 9, "F", "age_20", A, 10 + n) for n in range(ROWS)]
    found["kt_footfall"] = ("kt.csv", _table(KT, walked))
    listed = [test_shops.one(n) for n in range(1, ROWS + 1)]
    found["semas_shops"] = (test_shops.JUNE, test_shops.csv_text(listed).encode())
    lines = [test_named_areas.HEADER] + [
        f"A,골목상권,31100{n:02d},상권{n},197093,453418,11110,종로구,11110515,청운효자동,149264"
        for n in range(ROWS)
    ]
    found["seoul_trade_areas"] = ("서울시 상권분석서비스(영역-상권).csv", "\n".join(lines).encode())
    areas = [
        test_named_areas.feature(
            test_named_areas.box(test_named_areas.X + n / 1000, test_named_areas.Y), name=f"골목{n}"
        )
        for n in range(ROWS)
    ]
    document = {"type": "FeatureCollection", "features": areas}
    found["named areas"] = ("상점가.geojson", json.dumps(document, ensure_ascii=False).encode())
    return found


def boundaries() -> tuple[str, bytes]:
    """Return a file of dongs; spoilt ones change what all others lie in."""
    return "경계.geojson", square(*WHOLE)


def workbook(folder: Path) -> tuple[str, bytes]:
    """Return the publisher's workbook of trade codes."""
    path = test_shops.workbook(folder / "연계표.xlsx", test_shops.PAIRS)
    return path.name, path.read_bytes()


def flip(content: bytes, chance: random.Random) -> bytes:
    """Turn a few bits over."""
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20, 100))):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def truncate(content: bytes, chance: random.Random) -> bytes:
    """Cut the end off."""
    return content[: chance.randrange(len(content))]


def splice(content: bytes, chance: random.Random) -> bytes:
    """Take a piece out, or put it in once more elsewhere."""
    start, end = sorted(chance.randrange(len(content)) for _ in range(2))
    at = chance.randrange(len(content))
    if chance.random() < 0.5:
        return content[:start] + content[end:]
    return content[:at] + content[start:end] + content[at:]


def letters(content: bytes, chance: random.Random) -> bytes:
    """Put letters that mean something to readers of files where they do not belong."""
    odd = (
        b'"',
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"{",
        b"]",
        b"\xb1",
        b"=1+1",
        b"-",
        b"1e999",
    )
    spoilt = content
    for _ in range(chance.choice((1, 2, 10))):
        at = chance.randrange(len(spoilt))
        spoilt = spoilt[:at] + chance.choice(odd) + spoilt[at + chance.randrange(3) :]
    return spoilt


def columns(content: bytes, chance: random.Random) -> bytes:
    """Shuffle the columns of a table: all alike, or the header or single rows apart."""
    encoding = "utf-8-sig" if content[:3] == b"\xef\xbb\xbf" else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp949"
        text = content.decode(encoding)
    rows = list(csv.reader(io.StringIO(text)))
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    apart = chance.choice(("all", "header", "some"))
    for n, row in enumerate(rows):
        wanted = apart == "all" or (apart == "header" and n == 0)
        if len(row) == len(order) and (wanted or (apart == "some" and n and chance.random() < 0.5)):
            rows[n] = [row[at] for at in order]
    return _table(rows[0], rows[1:], encoding)


SPOILERS = (flip, truncate, splice, letters)
