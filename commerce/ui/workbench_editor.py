"""The SQL editor of the workbench: Ace 1.36.5, served from this machine, or a plain text box."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v1 as components

from commerce.i18n import t
from commerce.sandbox.catalog import catalog
from commerce.sandbox.functions import functions
from commerce.ui.frame import colours, is_dark
from commerce.ui.workbench_desk import Desk

_KEYWORDS = (
    "select from where group by order by having limit offset join left join inner join full join "
    "cross join on using with recursive as and or not in is null between like ilike case when then "
    "else end distinct union all except intersect filter over partition by rows between qualify "
    "desc asc nulls last exists values interval date cast true false describe"
)
_TWO = {"group by", "order by", "left join", "inner join", "full join", "cross join",
        "union all", "partition by", "nulls last", "is null"}  # fmt: skip
_editor = components.declare_component("sql_editor", path=str(Path(__file__).parent / "editor"))


def draw(desk: Desk) -> bool:
    """Draw the editor; what is typed is in ``desk`` then. Returns whether Ctrl+Enter ran it."""
    if desk.plain:
        key = f"workbench_text_{desk.version}"
        if key not in st.session_state:
            st.session_state[key] = desk.sql
        desk.sql = st.text_area(t("workbench.sql"), key=key, height=260) or ""
        return False
    ink = colours()
    typed: dict[str, Any] | None = _editor(
        sql=desk.sql,
        version=desk.version,
        words=_words() | {"table": t("workbench.word.table"), "function": t("workbench.word.fn")},
        error=_error(desk),
        colours={
            "paper": ink.paper,
            "line": ink.line,
            "quiet": ink.muted,
            "accent": ink.opened,
            "wrong": ink.closed,
        },
        dark=is_dark(),
        placeholder=t("workbench.placeholder"),
        label=t("workbench.sql"),
        default=None,
        key="workbench_editor",
    )
    if not typed or typed.get("version") != desk.version:
        return False
    desk.sql = str(typed.get("sql", ""))
    ran = int(typed.get("ran") or 0)
    if not ran or ran == desk.ran:
        return False
    desk.ran = ran
    return True


def _error(desk: Desk) -> dict[str, Any] | None:
    """Return where the last run found something wrong, for the editor to mark."""
    error = desk.job.rejected if desk.job else None
    if desk.job is None or error is None or error.line is None:
        return None
    return {
        "sql": desk.job.sql,
        "line": error.line,
        "column": error.column or 1,
        "text": str(error),
    }


@cache
def _words() -> dict[str, Any]:
    """Return what the editor completes: tables with their columns, functions, SQL's words."""
    found = catalog()
    tables = {name: list(found.relations[name].columns) for name in found.readable()}
    tables |= {f"{name}": [] for name in found.macros("table_macro")}
    allowed = [name for name, why in functions()["scalar"].items() if not why]
    named = sorted({name for name in allowed if name[0].isalpha() and not name.endswith("*")})
    keywords = sorted({*_KEYWORDS.split(), *_TWO})
    return {
        "tables": tables,
        "functions": [*sorted(found.macros("macro")), *named],
        "keywords": keywords,
    }
