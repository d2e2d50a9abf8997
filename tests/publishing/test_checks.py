"""Checks before publishing: each rule of the file, broken once by hand."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pytest

from commerce import snapshot as snapshots
from commerce.errors import Refused
from commerce.i18n import messages, set_language
from commerce.publishing import changes, checks, measures, propose, publish
from commerce.publishing.changes import Changes, Rows
from commerce.publishing.figures import Moved
from commerce.publishing.measures import Measure
from commerce.publishing.months import Month
from commerce.schema import create_table_sql, tables
from tests.ingest.permits import shop
from tests.publishing.vintages import FIRST, SECOND, many, write

DAY = dt.date(2026, 2, 7)
PERMIT = {
    "service_code": "general_restaurants",
    "identity_key": "a",
    "name": "가",
    "status": "open",
    "opened_on": dt.date(2020, 1, 1),
    "observed_until": DAY,
    "lon": 126.8,
    "lat": 35.2,
    "area_m2": 10.0,
    "coordinate_quality": "reported",
    "category_id": "other",
    "address_road": "길 1",
}
SALE = {
    "period": dt.date(2026, 1, 1),
    "period_months": 1,
    "area_kind": "dong",
    "area_code": "1233063700",
    "category_id": "other",
    "trade_code": "x",
    "sales_krw": 1000,
    "transactions": 10,
    "merchants": 5,
    "suppressed": False,
    "source_id": "s",
}
VISIT = {
    "period": dt.date(2026, 1, 1),
    "period_months": 1,
    "area_kind": "dong",
    "area_code": "1233063700",
    "dimension": "total",
    "bucket": "",
    "persons": 5.0,
    "unit": "명",
    "source_id": "s",
}
SOURCE = {
    "source_id": "s",
    "title": "가게 자료",
    "rows_in": 1000,
    "rows_kept": 1000,
    "rows_refused": 0,
    "adapter": "localdata",
    "min_merchants": 3,
    "ingested_at": dt.datetime(2026, 2, 8),
    "synthetic": False,
}


def build(folder: Path, **given: list[dict]) -> Path:
    """Write a folder of tables, with these rows and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for table in tables():
            connection.execute(create_table_sql(table))
            for row in given.get(table, []):
                names = ", ".join(row)
                marks = ", ".join(f"${name}" for name in row)
                connection.execute(f"insert into {table} ({names}) values ({marks})", row)
            snapshots.write_table(connection, table, table, folder)
    return folder


def permits(count: int, **changed: object) -> list[dict]:
    """Return so many good permits; the last is changed as told."""
    rows = [PERMIT | {"permit_id": f"{n:05d}", "name": f"가게{n}"} for n in range(count)]
    rows[-1] |= changed
    return rows


def result(folder: Path, rule: str, found: Changes | None = None) -> checks.CheckResult:
    first = found or Changes(True, ())
    (one,) = [check for check in checks.run(None, folder, first) if check.id == rule]
    return one


GOOD = {"establishment": permits(4), "card_sales": [SALE], "footfall": [VISIT], "dataset": [SOURCE]}
BROKEN = {
    "permit_number": ("establishment", permits(4, permit_id=" "), 25.0),
    "permit_repeated": ("establishment", permits(4, permit_id="00000"), 1.0),
    "permit_status": ("establishment", permits(4, status="asleep"), 25.0),
    "permit_exit": ("establishment", permits(4, exit_kind="flown"), 25.0),
    "permit_lon": ("establishment", permits(4, lon=35.2), 25.0),
    "permit_lat": ("establishment", permits(4, lat=126.8), 25.0),
    "permit_opened": ("establishment", permits(4, opened_on=dt.date(202, 1, 1)), 25.0),
    "sales_negative": ("card_sales", [SALE, SALE | {"trade_code": "y", "sales_krw": -1}], 50.0),
    "sales_exposed": ("card_sales", [SALE | {"merchants": 2}], 1.0),
    "sales_repeated": ("card_sales", [SALE, SALE], 1.0),
    "footfall_negative": ("footfall", [VISIT | {"persons": -0.5}], 100.0),
    "footfall_repeated": ("footfall", [VISIT, VISIT], 1.0),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> list[checks.CheckResult]:
    folder = build(tmp_path_factory.mktemp("good"), **GOOD)
    return checks.run(None, folder, Changes(True, ()))


def test_good_rows_pass_every_check(good):
    assert [check.id for check in good] == [rule.id for rule in checks.rules()]
    assert all(check.passed for check in good)
    looked = {check.id for check in good if not check.skipped}
    assert looked >= {*BROKEN, "columns"}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_row_fails_its_rule(rule, tmp_path):
    table, rows, value = BROKEN[rule]
    folder = build(tmp_path / "broken", **GOOD | {table: rows})
    failed = [c for c in checks.run(None, folder, Changes(True, ())) if not c.passed]
    assert [(check.id, check.level) for check in failed] == [(rule, "block")]
    assert failed[0].value == pytest.approx(value)
    assert failed[0].n == len(rows)
    for language in ("ko", "en"):
        set_language(language)
        assert "\n" not in failed[0].sentence
        assert failed[0].why


def test_a_suppressed_cell_with_transactions_is_exposed(tmp_path):
    cell = SALE | {"suppressed": True, "sales_krw": None}
    folder = build(tmp_path / "t", **GOOD | {"card_sales": [cell]})
    assert not result(folder, "sales_exposed").passed


def test_a_missing_column_and_another_type_fail(tmp_path):
    folder = build(tmp_path / "t", **GOOD)
    with duckdb.connect() as connection:
        connection.execute(
            "create table d as select * exclude (name_en) replace (area_km2::varchar as area_km2)"
            f" from read_parquet('{folder}/dong.parquet');"
            f" copy d to '{folder}/dong.parquet' (format parquet)"
        )
    found = result(folder, "columns")
    assert (found.passed, found.value) == (False, 2.0)
    assert "dong.name_en" in found.detail


def test_shares_of_rows_above_a_thousand(tmp_path):
    """1,000 permits: 1 of 10 m² in 1,000 is allowed, and 2 of them are not."""
    rows = permits(1000, area_m2=1e7)
    folder = build(tmp_path / "one", **GOOD | {"establishment": rows})
    assert result(folder, "permit_area").passed
    rows[0] = rows[0] | {"area_m2": 1e7}
    folder = build(tmp_path / "two", **GOOD | {"establishment": rows})
    found = result(folder, "permit_area")
    assert (found.passed, found.level) == (False, "warn")
    assert found.value == pytest.approx(0.2)
    folder = build(tmp_path / "few", **GOOD | {"establishment": rows[:999]})
    assert result(folder, "permit_area").skipped


def test_twins_stand_beside_each_other(tmp_path):
    rows = permits(1000)
    for row in rows[:12]:  # twelve of one name: eleven too many
        row["name"] = "쌍둥이"
    folder = build(tmp_path / "t", **GOOD | {"establishment": rows})
    found = result(folder, "permit_twins")
    assert found.value == pytest.approx(1.1)
    assert not found.passed


def test_refused_rows_count_but_for_those_outside(tmp_path):
    refused = [
        {"source_id": "s", "line": n, "reason": reason, "raw": ""}
        for n, reason in enumerate(["bad_date"] * 11 + ["outside_district"] * 500)
    ]
    folder = build(tmp_path / "t", **GOOD | {"refused": refused})
    found = result(folder, "rows_refused")
    assert found.value == pytest.approx(1.1)
    assert (found.passed, found.level, found.detail) == (False, "block", "가게 자료")
    before = snapshots.Snapshot(folder, "x")
    (known,) = [c for c in checks.run(before, folder, Changes(True, ())) if c.id == "rows_refused"]
    assert known.skipped  # it was there before: nobody reads it now


def change(**given: object) -> Changes:
    rows = tuple(Rows(table, 2000, 2000) for table in tables())
    fields = dict.fromkeys(changes.FIELDS, 0)
    known = {"same": 1900, "changed": 100, "rows": rows, "fields": fields}
    return Changes(**{"first": False} | known | given)


def month(before: float, after: float) -> Month:
    return Month("opened", dt.date(2026, 1, 1), before, after)


CHANGED = {
    "permits_removed": ({"removed": 50}, 50 / 2050 * 100),
    "permits_vanished": ({"vanished": 50}, 2.5),
    "permits_renamed": ({"fields": {"name": 300}}, 15.0),
    "permits_moved": ({"fields": {"address": 400}}, 20.0),
    "permits_redated": ({"fields": {"opened_on": 30}}, 1.5),
    "permit_no_point": ({"fields": {"point_lost": 120}}, 6.0),
    "permit_no_dong": ({"dong_lost": 150, "dong_gained": 40}, 5.5),
    "sales_dropped": ({"rows": {"card_sales": 1900}}, 5.0),
    "footfall_dropped": ({"rows": {"footfall": 1900}}, 5.0),
    "shops_dropped": ({"rows": {"shop": 1500}}, 25.0),
    "months_revised": ({"revised": (month(40, 60), month(20, 90))}, 50.0),
    "months_jump": ({"jumps": (month(30, 150), month(2, 20))}, 5.0),
}


@pytest.mark.parametrize("rule", CHANGED)
def test_a_large_change_fails_its_rule(rule, tmp_path, good):
    given, value = CHANGED[rule]
    if "rows" in given:
        after = dict.fromkeys(tables(), 2000) | given["rows"]
        given = {"rows": tuple(Rows(table, 2000, n) for table, n in after.items())}
    if "fields" in given:
        given = {"fields": dict.fromkeys(changes.FIELDS, 0) | given["fields"]}
    found = measures.of_changes(change(**given)) | measures.of_months(change(**given), 30)
    results = checks._results({r.id: found.get(r.argument) for r in checks.rules()})
    assert [check.id for check in results if not check.passed] == [rule]
    (failed,) = [check for check in results if not check.passed]
    assert failed.value == pytest.approx(value)
    calm = measures.of_changes(change()) | measures.of_months(change(), 30)
    assert all(
        c.passed for c in checks._results({r.id: calm.get(r.argument) for r in checks.rules()})
    )


def test_figures_of_the_district_that_jump_are_told():
    def moved(group: str | None, unusual: bool) -> Moved:
        return Moved("active", group, None, None, DAY, 10.0, 90.0, 5.0, 20.0, unusual)

    given = change(moved=(moved(None, True), moved("1233063700", True)))
    assert measures.of_months(given, 30)["figures_unusual"] == Measure(1, 1, "active")


def test_a_new_start_and_new_boundaries_are_not_compared(tmp_path):
    folder = build(tmp_path / "t", **GOOD)
    gone = change(removed=1500)
    assert not result(folder, "permits_removed", gone).passed
    again = checks.run(None, folder, gone, fresh=True)
    assert all(check.passed for check in again)
    elsewhere = change(removed=1500, boundaries_changed=True)
    assert result(folder, "permits_removed", elsewhere).skipped


def test_the_rules_can_be_read_and_edited():
    with checks.FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len({row["id"] for row in rows}) == len(rows)
    measured = {row["argument"] for row in rows if row["rule"] == "measure"}
    assert len(measured) == sum(row["rule"] == "measure" for row in rows)
    for row in rows:
        assert row["rule"] in ("filled", "among", "between", "measure")
        assert row["level"] in ("block", "warn")
        assert row["table"] in {"", *tables()}
        assert float(row["threshold"]) >= 0
        assert row["why_ko"]
        assert row["why_en"]
        assert not any("가" <= letter <= "힣" for letter in row["why_en"])
        for language in ("ko", "en"):
            assert f"check.{row['id']}" in messages(language)


def test_a_shifted_column_blocks_and_staff_may_confirm(tmp_path, data):
    """1,100 shops whose names have moved into another shop's row."""
    shops = many(1100)
    first = propose([write(tmp_path / "a", shops, FIRST)], data, who="가람")
    assert first.blocking == []
    publish(data, first.id, who="가람", why="")
    names = [one["name"] for one in shops]
    shifted = [one | {"name": name} for one, name in zip(shops, names[1:] + names[:1], strict=True)]
    proposal = propose([write(tmp_path / "b", shifted, SECOND)], data, who="나리")
    assert [check.id for check in proposal.blocking] == ["permits_renamed"]
    assert proposal.blocking[0].value == pytest.approx(100.0)
    with pytest.raises(Refused, match="이름이 바뀐 인허가"):
        publish(data, proposal.id, who="나리", why="")
    publish(data, proposal.id, who="나리", why="", confirmed="정말 바뀜")


def test_bad_rows_block_above_a_thousand(tmp_path, data):
    shops = many(1100)
    for one in shops[:20]:
        one["opened"] = "언젠가"
    proposal = propose([write(tmp_path / "a", [*shops, shop(5000)], FIRST)], data, who="")
    assert [check.id for check in proposal.blocking] == ["rows_refused"]
    assert proposal.blocking[0].value == pytest.approx(20 / 1101 * 100)
