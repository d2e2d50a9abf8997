"""Parameters of typed SQL (``$dong_codes``): which there are, of which type, and their inputs."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pandas as pd
import streamlit as st

from commerce.errors import UsageError
from commerce.i18n import month, name_column, t
from commerce.queries import Field
from commerce.queries import _cast as read
from commerce.sandbox.limits import limits
from commerce.sandbox.parameters import _DECLARED, types_elsewhere
from commerce.ui import filters, query_words
from commerce.ui.frame import data, known_until
from commerce.ui.workbench_desk import Desk

_FIRST_YEAR = 2000
#: More inputs would make the page itself slow, whatever was typed.
MOST_INPUTS = 40
#: What holds no parameter: comments, texts, quoted names.
_ASIDE = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    re.DOTALL,
)
_PARAMETER = re.compile(r"\$([a-zA-Z_]\w*)")
_DOC = re.compile(
    r"^[ \t]*--[ \t]+\$(?P<name>[a-z_][a-z0-9_]*) [a-z]+(?:\[\])?: "
    r"(?P<doc>.+(?:\n[ \t]*--[ \t]{5,}\S.*)*)$",
    re.M,
)
#: Where a header goes on with what it says of a parameter.
_GOES_ON = re.compile(r"\s*\n[ \t]*--[ \t]+")
_TRUTH = {"true": True, "false": False}


def parameters(sql: str) -> list[Field]:
    """Return the parameters of ``sql`` in their order, with their type and what is said of them.

    The type is the one that the SQL's header declares, else the one that the name has in
    ``queries``, else ``varchar``.
    """
    declared = {found["name"]: found["type"] for found in _DECLARED.finditer(sql)}
    docs = {found["name"]: _GOES_ON.sub(" ", found["doc"]) for found in _DOC.finditer(sql)}
    names = dict.fromkeys(_PARAMETER.findall(_ASIDE.sub(" ", sql)))
    elsewhere = types_elsewhere()
    return [
        Field(name, declared.get(name) or elsewhere.get(name, "varchar"), "", docs.get(name, ""))
        for name in names
    ]


def inputs(desk: Desk) -> dict[str, Any]:
    """Draw an input for each parameter and return the values; one left empty is null."""
    fields = parameters(desk.sql[: limits().sql_chars])
    if not fields:
        return {}
    st.caption(t("workbench.parameters"))
    if len(fields) > MOST_INPUTS:
        st.caption(t("workbench.parameters.many", most=MOST_INPUTS))
        fields = fields[:MOST_INPUTS]
    grid = st.grid(3, min_column_width=230, gap="small")
    values: dict[str, Any] = {}
    for field in fields:
        key = f"workbench_{desk.version}_{field.name}_{field.type}"
        if key not in st.session_state:
            st.session_state[key] = _first(field, desk.given.get(field.name))
        with grid.cell():
            values[field.name] = _input(field, key)
        desk.given[field.name] = values[field.name]
    return values


def _input(field: Field, key: str) -> Any:
    label, about = f"${field.name}", query_words.parameter(field.name, field.doc) or None
    options = options_of(field)
    if field.type.endswith("[]"):
        chosen = st.multiselect(
            label,
            list(options),
            format_func=lambda code: options.get(code, code),
            key=key,
            help=about,
            accept_new_options=True,
            placeholder=t("workbench.null"),
        )
        try:
            return read(field, ",".join(chosen)) if chosen else None
        except UsageError as error:
            st.caption(f":red[{error}]")
            return None
    if options:
        return st.selectbox(
            label,
            list(options),
            format_func=lambda code: options.get(code, str(code)),
            key=key,
            help=about,
            index=None,
            placeholder=t("workbench.null"),
        )
    if field.type == "date":
        return st.date_input(
            label, key=key, help=about, value=None, min_value=dt.date(1900, 1, 1),
            max_value=dt.date(2100, 1, 1), format="YYYY-MM-DD",
        )  # fmt: skip
    if field.type in ("integer", "bigint"):
        return st.number_input(
            label, key=key, help=about, value=None, step=1, placeholder=t("workbench.null")
        )
    if field.type == "double":
        return st.number_input(
            label, key=key, help=about, value=None, format="%g", placeholder=t("workbench.null")
        )
    return st.text_input(label, key=key, help=about, placeholder=t("workbench.null")) or None


def options_of(field: Field) -> dict[Any, str]:
    """Return what a parameter can be chosen from, with how it is read; nothing for free input."""
    name = field.name
    if name in ("dong_code", "dong_codes"):
        return _named(filters.dongs(), "dong_code", "name")
    if name in ("category_id", "category_ids"):
        return _named(filters.categories(), "category_id", "name")
    if name in ("area_code", "area_codes"):
        return _named(data().run("area/list"), "area_code", name_column())
    if field.type == "date" and "month" in name:
        last = known_until()
        months = [
            dt.date(year, m, 1) for year in range(last.year, _FIRST_YEAR - 1, -1) for m in
            range(12, 0, -1)
        ]  # fmt: skip
        return {first: month(first) for first in months}
    if field.type == "boolean":
        return {True: "true", False: "false"}
    return {}


def _named(rows: pd.DataFrame, key: str, name: str) -> dict[Any, str]:
    return dict(zip(rows[key].astype(str), rows[name].astype(str), strict=True))


def _first(field: Field, given: Any) -> Any:
    """Return the value with which an input begins: what a link or a saved query gave, if usable."""
    listed = field.type.endswith("[]")
    options = options_of(field)
    if listed:
        values = given.split(",") if isinstance(given, str) else given
        texts = [str(v).strip() for v in values] if isinstance(values, list | tuple) else []
        return [text[:200] for text in texts if text][:100]
    value = given
    if isinstance(given, str):
        try:
            value = _TRUTH.get(given.lower()) if field.type == "boolean" else read(field, given)
        except UsageError:
            value = None
    if field.type == "date" and isinstance(value, dt.date):
        value = dt.date(value.year, value.month, 1) if options else value
    if options:
        return value if value in options else None
    kinds: dict[str, type | tuple[type, ...]] = {
        "date": dt.date,
        "integer": int,
        "bigint": int,
        "double": (int, float),
    }
    if field.type in kinds:
        good = isinstance(value, kinds[field.type]) and not isinstance(value, bool)
        if not good or (field.type != "date" and abs(value) > 2**53):
            return None
        return float(value) if field.type == "double" else value
    return "" if value is None else str(value)[:2000]
