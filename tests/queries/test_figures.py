"""Figures of a small district, counted by hand.

S is 2025-12-31 for all but the shop of another authority. Twelve shops:

====  ==========  ==========  =========  ==========  ====================================
shop  opened      left        how        dong        trade
====  ==========  ==========  =========  ==========  ====================================
a     2023-01-10                         suwan       korean_food
b     2023-06-01  2024-03-15  closed     suwan       korean_food
c     2023-06-20  2025-02-10  cancelled  suwan       chicken
d     2024-02-01  2024-02-01  closed     suwan       chicken (the day it opened)
e     2024-05-05  2025-07-07  moved_out  cheomdan    cafe
f     2024-05-06  2025-08-08  vanished   cheomdan    cafe
g     2024-11-11              suspended  cheomdan    cafe
h     2022-03-01  2025-02-20  closed     cheomdan    cafe, on a bulk day
i     2025-09-01                         no dong     cafe
j     2024-01-01                         suwan       chicken, S = 2024-12-31
k     2023-01-01  unknown     closed     suwan       korean_food: not used
l     2026-03-01                         suwan       korean_food: opened after S, not used
====  ==========  ==========  =========  ==========  ====================================
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from commerce.db import Database
from commerce.snapshot import Snapshot
from tests.conftest import Row, shop, write_snapshot

CHEOMDAN = "1233000200"
SHOPS: list[Row] = [
    shop("2023-01-10"),
    shop("2023-06-01", "2024-03-15"),
    shop("2023-06-20", "2025-02-10", "cancelled", category_id="chicken"),
    shop("2024-02-01", "2024-02-01", category_id="chicken"),
    shop("2024-05-05", "2025-07-07", "moved_out", dong_code=CHEOMDAN, category_id="cafe"),
    shop("2024-05-06", "2025-08-08", "vanished", dong_code=CHEOMDAN, category_id="cafe"),
    shop("2024-11-11", status="suspended", dong_code=CHEOMDAN, category_id="cafe"),
    shop(
        "2022-03-01",
        "2025-02-20",
        exit_date_quality="bulk",
        dong_code=CHEOMDAN,
        category_id="cafe",
        service_code="rest_cafes",
        service_name="휴게음식점",
    ),
    shop("2025-09-01", dong_code=None, category_id="cafe"),
    shop("2024-01-01", category_id="chicken", observed_until="2024-12-31", authority_code="1"),
    shop("2023-01-01", exit_kind="closed", status="closed", exit_date_quality="unknown"),
    shop("2026-03-01"),
]


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("district")
    write_snapshot(folder, SHOPS)
    return Database(Snapshot(folder, folder.name))


def by(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    return rows.set_index(key)


def test_monthly(district: Database) -> None:
    rows = district.run("openings/monthly")
    rows = rows.set_index(rows["month"].dt.strftime("%Y-%m"))
    assert rows.index[0] == "2022-03"
    assert rows.index[-1] == "2025-12"
    assert len(rows) == 46
    assert rows["opened"].sum() == 10
    found = rows.loc[["2024-02", "2024-03", "2025-02", "2025-07", "2025-08"]]
    assert found["opened"].tolist() == [1, 0, 0, 0, 0]
    assert found["closed"].tolist() == [1, 1, 2, 0, 0]
    assert found["closed_bulk"].tolist() == [0, 0, 1, 0, 0]
    assert found["left_otherwise"].tolist() == [0, 0, 0, 1, 1]
    assert found["net"].tolist() == [0, -1, -2, 0, 0]
    # end of 2024-01: h a b c j; 2024-02: the same, d came and went; 2024-03: without b;
    # 2024-12: h a c j e f g; 2025-01: j's S is over; 2025-12: a g i
    stock = rows.loc[["2024-01", "2024-02", "2024-03", "2024-12", "2025-01", "2025-12"], "active"]
    assert stock.tolist() == [5, 5, 4, 7, 6, 3]
    assert rows.index[rows["provisional"]].tolist() == ["2025-10", "2025-11", "2025-12"]


def test_monthly_of_a_period_keeps_the_stock(district: Database) -> None:
    rows = district.run("openings/monthly", from_month="2025-02", to_month="2025-08")
    assert len(rows) == 7
    assert rows["active"].tolist() == [4, 4, 4, 4, 4, 3, 2]


def test_monthly_without_bulk(district: Database) -> None:
    rows = district.run("openings/monthly", include_bulk=False, from_month="2025-02")
    # the shop is gone all the same: only the closure is not counted
    assert rows.loc[0, ["closed", "closed_bulk", "active"]].tolist() == [1, 0, 4]


def test_by_dong_over_2024(district: Database) -> None:
    rows = by(
        district.run("openings/by_dong", from_month="2024-01", to_month="2024-12"), "dong_code"
    )
    suwan, cheomdan, songjeong = (rows.loc[f"1233000{n}00"] for n in (1, 2, 3))
    # suwan: d and j opened; b and d closed; a b c stood on 2023-12-31; a c j at the end
    assert suwan[["opened", "closed", "net"]].tolist() == [2, 2, 0]
    assert suwan[["active_start", "active_end"]].tolist() == [3, 3]
    # days: a 366, b 2024-01-01 to 03-15 = 74, c 366, d 0, j 2024-01-01 to its S = 365
    assert suwan["shop_years"] == pytest.approx((366 + 74 + 366 + 365) / 365.25)
    # cheomdan: e f g opened; h stood before; e 241, f 240, g 51, h 366 days
    assert cheomdan[["opened", "closed", "active_start", "active_end"]].tolist() == [3, 0, 1, 4]
    assert cheomdan["shop_years"] == pytest.approx((241 + 240 + 51 + 366) / 365.25)
    years = suwan["shop_years"]
    assert suwan["closure_rate"] == pytest.approx(2 / years * 100)
    # exact Poisson limits of 2: χ²(.025; 4)/2 = 0.2422, χ²(.975; 6)/2 = 7.2247
    assert suwan["ci_low"] == pytest.approx(0.242209 / years * 100, rel=1e-5)
    assert suwan["ci_high"] == pytest.approx(7.224688 / years * 100, rel=1e-5)
    assert cheomdan["ci_low"] == 0
    # at any time in 2024: a b c d j
    assert suwan["death_rate"] == pytest.approx(2 / 5 * 100)
    assert suwan["turnover"] == pytest.approx(4 / 3)
    # nothing is known of a rate where no shop was at risk
    assert songjeong[["opened", "closed", "active_start"]].tolist() == [0, 0, 0]
    assert np.isnan(songjeong["closure_rate"])


def test_accounts_of_a_period_close(district: Database) -> None:
    rows = district.run("openings/by_dong", from_month="2023-01", to_month="2024-12")
    months = district.run("openings/monthly", from_month="2023-01", to_month="2024-12")
    assert rows["opened"].sum() == months["opened"].sum()
    assert rows["closed"].sum() == months["closed"].sum()
    total = district.run("openings/total", from_month="2023-01", to_month="2024-12").iloc[0]
    assert rows["shop_years"].sum() == pytest.approx(total["shop_years"])
    assert total["active_end"] == months["active"].iloc[-1]
    left = months["left_otherwise"].sum()
    assert total["active_start"] + total["opened"] - total["closed"] - left == total["active_end"]


def test_by_category_and_group(district: Database) -> None:
    rows = by(district.run("openings/by_category", from_month="2025-01"), "category_id")
    assert "flower_shop" not in rows.index
    # 2025: c closes, b was gone; e moves, f vanishes, h is closed by clean-up
    assert rows["closed"].to_dict() == {"korean_food": 0, "chicken": 1, "cafe": 1}
    groups = by(
        district.run("openings/by_category", level="group", from_month="2025-01"), "category_id"
    )
    assert groups["closed"].to_dict() == {"restaurant": 1, "cafe_bakery": 1}
    assert groups["opened"].to_dict() == {"restaurant": 0, "cafe_bakery": 1}


def test_a_trade_without_permits_has_no_figures(district: Database) -> None:
    rows = district.run("openings/by_category", category_ids=["flower_shop", "cafe"])
    flowers = by(rows, "category_id").loc["flower_shop"]
    assert not flowers["has_permits"]
    assert pd.isna(flowers["opened"])
    assert pd.isna(flowers["closure_rate"])
    listed = by(district.run("category/list"), "category_id")
    assert pd.isna(listed.loc["flower_shop", "permits"])
    assert not listed.loc["unlicensed", "has_permits"]
    assert listed.loc["cafe", "permits"] == 5
    assert listed.loc["cafe_bakery", "active"] == 2


def test_a_group_means_all_its_trades(district: Database) -> None:
    whole = district.run("openings/total", category_ids=["restaurant"]).iloc[0]
    parts = district.run("openings/total", category_ids=["korean_food", "chicken"]).iloc[0]
    assert whole.to_dict() == parts.to_dict()
    assert whole["opened"] == 5


def test_cohort(district: Database) -> None:
    rows = district.run("survival/cohort").set_index(["opened_year", "years"])
    # opened 2023: a, b, c. One year on: a c stand, b left after 9 months; two years: a
    assert rows.loc[(2023, 1), ["born", "survived"]].tolist() == [3, 2]
    assert rows.loc[(2023, 1), "rate"] == pytest.approx(200 / 3)
    assert rows.loc[(2023, 2), "survived"] == 1
    assert rows.loc[(2023, 2), "complete"]
    # the third anniversary of a is 2026-01-10, after S
    assert not rows.loc[(2023, 3), "complete"]
    assert pd.isna(rows.loc[(2023, 3), "rate"])
    # opened 2022: h, closed nine days before its third anniversary
    assert rows.loc[(2022, 2), "survived"] == 1
    assert rows.loc[(2022, 3), "survived"] == 0
    # j's S is 2024-12-31, so no year of 2024's cohort is over for all
    assert not rows.loc[(2024, 1), "complete"]
    cafes = district.run("survival/cohort", category_ids=["cafe"]).set_index(
        ["opened_year", "years"]
    )
    # opened 2024: e moved in its second year, f vanished in it, g stands
    assert cafes.loc[(2024, 1), ["born", "survived", "left_otherwise"]].tolist() == [3, 3, 0]


@pytest.mark.parametrize(
    ("opened", "left", "years"),
    [
        ("2020-02-29", "2021-02-28", 0),  # gone on its anniversary: not active on it
        ("2020-02-29", "2021-03-01", 1),
        ("2020-05-05", "2023-05-05", 2),
        ("2020-05-05", "2023-05-06", 3),
        ("2020-05-05", "2020-05-05", 0),
        ("2020-12-31", None, 5),  # S is the anniversary, and it stands
        ("2021-01-01", None, 4),
    ],
)
def test_anniversaries(
    make_database: Callable[..., Database], opened: str, left: str | None, years: int
) -> None:
    database = make_database([shop(opened, left)])
    assert database.cursor().execute("select years_active from permit").fetchall() == [(years,)]


def test_hazard(district: Database) -> None:
    rows = by(district.run("survival/hazard", band_months=12), "age_from")
    # first year: d on day 0, b on day 288; second: c on day 601; third: h on day 1087
    assert rows.loc[[0, 12, 24], "events"].tolist() == [2, 1, 1]
    # days in the first year: b 288, d 0, i 121, nine others but those reach 365.25 or less:
    # a c e f g h 365.25 each (g 415), j 365
    days = 288 + 0 + 121 + 6 * 365.25 + 365
    months = days / (365.25 / 12)
    assert rows.loc[0, "shop_months"] == pytest.approx(months)
    assert rows.loc[0, "hazard"] == pytest.approx(2 / months)
    assert rows.loc[0, "ci_high"] == pytest.approx(chi2.ppf(0.975, 6) / 2 / months)
    assert rows.loc[0, "at_risk"] == 10


def test_headline(district: Database) -> None:
    row = district.run("overview/headline").iloc[0]
    # S 2025-12-31: October to December are provisional, so the year is 2024-10 to 2025-09
    assert str(row["period_from"])[:7] == "2024-10"
    assert str(row["period_to"])[:7] == "2025-09"
    assert str(row["provisional_from"])[:7] == "2025-10"
    assert [str(row[c])[:10] for c in ("observed_from", "observed_until")] == [
        "2024-12-31",
        "2025-12-31",
    ]
    # standing at S: a g i, and j at its own; on 2024-12-31: a c e f g h j
    assert row[["active", "active_before"]].tolist() == [4, 7]
    # opened g i; closed c h; e moved, f vanished
    names = ["opened", "closed", "closed_bulk", "left_otherwise", "net"]
    assert row[names].tolist() == [2, 2, 1, 2, 0]
    # the year before, 2023-10 to 2024-09: d e f j opened; b d closed
    assert row[["opened_before", "closed_before"]].tolist() == [4, 2]
    # days 2024-10-01 to 2025-10-01: a 365, c 132, e 279, f 311, g 324, h 142, i 30, j 91
    assert row["shop_years"] == pytest.approx(
        (365 + 132 + 279 + 311 + 324 + 142 + 30 + 91) / 365.25
    )
    assert row["closure_rate"] == pytest.approx(2 / row["shop_years"] * 100)
    # Kaplan–Meier: d 9/10; b at 288 of 8 left (i ended on 121): 7/8; c at 601 of 2 (a h):
    # ends by then: j 365, g 415, e 428, f 459; at risk at 601: a c h: 2/3; h at 1087 of 1 (a
    # ended at 1086): 0
    assert row["survival_n"] == 10
    assert row["survival_3y"] == 0
    # opened 2022-10 to 2025-09: all but h; closed of those: b c d
    assert row[["opened_36m", "closed_of_opened_36m"]].tolist() == [9, 3]


def test_headline_of_another_month(district: Database) -> None:
    row = district.run("overview/headline", to_month="2024-12").iloc[0]
    total = district.run("openings/total", from_month="2024-01", to_month="2024-12").iloc[0]
    assert row["active"] == 7
    for name in ("opened", "closed", "net", "shop_years", "closure_rate"):
        assert row[name] == pytest.approx(total[name])


def test_sparklines_end_with_the_headline(district: Database) -> None:
    rows = district.run("overview/sparklines")
    head = district.run("overview/headline").iloc[0]
    last = rows.groupby("figure").last()
    assert str(last.loc["closure_rate", "month"])[:7] == "2025-09"
    assert last.loc["closure_rate", "value"] == pytest.approx(head["closure_rate"])
    assert last.loc["net", "value"] == head["net"]
    months = by(district.run("openings/monthly"), "month")["active"]
    active = by(rows[rows["figure"] == "active"], "month")["value"]
    assert active.tolist() == months.loc[active.index].tolist()
    yearly = by(rows[rows["figure"] == "closure_rate"], "month")["value"]
    assert yearly.iloc[-2] == pytest.approx(head["closure_rate_before"])


def test_map_holds_the_figures_of_the_other_queries(district: Database) -> None:
    rows = by(district.run("overview/map"), "dong_code")
    rates = by(
        district.run("openings/by_dong", from_month="2024-10", to_month="2025-09"), "dong_code"
    )
    for name in ("opened", "closed", "shop_years", "closure_rate", "ci_high", "shrunken_rate"):
        pd.testing.assert_series_equal(rows[name], rates[name])
    stones = district.run("survival/milestones", group_by="dong")
    third = by(stones[stones["years"] == 3], "group_key")
    for dong in third.index:
        assert rows.loc[dong, "survival_3y"] == pytest.approx(
            third.loc[dong, "survival"], nan_ok=True
        )
        assert rows.loc[dong, "at_risk"] == third.loc[dong, "at_risk"]
    # suwan: a stands, j stood at its S; 2 km²
    assert rows.loc["1233000100", ["active", "density"]].tolist() == [2, 1]


def test_movers(district: Database) -> None:
    rows = district.run("overview/movers", min_active=2).set_index(["kind", "key"])
    # 2024-10 to 2025-09: cafe had e f h, gained g i, lost h; chicken had c j, lost c
    cafe = rows.loc[("category", "cafe")]
    assert cafe[["active_start", "opened", "closed", "net"]].tolist() == [3, 2, 1, 1]
    assert not cafe["small_base"]
    assert rows.loc[("category", "chicken"), "net"] == -1
    assert rows.loc[("category", "korean_food"), "small_base"]
    assert rows.loc[("dong", CHEOMDAN), ["active_start", "net"]].tolist() == [3, 0]


def test_bulk_days(district: Database) -> None:
    rows = district.run("openings/bulk_days")
    assert len(rows) == 1
    assert str(rows.loc[0, "closed_on"])[:10] == "2025-02-20"
    assert rows.loc[0, ["service_code", "service_name", "closures"]].tolist() == [
        "rest_cafes",
        "휴게음식점",
        1,
    ]


def test_quality(district: Database) -> None:
    rows = by(district.run("data/quality"), "check_name")["permits"]
    assert rows["used_in_figures"] == 10
    assert rows["exit_date_unknown"] == 1
    assert rows["opened_after_s"] == 1
    assert rows["no_dong"] == 1
    assert rows["exit_date_bulk"] == 1
    assert rows[["moved_out", "vanished", "suspended", "left_same_day"]].tolist() == [1, 1, 1, 1]


def test_cells(make_database: Callable[..., Database]) -> None:
    database = make_database(
        [
            shop("2020-01-01", "2021-01-01", h3_9="n1", h3_10="t1"),
            shop("2020-01-01", h3_9="n1", h3_10="t2"),
            shop("2020-01-01"),
        ]
    )
    nine = by(database.run("openings/by_cell"), "h3_cell")
    assert nine[["opened", "closed", "active_end"]].to_dict("index") == {
        "n1": {"opened": 2, "closed": 1, "active_end": 1}
    }
    ten = by(database.run("openings/by_cell", resolution=10), "h3_cell")
    assert ten["closed"].to_dict() == {"t1": 1, "t2": 0}


def test_exits_after_s_and_before_opening(make_database: Callable[..., Database]) -> None:
    database = make_database(
        [
            shop("2025-01-01", "2026-02-01"),  # left after S: still stands at S
            shop("2025-01-01", "2024-12-01"),  # left before it opened: not used
            shop("2025-01-01", "2025-12-31"),  # left on S: known
        ]
    )
    total = database.run("openings/total").iloc[0]
    assert total[["opened", "closed", "active_end"]].tolist() == [2, 1, 1]
    assert total["shop_years"] == pytest.approx(2 * 364 / 365.25)
    quality = by(database.run("data/quality"), "check_name")["permits"]
    assert quality[["left_after_s", "closed_before_opened"]].tolist() == [1, 1]


def test_trades_by_everyday_words(district: Database) -> None:
    def find(text: str | None) -> list[str]:
        return district.run("category/search", text=text)["category_id"].tolist()

    assert find("치킨집") == ["chicken"]
    assert find(" 통 닭 ") == ["chicken"]
    assert find("COFFEE") == []
    assert find("커피") == ["cafe"]
    assert find("카페")[0] == "cafe"
    assert find("맛있는 국밥집") == ["korean_food"]
    assert find("") == []
    assert find(None) == []
    assert find("%_") == []
    flowers = district.run("category/search", text="꽃집").iloc[0]
    assert flowers["category_id"] == "flower_shop"
    assert not flowers["has_permits"]


def test_permits_page_by_page(district: Database) -> None:
    first = district.run("permits/list", max_rows=5)
    rest = district.run("permits/list", max_rows=50, skip_rows=5)
    assert len(first) == 5
    assert set(first["total_rows"]) == {12}
    assert not set(first["permit_id"]) & set(rest["permit_id"])
    assert len(first) + len(rest) == 12
    opened = pd.concat([first, rest])["opened_on"]
    assert opened.is_monotonic_decreasing
    left = district.run("permits/list", order_by="left", category_ids=["cafe_bakery"])
    assert [str(day)[:10] for day in left["exit_on"]] == ["2025-08-08", "2025-07-07", "2025-02-20"]
    assert left["days_open"].tolist() == [459, 428, 1087]
    assert district.run("permits/list", name_has="<script>").empty


def test_refused_reasons(make_database: Callable[..., Database]) -> None:
    refused = [{"source_id": "test", "line": n, "reason": "bad_date", "raw": "x"} for n in (1, 2)]
    database = make_database([], refused=refused, dataset=[{"rows_in": 8, "rows_refused": 2}])
    row = database.run("data/refused_reasons").iloc[0]
    assert row[["reason", "refused_rows", "share"]].tolist() == ["bad_date", 2, 25]


def test_nothing_there_is_counted_as_none(make_database: Callable[..., Database]) -> None:
    database = make_database([])
    total = database.run("openings/total").iloc[0]
    assert total[["opened", "closed", "net", "active_start", "active_end"]].tolist() == [0] * 5
    assert np.isnan(total["closure_rate"])
    head = database.run("overview/headline").iloc[0]
    names = ["active", "active_before", "opened", "closed", "closed_bulk", "net", "survival_n"]
    assert head[names].tolist() == [0] * 7
    assert np.isnan(head["survival_3y"])
    assert database.run("openings/monthly").empty
