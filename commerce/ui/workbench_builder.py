"""Asking without SQL: table, filters, groups, measures to choose, and the SQL that they are."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any

import streamlit as st

from commerce.db import Database
from commerce.errors import Refused
from commerce.i18n import language, number, t
from commerce.queries import Field
from commerce.sandbox import builder, wanted
from commerce.sandbox.wanted import Filter, Group, Measure, Question
from commerce.schema import Column, tables
from commerce.ui import choices, workbench_dictionary
from commerce.ui.frame import data
from commerce.ui.workbench_desk import Desk
from commerce.ui.workbench_values import options_of

_VIEW = "workbench_view"
_FIRST = ("establishment", "card_sales", "card_sales_profile", "footfall", "shop",
          "area_indicator", "trade_area", "dong", "category", "dataset", "refused")  # fmt: skip
#: Codes that are shown with their names.
_BY_NAME = {"dong_code": "dong", "category_id": "category"}
#: Values that are offered to choose from; others can be typed.
MOST_VALUES = 300


def draw(desk: Desk) -> None:
    """Draw the choices, what SQL they are, and the buttons that take it to the editor."""
    st.caption(t("builder.lead"))
    question, title = _question()
    try:
        sql, values = builder.write(question, language(), title)
    except Refused as error:
        st.error(str(error), icon=":material/error:")
        return
    _warnings(question)
    st.code(sql, language="sql", wrap_lines=True)
    with st.container(horizontal=True, gap="small"):
        for key, icon, go in (("run", "play_arrow", True), ("edit", "edit", False)):
            st.button(
                t(f"builder.{key}"), icon=f":material/{icon}:", key=f"build_{key}",
                type="primary" if go else "secondary",
                on_click=_put, args=(desk, sql, values, title, go),
            )  # fmt: skip


def _put(desk: Desk, sql: str, values: dict[str, Any], title: str, run: bool) -> None:
    desk.put(sql, dict(values), title)
    st.session_state[_VIEW] = "query"
    desk.go = run


def _question() -> tuple[Question, str]:
    """Draw what can be chosen; return the question, and how it reads."""
    listed = [name for name in (*_FIRST, *tables()) if name in tables()]
    labels = {name: t(f"builder.table.{name}") for name in dict.fromkeys(listed)}
    table = _select("build_table", t("builder.table"), labels, t("builder.table.help"))
    columns = wanted.readable(table)
    st.caption(t(f"workbench.grain.{table}"))
    grouped = choices.choice(
        "build_mode", t("builder.mode"), ["sums", "rows"], "builder.mode.", hide_label=True
    ) == "sums"  # fmt: skip
    groups: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = ()
    shown: tuple[str, ...] = ()
    if grouped:
        grid = st.grid(2, min_column_width=300, gap="small")
        with grid.cell():
            groups = _groups(table, columns)
        with grid.cell():
            measures = _measures(table, columns)
        if not measures and not groups:
            measures = (Measure(),)
    else:
        names = {name: label(column) for name, column in columns.items()}
        shown = tuple(_several(f"build_columns_{table}", t("builder.columns"), names, [],
                               t("builder.columns.all")))  # fmt: skip
    filters = _filters(table, columns)
    first = Question(table, filters, groups, measures, shown)
    question = _order(first)
    said = [_measure_label(m, columns) for m in measures] or [t("builder.mode.rows")]
    by = [_group_label(g, columns) for g in groups]
    return question, f"{labels[table]}: {', '.join(said)}" + (f" / {', '.join(by)}" if by else "")


def words(column: Column) -> str:
    """Return what people call a column: the first words of its meaning."""
    named = _BY_NAME.get(column.name)
    if named and named != column.table:
        return t(f"builder.table.{named}")
    meaning = column.meaning_en if language() == "en" else column.meaning_ko
    return re.split(r"[.:;(]| 들$", meaning, maxsplit=1)[0].strip()


def label(column: Column) -> str:
    """Return what people call a column, and its name."""
    return f"{words(column)} · {column.name}"


def _groups(table: str, columns: dict[str, Column]) -> tuple[Group, ...]:
    options: dict[str, str] = {}
    for name, column in columns.items():
        if wanted.may_group(column):
            dated = wanted.kind(column) == "date"
            for step in wanted.STEPS if dated else ("",):
                options[f"{name}|{step}"] = _group_label(Group(name, step), columns)
    begin = [f"{n}|" for n in ("dong_code", "reason", "district_code") if f"{n}|" in options][:1]
    picked = _several(f"build_groups_{table}", t("builder.groups"), options, begin,
                      t("builder.groups.none"))  # fmt: skip
    return tuple(Group(*key.split("|")) for key in picked)


def _group_label(group: Group, columns: dict[str, Column]) -> str:
    named = label(columns[group.column])
    return f"{named} ({t(f'builder.step.{group.step}')})" if group.step else named


def _measures(table: str, columns: dict[str, Column]) -> tuple[Measure, ...]:
    options = {"count|": t("builder.measure.count")}
    for name, column in columns.items():
        for how in wanted.MEASURES.get(wanted.kind(column), ()):
            options[f"{how}|{name}"] = _measure_label(Measure(how, name), columns)
    main = next((k for k in ("sum|sales_krw", "sum|persons") if k in options), "count|")
    picked = _several(f"build_measures_{table}", t("builder.measures"), options, [main], "")
    return tuple(Measure(*key.split("|")) for key in picked)


def _measure_label(measure: Measure, columns: dict[str, Column]) -> str:
    if measure.how == "count":
        return t("builder.measure.count")
    column = columns[measure.column]
    said = workbench_dictionary.unit(column) if measure.how != "distinct" else ""
    unit = f", {said}" if said else ""
    return f"{label(column)} ({t(f'builder.measure.{measure.how}')}{unit})"


def _filters(table: str, columns: dict[str, Column]) -> tuple[Filter, ...]:
    """Draw the choice of filters, and a line for each that was chosen."""
    names = {n: label(c) for n, c in columns.items() if wanted.kind(c) in wanted.FILTERS}
    picked = _several(f"build_filters_{table}", t("builder.filters"), names, [],
                      t("builder.filters.none"))  # fmt: skip
    return tuple(_filter(table, columns[name]) for name in picked)


def _filter(table: str, column: Column) -> Filter:
    kind, key = wanted.kind(column), f"build_{table}_{column.name}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        ways = {how: t(f"builder.how.{how}.{kind}" if how == "between" else f"builder.how.{how}")
                for how in wanted.FILTERS[kind]}  # fmt: skip
        how = _select(f"{key}_how", label(column), ways, "", width=260)
        if how == "between":
            low, high = (_end(f"{key}_{end}", column, end) for end in ("low", "high"))
            return Filter(column.name, how, low=low, high=high)
        if how == "contains":
            word = st.text_input(t("builder.word"), key=f"{key}_word", persist_state="session")
            return Filter(column.name, how, (word,) if word else ())
        if how == "is":
            truths = {"yes": t("builder.yes"), "no": t("builder.no")}
            truth = _select(f"{key}_is", t("builder.value"), truths, "", width=160)
            return Filter(column.name, how, (truth == "yes",))
        if how in ("among", "not_among"):
            values = _among(table, column, f"{key}_values")
            return Filter(column.name, how, tuple(values))
    return Filter(column.name, how)


def _end(key: str, column: Column, end: str) -> object:
    named = t(f"builder.{end}")
    if wanted.kind(column) == "date":
        return st.date_input(
            named, key=key, value=None, min_value=dt.date(1900, 1, 1),
            max_value=dt.date(2100, 1, 1), format="YYYY-MM-DD", persist_state="session", width=170,
        )  # fmt: skip
    whole: dict[str, Any] = {"format": "%g"} if column.type == "double" else {"step": 1}
    return st.number_input(
        named, key=key, value=None, placeholder=t("builder.open"), persist_state="session",
        width=170, **whole,
    )  # fmt: skip


def _among(table: str, column: Column, key: str) -> list[str]:
    """Draw the values that stand in the column, most frequent first, with how often they do."""
    names = options_of(Field(column.name, "varchar", "", ""))
    found = values_of(data(), table, column.name)
    options = {value: f"{names.get(value, value)} ({number(times)})" for value, times in found}
    return list(
        st.multiselect(
            t("builder.values", column=words(column)),
            list(options),
            format_func=lambda v: options.get(v, v),
            key=key,
            accept_new_options=len(found) >= MOST_VALUES,
            placeholder=t("builder.values.all"),
            persist_state="session",
        )
    )


def values_of(database: Database, table: str, column: str) -> list[tuple[str, int]]:
    """Return the most frequent values of a text column with how often each stands there."""
    return _values_of(database, database.snapshot.id, table, column)


@lru_cache(maxsize=256)
def _values_of(
    database: Database, _snapshot: str, table: str, column: str
) -> list[tuple[str, int]]:
    # Names come from schema.csv, never from a reader.
    found = wanted.readable(table)[column]
    value = f'unnest("{column}")' if wanted.kind(found) == "list" else f'"{column}"'
    with database.cursor() as cursor:
        rows = cursor.execute(
            f'select v::varchar, count(*) from (select {value} as v from "{table}")'
            f" where v is not null group by v order by 2 desc, 1 limit {MOST_VALUES}"
        ).fetchall()
    return [(str(value), int(times)) for value, times in rows]


def _order(question: Question) -> Question:
    """Draw by what the result is sorted and how much of it is wanted."""
    columns = wanted.readable(question.table)
    names = {"": t("builder.order.none")} | {name: name for name in builder.names(question)}
    names |= {m.name: _measure_label(m, columns) for m in question.measures}
    names |= {name: label(columns[name]) for name in names if name in columns}
    first = question.measures[0].name if question.measures and question.groups else ""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        order = _select(f"build_order_{question.table}", t("builder.order"), names, "", 380, first)
        falling = _select("build_falling", t("builder.direction"),
                          {"down": t("builder.down"), "up": t("builder.up")}, "", 200)  # fmt: skip
        most = st.number_input(
            t("builder.most"), 1, wanted.MOST_ROWS, 1_000, key="build_most", width=170,
            persist_state="session",
        )  # fmt: skip
    return Question(
        question.table, question.filters, question.groups, question.measures, question.columns,
        order, falling == "down", int(most),
    )  # fmt: skip


def _warnings(question: Question) -> None:
    """Say what these sums leave out or count again."""
    several = [name for name in wanted.mixed(question) if len(_values(question.table, name)) > 1]
    if several:
        columns = wanted.readable(question.table)
        said = ", ".join(label(columns[name]) for name in several)
        st.warning(t("builder.mixed", columns=said), icon=":material/stacks:")
    if "suppressed_cells" in builder.names(question):
        st.caption(t("builder.suppressed"))
    if question.table == "card_sales_profile":
        st.caption(t("builder.profile"))


def _values(table: str, column: str) -> list[tuple[str, int]]:
    return values_of(data(), table, column)


def _select(
    key: str, words: str, options: dict[str, str], about: str, width: Any = "stretch",
    begin: str = "",
) -> str:  # fmt: skip
    if st.session_state.get(key) not in options:
        st.session_state[key] = begin if begin in options else next(iter(options))
    chosen = st.selectbox(
        words, list(options), format_func=lambda o: options.get(o, o), key=key,
        help=about or None, width=width, persist_state="session",
    )  # fmt: skip
    return chosen if chosen in options else next(iter(options))


def _several(
    key: str, words: str, options: dict[str, str], begin: list[str], empty: str
) -> list[str]:
    if key not in st.session_state:
        st.session_state[key] = begin
    picked = st.multiselect(
        words, list(options), format_func=lambda o: options.get(o, o), key=key,
        placeholder=empty or None, persist_state="session",
    )  # fmt: skip
    return [key for key in picked if key in options]
