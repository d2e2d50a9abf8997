"""A question without SQL, and the SQL that it is: table, filters, groups, measures, order, limit.

Names come from ``schema.csv`` alone, and are quoted where SQL wants it; values never stand in
the text: they are parameters, whose types its header declares as the files of ``queries`` do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import duckdb

from commerce.errors import Refused
from commerce.sandbox.wanted import (
    FILTERS,
    MEASURES,
    MOST_ROWS,
    STEPS,
    Filter,
    Question,
    kind,
    may_group,
    readable,
)
from commerce.schema import Column

_CALLS = {"mean": "avg", "distinct": "count(distinct {})"}


@dataclass
class _Bound:
    """Parameters as they are found: value and header line by name."""

    values: dict[str, object] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def add(self, name: str, kind: str, value: object, about: str) -> str:
        """Return a name of its own for ``value``, as SQL writes it."""
        own, number = name, 1
        while own in self.values:
            number += 1
            own = f"{name}_{number}"
        self.values[own] = value
        self.lines.append(f"--   ${own} {kind}: {' '.join(about.split())}")
        return f"${own}"


def names(question: Question) -> list[str]:
    """Return the names of the result's columns, in their order."""
    return [name for _, name in _shown(question, "ko")]


def write(
    question: Question, language: str = "ko", title: str = ""
) -> tuple[str, dict[str, object]]:
    """Return the SQL of ``question`` and the values of its parameters.

    Args:
        question: what is asked.
        language: of the columns' meanings, and of the names beside codes: ``ko`` or ``en``.
        title: what stands in the first line, as a comment.

    Raises:
        Refused: when it names what there is not, or asks of a column what it cannot tell.
    """
    columns = readable(question.table)
    _check(question, columns)
    bound = _Bound()
    wheres = [w for f in question.filters for w in _where(f, columns[f.column], bound, language)]
    shown = _shown(question, language)
    limit = bound.add("most", "integer", question.most, "limit")
    selected = ",\n".join(
        f"    {sql}" if sql == f"t.{name}" else f"    {sql} as {name}" for sql, name in shown
    )
    words = "".join(letter if letter.isprintable() else " " for letter in title).split()
    lines = [f"-- {' '.join(words)}"] if words else []
    lines += ["-- parameters:", *bound.lines, "select", selected, f"from {question.table} as t"]
    lines += [f"left join {other} on t.{key} = {other}.{key}" for other, key in _joined(question)]
    if wheres:
        lines += ["where", "    " + "\n    and ".join(wheres)]
    if question.groups:
        lines.append("group by all")
    if question.order:
        lines.append(f"order by {question.order}{' desc' if question.falling else ''} nulls last")
    return "\n".join([*lines, f"limit {limit}"]) + "\n", bound.values


def _check(question: Question, columns: Mapping[str, Column]) -> None:
    """Hold every name and way of ``question`` against the schema."""
    if not columns:
        raise Refused("builder.unknown", name=question.table)
    asked = [f.column for f in question.filters] + [g.column for g in question.groups]
    asked += [m.column for m in question.measures if m.how != "count"]
    for name in (*asked, *question.columns):
        if name not in columns:
            raise Refused("builder.unknown", name=name)
    for f in question.filters:
        if f.how not in FILTERS.get(kind(columns[f.column]), ()):
            raise Refused("builder.no_use", name=f.column)
    for group in question.groups:
        dated = kind(columns[group.column]) == "date"
        if not may_group(columns[group.column]) or (group.step in STEPS) != dated:
            raise Refused("builder.no_use", name=group.column)
    for m in question.measures:
        if m.how != "count" and m.how not in MEASURES.get(kind(columns[m.column]), ()):
            raise Refused("builder.no_use", name=m.column)
    if question.order and question.order not in names(question):
        raise Refused("builder.unknown", name=question.order)
    if not 1 <= question.most <= MOST_ROWS:
        raise Refused("builder.limit", most=MOST_ROWS)


def _shown(question: Question, language: str) -> list[tuple[str, str]]:
    """Return what is selected: SQL and the name of each column of the result."""
    columns = readable(question.table)
    if not question.groups and not question.measures:
        picked = dict.fromkeys(question.columns) or columns
        return [(f"t.{_quoted(name)}", _quoted(name)) for name in picked]
    found: dict[str, str] = {}
    for group in dict.fromkeys(question.groups):
        own = _quoted(group.column)
        if group.step:
            cut = f"date_trunc('{group.step}', t.{own})::date"
            found[f"{group.column}_{group.step}"] = cut
        else:
            found[own] = f"t.{own}"
        for other, key in _joined(question):
            if key == group.column:
                found[f"{other}_name"] = f"{other}.name_{language}"
    for measure in dict.fromkeys(question.measures):
        call = _CALLS.get(measure.how, measure.how)
        call = call if "{}" in call else f"{call}({{}})"
        own = f"t.{_quoted(measure.column)}"
        found[measure.name] = "count(*)" if measure.how == "count" else call.format(own)
    # Sums and means leave out what is not known: how much that is stands beside them.
    for name in dict.fromkeys(m.column for m in question.measures if m.how not in ("count", "")):
        null = f"t.{_quoted(name)} is null"
        if "suppressed" in columns and name in ("sales_krw", "transactions"):
            found["suppressed_cells"] = "count(*) filter (where t.suppressed)"
            null += " and t.suppressed is not true"
        found[f"{name}_unknown"] = f"count(*) filter (where {null})"
    return [(sql, name) for name, sql in found.items()]


def _joined(question: Question) -> list[tuple[str, str]]:
    """Return the tables that give names to codes which are grouped by, with the code."""
    grouped = {group.column for group in question.groups}
    wanted = (("dong", "dong_code"), ("category", "category_id"))
    return [(o, key) for o, key in wanted if key in grouped and o != question.table]


def _where(asked: Filter, column: Column, bound: _Bound, language: str) -> list[str]:
    """Return the conditions of a filter; none where it narrows nothing."""
    own = f"t.{_quoted(column.name)}"
    about = column.meaning_en if language == "en" else column.meaning_ko
    if asked.how in ("known", "unknown"):
        return [f"{own} is {'not ' if asked.how == 'known' else ''}null"]
    if asked.how == "between":
        return _between(asked, column, bound, about)
    values = [value for value in asked.values if value is not None]
    if not values:
        return []
    if asked.how == "is":
        return [f"{own} = {bound.add(column.name, 'boolean', bool(values[0]), about)}"]
    if asked.how == "contains":
        word = bound.add(column.name, "varchar", str(values[0]), about)
        return [f"contains(lower({own}), lower({word}))"]
    plural = f"{column.name}s" if column.name.endswith(("_code", "_id")) else column.name
    given = bound.add(plural, "varchar[]", [str(value) for value in values], about)
    if kind(column) == "list":
        return [f"list_has_any({own}, {given})"]
    listed = f"{own} = any({given})"
    return [listed if asked.how == "among" else f"({own} is null or not {listed})"]


def _between(asked: Filter, column: Column, bound: _Bound, about: str) -> list[str]:
    own, dated = f"t.{_quoted(column.name)}", kind(column) == "date"
    type_ = "date" if dated else column.type
    wheres = []
    for value, sign, word in ((asked.low, ">=", "from"), (asked.high, "<=", "to")):
        if value is None:
            continue
        if dated != isinstance(value, dt.date) or (not dated and isinstance(value, str | bool)):
            raise Refused("builder.no_use", name=column.name)
        given = bound.add(f"{word}_{column.name}", type_, value, about)
        # The last day counts whole, where the column knows the time of day too.
        own_day = f"{own}::date" if column.type == "timestamp" else own
        wheres.append(f"{own_day} {sign} {given}")
    return wheres


def _quoted(name: str) -> str:
    """Return ``name`` as SQL takes it for a name, whatever word it is."""
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    if plain and name not in _reserved():
        return name
    return '"' + name.replace('"', '""') + '"'


@cache
def _reserved() -> frozenset[str]:
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
        ).fetchall()
    return frozenset(name for (name,) in rows)
