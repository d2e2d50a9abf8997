"""The gate: one statement that reads, of kinds, tables and functions that are allowed; else no.

DuckDB parses the text into a tree; every node of the tree must be of a kind listed
here, every table in the catalogue or a CTE in scope, every function allowed in
``functions.csv``. What is not known is refused. The statement is never run here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb

from commerce.sandbox.catalog import Catalog, strings
from commerce.sandbox.functions import denied, nearest
from commerce.sandbox.refusal import Rejected, place
from commerce.sandbox.syntax import syntax_error

_NODES = {
    "SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE",
    "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EMPTY_FROM",
    "EXPRESSION_LIST", "PIVOT", "SHOW_REF",
    "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
    "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
}  # fmt: skip
_EXPRESSIONS = {
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
    "FUNCTION", "LAMBDA", "OPERATOR", "PARAMETER", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY",
    "TYPE", "WINDOW",
}  # fmt: skip
_UNSAFE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
#: Nodes that write: said as such, so that the reader knows what was wrong.
_WRITING = ("DELETE", "INSERT", "UPDATE", "MERGE")


@dataclass(frozen=True)
class Plan:
    """What an allowed statement needs: columns by table to load, and its parameters."""

    tables: dict[str, list[str]]
    relations: list[str]
    parameters: list[str]


def check(
    sql: str,
    catalog: Catalog,
    connection: duckdb.DuckDBPyConnection | None = None,
    sql_chars: int = 50_000,
) -> Plan:
    """Return what ``sql`` needs, if it is one statement that only reads what it may.

    Args:
        sql: the text as typed.
        catalog: what may be read.
        connection: a connection to parse with; None makes one.
        sql_chars: texts longer than this are refused.

    Raises:
        Rejected: with the rule that was broken, and the place where that is known.
    """
    if len(sql) > sql_chars:
        raise Rejected("sandbox.too_long", limit=sql_chars)
    # Text that could be read differently here and there is not read at all.
    if _UNSAFE.search(sql):
        raise Rejected("sandbox.control_character")
    if connection is None:
        with duckdb.connect(":memory:") as own:
            return _Walk(sql, catalog).plan(_parse(sql, own))
    return _Walk(sql, catalog).plan(_parse(sql, connection))


def _parse(sql: str, connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    # All rows: with one fetched, the connection would wait for the rest.
    [(text,)] = connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()
    try:
        tree = json.loads(text)
    except RecursionError:
        raise Rejected("sandbox.too_deep") from None
    if tree.get("error", True):
        if tree.get("error_type") == "parser":
            message = str(tree.get("error_message"))
            if message.startswith("Max expression depth"):
                raise Rejected("sandbox.too_deep")
            raise syntax_error(message, sql, int(tree.get("position") or 0))
        if "positional" in str(tree.get("error_message")):
            raise Rejected("sandbox.positional")
        raise _not_a_select(sql, connection)
    statements = tree["statements"]
    if len(statements) != 1:
        raise Rejected("sandbox.one_statement" if statements else "sandbox.nothing")
    kinds = [_kind(statement) for statement in connection.extract_statements(sql)]
    if kinds != ["SELECT"]:
        raise _not_a_select(sql, connection)
    found: dict[str, Any] = statements[0]
    return found


def _not_a_select(sql: str, connection: duckdb.DuckDBPyConnection) -> Rejected:
    """Return why a text that parsed is no query: its first word says what it is."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error:
        return Rejected("sandbox.only_select", word="?")
    kinds = [_kind(statement) for statement in statements]
    if len(kinds) > 1:
        return Rejected("sandbox.one_statement")
    if kinds == ["MULTI"]:
        return Rejected("sandbox.pivot")
    if kinds == ["EXPLAIN"]:
        return Rejected("sandbox.explain")
    return Rejected("sandbox.only_select", word=(kinds or ["?"])[0].replace("_", " "))


def _kind(statement: duckdb.Statement) -> str:
    try:
        return str(statement.type).rpartition(".")[2]
    except ValueError:  # DuckDB knows kinds that its Python package does not
        return "?"


class _Walk:
    """One walk over one tree, with an own stack: no tree is too deep for it."""

    def __init__(self, sql: str, catalog: Catalog) -> None:
        self.sql = sql
        self.catalog = catalog
        self.starred: dict[str, bool] = {}
        self.parameters: list[str] = []
        self.named_rows: set[str] = set()
        self.aliases: list[tuple[str, str]] = []

    def plan(self, statement: dict[str, Any]) -> Plan:
        """Check every node, and return what the statement needs."""
        stack: list[tuple[object, frozenset[str], bool]] = [(statement, frozenset(), False)]
        while stack:
            node, scope, star = stack.pop()
            if isinstance(node, list):
                stack.extend((part, scope, star) for part in node)
            elif isinstance(node, dict):
                stack.extend(self._visit(node, scope, star))
        for alias, table in self.aliases:  # `select t from t` shows whole rows
            if {alias, table} & self.named_rows:
                self.starred[table] = True
        words = set(strings(statement))
        return Plan(
            self.catalog.columns_needed(self.starred, words),
            [relation.name for relation in self.catalog.closure(self.starred)],
            sorted(set(self.parameters)),
        )

    def _visit(
        self, node: dict[str, Any], scope: frozenset[str], star: bool
    ) -> list[tuple[object, frozenset[str], bool]]:
        """Check one node; return the parts to visit next."""
        kind, expression = node.get("type"), node.get("class")
        if expression is not None:
            self._expression(str(expression), node)
            if expression == "CONSTANT":  # its value may hold anything: it is data
                return []
        elif isinstance(kind, str) and kind not in _NODES:
            raise self._unknown(kind, node)
        if expression is None and kind == "BASE_TABLE":
            self._table(node, scope, star)
        elif expression is None and kind == "TABLE_FUNCTION":
            return self._table_function(node, scope, star)
        elif expression is None and kind in ("SELECT_NODE", "SHOW_REF", "JOIN", "PIVOT"):
            star = _shows_all(node, str(kind), star)
            if kind == "SHOW_REF" and node.get("show_type") not in ("DESCRIBE", "SUMMARY"):
                raise Rejected("sandbox.show")
            if kind == "SHOW_REF" and not node.get("query"):
                raise Rejected("sandbox.show")
        elif expression is None and kind == "SUBQUERY":
            star = False  # what a subquery shows, its own select says
        return self._inner(node, scope, star)

    def _inner(
        self, node: dict[str, Any], scope: frozenset[str], star: bool
    ) -> list[tuple[object, frozenset[str], bool]]:
        """Return the parts of a node, its CTEs visible from where they are defined on."""
        parts: list[tuple[object, frozenset[str], bool]] = []
        for entry in (node.get("cte_map") or {}).get("map", []):
            name = entry["key"].lower()
            body = entry["value"]
            recursive = (body.get("query_node") or {}).get("type") == "RECURSIVE_CTE_NODE"
            parts.append((body, scope | {name} if recursive else scope, False))
            scope |= {name}
        if node.get("type") == "RECURSIVE_CTE_NODE":
            scope |= {str(node.get("cte_name", "")).lower()}
        parts += [(value, scope, star) for key, value in node.items() if key != "cte_map"]
        return parts

    def _table(self, node: dict[str, Any], scope: frozenset[str], star: bool) -> None:
        path = [str(part) for part in node["qualified_name"]["path"]]
        name = path[-1].lower() if path else ""
        at = place(self.sql, node.get("query_location"))
        if node.get("at_clause") is not None:
            raise Rejected("sandbox.kind", kind="AT", **at)
        if len(path) == 1 and name in scope:
            return
        relation = self.catalog.get(name)
        readable = self.catalog.readable()
        if len(path) != 1 or relation is None or name not in readable:
            near = get_close_matches(name, [*readable, *scope], n=3, cutoff=0.5)
            key = "sandbox.table_near" if near else "sandbox.table"
            params: dict[str, Any] = {"near": ", ".join(near)} if near else {}
            raise Rejected(key, name=".".join(path), **params, **at)
        whole = star or bool(node.get("column_name_alias"))
        self.starred[name] = self.starred.get(name, False) or whole
        self.aliases.append((str(node.get("alias") or name).lower(), name))

    def _table_function(
        self, node: dict[str, Any], scope: frozenset[str], star: bool
    ) -> list[tuple[object, frozenset[str], bool]]:
        function = node["function"]
        if function.get("class") != "FUNCTION":
            raise self._unknown("TABLE_FUNCTION", node)
        name = str(function.get("function_name", "")).lower()
        path = function["qualified_name"]["path"]
        if name in self.catalog.macros("table_macro") and len(path) == 1:
            whole = star or bool(node.get("column_name_alias"))
            self.starred[name] = self.starred.get(name, False) or whole
        else:
            self._function("table", name, path, node)
        # The function itself has been judged; all that stands inside it has not.
        inside = {key: value for key, value in function.items() if key not in ("class", "type")}
        return self._inner(node | {"function": inside}, scope, False)

    def _expression(self, kind: str, node: dict[str, Any]) -> None:
        if kind not in _EXPRESSIONS:
            raise self._unknown(str(node.get("type") or kind), node)
        if kind == "PARAMETER":
            name = str(node.get("identifier", ""))
            if not re.fullmatch(r"[a-zA-Z_]\w*", name):
                raise Rejected("sandbox.positional")
            self.parameters.append(name)
        elif kind in ("FUNCTION", "WINDOW"):
            name = str(node.get("function_name", ""))
            path = (node.get("qualified_name") or {}).get("path") or [name]
            if node.get("export_state"):
                raise self._unknown("EXPORT_STATE", node)
            self._function("scalar", name.lower(), path, node)
        elif kind == "TYPE" and len(node["qualified_name"]["path"]) != 1:
            raise self._unknown("TYPE", node)
        elif kind == "COLUMN_REF" and len(node.get("column_names", [])) == 1:
            self.named_rows.add(str(node["column_names"][0]).lower())

    def _function(self, where: str, name: str, path: list[str], node: dict[str, Any]) -> None:
        """Check a function by the last part of its name, whatever stands before it."""
        at = place(self.sql, node.get("query_location"))
        if path and str(path[-1]).lower() != name:
            raise self._unknown("FUNCTION", node)
        own = self.catalog.macros("macro" if where == "scalar" else "table_macro")
        if where == "scalar" and name in own:
            self.starred.setdefault(name, False)
            return
        reason = denied(where, name)
        if reason:
            raise Rejected(f"sandbox.function.{reason}", name=name, **at)
        if reason is None:
            near = nearest(where, name, own)
            if near:
                raise Rejected("sandbox.function_near", name=name, near=", ".join(near), **at)
            raise Rejected("sandbox.function", name=name, **at)

    def _unknown(self, kind: str, node: dict[str, Any]) -> Rejected:
        at = place(self.sql, node.get("query_location"))
        if kind.startswith(_WRITING):
            return Rejected("sandbox.writes", kind=kind.split("_")[0], **at)
        return Rejected("sandbox.kind", kind=kind.replace("_", " "), **at)


def _shows_all(node: dict[str, Any], kind: str, star: bool) -> bool:
    """Whether the tables that stand directly in this node's ``from`` are shown whole."""
    if kind == "SELECT_NODE":
        inside = {key: value for key, value in node.items() if key not in ("from_table", "cte_map")}
        return _has_star(inside, False) or _has_star(node.get("from_table"), True)
    # What a natural join, a pivot and DESCRIBE do hangs on all columns.
    return star or kind != "JOIN" or node.get("ref_type") == "NATURAL"


def _has_star(tree: object, of_a_table: bool) -> bool:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            if node.get("class") == "STAR" and (not of_a_table or node.get("relation_name")):
                return True
            if node.get("class") == "POSITIONAL_REFERENCE":
                return True
            stack.extend(node.values())
    return False
