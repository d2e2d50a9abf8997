"""What is found for what is typed, and in which order, in a district made for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.search import LONGEST, Finder, Hit, How, finder
from commerce.search.addresses import Typed, read, short, without_region
from tests.conftest import DONGS, shop, write_snapshot

REGION = "전남광주통합특별시 광산구"


def at(site: str, road: str, lot: str, name: str = "가게", **values: object) -> dict[str, object]:
    """Return a permit at a site."""
    addresses = {"address_road": f"{REGION} {road}", "address_lot": f"{REGION} {lot}"}
    point = {"lon": 126.82, "lat": 35.19}
    return dict(shop("2020-01-10", site_id=site, name=name) | addresses | point | values)


PERMITS = [
    at("a1-1", "송정로 40, 1층 (송정동)", "송정동 783-8", "빛고을국밥"),
    at("a1-2", "송정로 40 2층 (송정동)", "송정동 783-8", "빛고을 당구장"),
    at("a2", "송정로 400 (송정동)", "송정동 801", "산들다방"),
    at("a3", "송정로75번길 13 (송정동)", "송정동 787-2", "수완국밥"),
    at("a4", "수완로 12 (수완동)", "수완동 123-4", "<script>alert(1)</script>"),
    at("a5", "하남대로 7 (하남동)", "하남동 산 12", "빛고을국밥", exit_on="2022-01-01")
    | {"exit_kind": "closed", "status": "closed"},
]
LISTED = [
    {"shop_id": "S1", "name": "수완꽃집", "lon": 126.83, "lat": 35.2, "dong_code": "1233000100"},
    # the same as the permit at a3
    {"shop_id": "S2", "name": "수완국밥", "lon": 126.8201, "lat": 35.19, "dong_code": "1233000100"},
]
AREAS = [{"area_code": "A1", "name_ko": "수완 먹자골목", "name_en": "Suwan food alley"}]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Finder:
    from commerce.db import Database
    from commerce.snapshot import Snapshot

    folder = tmp_path_factory.mktemp("places")
    listed = [row | {"source_id": "test"} for row in LISTED]
    write_snapshot(folder, PERMITS, trade_area=AREAS, shop=listed, dong=DONGS)
    return finder(Database(Snapshot(folder, folder.name))).result()


def keys(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.key for hit in hits]


@pytest.mark.parametrize(
    ("typed", "first", "how"),
    [
        ("수완동", "dong:1233000100", How.EXACT),
        ("Suwan", "dong:1233000100", How.EXACT),
        ("수오", "dong:1233000100", How.BEGINNING),
        ("tndhks", "dong:1233000100", How.BEGINNING),
        ("ㅅㅇㄷ", "dong:1233000100", How.INITIALS),
        ("수ㅇㄷ", "dong:1233000100", How.INITIALS),
        ("수한동", "dong:1233000100", How.NEAR),
        ("먹자골목", "area:A1", How.INSIDE),
        ("송정로 40", "site:a1", How.EXACT),
        ("송정로40", "site:a1", How.EXACT),
        ("전남광주통합특별시 광산구 송정로 40, 2층 (송정동)", "site:a1-2", How.EXACT),
        ("광주 광산구 송정로 40", "site:a1", How.EXACT),
        ("송졍로 40", "site:a1", How.NEAR),
        ("ㅅㅈㄹ 40", "site:a1", How.INITIALS),
        ("송정로75번길 13", "site:a3", How.EXACT),
        ("송정로 75번길 13", "site:a3", How.EXACT),
        ("수완동 123-4", "site:a4", How.EXACT),
        ("수완동 123-4번지", "site:a4", How.EXACT),
        ("하남동 산 12", "site:a5", How.EXACT),
        ("산들다방", "site:a2", How.EXACT),
        ("산들 다빙", "site:a2", How.NEAR),
        ("치킨집", "trade:chicken", How.EXACT),
        ("치킨짐", "trade:chicken", How.NEAR),
        ("ㅊㅋㅈ", "trade:chicken", How.INITIALS),
        ("<script>alert(1)</script>", "site:a4", How.EXACT),
    ],
)
def test_the_first_hit(found: Finder, typed: str, first: str, how: How) -> None:
    hits = found.search(typed)
    assert hits[0].key == first
    assert hits[0].how == how


def test_dongs_and_areas_come_before_addresses_before_shops(found: Finder) -> None:
    kinds = [hit.kind for hit in found.search("수완")]
    assert kinds == sorted(kinds, key=["dong", "area", "trade", "address", "shop"].index)
    assert {"dong", "area", "address", "shop"} <= set(kinds)


def test_a_number_that_is_begun_offers_the_whole_ones_behind_the_very_one(found: Finder) -> None:
    assert keys(found.search("송정로 4")) == ["site:a1", "site:a2"]
    assert keys(found.search("송정로 40"))[:2] == ["site:a1", "site:a2"]
    assert "site:a3" in keys(found.search("송정동 78"))


def test_an_address_that_nobody_bears_offers_the_nearest_numbers(found: Finder) -> None:
    hits = found.search("송정로 39")
    assert hits[0].key == "site:a1"
    assert {hit.how for hit in hits} == {How.NEAR}


def test_shops_that_stand_come_first_and_one_shop_stands_once(found: Finder) -> None:
    standing, gone = found.search("빛고을국밥")[:2]
    assert (standing.key, standing.stands) == ("site:a1-1", True)
    assert (gone.key, gone.stands) == ("site:a5", False)
    assert keys(found.search("수완국밥")) == ["site:a3"]
    assert keys(found.search("수완꽃집")) == ["at:126.83000,35.20000"]


def test_without_trades_none_is_found(found: Finder) -> None:
    assert found.search("치킨집", 10, False) == ()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u202e\u202e",
        "\U0001f600",
        ".*[(+?",
        "'; drop table x; --",
        "가" * 5000,
        "%_\\",
        "-",
    ],
)
def test_odd_texts_find_nothing_and_break_nothing(found: Finder, typed: str) -> None:
    assert found.search(typed) == ()


@settings(max_examples=150, deadline=None)
@given(typed=st.text(max_size=LONGEST + 20) | st.from_regex(r"[가-힣ㄱ-ㅎa-z0-9 \-로동]{0,12}"))
def test_search_never_raises_and_is_bounded(found: Finder, typed: str) -> None:
    hits = found.search(typed)
    assert len(hits) <= 10
    assert len(set(keys(hits))) == len(hits)
    ranks = [hit.rank() for hit in hits]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("송정로 40", Typed("송정로", 40, None, False, None)),
        ("송정로75번길 13, 지하1층 (송정동)", Typed("송정로75번길", 13, None, False, "B1")),
        ("송정1동 12-3", Typed("송정1동", 12, 3, False, None)),
        ("하남동 산 12-", Typed("하남동", 12, None, True, None)),
        ("우산 12", Typed("우산", 12, None, False, None)),
        ("송정로", None),
        ("12", None),
    ],
)
def test_an_address_is_read(text: str, typed: Typed | None) -> None:
    assert read(text) == typed


def test_addresses_are_said_short() -> None:
    assert short(f"{REGION} 송정로 40, 2층 (송정동)") == "송정로 40 (송정동)"
    assert short(f"{REGION} 송정동 783-8") == "송정동 783-8"
    assert short("광주광역시 광산구") == "광산구"
    assert without_region("광산구송정로 40", ("광산구",)) == "송정로 40"
