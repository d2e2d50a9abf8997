"""Recognises permits that got a new number: same service, day and name or address, one to one."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import duckdb

from commerce.ingest.clean import sql
from commerce.ingest.places import canonical


@dataclass(frozen=True)
class Pair:
    """An old and a new permit id that may be one permit."""

    old: int
    new: int
    old_s: date
    new_s: date
    same_name: bool
    same_address: bool


def link(connection: duckdb.DuckDBPyConnection) -> int:
    """Write table ``linked`` (pk, root_pk, is_last); return how many ids were re-issued.

    An id that is not in the table is its own root.
    """
    links: list[tuple[int, int]] = []
    days = connection.execute(
        "select count(*) from (select s from sighting union select first_s from aged union "
        "select first_s from staged where first_s is not null)"
    ).fetchone()
    if days and days[0] > 1:
        rows = connection.execute(sql("reissue")).fetchall()
        links = choose(
            [
                Pair(old, new, old_s, new_s, name and (address or _same_town(was, now)), address)
                for old, new, old_s, new_s, name, address, was, now in rows
            ]
        )
    roots = _roots(links)
    replaced = {old for old, _ in links}
    connection.execute("create table linked (pk ubigint, root_pk ubigint, is_last boolean)")
    if links:
        connection.executemany(
            "insert into linked values (?, ?, ?)",
            [(pk, root, pk not in replaced) for pk, root in roots.items()],
        )
    return len(links)


def choose(pairs: list[Pair]) -> list[tuple[int, int]]:
    """Return the pairs that are certain: first by name and address, then by either.

    Each id takes part in one pair of a kind only; where two pairs compete, none is chosen.
    """
    links: list[tuple[int, int]] = []
    both = [pair for pair in pairs if pair.same_name and pair.same_address]
    either = [pair for pair in pairs if pair.same_name or pair.same_address]
    for candidates in (both, either):
        olds = {old for old, _ in links}
        news = {new for _, new in links}
        left = [p for p in candidates if p.old not in olds and p.new not in news]
        links += _one_to_one(left)
    return links


def _one_to_one(pairs: list[Pair]) -> list[tuple[int, int]]:
    next_s: dict[int, date] = {}
    last_s: dict[int, date] = {}
    for pair in pairs:
        next_s[pair.old] = min(next_s.get(pair.old, pair.new_s), pair.new_s)
        last_s[pair.new] = max(last_s.get(pair.new, pair.old_s), pair.old_s)
    # Renumbered twice: each id is paired with its neighbour in time.
    near = [p for p in pairs if p.new_s == next_s[p.old] and p.old_s == last_s[p.new]]
    news: dict[int, set[int]] = defaultdict(set)
    olds: dict[int, set[int]] = defaultdict(set)
    for pair in near:
        news[pair.old].add(pair.new)
        olds[pair.new].add(pair.old)
    return sorted(
        (old, new)
        for old, found in news.items()
        for new in found
        if len(found) == 1 and len(olds[new]) == 1
    )


def _roots(links: list[tuple[int, int]]) -> dict[int, int]:
    before = {new: old for old, new in links}
    roots: dict[int, int] = {}
    for pk in {pk for link in links for pk in link}:
        root = pk
        while root in before:
            root = before[root]
        roots[pk] = root
    return roots


def _same_town(was: str | None, now: str | None) -> bool:
    """Return whether two addresses name the same 시군구; a name alone is not enough."""
    first, second = _town(was), _town(now)
    return first is not None and first == second


def _town(address: str | None) -> str | None:
    match = re.match(r"^\s*\S+\s+\S*?[시군구](?=\s|$)", address or "")
    return canonical(match.group()) if match else None
