"""What is missing in the data and what changed suddenly, counted by hand and by pandas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from commerce.db import Database
from commerce.snapshot import DEMO_DIR
from tests.conftest import DONGS, Row, shop, sold

SUWAN, CHEOMDAN = DONGS[0]["dong_code"], DONGS[1]["dong_code"]
#: Seven permits of two years and one without a day; two have a point, three left.
SHOPS: list[Row] = [
    shop("2023-01-10", lon=126.8, lat=35.2),
    shop("2023-06-01", "2024-03-15", lon=126.8, lat=35.2),
    shop("2023-06-20", "2025-02-10", exit_date_quality="imputed"),
    shop("2023-09-09", exit_kind="closed", status="closed", exit_date_quality="unknown"),
    shop("2024-02-01", category_id="other", trade_name="무인점포"),
    shop("2024-02-01", category_id=None, service_code="x", service_name="새 업종"),
    shop("2024-02-02"),
    shop(None, category_id="other", trade_name="무인점포"),  # type: ignore[arg-type]
]


def test_what_is_missing_by_year(make_database: Callable[..., Database]) -> None:
    rows = make_database(SHOPS).run("data/quality_by_year").set_index("opened_year")
    assert list(rows.index) == [2023, 2024]
    old, new = rows.loc[2023], rows.loc[2024]
    assert (old["permits"], old["no_coordinates"], old["no_coordinates_share"]) == (4, 2, 50)
    assert (old["exits"], old["exit_imputed"], old["exit_unknown"]) == (3, 1, 1)
    assert old["exit_unsure_share"] == pytest.approx(200 / 3)
    assert (old["unmapped"], new["unmapped"]) == (0, 2)
    assert new["unmapped_share"] == pytest.approx(200 / 3)
    assert (new["permits"], new["no_coordinates"], new["exits"]) == (3, 3, 0)
    assert np.isnan(new["exit_unsure_share"])


def test_what_is_missing_by_service(make_database: Callable[..., Database]) -> None:
    rows = make_database(SHOPS).run("data/quality_by_service").set_index("service_code")
    restaurants = rows.loc["general_restaurants"]
    assert (restaurants["permits"], restaurants["no_coordinates"]) == (7, 5)
    assert (restaurants["exits"], restaurants["exit_unsure"]) == (3, 2)
    assert rows.loc["x", "unmapped_share"] == 100
    assert rows.loc["x", "service_name"] == "새 업종"


def test_what_is_missing_altogether(make_database: Callable[..., Database]) -> None:
    """Of three files one is superseded; the others have 60 rows, 10 of them of other districts
    and 5 superseded."""
    files = [("old", 50, 40, 40), ("new", 40, 25, 5), ("refused whole", 20, 0, 0)]
    dataset = [
        {"source_id": name, "rows_in": rows, "rows_kept": kept, "rows_refused": rows - kept,
         "rows_superseded": superseded}
        for name, rows, kept, superseded in files
    ]  # fmt: skip
    reasons = [("old", "outside_district")] * 6 + [("old", "bad_date")] * 4
    reasons += [("new", "outside_district")] * 10 + [("new", "bad_date")] * 5
    reasons += [("refused whole", "columns")] * 20
    refused = [
        {"source_id": name, "line": line, "reason": reason}
        for line, (name, reason) in enumerate(reasons)
    ]
    rows = make_database(SHOPS, dataset=dataset, refused=refused).run("data/quality_of_all")
    assert len(rows) == 1
    one = rows.iloc[0]
    assert (one["permits"], one["no_coordinates"], one["no_coordinates_share"]) == (8, 6, 75)
    assert (one["exits"], one["exit_unsure"]) == (3, 2)
    assert one["exit_unsure_share"] == pytest.approx(200 / 3)
    assert (one["unmapped"], one["unmapped_share"]) == (3, 37.5)
    assert (one["rows_local"], one["rows_refused"]) == (45, 25)
    assert one["rows_refused_share"] == pytest.approx(2500 / 45)


def test_nothing_is_missing_in_nothing(make_database: Callable[..., Database]) -> None:
    one = make_database([], dataset=[]).run("data/quality_of_all").iloc[0]
    assert (one["permits"], one["exits"], one["rows_local"]) == (0, 0, 0)
    assert np.isnan(one["no_coordinates_share"])
    assert np.isnan(one["rows_refused_share"])


def test_trades_that_nothing_fits(make_database: Callable[..., Database]) -> None:
    rows = make_database(SHOPS).run("data/unmapped_trades")
    assert [(row.trade_name, row.permits) for row in rows.fillna("–").itertuples()] == [
        ("무인점포", 2),
        ("–", 1),
    ]
    assert rows["share"].tolist() == [25, 12.5]


def test_a_sudden_month_stands_out(make_database: Callable[..., Database]) -> None:
    # In Suwan two shops open in each month of 2022–2025, but ten in May 2025; in Cheomdan one,
    # and five in May 2025. Deviation of a steady series is that of Poisson: root of 2, and 1.
    months = pd.period_range("2022-01", "2025-12", freq="M")
    rows = [shop(f"{m}-03", dong_code=SUWAN) for m in months for _ in range(2)]
    rows += [shop(f"{m}-03", dong_code=CHEOMDAN) for m in months]
    rows += [shop("2025-05-03", dong_code=SUWAN) for _ in range(8)]
    rows += [shop("2025-05-03", dong_code=CHEOMDAN) for _ in range(4)]
    found = make_database(rows).run("data/sudden_changes")
    assert len(found) == 1
    only = found.iloc[0]
    assert (only["dong_code"], only["kind"], only["permits"]) == (SUWAN, "opened", 10)
    assert pd.Timestamp(only["month"]).date() == dt.date(2025, 5, 1)
    assert only["usual"] == 2
    assert only["deviations"] == pytest.approx(8 / 2**0.5)


def test_the_month_that_is_not_over_is_no_sudden_fall(
    make_database: Callable[..., Database],
) -> None:
    months = pd.period_range("2022-01", "2025-11", freq="M")
    rows = [shop(f"{m}-03", dong_code=SUWAN) for m in months for _ in range(40)]
    rows = [dict(row) | {"observed_until": dt.date(2025, 12, 10)} for row in rows]
    assert len(make_database(rows).run("data/sudden_changes")) == 0
    rows = [dict(row) | {"observed_until": dt.date(2025, 12, 31)} for row in rows]
    found = make_database(rows).run("data/sudden_changes")
    assert [(str(m)[:7], n) for m, n in zip(found["month"], found["permits"], strict=True)] == [
        ("2025-12", 0)
    ]


def test_sudden_months_of_the_demo_are_those_of_pandas() -> None:
    from commerce.snapshot import resolve

    database = Database(resolve(DEMO_DIR))
    permits = (
        database.cursor()
        .execute(
            "select dong_code::varchar as dong, opened_on, watched_until, is_closure, is_bulk,"
            " observed_until from permit"
        )
        .df()
    )
    last = (permits["observed_until"].max() + pd.Timedelta(days=1)).to_period("M") - 1
    months = pd.period_range(permits["opened_on"].min(), last, freq="M")
    dongs = database.run("dong/list")["dong_code"]
    expected = set()
    for kind, part, day in (
        ("opened", permits, "opened_on"),
        ("closed", permits[permits["is_closure"]], "watched_until"),
    ):
        counts = part.groupby(["dong", part[day].dt.to_period("M")]).size()
        for dong in dongs:
            series = counts.get(dong, pd.Series(dtype=int)).reindex(months, fill_value=0)
            before = series.shift(1).rolling(24)
            mean, deviation = before.mean(), before.std()
            floor = np.maximum(np.maximum(deviation, np.sqrt(mean)), 1)
            out = ((series - mean).abs() > 4 * floor) & ((series - mean).abs() > 5)
            expected |= {(dong, kind, str(month)) for month in months[out] if month > last - 36}
    found = database.run("data/sudden_changes")
    assert expected
    assert {(row.dong_code, row.kind, str(row.month)[:7]) for row in found.itertuples()} == expected


def test_sources_agree_or_do_not_know(make_database: Callable[..., Database]) -> None:
    sales = [
        sold("2026-01", 100_000_000, merchants=20, category_id="cafe"),
        sold("2026-01", 50_000_000, CHEOMDAN, merchants=5, category_id="chicken"),
    ]
    permits = [
        shop("2023-01-10", category_id="cafe"),
        shop("2023-01-10", category_id="korean_food"),
    ]
    listed: list[Row] = [
        {"shop_id": "1", "category_id": "chicken", "dong_code": SUWAN},
        {"shop_id": "2", "category_id": "cafe", "dong_code": CHEOMDAN},
    ]
    columns = ["permits", "merchants", "shops"]

    def counts(**tables: list[Row]) -> dict[tuple[str, str], list[float | None]]:
        rows = make_database(**tables).run("data/coverage")
        known = rows.set_index(["dong_code", "category_id"])[columns].astype(object)
        known = known.where(known.notna(), None)
        return {key: list(row) for key, row in zip(known.index, known.to_numpy(), strict=True)}

    # A trade of which a source holds nothing anywhere is unknown to it, in every dong.
    assert counts(establishment=permits, card_sales=sales, shop=listed) == {
        (SUWAN, "cafe"): [1, 20, 0],
        (SUWAN, "korean_food"): [1, None, None],
        (SUWAN, "chicken"): [None, None, 1],
        (CHEOMDAN, "cafe"): [0, None, 1],
        (CHEOMDAN, "chicken"): [None, 5, 0],
    }
    assert counts(card_sales=sales) == {
        (SUWAN, "cafe"): [None, 20, None],
        (CHEOMDAN, "chicken"): [None, 5, None],
    }
