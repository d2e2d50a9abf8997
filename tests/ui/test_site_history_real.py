"""The real animal hospitals of Gwangju: what stood on each spot, held against the raw file.

Buildings, floors, days of leaving and gaps are read here from the file itself, by rules of our
own; the page is opened for every building and floor with more than one permit.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from commerce.db import Database
from commerce.ingest import ingest
from commerce.snapshot import resolve
from tests.ui.test_pages import ROOT, run

NEWEST = "동물_동물병원_202602수집_광주행만.csv"
LOT = re.compile(r"(\S+구)\s+(\S+?[동가리])\s*(산?)\s*(\d+)(?:-(\d+))?")
ROAD = re.compile(r"(\S+구)\s+(\S+?(?:로|길)(?:\s*\d+번?길)?)\s*(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class Permit:
    """One row of the raw file: who stood where, from when to when (None while it stands)."""

    number: str
    name: str
    opened: pd.Timestamp
    left: pd.Timestamp | None
    floor: str


@pytest.fixture(scope="module")
def real() -> Path:
    folder = Path(os.environ.get("COMMERCE_REAL") or ROOT.parent / "shared" / "real")
    if not (folder / "localdata" / NEWEST).is_file():
        pytest.skip("the real files are not here; COMMERCE_REAL names their folder")
    return folder


@pytest.fixture(scope="module")
def served(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("gwangju")
    outline = real / "boundaries" / "hangjeongdong_광주광역시_ver20210401.geojson"
    ingest([real / "localdata" / NEWEST, outline], data)
    return data


@pytest.fixture(scope="module")
def raw(real: Path) -> pd.DataFrame:
    return pd.read_csv(
        real / "localdata" / NEWEST, dtype=str, keep_default_na=False, encoding="cp949"
    )


@pytest.fixture(scope="module")
def known_until(raw: pd.DataFrame) -> pd.Timestamp:
    return pd.to_datetime(raw["데이터갱신시점"]).max().normalize()


@pytest.fixture(scope="module")
def buildings(raw: pd.DataFrame) -> list[list[Permit]]:
    """Return the permits of each building with more than one: a lot and a road address in one
    row are one building."""
    leader: dict[tuple[str, ...], tuple[str, ...]] = {}

    def lead(key: tuple[str, ...]) -> tuple[str, ...]:
        leader.setdefault(key, key)
        while leader[key] != key:
            key = leader[key]
        return key

    written: list[list[tuple[str, ...]]] = []
    for row in raw.to_dict("records"):
        found = [LOT.search(row["지번주소"]), ROAD.search(row["도로명주소"])]
        keys = [tuple((part or "").replace(" ", "") for part in m.groups()) for m in found if m]
        for key in keys:
            leader[lead(key)] = lead(keys[0])
        written.append(keys)
    together: dict[tuple[str, ...], list[Permit]] = {}
    for keys, row in zip(written, raw.to_dict("records"), strict=True):
        if keys:
            together.setdefault(lead(keys[0]), []).append(permit(row))
    return [permits for permits in together.values() if len(permits) > 1]


def permit(row: dict[Any, Any]) -> Permit:
    """Read one row: a shop that left without a date left when its row was changed last."""
    is_gone = row["영업상태코드"] in ("03", "04")
    day = row["폐업일자"] or row["인허가취소일자"] or row["최종수정시점"][:10]
    where = f"{row['도로명주소']} {row['지번주소']}"
    storey = re.search(r"(\d+)층", where)
    room = re.search(r"(\d{1,2})\d\d호", where)
    return Permit(
        row["관리번호"],
        " ".join(row["사업장명"].split()),
        pd.Timestamp(row["인허가일자"]),
        pd.Timestamp(day) if is_gone else None,
        storey[1] if storey else room[1] if room else "",
    )


def chart(app: AppTest) -> pd.DataFrame:
    """Return the rows of the timeline: the first chart of the page."""
    first = app.get("vega_lite_chart")[0].proto
    rows = pa.ipc.open_stream(first.data.data).read_pandas()
    assert "gap_start" in rows.columns
    return rows


def page(app: AppTest, at: str) -> AppTest:
    app.query_params["at"] = at
    app.run()
    assert not app.exception
    assert not app.warning
    return app


def test_every_site_with_more_than_one_permit_shows_its_true_history(
    served: Path,
    buildings: list[list[Permit]],
    known_until: pd.Timestamp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(served))
    monkeypatch.chdir(ROOT)
    database = Database(resolve(str(served)))
    rows = database.cursor().execute("select permit_id, site_id from establishment").fetchall()
    site_of = dict(rows)
    assert len(buildings) == 34
    app = run("site", data=str(served))
    for permits in buildings:
        ids = {site_of[p.number].partition("-")[0] for p in permits}
        assert len(ids) == 1, permits
        shown = chart(page(app, f"site:{ids.pop()}"))
        # Headings and the row that says that the spot is empty now have no state.
        part = shown["state"].isna().cumsum()[shown["state"].notna()]
        shown = shown[shown["state"].notna()]
        told = sorted(zip(shown["name"], shown["start"], shown["end"], strict=True))
        assert told == sorted(
            (p.name, f"{p.opened:%Y-%m-%d}", f"{p.left or known_until:%Y-%m-%d}") for p in permits
        )
        assert shown.groupby(part)["start"].apply(lambda days: days.is_monotonic_increasing).all()
        gone = sum(p.left is not None for p in permits)
        assert app.subheader[0].value == (
            f"이 건물에서 {len(permits)}건이 문을 열어 {gone}건이 나가고"
            f" {len(permits) - gone}건이 남았습니다"
        )
    units = [unit for permits in buildings for unit in floors(permits)]
    assert len(units) == 27
    for unit in units:
        ids = {site_of[p.number] for p in unit}
        assert len(ids) == 1, unit
        site = ids.pop()
        found = database.run("site/history", site_id=site).set_index("permit_id")
        if "-" in site:  # else the whole building is shown, as above
            shown = chart(page(app, f"site:{site}"))
            until = dict(told_gaps(shown))
        taken: pd.Timestamp | None = None
        for p in unit:
            row = found.loc[p.number]
            assert row["days_open"] == ((p.left or known_until) - p.opened).days
            if taken is not None:
                gap = (p.opened - taken).days
                assert row["gap_days"] == gap
                if "-" in site and gap > 0:
                    assert until[p.name, f"{p.opened:%Y-%m-%d}"] == f"{taken:%Y-%m-%d}"
            else:
                assert pd.isna(row["gap_days"])
            taken = max(taken or p.opened, p.left or known_until)


def floors(permits: list[Permit]) -> list[list[Permit]]:
    """Return the permits of each floor with more than one, in order of opening."""
    ordered = sorted(permits, key=lambda p: (p.opened, p.number))
    units = [[p for p in ordered if p.floor == floor] for floor in {p.floor for p in ordered}]
    return [unit for unit in units if len(unit) > 1]


def told_gaps(shown: pd.DataFrame) -> list[tuple[tuple[str, str], str]]:
    """Return from which day on the unit stood empty before each permit, where that is drawn."""
    rows = shown[shown["gap_start"].notna()]
    return [((row["name"], row["start"]), row["gap_start"]) for row in rows.to_dict("records")]
