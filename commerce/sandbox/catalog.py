"""What a query may read: the published tables, and the views, macros and tables of ``views.sql``.

Nothing is listed by hand: the tables come from ``schema.csv``, the rest from a
database without rows into which ``commerce.db.add_views`` was loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, cast

import duckdb

_DEFINITION = re.compile(
    r"^create (?:or replace )?(?P<kind>view|table|macro) (?P<name>\w+)\s*(?:\([^)]*\))?\s+as"
    r"(?P<table> table)?\s(?P<body>.*)$",
    re.MULTILINE | re.DOTALL,
)
#: Columns of published tables that no query may read.
WITHHELD = {("refused", "raw")}


@dataclass(frozen=True)
class Relation:
    """A name that a query may use.

    Attributes:
        kind: ``table`` (published), ``reference`` (a small CSV of the project), or one
            that ``views.sql`` makes: ``view``, ``derived`` (a table), ``macro``,
            ``table_macro``.
        columns: DuckDB types by column name; empty for macros.
        statement: the statement of ``views.sql`` that makes it; the file of a reference.
        words: every word of that statement, lower case: what it can name.
        uses: the names of this catalogue that it reads, itself not.
        passes_stars: whether it shows columns of its tables that it does not name.
    """

    name: str
    kind: str
    columns: dict[str, str] = field(default_factory=dict)
    statement: str = ""
    words: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    passes_stars: bool = False


@dataclass(frozen=True)
class Catalog:
    """All names that queries may use, in the order in which they can be made."""

    relations: dict[str, Relation]

    def get(self, name: str) -> Relation | None:
        """Return the relation of this name (case does not matter), or None."""
        return self.relations.get(name.lower())

    def readable(self) -> list[str]:
        """Return the names that may stand after ``from``."""
        return [n for n, r in self.relations.items() if r.kind not in ("macro", "table_macro")]

    def macros(self, kind: str) -> set[str]:
        """Return the names of the ``macro`` or ``table_macro`` kind."""
        return {name for name, relation in self.relations.items() if relation.kind == kind}

    def closure(self, names: Collection[str]) -> list[Relation]:
        """Return the relations ``names`` and all that they read, in the order of making."""
        wanted = set(names)
        for name, relation in reversed(self.relations.items()):
            if name in wanted:
                wanted.update(relation.uses)
        return [relation for name, relation in self.relations.items() if name in wanted]

    def columns_needed(
        self, starred: Mapping[str, bool], words: Collection[str]
    ) -> dict[str, list[str]]:
        """Return the columns to load, by published or reference table.

        Args:
            starred: the names read, each with whether all its columns are wanted.
            words: every word of the query, lower case: the columns that it can name.
        """
        whole = {name for name, star in starred.items() if star}
        whole = {n for n in whole if self.relations[n].kind in ("table", "reference")} | {
            base.name for n in whole if self.relations[n].passes_stars for base in self.closure([n])
        }
        every = self.closure(starred)
        named = set(words).union(*(relation.words for relation in every))
        needed: dict[str, list[str]] = {}
        for relation in every:
            if relation.kind in ("table", "reference"):
                all_columns = list(relation.columns)
                some = [c for c in all_columns if relation.name in whole or c.lower() in named]
                needed[relation.name] = some or all_columns[:1]
        return needed

    def to_json(self) -> dict[str, Any]:
        """Return the catalogue as plain values."""
        return {name: asdict(relation) for name, relation in self.relations.items()}

    @staticmethod
    def from_json(plain: dict[str, Any]) -> Catalog:
        """Return the catalogue that ``to_json`` wrote."""
        return Catalog({name: Relation(**values) for name, values in plain.items()})


@cache
def catalog() -> Catalog:
    """Return the catalogue of this program: the same for every snapshot."""
    from commerce import db
    from commerce.schema import create_table_sql, tables

    relations = {
        table: Relation(
            table,
            "table",
            {c.name: c.type for c in columns if (table, c.name) not in WITHHELD},
        )
        for table, columns in tables().items()
    }
    with duckdb.connect(":memory:") as connection:
        for table in tables():
            connection.execute(create_table_sql(table))
        asked = _Recorder(connection)
        db.add_views(cast(duckdb.DuckDBPyConnection, asked))
        made = _definitions(asked.texts)
        shown = _columns(connection)
        for name, file in asked.files.items():
            relations[name] = Relation(name, "reference", shown[name], statement=file)
        for name, (kind, statement, body) in made.items():
            tree = _tree(connection, body)
            words = set(strings(tree))
            read = set(strings(tree, ("table_name", "function_name")))
            relations[name] = Relation(
                name,
                kind,
                shown.get(name, {}),
                statement,
                words=tuple(sorted(words)),
                uses=tuple(sorted(read & set(relations))),
                # The tree names a star so; what a view shows is tried out below.
                passes_stars=kind == "table_macro" and "star" in words,
            )
        _check(connection, relations)
    found = Catalog(relations)
    for name, relation in relations.items():
        if relation.kind in ("view", "derived") and not _same_when_pruned(found, name):
            relations[name] = Relation(**asdict(relation) | {"passes_stars": True})
    return found


class _Recorder:
    """A connection that remembers what it was asked: tables read from files, and other texts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.files: dict[str, str] = {}
        self.texts: list[str] = []

    def execute(self, sql: str, values: dict[str, str] | None = None) -> object:
        """Run ``sql`` as the connection itself would."""
        from_file = re.match(r"create table (\w+) as select \* from read_csv\(\$file\)$", sql)
        if from_file and values:
            self.files[from_file[1]] = values["file"]
        else:
            self.texts.append(sql)
        return self._connection.execute(sql, values)


def _definitions(texts: list[str]) -> dict[str, tuple[str, str, str]]:
    """Return kind, statement and body of what the texts make, by name, in their order."""
    found = {}
    # Not by extract_statements: its texts are shifted where letters before them are not ASCII.
    lines = [line for text in texts for line in text.splitlines()]
    whole = "\n".join(line for line in lines if not line.startswith("--"))
    for statement in filter(None, map(str.strip, re.split(r";\s*(?:\n|$)", whole))):
        match = _DEFINITION.search(statement)
        if not match:
            raise ValueError(f"views.sql: cannot read {statement[:80]!r}")
        kind = {"table": "derived", "macro": "macro", "view": "view"}[match["kind"]]
        if match["table"]:
            kind = "table_macro"
        found[match["name"]] = (kind, statement, match["body"].strip())
    return found


def _tree(connection: duckdb.DuckDBPyConnection, body: str) -> object:
    """Return the tree of a definition's body."""
    for text in (body, f"select ({body})"):
        [(found,)] = connection.execute("select json_serialize_sql(?::varchar)", [text]).fetchall()
        tree = json.loads(found)
        if not tree["error"]:
            return tree["statements"]
    raise ValueError(f"views.sql: cannot read {body[:80]!r}")


def strings(tree: object, keys: Collection[str] = ()) -> list[str]:
    """Return every text in a tree of plain values, lower case; only those of ``keys`` if any."""
    found: list[str] = []
    stack: list[tuple[str, object]] = [("", tree)]
    while stack:
        key, node = stack.pop()
        if isinstance(node, str):
            if not keys or key in keys:
                found.append(node.lower())
        elif isinstance(node, list):
            stack.extend((key, part) for part in node)
        elif isinstance(node, dict):
            stack.extend(node.items())
    return found


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns of all tables and views of a database, by name."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where not internal order by table_oid, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _check(connection: duckdb.DuckDBPyConnection, relations: dict[str, Relation]) -> None:
    """Hold what was read from ``views.sql`` against what DuckDB made of it."""
    made = {n for n, r in relations.items() if r.kind not in ("table", "reference")}
    macros = connection.execute(
        "select distinct function_name from duckdb_functions()"
        " where not internal and function_type in ('macro', 'table_macro')"
    ).fetchall()
    really = {name for (name,) in macros} | set(_columns(connection))
    if not made <= really or really - set(relations):
        raise ValueError(f"views.sql: {sorted(made ^ really)} was read and made differently")


def _same_when_pruned(catalog: Catalog, name: str) -> bool:
    """Whether a view shows all its columns over tables that hold what it names alone."""
    needed = catalog.columns_needed({name: False}, ())
    with duckdb.connect(":memory:") as connection:
        try:
            for relation in catalog.closure([name]):
                if relation.name in needed:
                    connection.execute(create_sql(relation, needed[relation.name]))
                else:
                    connection.execute(relation.statement)
        except duckdb.Error:
            return False
        return _columns(connection).get(name) == catalog.relations[name].columns


def create_sql(relation: Relation, columns: Collection[str]) -> str:
    """Return the statement that makes an empty table of some columns of ``relation``."""
    listed = ", ".join(f'"{c}" {kind}' for c, kind in relation.columns.items() if c in columns)
    return f'create table "{relation.name}" ({listed})'
