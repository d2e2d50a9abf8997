"""Card sales, footfall and indicators: each reader, each refusal, what is published."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
from pathlib import Path

import pytest

from commerce.errors import Refused
from commerce.ingest import ingest
from commerce.ingest.market.registry import adapters, template_header
from tests.ingest.permits import csv_bytes, shop, table


def write(path: Path, header: list[str], rows: list[list[object]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def dongs() -> list[str]:
    from commerce.ingest import boundaries

    return sorted(boundaries.default().codes.tolist())


A, B = dongs()[:2]


def sale(
    trade: str, sales: object, merchants: object = 10, period: str = "2026-01", **more: object
) -> list[object]:
    row = {
        "period": period,
        "period_months": 1,
        "area_kind": "dong",
        "area_code": A,
        "dimension": "total",
        "bucket": "all",
        "trade_code": trade,
        "trade_name": "",
        "sales_krw": sales,
        "transactions": 5,
        "merchants": merchants,
    } | more
    return [row[name] for name in template_header("card_sales")]


def sales_file(path: Path, *rows: list[object]) -> Path:
    return write(path, template_header("card_sales"), list(rows))


def cells(data: Path) -> dict[tuple[object, ...], dict[str, object]]:
    return {
        (r["period"].isoformat()[:7], r["period_months"], r["area_code"], r["trade_code"]): r
        for r in table(data, "card_sales", "period")
    }


def reasons(data: Path) -> dict[int, str]:
    return {r["line"]: r["reason"] for r in table(data, "refused", "line")}


def balanced(data: Path) -> None:
    sources = table(data, "dataset", "source_id")
    for source in sources:
        assert source["rows_in"] == source["rows_kept"] + source["rows_refused"]
        assert 0 <= source["rows_superseded"] <= source["rows_kept"]
    assert len(table(data, "refused", "line")) == sum(s["rows_refused"] for s in sources)


def test_our_form_becomes_cells_and_parts(tmp_path):
    file = sales_file(
        tmp_path / "bought.csv",
        sale("cafe", 1000),
        sale("cafe", 600, dimension="sex", bucket="F", transactions=""),
        sale("cafe", 300, dimension="sex", bucket="M", transactions=""),
        sale("피자", "2,000"),
        sale("없는 업종", 5),
    )
    report = ingest([file], tmp_path / "data")
    assert report.rows_kept == 5
    found = cells(tmp_path / "data")
    assert found["2026-01", 1, A, "cafe"]["sales_krw"] == 1000
    assert found["2026-01", 1, A, "cafe"]["category_id"] == "cafe"
    assert found["2026-01", 1, A, "피자"]["category_id"] == "fast_food"
    assert found["2026-01", 1, A, "피자"]["sales_krw"] == 2000
    assert found["2026-01", 1, A, "없는 업종"]["category_id"] == "other"
    parts = table(tmp_path / "data", "card_sales_profile", "bucket")
    assert [(p["dimension"], p["bucket"], p["sales_krw"]) for p in parts] == [
        ("sex", "F", 600),
        ("sex", "M", 300),
    ]
    balanced(tmp_path / "data")


def test_each_bad_row_is_refused_with_its_reason(tmp_path):
    file = sales_file(
        tmp_path / "bought.csv",
        sale("cafe", 1000),
        sale("bakery", -1),
        sale("pub", "많음"),
        sale("karaoke", 10, period="2026-13"),
        sale("cafe", 1000),
        sale("billiards", 10, area_code="1111051500"),
        sale("golf", 10, area_code=A[:5] + "99900"),
        sale("golf", 10, area_code="수완동"),
        sale("fitness", 10, dimension="weekday", bucket="8"),
        sale("chicken", 100),
        sale("chicken", 90, dimension="weekday", bucket="1"),
        sale("chicken", 90, dimension="weekday", bucket="2"),
        sale("laundry", 10, dimension="sex", bucket="F"),
        sale("", 10),
    )
    ingest([file], tmp_path / "data")
    assert reasons(tmp_path / "data") == {
        2: "negative_amount",
        3: "bad_number",
        4: "bad_period",
        5: "repeated_key",
        6: "outside_district",
        7: "unknown_dong",
        8: "bad_code",
        9: "bad_bucket",
        10: "total_below_parts",
        11: "total_below_parts",
        12: "total_below_parts",
        13: "no_total",
        14: "unknown_trade",
    }
    assert set(cells(tmp_path / "data")) == {("2026-01", 1, A, "cafe")}
    raw = {r["line"]: r["raw"] for r in table(tmp_path / "data", "refused", "line")}
    assert A[:5] + "99900" in raw[7]
    balanced(tmp_path / "data")


def test_dongs_outside_stay_when_all_is_asked_for(tmp_path):
    file = sales_file(tmp_path / "a.csv", sale("cafe", 10, area_code="11110515"), sale("cafe", 20))
    ingest([file], tmp_path / "data", district="all")
    rows = cells(tmp_path / "data")
    assert rows["2026-01", 1, "1111051500", "cafe"]["dong_code"] is None
    assert rows["2026-01", 1, A, "cafe"]["dong_code"] == A


def test_old_dong_codes_are_translated(tmp_path):
    old = "29200" + A[5:8]
    file = sales_file(tmp_path / "a.csv", sale("cafe", 10, area_code=old))
    ingest([file], tmp_path / "data")
    assert ("2026-01", 1, A, "cafe") in cells(tmp_path / "data")


def test_a_header_in_another_order_than_its_values_is_refused_whole(tmp_path):
    header = template_header("card_sales")
    swapped = [{"area_code": "trade_name", "trade_name": "area_code"}.get(h, h) for h in header]
    file = write(tmp_path / "a.csv", swapped, [sale("cafe", n, trade_name="카페") for n in (1, 2)])
    with pytest.raises(Refused) as error:
        ingest([file], tmp_path / "data")
    assert error.value.key == "ingest.wrong_column"
    assert "area_code" in str(error.value)


def test_few_merchants_are_suppressed_with_all_that_shows_them(tmp_path):
    file = sales_file(
        tmp_path / "a.csv",
        sale("cafe", 1000, merchants=2),
        sale("cafe", 600, dimension="sex", bucket="F", transactions=""),
        sale("bakery", 500, merchants=3),
    )
    ingest([file], tmp_path / "data")
    rows = cells(tmp_path / "data")
    hidden = rows["2026-01", 1, A, "cafe"]
    assert (hidden["sales_krw"], hidden["transactions"], hidden["suppressed"]) == (None, None, True)
    assert hidden["merchants"] == 2
    assert rows["2026-01", 1, A, "bakery"]["sales_krw"] == 500
    assert table(tmp_path / "data", "card_sales_profile", "bucket") == []


def test_a_quarter_beside_its_months_takes_a_second_cell(tmp_path):
    file = sales_file(
        tmp_path / "a.csv",
        sale("cafe", 100, merchants=2, period="2026-01"),
        sale("cafe", 200, period="2026-02"),
        sale("cafe", 300, period="2026-03"),
        sale("cafe", 600, period="2026-01", period_months=3),
    )
    ingest([file], tmp_path / "data")
    hidden = {key[:2] for key, row in cells(tmp_path / "data").items() if row["suppressed"]}
    assert hidden == {("2026-01", 1), ("2026-02", 1)}


def test_totals_of_trades_are_indicators_and_give_nothing_away(tmp_path):
    file = sales_file(
        tmp_path / "a.csv",
        sale("cafe", 100, merchants=1),
        sale("bakery", 300),
        sale("ice_cream", 200),
        sale("pub", 50),
        sale("cafe_bakery", 600),
        sale("all", 650),
    )
    ingest([file], tmp_path / "data")
    rows = cells(tmp_path / "data")
    assert {k[3]: r["sales_krw"] for k, r in rows.items()} == {
        "cafe": None,
        "bakery": 300,
        "ice_cream": None,
        "pub": 50,
    }
    totals = table(tmp_path / "data", "area_indicator", "value")
    assert [(r["indicator"], r["category_id"], r["value"]) for r in totals] == [
        ("card_sales_total", "cafe_bakery", 600),
        ("card_sales_total", None, 650),
    ]


def test_newer_files_win_in_whatever_order_and_again(tmp_path):
    older = sales_file(tmp_path / "old.csv", sale("cafe", 1), sale("pub", 2))
    newer = sales_file(tmp_path / "new.csv", sale("cafe", 9), sale("cafe", 8, period="2026-02"))
    seen = []
    for number, order in enumerate(itertools.permutations([older, newer])):
        for step, groups in enumerate(([list(order)], [[f] for f in order])):
            data = tmp_path / f"data{number}{step}"
            for group in groups:
                ingest(group, data)
            ingest([older], data)
            balanced(data)
            sources = table(data, "dataset", "title")
            seen.append(
                (
                    {k: (r["sales_krw"], r["source_id"]) for k, r in cells(data).items()},
                    {s["source_id"]: s["rows_superseded"] for s in sources},
                )
            )
    assert all(one == seen[0] for one in seen)
    assert seen[0][0]["2026-01", 1, A, "cafe"][0] == 9
    assert sorted(seen[0][1].values()) == [0, 1]


def kt(day: str, hour: int, sex: str, age: str, dong: str, n: object) -> list[object]:
    return [day, f"{hour:02d}", sex, age, dong, n]


KT = [
    "base_ymd",
    "tmzon_se_code",
    "sexdstn_se_code",
    "agrde_se_code",
    "adstrd_code",
    "popltn_cascnt",
]
DAYS = [f"202601{d:02d}" for d in range(1, 15)]


def people(data: Path) -> dict[tuple[object, ...], float]:
    rows = table(data, "footfall", "period")
    return {(r["area_code"], r["dimension"], r["bucket"]): r["persons"] for r in rows}


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", " slow.csv"])
def test_kt_hours_are_means_over_the_month(tmp_path, ending):
    rows = [
        kt(day, hour, sex, age, A[:8], n)
        for day in DAYS
        for hour in (9, 10)
        for sex, age, n in (
            ("F", "age_20", 30),
            ("M", "age_60", 10),
            ("M", "age_70", 20 * (hour - 9)),
        )
    ]
    if ending == " slow.csv":
        rows.insert(3, kt("20260101", 25, "F", "age_20", A[:8], 1))
    file = write(tmp_path / f"kt{ending.removesuffix('.gz')}", KT, rows)
    if ending.endswith(".gz"):
        (tmp_path / "kt.csv.gz").write_bytes(gzip.compress(file.read_bytes()))
        file = tmp_path / "kt.csv.gz"
    report = ingest([file], tmp_path / "data")
    assert report.rows_in == len(rows)
    assert report.rows_refused == (1 if "slow" in ending else 0)
    found = people(tmp_path / "data")
    # At 9 there are 30 + 10, at 10 there are 30 + 10 + 20.
    assert found[A, "total", "all"] == pytest.approx(50)
    assert found[A, "hour_band", "09"] == pytest.approx(40)
    assert found[A, "hour_band", "10"] == pytest.approx(60)
    assert found[A, "sex", "F"] == pytest.approx(30)
    assert found[A, "age_group", "60+"] == pytest.approx(20)
    assert found[A, "sex_age", "M 60+"] == pytest.approx(20)
    assert found[A, "weekday", "1"] == pytest.approx(50)
    assert found[A, "weekday_hour", "1 10"] == pytest.approx(60)
    assert {r["unit"] for r in table(tmp_path / "data", "footfall", "period")} == {
        "persons_present"
    }
    balanced(tmp_path / "data")


def test_kt_files_of_days_add_up_and_bad_rows_are_found(tmp_path):
    first = [kt(day, 9, "F", "age_20", A, 10) for day in DAYS[:7]]
    second = [kt(day, 9, "F", "age_20", A, 30) for day in DAYS[7:]]
    second += [second[0], kt(DAYS[8], 9, "F", "age_20", "11110515", 5)]
    second += [kt(DAYS[9], 9, "M", "age_20", A, -3)]
    one, two = write(tmp_path / "1.csv", KT, first), write(tmp_path / "2.csv", KT, second)
    ingest([one], tmp_path / "data")
    ingest([two], tmp_path / "data")
    assert people(tmp_path / "data")[A, "total", "all"] == pytest.approx(20)
    assert reasons(tmp_path / "data") == {
        8: "repeated_key",
        9: "outside_district",
        10: "negative_amount",
    }
    balanced(tmp_path / "data")


def test_permits_beside_hours_stand_once(tmp_path):
    """Both readers look for what repeats; neither may find the other's."""
    for n, refreshed in enumerate(("2026-02-07 22:02:00", "2026-03-07 22:02:00")):
        place = tmp_path / "in" / str(n)
        place.mkdir(parents=True)
        content = csv_bytes([shop(1, refreshed=refreshed), shop(2, refreshed=refreshed)])
        (place / "식품_일반음식점.csv").write_bytes(content)
    rows = [kt(day, 9, "F", "age_20", A, 10) for day in DAYS]
    rows.append(kt(DAYS[0], 25, "F", "age_20", A, 1))
    write(tmp_path / "in" / "kt.csv", KT, rows)
    ingest([tmp_path / "in"], tmp_path / "data")
    assert len(table(tmp_path / "data")) == 2
    assert people(tmp_path / "data")[A, "total", "all"] == pytest.approx(10)


def test_a_file_that_is_cut_off_leaves_no_rows_to_the_next(tmp_path):
    rows = [kt(day, 9, "F", "age_20", A, 10) for day in DAYS]
    for folder in ("0", "1"):
        (tmp_path / "in" / folder).mkdir(parents=True)
    cut = write(tmp_path / "in" / "0" / "kt.csv", KT, rows)
    cut.write_bytes(cut.read_bytes()[:-6])
    write(tmp_path / "in" / "1" / "kt.csv", KT, [*rows, kt("x", 9, "F", "age_20", A, 10)])
    report = ingest([tmp_path / "in"], tmp_path / "data")
    assert len(report.refused_files) == 1
    assert report.sources[0].refused == {"bad_period": 1}
    assert report.sources[0].rows_kept == len(rows)
    balanced(tmp_path / "data")


def test_living_population_reads_both_headers(tmp_path):
    names = adapters()["seoul_living"].roles
    chosen = ["day", "hour", "dong", "persons:total:all", "persons:F 10-19:F10T14"]
    chosen += ["persons:F 10-19:F15T19"]
    for n in (0, 1):
        header = [names[role][n] for role in chosen]
        rows = [
            ["20260105", "9", "11110515", 100, 3, "*"],
            ["20260105", "10", "11110515", 50, 1, 2],
        ]
        data = tmp_path / f"data{n}"
        ingest([write(tmp_path / f"{n}.csv", header, rows, "utf-8-sig")], data, district="all")
        found = people(data)
        assert found["1111051500", "total", "all"] == pytest.approx(75)
        assert found["1111051500", "sex_age", "F 10-19"] == pytest.approx((3 + 3) / 2)
        balanced(data)


def test_bc_days_become_months_with_weekdays(tmp_path):
    header = ["receipt_dttm", "adstrd_code", "adstrd_nm"]
    header += ["mrhst_induty_cl_code", "mrhst_induty_cl_nm"]
    rows = [[f"202601{day:02d}", A[:8], "동", "8001", "커피", 2, 100 * day] for day in range(1, 32)]
    file = write(tmp_path / "bc.csv", [*header, "selng_cascnt", "salamt"], rows, "cp949")
    ingest([file], tmp_path / "data")
    row = cells(tmp_path / "data")["2026-01", 1, A, "8001"]
    assert (row["sales_krw"], row["transactions"], row["merchants"]) == (49_600, 62, None)
    assert row["category_id"] == "cafe"
    parts = table(tmp_path / "data", "card_sales_profile", "bucket")
    # 1 January 2026 is a Thursday, and so are the 8th, 15th, 22nd and 29th: 75 hundreds.
    assert {p["bucket"]: p["sales_krw"] for p in parts}["4"] == 7_500
    assert sum(p["sales_krw"] for p in parts) == 49_600


def test_korean_and_english_headers_are_one_series(tmp_path):
    names = adapters()["seoul_stores"].roles
    wanted = ["quarter", "dong", "trade_code", "trade_name", "indicator:stores:shops"]
    files = [
        write(
            tmp_path / f"{n}.csv",
            [names[role][n].lower() for role in wanted],
            [[f"2025{n + 1}", "11110515", "CS100005", "제과점", 7 + n]],
            ("cp949", "utf-8")[n],
        )
        for n in (0, 1)
    ]
    ingest(files, tmp_path / "data", district="all")
    rows = table(tmp_path / "data", "area_indicator", "period")
    assert [(r["indicator"], r["value"], r["category_id"]) for r in rows] == [
        ("stores", 7, "bakery"),
        ("stores", 8, "bakery"),
    ]
    assert {r["period_months"] for r in rows} == {3}


def test_a_missing_column_is_named_with_the_nearest_layout(tmp_path):
    header = [h for h in template_header("card_sales") if h != "sales_krw"]
    with pytest.raises(Refused) as error:
        ingest([write(tmp_path / "a.csv", header, [[1] * len(header)])], tmp_path / "data")
    assert error.value.key == "ingest.missing_columns"
    assert "sales_krw" in str(error.value)
