"""Plain addresses are read in one go; they must say what the patterns for all addresses say."""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pyarrow as pa

from commerce.ingest import addresses
from commerce.ingest.addresses import PlaceBook, cut
from commerce.ingest.clean import ROLES, Cleaner, sql
from commerce.ingest.delimited import Rows
from commerce.ingest.places import Districts
from commerce.ingest.recognise import Match
from commerce.ingest.reference import layouts

TOWN = "광주광역시 광산구 "
PLACES = (
    "수완동",
    "임곡동",
    "송정리",
    "성수동2가",
    "종로1가",
    "신가1동",
    "산월동 산",
    "수완로",
    "세종대로23길",
    "수완로50번길",
    "동천로12번가길",
    "흥덕2로75번길",
    "대로3로",
    "세종대로 지하",
    "수완로 50번길",
)
NUMBERS = (
    " 7",
    " 12-3",
    " 12 -3",
    " 12- 3",
    " 00012",
    " 65535-1",
    " 65536",
    " 12-70000",
    " 1234567",
    " 691번지",
    " 691번지 3호",
    " 691 번지 105호",
    " 691번지, 2층",
    " 691번지 가동 2층",
    " 12가",
    " 12, 지하1층 (수완동)",
    " 12 105호",
    " 12(수완동, 1203호)",
    " 12 호텔 3층",
    " 12-",
    "12",
    "",
)


def read_all(spelt: list[str]) -> list[tuple[object, ...]]:
    """Return what the ingest reads out of addresses, each given as lot and alone as road."""
    connection = duckdb.connect()
    for script in ("address", "tables"):
        connection.execute(sql(script))
    size = len(spelt)
    columns = {role: pa.array([""] * size * 2) for role in ROLES}
    columns["address_lot"] = pa.array(spelt + [""] * size)
    columns["address_road"] = pa.array([""] * size + spelt)
    cleaner = Cleaner(connection, Match(layouts()[0], {}, "bakeries"), Districts(()), 0)
    cleaner.clean(Rows(2 * size, np.arange(2 * size), columns, []), 0)
    return connection.execute(
        "select line, lot_key, road_key, floor, is_inside from staged order by line"
    ).fetchall()


def test_plain_reading_says_what_the_patterns_say(monkeypatch):
    spelt = [TOWN + place + number for place in PLACES for number in NUMBERS]
    quick = read_all(spelt)
    never = re.compile(r"(?!)")
    monkeypatch.setattr(addresses, "_PLACE", {"lot": never, "road": never})
    thorough = read_all(spelt)
    assert len(quick) == 2 * len(spelt)
    both = zip(spelt * 2, quick, thorough, strict=True)
    assert [pair for pair in both if pair[1] != pair[2]] == []


def test_what_is_plain():
    """Else all addresses could take the slow way and nobody would notice."""
    book = PlaceBook(Districts(()))
    lots = [
        "광주 광산구 수완동 12-3",
        "광주 광산구 수완동 7번지",
        "수완동산 12",
        "수완동 산 12",
        "",
    ]
    assert book.read(pa.array(lots), "lot").is_odd.tolist() == [False, False, True, True, False]


def test_cuts():
    place, main, sub, rest = cut(pa.array(["a 수완동 12-3, 4층", "3호", "", " 7-", "b 1234567-2"]))
    assert place.to_pylist() == ["a 수완동", "", "", "", "b"]
    assert main.tolist() == [12, -1, -1, 7, 123456]
    assert sub.tolist() == [3, 0, 0, 0, 0]
    assert rest.to_pylist() == [", 4층", "", "", "-", "7-2"]


def test_cuts_nothing():
    assert [len(part) for part in cut(pa.array([], pa.string()))] == [0, 0, 0, 0]
