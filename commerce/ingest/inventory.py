"""What is loaded, from where and how fresh, and what became of every row, for ``datasets``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from commerce.i18n import day, number, t
from commerce.ingest.clean import sql
from commerce.ingest.ledger import BOUNDARY_ADAPTER
from commerce.ingest.market.registry import adapters
from commerce.ingest.report import reason_text
from commerce.ingest.workbook import STATE_FILE
from commerce.snapshot import Snapshot, resolve

_COUNTS, _BESIDE = "inventory", "inventory_beside"


@dataclass(frozen=True)
class Inventory:
    """The account of one snapshot.

    Args:
        snapshot: its name.
        sources: the rows of table ``dataset`` as dictionaries, each with ``refused``,
            its refused rows by reason.
        counts: how many establishments there are, and how many are lacking something.
        unmapped: services and trades under ``other``, with their number of permits.
        beside: how many shops and named areas there are; ``shops_older`` counts those whose
            older trade codes no workbook maps.
        trades: publishers' trades under ``other``, by code and name, with their cells.
    """

    snapshot: str
    sources: list[dict[str, Any]]
    counts: dict[str, int]
    unmapped: list[tuple[str, str | None, int]]
    beside: dict[str, int] = field(default_factory=dict)
    trades: list[tuple[str | None, str | None, int]] = field(default_factory=list)


def datasets(data_dir: Path | str | None = None) -> Inventory:
    """Return what the current snapshot of a data folder holds.

    Raises:
        Refused: when the folder holds no snapshot.
    """
    snapshot = resolve(data_dir)
    with duckdb.connect() as connection:

        def ask(text: str, file: str) -> list[dict[str, Any]]:
            found = connection.execute(text, {"file": str(snapshot.file(file))})
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        sources = ask("from read_parquet($file) order by title, snapshot_on, source_id", "dataset")
        refused = ask(
            "select source_id, reason, count(*) as rows from read_parquet($file) "
            "group by all order by rows desc, reason",
            "refused",
        )
        for source in sources:
            source["refused"] = {
                row["reason"]: row["rows"]
                for row in refused
                if row["source_id"] == source["source_id"]
            }
        counts = ask(sql(_COUNTS), "establishment")[0]
        beside = _beside(connection, snapshot)
        trades = _unmapped_trades(connection, snapshot)
        unmapped = ask(
            "select service_name, trade_name, count(*) as permits from read_parquet($file) "
            "where category_id = 'other' group by all order by permits desc, 1, 2",
            "establishment",
        )
    return Inventory(
        snapshot.path.name,
        sources,
        counts,
        [(row["service_name"], row["trade_name"], row["permits"]) for row in unmapped],
        beside,
        trades,
    )


def _unmapped_trades(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> list[tuple[str | None, str | None, int]]:
    files = {"sales": snapshot.file("card_sales"), "areas": snapshot.file("area_indicator")}
    if not all(file.is_file() for file in files.values()):
        return []
    given = {name: str(file) for name, file in files.items()}
    rows = connection.execute(sql("inventory_trades"), given).fetchall()
    return [(code, name, cells) for code, name, cells in rows]


def _beside(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> dict[str, int]:
    files = {"shop": snapshot.file("shop"), "area": snapshot.file("trade_area")}
    if not all(file.is_file() for file in files.values()):
        return {}
    found = connection.execute(
        sql(_BESIDE), {name: str(file) for name, file in files.items()}
    ).fetchone()
    names = [column[0] for column in connection.description or []]
    beside = dict(zip(names, found or (), strict=True))
    if (snapshot.path / STATE_FILE).is_file():
        beside["shops_older"] = 0
    return beside


def format_datasets(inventory: Inventory) -> str:
    """Return the account as lines of text in the reader's language."""
    lines = [t("datasets.title", snapshot=inventory.snapshot)]
    if not inventory.sources:
        lines.append(t("datasets.none"))
    for source in inventory.sources:
        lines.append(
            t(
                "datasets.source",
                title=source["title"],
                publisher=source["publisher"] or "–",
                licence=source["licence"] or "–",
            )
        )
        shown = {
            name: number(source[f"rows_{name}"] or 0)
            for name in ("in", "kept", "refused", "superseded")
        }
        if source["adapter"] != BOUNDARY_ADAPTER:
            lines.append(
                t(
                    "datasets.rows",
                    day=day(source["snapshot_on"]),
                    rows=shown["in"],
                    kept=shown["kept"],
                    refused=shown["refused"],
                    superseded=shown["superseded"],
                )
            )
        for reason, rows in source["refused"].items():
            lines.append(t("datasets.reason", reason=reason_text(reason), count=number(rows)))
        if source["synthetic"]:
            lines.append(t("datasets.synthetic"))
        elif not source["tested_on_real_files"]:
            lines.append(t("datasets.untested"))
        lines += _market_lines(source)
    counts = {name: number(value) for name, value in inventory.counts.items()}
    lines.append(t("datasets.establishments", count=counts["establishments"]))
    for key in ("without_dong", "vanished"):
        lines.append(t(f"datasets.{key}", count=counts[key]))
    lines.append(
        t(
            "datasets.without_point",
            count=counts["without_point"],
            from_address=counts["point_from_address"],
        )
    )
    lines.append(
        t(
            "datasets.imputed",
            count=counts["imputed"],
            unknown=counts["exit_unknown"],
            bulk=counts["bulk"],
        )
    )
    lines.append(
        t(
            "datasets.unused",
            opened_after=counts["opened_after"],
            closed_before=counts["closed_before"],
            no_opening=counts["no_opening"],
        )
    )
    lines += _beside_lines(inventory.beside)
    lines += _trade_lines(inventory.trades)
    if inventory.unmapped:
        lines.append(t("datasets.unmapped", count=number(len(inventory.unmapped))))
        lines += [
            f"  {service} · {trade or '–'} {number(permits)}"
            for service, trade, permits in inventory.unmapped
        ]
    return "\n".join(lines)


def _market_lines(source: dict[str, Any]) -> list[str]:
    """Return the unit, k and the known defects of a table about places."""
    lines = []
    unit, k = source.get("unit"), source.get("min_merchants")
    if unit and k:
        lines.append(t("datasets.unit", unit=unit, k=number(k)))
    elif unit:
        lines.append(t("datasets.unit_only", unit=unit))
    adapter = adapters().get(source["adapter"])
    if adapter is not None and adapter.defects:
        lines.append(t("datasets.defects", text=adapter.defects))
    return lines


def _trade_lines(trades: list[tuple[str | None, str | None, int]]) -> list[str]:
    if not trades:
        return []
    lines = [t("datasets.trades", count=number(len(trades)))]
    return lines + [f"  {code or '–'} {name or ''} {number(n)}" for code, name, n in trades]


def _beside_lines(beside: dict[str, int]) -> list[str]:
    lines = []
    shown = {name: number(value) for name, value in beside.items()}
    if beside.get("areas"):
        lines.append(t("datasets.areas", count=shown["areas"], drawn=shown["areas_drawn"]))
    if beside.get("shops"):
        lines.append(t("datasets.shops", count=shown["shops"], other=shown["shops_other"]))
    if beside.get("shops_older"):
        lines.append(t("datasets.add_workbook", count=shown["shops_older"]))
    return lines
