"""Invented shop names, composed from our own words, and a few that trip careless pages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commerce.demo.tables import Ints, table

#: What hostile or odd names must survive everywhere: markup, formulas, quotes, rare syllables.
ODD_NAMES = (
    "<script>alert(1)</script>",
    "=cmd()",
    "+82숯불갈비",
    "-1층 호프",
    "@골목분식",
    "똠양꿍 뷁집",
    "쉼표, 그리고 카페",
    '"따옴표" 베이커리',
    "오'작은따옴표 비스트로",
    "{name} ${alert(1)} {{7*7}}",
    "'); drop table establishment; --",
    "<img src=x onerror=alert(1)> & 미용실",
    "아주아주 " + "긴이름" * 40 + " 식당",
)
_BETWEEN = ("", "", "", " ")


def names(rng: np.random.Generator, trade: Ints, dong: Ints, named_like: Ints) -> Any:
    """Return a name for every permit; those ``named_like`` another carry its name."""
    n = len(trade)
    words = table("words")
    position = {kind: i for i, kind in enumerate(words["words"])}
    kind = np.array([position[w] for w in table("trades")["words"]])[trade]
    places = [_short(name) + "점" for name in _dong_names()]
    branch = rng.random(n) < words["weight"].to_numpy()[kind]
    parts = [
        _words(rng, words["before"].fillna(""), kind),
        _words(rng, words["first"], kind),
        pa.array(_BETWEEN).take(pa.array(rng.integers(0, len(_BETWEEN), n))),
        _words(rng, words["second"], kind),
        pc.if_else(pa.array(branch), " ", ""),
        pc.if_else(pa.array(branch), pa.array(places).take(pa.array(dong)), ""),
    ]
    return pc.binary_join_element_wise(*parts, "").take(pa.array(named_like))


def _words(rng: np.random.Generator, lists: Any, kind: Ints) -> Any:
    split = [row.split("|") for row in lists]
    start = np.cumsum([0] + [len(row) for row in split])[:-1]
    size = np.array([len(row) for row in split])
    at = start[kind] + (rng.random(len(kind)) ** 1.25 * size[kind]).astype(np.int64)
    return pa.array([word for row in split for word in row]).take(pa.array(at))


def _dong_names() -> list[str]:
    from commerce.demo.places import dongs

    by_code = {d["dong_code"]: str(d["name_ko"]) for d in dongs()}
    return [by_code[code] for code in table("dongs")["dong_code"]]


def _short(name: str) -> str:
    return name.rstrip("동").rstrip("12") or name
