"""The site report on break-even: what a shop must sell here, and how that compares with sales."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from commerce.break_even import Costs
from commerce.i18n import language, money, month, number, percent, set_language, t
from commerce.ui import site_charts, site_shape
from commerce.ui.figures import ask, draw_chart, figure
from commerce.ui.frame import colours
from commerce.ui.sentences import say
from commerce.ui.shape import DRAWN
from commerce.ui.site_spot import Spot

_MAN = 10_000
#: Monthly costs and the outlay in KRW: nobody's figures, placeholders to replace.
PLACEHOLDERS = {
    "rent": 2_000_000,
    "wages": 2_500_000,
    "owner": 3_000_000,
    "loan": 700_000,
    "other": 800_000,
    "outlay": 80_000_000,
}
_VARIABLE, _TICKET, _DAYS = 45, 12_000, 26
_MOST = 10_000_000_000
_TYPED = "site_costs"


@dataclass(frozen=True)
class Plan:
    """What somebody typed: costs, money of one visit, days open a month, sales hoped for."""

    costs: Costs
    ticket: float
    days: int
    hoped: float | None


def draw(spot: Spot) -> None:
    """Draw the costs and what they come to; a cost changed reruns nothing else."""
    monthly = ask("sales/monthly", **spot.market("sales")).rows
    known = monthly[monthly["sales_per_shop"].notna()] if len(monthly) else monthly
    local = float(known["sales_per_shop"].iloc[-1]) if len(known) else None
    visit = float(known["sales_per_visit"].iloc[-1]) if len(known) else None
    _reckon(language(), spot, local, visit)


@st.fragment
def _reckon(lang: str, spot: Spot, local: float | None, visit: float | None) -> None:
    set_language(lang)  # only this runs when a cost changes, not app.py
    st.caption(t("site.cost.placeholders"))
    plan = inputs(local, visit)
    needed = plan.costs.needed()
    market = spot.market("sales")
    found = ask(
        "site/sales_rank",
        needed_krw=float(round(needed)),
        category_ids=market["category_ids"],
        series=market["series"],
    )
    rank = found.rows.iloc[0]
    with figure(
        "site-cost",
        t("site.cost.title", needed=money(needed)),
        found,
        note=t("site.cost.note"),
        definition="definition.break_even",
        method=t("site.cost.method"),
        shown=outcome(plan, rank),
    ):
        _numbers(plan, local)
        st.html(f'<p class="basis">{" ".join(said(plan, rank, spot))}</p>')
        if rank["cells"] > 0:
            draw_chart(
                _spread(rank, needed),
                site_charts.among_cells(colours()),
                key="chart_site_cost",
                alt=t("site.cost.alt"),
            )


def inputs(local: float | None, visit: float | None) -> Plan:
    """Draw the inputs and return what they say; limits are checked again here.

    Args:
        local: sales per shop of the trade in the dong, KRW a month; the sales hoped for
            begin with them.
        visit: sales per visit there, KRW.
    """
    grid = st.grid(4, min_column_width=150, gap="small")
    cost = {}
    for name, usual in PLACEHOLDERS.items():
        with grid.cell():
            cost[name] = _krw(name, usual, t(f"site.cost.{name}"))
    with grid.cell():
        share = _whole("variable", t("site.cost.variable"), 0, 95, _VARIABLE)
    with grid.cell():
        ticket = _krw("ticket", round(visit or _TICKET, -2), t("site.cost.ticket"), 100, 1)
    with grid.cell():
        days = _whole("days", t("site.cost.days"), 1, 31, _DAYS)
    with grid.cell():
        hoped = _krw("hoped", round(local, -5) if local else 0, t("site.cost.hoped"))
    costs = Costs(
        rent=cost["rent"],
        wages=cost["wages"],
        owner_pay=cost["owner"],
        loan=cost["loan"],
        other=cost["other"],
        variable_share=share / 100,
        outlay=cost["outlay"],
    )
    return Plan(costs, max(ticket, 100.0), days, hoped or None)


def _size() -> int:
    """Return the unit in which amounts are typed, in KRW."""
    return _MAN if language() == "ko" else 1


def _krw(name: str, usual: float, label: str, least: int = 0, unit: int = 0) -> float:
    """Draw an amount and return it in KRW: typed in 10,000 won in Korean, in won in English."""
    size = unit or _size()
    step = max((500 if unit else 100_000) // size, 1)
    return _asked(name, label, usual, (least, _MOST), size, step)


def _whole(name: str, label: str, low: int, high: int, usual: int) -> int:
    return int(_asked(name, label, usual, (low, high), 1, 1))


def _asked(
    name: str, label: str, usual: float, limits: tuple[int, int], size: int, step: int
) -> float:
    """Draw an input and return what it says in its own unit times ``size``, within its limits.

    What was typed stands in the URL in KRW, whichever the language, and stays when the
    page changes; what nobody typed does not.

    Args:
        name: in the URL, after ``cost_``.
        label: what is typed.
        usual: where nothing was.
        limits: least and most.
        size: of the unit that it is typed in.
        step: of the buttons, in that unit.
    """
    typed: dict[str, float] = st.session_state.setdefault(_TYPED, {})
    link = f"cost_{name}"
    if name not in typed and link in st.query_params:
        found = _number(st.query_params[link])
        if found is not None:
            typed[name] = found
    low, high = limits
    value = min(max(typed.get(name, usual), low), high)
    if name in typed:
        st.query_params[link] = f"{value:.0f}"
    key = f"cost_{name}_{size}"
    st.session_state[key] = int(value // size)
    st.number_input(
        label,
        min_value=low // size,
        max_value=high // size,
        step=step,
        key=key,
        on_change=_keep,
        args=(name, key, size),
    )
    return float(value)


def _keep(name: str, key: str, size: int) -> None:
    given = st.session_state[key]
    if given is not None:
        st.session_state[_TYPED][name] = float(given * size)


def _number(text: str) -> float | None:
    """Return the number of a link, or None where it is none."""
    try:
        found = float(text[:20])
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _numbers(plan: Plan, local: float | None) -> None:
    grid = st.grid(3, min_column_width=170, gap="medium")
    with grid.cell():
        st.metric(
            t("site.cost.needed"),
            money(plan.costs.needed()),
            t("site.cost.local", amount=money(local)) if local else t("site.cost.no_local"),
            delta_color="off",
            delta_arrow="off",
            help=t("definition.break_even"),
        )
    with grid.cell():
        st.metric(
            t("site.cost.customers"),
            t(
                "site.cost.people",
                n=number(math.ceil(plan.costs.customers(plan.ticket, plan.days))),
            ),
            t(
                "site.cost.customers.note",
                ticket=t("unit.krw", n=number(plan.ticket)),
                days=plan.days,
            ),
            delta_color="off",
            delta_arrow="off",
        )
    with grid.cell():
        months = plan.costs.months_to_recover(plan.hoped) if plan.hoped else None
        st.metric(
            t("site.cost.recover"),
            _months(months),
            t("site.cost.recover.note", sales=money(plan.hoped))
            if plan.hoped
            else t("site.cost.recover.unknown"),
            delta_color="off",
            delta_arrow="off",
        )


def _months(months: float | None) -> str:
    if months is None:
        return "–"
    if math.isinf(months):
        return t("site.cost.never")
    return t("site.months", n=number(math.ceil(months)))


def said(plan: Plan, rank: pd.Series, spot: Spot) -> list[str]:
    """Return where the needed sales lie among the local cells (HTML), from ``site/sales_rank``."""
    if not rank["cells"] > 0:
        return [say("site.cost.no_sales", trade=spot.sold)]
    lines = [
        say(
            {0: "site.cost.rank.none", 1: "site.cost.rank.all"}.get(
                rank["percentile"], "site.cost.rank"
            ),
            needed=money(plan.costs.needed()),
            share=percent(rank["percentile"] * 100, 0),
            cells=number(rank["cells"]),
            merchants=number(rank["merchants"]),
            start=month(site_shape.date_of(rank["from_month"])),
            end=month(site_shape.date_of(rank["to_month"])),
        ),
        say("site.cost.means"),
    ]
    if rank["cells"] < DRAWN:
        lines.append(say("site.cost.few", n=number(rank["cells"])))
    return lines


def outcome(plan: Plan, rank: pd.Series) -> pd.DataFrame:
    """Return the reckoning as a table, for reading and download, in the units of its labels."""
    costs, size = plan.costs, _size()
    rows = {
        t("site.cost.rent"): costs.rent / size,
        t("site.cost.wages"): costs.wages / size,
        t("site.cost.owner"): costs.owner_pay / size,
        t("site.cost.loan"): costs.loan / size,
        t("site.cost.other"): costs.other / size,
        t("site.cost.outlay"): costs.outlay / size,
        t("site.cost.variable"): costs.variable_share * 100,
        t("site.cost.needed.krw"): round(costs.needed()),
        t("site.cost.customers"): math.ceil(costs.customers(plan.ticket, plan.days)),
        t("site.cost.percentile"): round(float(rank["percentile"]) * 100, 1),
        t("column.cells"): rank["cells"],
    }
    return pd.DataFrame({t("column.label"): list(rows), t("chart.value"): list(rows.values())})


def _spread(rank: pd.Series, needed: float) -> pd.DataFrame:
    columns = ["lowest", "quarter", "median", "three_quarters", "highest"]
    row = {column: float(round(rank[column])) for column in columns}
    texts = {
        "median_text": t("site.cost.median_text", amount=money(rank["median"])),
        "needed_text": t("site.cost.needed_text", amount=money(needed)),
    }
    return pd.DataFrame([row | texts | {"needed": float(round(needed))}])
