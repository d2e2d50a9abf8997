"""Daily sales: a month counts once all its days are there. What else an ingest has to tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from commerce.db import Database
from commerce.ingest import ingest
from commerce.ingest.report import format_report
from commerce.snapshot import resolve
from tests.ingest.permits import table
from tests.ingest.test_market import A, balanced, sale, sales_file, write
from tests.ingest.test_named_areas import ELSEWHERE, X, Y, areas, box, feature, geojson
from tests.ingest.test_shops import one
from tests.ingest.test_shops import write as write_shops

BC = ["receipt_dttm", "adstrd_code", "mrhst_induty_cl_code", "selng_cascnt", "salamt"]


def bc(path: Path, days: range, amount: int = 1000) -> Path:
    rows = [[f"202602{day:02d}", A[:8], trade, 2, amount] for day in days for trade in ("1", "2")]
    return write(path, BC, rows)


def waiting(data: Path) -> list[tuple[str, int, int]]:
    rows = Database(resolve(str(data))).run("sales/waiting")
    return [(str(r["period"])[:7], r["days"], r["of_days"]) for r in rows.to_dict("records")]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_month_waits_for_its_days(tmp_path, order):
    # 14 and 14 days of the 28 of February 2026
    files = [bc(tmp_path / "1.csv", range(1, 15)), bc(tmp_path / "2.csv", range(15, 29))]
    data = tmp_path / "data"
    report = ingest([files[order[0]]], data)
    assert report.rows_kept == 28
    assert [waited[1:] for waited in report.waiting_months] == [
        (report.waiting_months[0][1], 14, 28)
    ]
    assert "28일 가운데 14일만" in format_report(report)
    assert table(data, "card_sales", "period") == []
    assert table(data, "card_sales_profile", "period") == []
    assert waiting(data) == [("2026-02", 14, 28)]
    balanced(data)

    report = ingest([files[order[1]]], data)
    assert report.waiting_months == []
    cells = table(data, "card_sales", "trade_code")
    assert [(c["sales_krw"], c["transactions"]) for c in cells] == [(28_000, 56)] * 2
    # four of each weekday
    parts = table(data, "card_sales_profile", "trade_code")
    assert {p["sales_krw"] for p in parts} == {4_000}
    assert len(parts) == 14
    assert waiting(data) == []
    balanced(data)


def test_monthly_sales_never_wait(tmp_path):
    report = ingest([sales_file(tmp_path / "a.csv", sale("cafe", 5))], tmp_path / "data")
    assert report.waiting_months == []
    assert waiting(tmp_path / "data") == []


@pytest.mark.parametrize("together", [True, False])
def test_areas_of_two_files_with_the_same_codes_stay_apart(tmp_path, data, together):
    first = geojson(tmp_path, feature(box(X, Y), name="첫째 골목", code="1"), name="1.geojson")
    second = geojson(
        tmp_path, feature(box(X, Y + 0.01), name="둘째 골목", code="1"), name="2.geojson"
    )
    for files in [[first, second]] if together else [[first], [second]]:
        ingest(files, data)
    found = {row["name_ko"]: row["area_code"] for row in areas(data)}
    assert set(found) == {"첫째 골목", "둘째 골목"}
    assert len(set(found.values())) == 2
    assert "1" in found.values()
    # the same file again, and a newer one that moved a corner, change no code
    ingest([second], data)
    newer = geojson(
        tmp_path, feature(box(X, Y + 0.01, 0.002), name="둘째 골목", code="1"), name="3.geojson"
    )
    ingest([newer], data)
    assert {row["name_ko"]: row["area_code"] for row in areas(data)} == found


def test_an_area_with_a_new_name_takes_the_old_ones_place(tmp_path, data):
    for name in ("옛 이름", "새 이름"):
        ingest([geojson(tmp_path, feature(box(X, Y), name=name, code="1"))], data)
    assert [(row["name_ko"], row["area_code"]) for row in areas(data)] == [("새 이름", "1")]


def test_a_list_of_shops_elsewhere_is_told(tmp_path, data):
    far = one(경도=str(ELSEWHERE[0]), 위도=str(ELSEWHERE[1]), 시군구코드="29170")
    shops = write_shops(tmp_path / "in", [far])
    sales = sales_file(tmp_path / "in" / "a.csv", sale("cafe", 5))
    assert sales.parent == shops.parent
    report = ingest([shops.parent], data)
    said = [line for line in format_report(report).splitlines() if line.startswith("주의")]
    assert len(said) == 1
    assert shops.name in said[0]
    assert table(data, "shop", "shop_id") == []
    balanced(data)
