"""Real card sales of Daejeon and real footfall of Seoul, read where they lie."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from commerce.ingest import ingest
from commerce.ingest.inventory import datasets, format_datasets

LONG = "daejeon_dong_upjong_month_derived.parquet"
WALK = "서울시 상권분석서비스(길단위인구-행정동).csv.gz"


def read(data: Path, name: str) -> pd.DataFrame:
    snapshot = data / (data / "CURRENT").read_text("utf-8").strip()
    found = pd.read_parquet(snapshot / f"{name}.parquet")
    if "period" in found:
        found["period"] = pd.to_datetime(found["period"])
    return found


@pytest.fixture(scope="module")
def daejeon(real, tmp_path_factory):
    data = tmp_path_factory.mktemp("daejeon")
    outline = real / "boundaries" / "hangjeongdong_대전광역시_ver20210401.geojson"
    return ingest([real / "card_sales", outline], data), data


@pytest.fixture(scope="module")
def seoul(real, tmp_path_factory):
    data = tmp_path_factory.mktemp("seoul")
    outline = real / "boundaries" / "hangjeongdong_서울특별시_ver20210401.geojson"
    return ingest([real / "seoul_trdar", outline], data), data


def test_daejeon_sales_are_those_of_the_dongs_alone(daejeon, real):
    report, data = daejeon
    source = next(s for s in report.sources if s.title.endswith(LONG))
    assert (source.rows_in, source.rows_kept) == (283_556, 273_182)
    # 도안동, 학하동, 상대동 came after the outlines of 2021: 3 x 247 trades x 14 months.
    assert source.refused == {"unknown_dong": 3 * 247 * 14}
    raw = pd.read_parquet(real / "card_sales" / LONG)
    raw = raw[~raw["dong"].isin(["도안동", "학하동", "상대동"])]
    sales = read(data, "card_sales")
    assert len(sales) == len(raw)
    own = raw[raw["dataStatus"] == "direct"]
    assert (~sales["suppressed"]).sum() == len(own) == sales["sales_krw"].notna().sum()
    assert sales["sales_krw"].sum() == (own["amtDong"] * own["upsoDong"] * 10_000).sum()
    cafe = own[(own["dong_code8"] == "30110515") & (own["scls"] == "카페")].sort_values("ym")
    found = sales[(sales["area_code"] == "3011051500") & (sales["trade_name"] == "카페")]
    expected = (cafe["amtDong"] * 10_000 * cafe["upsoDong"]).tolist()
    assert found.sort_values("period")["sales_krw"].tolist() == expected
    assert found.sort_values("period")["merchants"].tolist() == cafe["upsoDong"].tolist()
    assert set(sales["period"].dt.strftime("%Y%m")) == set(raw["ym"])


def test_daejeon_people_count_once_per_dong_and_month(daejeon, real):
    _, data = daejeon
    raw = pd.read_parquet(real / "card_sales" / LONG)
    footfall = read(data, "footfall")
    total = footfall[footfall["dimension"] == "total"]
    assert len(total) == 79 * 14
    assert set(footfall["unit"]) == {"persons_per_month"}
    here = total[(total["area_code"] == "3011051500") & (total["period"] == "2025-01-01")]
    expected = raw[(raw["dong_code8"] == "30110515") & (raw["ym"] == "202501")]["pop"].iloc[0]
    assert here["persons"].tolist() == [expected]


def test_the_csv_of_the_same_cells_replaces_nothing_newer(daejeon):
    report, data = daejeon
    sources = read(data, "dataset").set_index("title")
    sample = sources[sources.index.str.endswith("sample.csv")].iloc[0]
    assert (sample["rows_in"], sample["rows_kept"], sample["rows_superseded"]) == (2, 2, 2)
    assert [Path(name).name for name, _ in report.refused_files] == [
        "daejeon_sgg_upjong_month_aggregates.json.gz"
    ]


def test_seoul_walks_by_quarter(seoul, real):
    report, data = seoul
    source = next(s for s in report.sources if s.title.endswith(WALK))
    assert (source.rows_in, source.rows_kept, source.rows_refused) == (10_625, 10_625, 0)
    footfall = read(data, "footfall")
    dongs = footfall[footfall["area_kind"] == "dong"]
    assert set(dongs["unit"]) == {"persons_per_quarter"}
    total = dongs[dongs["dimension"] == "total"]
    assert total["dong_code"].nunique() == 425
    assert (total["period"].min(), total["period"].max()) == (
        pd.Timestamp("2019-01-01"),
        pd.Timestamp("2025-01-01"),
    )
    raw = pd.read_csv(real / "seoul_trdar" / WALK, encoding="cp949")
    assert total["persons"].sum() == raw["총_유동인구_수"].sum()
    band = dongs[(dongs["dimension"] == "hour_band") & (dongs["bucket"] == "17-21")]
    assert band["persons"].sum() == raw["시간대_17_21_유동인구_수"].sum()


def test_seoul_sales_keep_sales_of_unknown_sex(seoul, real):
    _, data = seoul
    raw = pd.read_csv(real / "seoul_trdar" / "sample_sales_2024.csv")
    sales = read(data, "card_sales")
    here = sales[(sales["area_code"] == "3110001") & (sales["period"] == "2024-01-01")]
    expected = raw[raw["상권_코드"] == 3110001]["당월_매출_금액"].sum()
    assert here["sales_krw"].sum() == expected
    assert set(here["dong_code"]) == {"1111056000"} or here["dong_code"].notna().all()
    counts = read(data, "card_sales_profile")
    morning = counts[(counts["dimension"] == "hour_band") & (counts["bucket"] == "00-06")]
    assert morning["transactions"].notna().any()


def test_seoul_files_that_nobody_knows_are_listed(seoul):
    report, data = seoul
    assert [Path(name).name for name, _ in report.refused_files] == [
        "서울시_추정매출_직장_유동_상권배후지_20231_merged.csv.gz"
    ]
    text = format_datasets(datasets(data))
    assert "persons_per_quarter" in text
    assert "보육시설" in text or "CS200007" in text
    for _, source in read(data, "dataset").iterrows():
        assert source["rows_in"] == source["rows_kept"] + source["rows_refused"]
