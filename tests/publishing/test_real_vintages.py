"""The two real vintages of animal hospitals: 2023 published, 2026-02 proposed, published, undone.

What is expected is counted anew from the raw files with pandas, and by shared/real/SOURCES.md.
"""

from __future__ import annotations

import pandas as pd
import pytest

from commerce.publishing import events, propose, publish, rollback
from tests.ingest.permits import table

OLD = "fulldata_02_03_01_P_동물병원.csv.gz"
NEW = "동물_동물병원_202602수집.csv.gz"


def raw(real, name: str) -> pd.DataFrame:
    """Return a file by permit number, its columns called as the newer file calls them."""
    frame = pd.read_csv(
        real / "localdata" / name, encoding="cp949", dtype=str, keep_default_na=False
    ).rename(
        columns={
            "도로명전체주소": "도로명주소",
            "소재지전체주소": "지번주소",
            "영업상태구분코드": "영업상태코드",
        }
    )
    return frame.apply(lambda column: column.str.strip()).set_index("관리번호")


@pytest.fixture(scope="module")
def story(real, tmp_path_factory):
    data = tmp_path_factory.mktemp("vintages") / "data"
    first = propose([real / "localdata" / OLD], data, who="가람", district="all")
    publish(data, first.id, who="가람", why="2023년판")
    served = (data / "CURRENT").read_text()
    second = propose([real / "localdata" / NEW], data, who="나리", district="all")
    assert (data / "CURRENT").read_text() == served
    return data, first, second


@pytest.fixture(scope="module")
def both(real):
    old, new = raw(real, OLD), raw(real, NEW)
    assert (len(old), len(new)) == (9736, 10455)
    return old, new, old.join(new, how="inner", suffixes=("_old", "_new"))


def test_names_days_and_road_addresses_that_changed(story, both):
    """192 names, 12 days and 455 addresses, as SOURCES.md counts them on the same 9,195 numbers."""
    _, _, second = story
    _, _, pairs = both
    assert len(pairs) == 9195
    changes = second.changes
    assert changes.fields["name"] == (pairs["사업장명_old"] != pairs["사업장명_new"]).sum() == 192
    opened = pd.to_datetime(pairs["인허가일자_old"]) != pd.to_datetime(pairs["인허가일자_new"])
    assert changes.fields["opened_on"] == opened.sum() == 12

    def plain(column: str) -> pd.Series:
        return pairs[column].str.replace(r"번지|\s", "", regex=True)

    def differ(kind: str) -> pd.Series:
        return plain(f"{kind}_old") != plain(f"{kind}_new")

    def known(kind: str) -> pd.Series:
        return (pairs[f"{kind}_old"] != "") & (pairs[f"{kind}_new"] != "")

    road = known("도로명주소") & differ("도로명주소")
    assert road.sum() == 455
    lot = ~known("도로명주소") & known("지번주소") & differ("지번주소")
    neither = ~known("도로명주소") & ~known("지번주소")
    other = neither & (differ("도로명주소") | differ("지번주소"))
    assert changes.fields["address"] == (road | lot | other).sum()
    status = pairs["영업상태코드_old"] != pairs["영업상태코드_new"]
    # 343 in the file, and those that stood and are missing from the newer one.
    assert status.sum() == 343
    assert changes.fields["status"] == 343 + changes.vanished


def test_numbers_issued_anew_are_the_same_shops(story, both):
    """406 of Gangwon and Jeonbuk: 394 for certain, twelve cannot be told apart or changed all."""
    _, _, second = story
    old, new, _ = both
    gone, come = old.index.difference(new.index), new.index.difference(old.index)
    assert len(gone) == 541
    tails = {(number[7:], new.at[number, "개방자치단체코드"][:3]): number for number in come}
    moved = {
        number: tails.get((number[7:], old.at[number, "개방자치단체코드"][:3])) for number in gone
    }
    provinces = [
        number
        for number, again in moved.items()
        if again and old.at[number, "개방자치단체코드"] != new.at[again, "개방자치단체코드"]
    ]
    assert len(provinces) == 406
    changes = second.changes
    now = set(pd.read_parquet(second.folder / "establishment.parquet")["permit_id"])
    recognised = [number for number in provinces if number not in now]
    assert len(recognised) == 394
    assert changes.reidentified_fields["authority_code"] == 394
    # 394, and 118 of the 122 of Hwaseong, whose districts came in between.
    assert changes.reidentified == sum(number not in now for number in gone) == 512
    assert changes.removed == 0
    assert changes.new == len(come) - changes.reidentified == 748
    assert changes.same + changes.changed == len(old) - changes.reidentified
    left = old.loc[[number for number in gone if number in now]]
    missing, elsewhere = _standing(left, old[old.index.isin(now)], new)
    assert changes.vanished == missing == 14
    assert elsewhere == 11


def _standing(left: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame) -> tuple[int, int]:
    """Count numbers that stood and are gone: where the newer file is full, and where it is not.

    It is full for an authority of which it holds 90 % of the numbers known; of any other it
    does not say that something is missing. Numbers issued anew are known once.
    """
    authority = "개방자치단체코드"
    known = pd.concat([old, new[~new.index.isin(old.index)]])[authority].value_counts()
    held = new[authority].value_counts().reindex(known.index, fill_value=0)
    full = held.index[held >= 0.9 * known]
    standing = left[left["영업상태코드"].isin(["01", "02"])][authority].isin(full)
    return int(standing.sum()), int((~standing).sum())


def test_no_check_stops_two_honest_files(story):
    _, first, second = story
    assert first.blocking == first.warnings == []
    assert second.blocking == second.warnings == []
    assert not [moved for moved in second.changes.unusual if moved.group is None]


def test_figures_before_and_after(story, both):
    """Standing shops by the status code of each file; of eleven the newer file says nothing."""
    _, _, second = story
    old, new, _ = both
    (active,) = [m for m in second.changes.moved if (m.figure, m.group) == ("active", None)]
    assert active.before == old["영업상태코드"].isin(["01", "02"]).sum() == 5105
    assert active.after == new["영업상태코드"].isin(["01", "02"]).sum() + 11 == 5429
    assert not active.unusual


def test_published_and_undone(story):
    data, _, second = story
    before = (data / "CURRENT").read_text()
    assert len(table(data)) == 9736
    publish(data, second.id, who="나리", why="2026년 2월판")
    assert len(table(data)) == 9736 + 748
    rollback(data, who="나리", why="시험")
    assert (data / "CURRENT").read_text() == before
    assert len(table(data)) == 9736
    assert [event.why for event in events(data)] == ["시험", "2026년 2월판", "2023년판"]
