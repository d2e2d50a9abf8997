"""Places by their keys: what each means, and what is said of one that means nothing."""

from collections.abc import Callable

import h3
import pytest

from commerce.db import Database
from commerce.errors import Refused
from commerce.i18n import set_language
from commerce.place import cell_key, dong_at, instead_of, look_up, nearest_dongs, point_key, read
from tests.conftest import DONGS, shop


def square(west: float) -> str:
    """Return a square of 0.1 degrees from ``west``, 35.1."""
    ring = (
        f"[{west},35.1],[{west + 0.1:.1f},35.1],[{west + 0.1:.1f},35.2],[{west},35.2],[{west},35.1]"
    )
    return f'{{"type":"Polygon","coordinates":[[{ring}]]}}'


DISTRICT = [
    DONGS[0] | {"boundary": square(126.7), "dong_code_before_2026_07": "2920000100"},
    DONGS[1] | {"boundary": square(126.8), "label_lon": 126.85, "label_lat": 35.15},
]
AREAS = [{"area_code": "A1", "name_ko": "시장길", "name_en": "Market Lane", "lon": 126.71}]
PERMITS = [
    shop("2020-01-10", site_id="b1", address_lot="광산구 수완동 12"),
    shop("2020-01-10", site_id="b1-2", address_road="광산구 수완로 3, 2층 (수완동)"),
    shop(
        "2020-01-10",
        site_id="b1-B1",
        address_road="광산구 수완로 3 (수완동)",
        lon=126.75,
        lat=35.15,
    ),
]


@pytest.fixture
def database(make_database: Callable[..., Database]) -> Database:
    return make_database(PERMITS, dong=DISTRICT, trade_area=AREAS)


@pytest.mark.parametrize(
    ("key", "kind", "label", "dong"),
    [
        ("dong:1233000200", "dong", "첨단동", "1233000200"),
        ("dong:2920000100", "dong", "수완동", "1233000100"),
        ("area:A1", "area", "시장길", None),
        ("site:b1", "address", "수완로 3 (수완동)", "1233000100"),
        ("site:b1-2", "address", "수완로 3 (수완동), 2층", "1233000100"),
        ("site:b1-B1", "address", "수완로 3 (수완동), 지하 1층", "1233000100"),
        ("at:126.75,35.15", "point", "수완동 안의 지점 (35.15000, 126.75000)", "1233000100"),
    ],
)
def test_a_key_means_a_place(
    database: Database, key: str, kind: str, label: str, dong: str | None
) -> None:
    place = read(key, database)
    assert place is not None
    assert (place.kind, place.label, place.dong_code) == (kind, label, dong)
    assert read(place.key, database) == place


def test_a_site_has_the_point_of_its_building_and_labels_follow_the_language(
    database: Database,
) -> None:
    place = look_up("site:b1-2", database)
    assert (place.lon, place.lat) == (126.75, 35.15)
    set_language("en")
    try:
        assert look_up("area:A1", database).label == "Market Lane"
        assert look_up("dong:1233000100", database).label == "Suwan"
    finally:
        set_language("ko")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("dong:1", "place.gone.dong"),
        ("area:' or 1=1 --", "place.gone.area"),
        ("site:", "place.gone.site"),
        ("site:-2", "place.gone.site"),
        ("site:b", "place.gone.site"),
        ("site:b1-7", "place.gone.floor"),
        ("at:126.95,35.15", "place.outside"),
        ("at:999,999", "place.gone.point"),
        ("at:nan,nan", "place.gone.point"),
        ("at:126.75", "place.gone.point"),
        ("", "place.gone.unknown"),
        ("<script>alert(1)</script>", "place.gone.unknown"),
        ("x" * 5000, "place.gone.unknown"),
    ],
)
def test_what_means_nothing_is_refused_with_a_sentence(
    database: Database, key: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        look_up(key, database)
    assert refused.value.key == said
    assert said not in str(refused.value)
    assert len(str(refused.value)) < 150
    assert read(key, database) is None


def test_what_is_near_is_offered(database: Database) -> None:
    assert instead_of("at:126.95,35.15", database) == ["dong:1233000200", "dong:1233000100"]
    assert instead_of("at:0,0", database) == []
    assert instead_of("site:b1-7", database) == ["site:b1"]
    assert instead_of("site:gone-7", database) == []


def test_points_and_cells(database: Database) -> None:
    assert dong_at(126.85, 35.15, database) == "1233000200"
    assert dong_at(126.95, 35.15, database) is None
    assert nearest_dongs(126.69, 35.15, database, 1) == ["1233000100"]
    assert point_key(126.8, 35.1234567) == "at:126.80000,35.12346"
    key = cell_key(h3.latlng_to_cell(35.15, 126.75, 9))
    assert key is not None
    assert look_up(key, database).dong_code == "1233000100"
    assert cell_key("nothing") is None


def test_a_snapshot_without_outlines_has_no_points(make_database: Callable[..., Database]) -> None:
    assert read("at:126.75,35.15", make_database(PERMITS)) is None
