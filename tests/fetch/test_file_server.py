"""The file server: whole files, byte for byte, or the old one stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path

import pytest

from commerce.errors import Refused
from commerce.fetch import file_server
from commerce.fetch.client import Client
from commerce.fetch.settings import Settings
from commerce.fetch.store import Store
from tests.fetch.conftest import NOW
from tests.fetch.server import LOGIN, Fault, Server
from tests.ingest.permits import csv_bytes, shop

SERVICE, AUTHORITY = "general_restaurants", "5825000"
NAME = f"{SERVICE}_{AUTHORITY}.csv"
SHOPS = [shop(n, authority=AUTHORITY) for n in range(1, 3000)]
BODY = csv_bytes(SHOPS)


@pytest.fixture(autouse=True)
def _has_a_file(server: Server) -> None:
    server.files[SERVICE, AUTHORITY] = BODY


def fetch(client: Client, store: Store) -> str:
    return file_server.fetch(client, store, SERVICE, AUTHORITY).state


def left(store: Store) -> list[str]:
    return [file.name for file in store.files()]


def test_a_cp949_body_with_a_utf8_header_arrives_byte_for_byte(
    client: Client, store: Store, server: Server
) -> None:
    assert fetch(client, store) == "new"
    assert (store.folder / NAME).read_bytes() == BODY
    assert "수완식당".encode("cp949") in BODY
    asked = server.asked[0]
    assert asked.path == f"/file/download/{SERVICE}/info"
    assert asked.query == {"orgCode": AUTHORITY}
    assert "uridongne" in asked.headers["user-agent"]
    assert not list((store.hidden / "under-way").iterdir())


def test_an_unchanged_file_is_neither_sent_nor_stored_again(
    client: Client, store: Store, server: Server
) -> None:
    fetch(client, store)
    stood = (store.folder / NAME).stat().st_mtime_ns
    assert fetch(client, store) == "unchanged"
    assert server.asked[-1].headers["if-none-match"].startswith('"')
    # A server that says nothing of versions sends it again: the same bytes are not stored again.
    server.etags = False
    server.asked.clear()
    (store.hidden / "notes" / f"{NAME}.json").unlink()
    assert fetch(client, store) == "unchanged"
    assert "if-none-match" not in server.asked[0].headers
    assert (store.folder / NAME).stat().st_mtime_ns == stood
    server.files[SERVICE, AUTHORITY] = csv_bytes(SHOPS[:-1])
    assert fetch(client, store) == "changed"


def test_a_file_that_somebody_touched_is_fetched_anew(client: Client, store: Store) -> None:
    fetch(client, store)
    (store.folder / NAME).write_bytes(BODY.replace(b"2020", b"2021"))
    assert fetch(client, store) == "changed"
    assert (store.folder / NAME).read_bytes() == BODY


def test_a_broken_connection_goes_on_where_it_broke(
    client: Client, store: Store, server: Server, waits: list[float]
) -> None:
    server.faults.extend([Fault(cut=300_000), Fault(cut=100_000)])
    assert fetch(client, store) == "new"
    assert (store.folder / NAME).read_bytes() == BODY
    # Blocks of 65,536 bytes are written whole: 4 of them, then 1 more.
    ranges = [asked.headers.get("range") for asked in server.asked]
    assert ranges == [None, "bytes=262144-", "bytes=327680-"]
    # 1 s and up to 1 s more, then 2 s and up to 1 s more.
    assert len(waits) == 2
    assert 1 <= waits[0] <= 2 <= waits[1] <= 3


def test_a_connection_that_is_reset_costs_an_attempt(
    client: Client, store: Store, server: Server
) -> None:
    server.faults.extend([Fault(cut=300_000, reset=True), Fault(cut=0, reset=True)])
    assert fetch(client, store) == "new"
    assert (store.folder / NAME).read_bytes() == BODY


def test_a_file_that_changed_in_between_starts_anew(
    client: Client, store: Store, server: Server
) -> None:
    other = csv_bytes(list(reversed(SHOPS)))

    def change(_: object) -> None:
        if len(server.asked) == 2:
            server.files[SERVICE, AUTHORITY] = other

    server.before = change
    server.faults.append(Fault(cut=300_000))
    assert fetch(client, store) == "new"
    assert (store.folder / NAME).read_bytes() == other


def test_a_server_without_ranges_or_versions_is_asked_for_all_of_it(
    client: Client, store: Store, server: Server
) -> None:
    server.etags = server.ranges = False
    server.faults.append(Fault(cut=300_000))
    assert fetch(client, store) == "new"
    assert (store.folder / NAME).read_bytes() == BODY
    assert all("range" not in asked.headers for asked in server.asked)


def test_a_part_that_fits_no_longer_is_forgotten(
    client: Client, store: Store, server: Server
) -> None:
    server.faults.extend([Fault(cut=300_000), Fault(416, b"")])
    assert fetch(client, store) == "new"
    assert (store.folder / NAME).read_bytes() == BODY
    # A server that goes on elsewhere than asked.
    server.files[SERVICE, AUTHORITY] = csv_bytes(SHOPS[:-9])
    wrong = {"Content-Range": "bytes 0-9/10"}
    server.faults.extend([Fault(cut=300_000), Fault(206, b"x", wrong)])
    assert fetch(client, store) == "changed"
    assert (store.folder / NAME).read_bytes() == csv_bytes(SHOPS[:-9])


@pytest.mark.parametrize("lie", [500, -30])
def test_a_wrong_content_length_never_leaves_half_a_file(
    client: Client, store: Store, server: Server, lie: int
) -> None:
    server.etags = False
    server.faults.extend([Fault(lie=lie)] * 5)
    with pytest.raises(Refused) as refused:
        fetch(client, store)
    assert refused.value.key == ("fetch.broken" if lie > 0 else "ingest.truncated")
    assert not left(store)
    server.faults.clear()
    assert fetch(client, store) == "new"


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Fault(302, b"", {"Location": "/login"}), "fetch.turned_away"),
        (Fault(302, b"", {"Location": "https://login.example/"}), "fetch.turned_away"),
        (Fault(302, b"", {"Location": "/file/x/info"}), "fetch.turned_away"),
        (Fault(200, LOGIN, {"Content-Type": "text/html"}), "fetch.turned_away"),
        (Fault(403, b""), "fetch.turned_away"),
        (Fault(200, LOGIN), "fetch.page_instead"),
        (Fault(200, b"\n\n" + LOGIN, {"Content-Type": "text/csv"}), "fetch.page_instead"),
        (Fault(200, b""), "fetch.empty"),
        (Fault(404, b"no"), "fetch.status"),
        (Fault(200, "이름,값\n가,1\n".encode("cp949")), "ingest.unrecognised"),
        (Fault(200, BODY[:-40]), "ingest.truncated"),
        (Fault(200, csv_bytes([shop(1, authority="3000000")])), "fetch.other_authority"),
    ],
)
def test_what_is_no_file_leaves_the_old_one(
    client: Client, store: Store, server: Server, fault: Fault, key: str
) -> None:
    fetch(client, store)
    server.faults.extend([fault] * 20)
    with pytest.raises(Refused) as refused:
        fetch(client, store)
    assert refused.value.key == key
    assert str(refused.value).count("\n") == 0
    assert (store.folder / NAME).read_bytes() == BODY
    assert not list((store.hidden / "under-way").glob("*.part"))


def test_a_server_that_wants_its_page_seen_first(
    client: Client, store: Store, server: Server
) -> None:
    server.wants_cookie = True
    assert fetch(client, store) == "new"
    assert server.paths() == [
        f"/file/download/{SERVICE}/info",
        "/login",
        f"/file/{SERVICE}/info",
        f"/file/download/{SERVICE}/info",
    ]


def test_the_codes_of_before_the_reform_are_the_same_authority(
    client: Client, store: Store, server: Server
) -> None:
    server.files[SERVICE, AUTHORITY] = csv_bytes([shop(1, authority="3630000")])
    assert fetch(client, store) == "new"


def test_no_rows_are_no_file_but_never_in_place_of_rows(
    client: Client, store: Store, server: Server
) -> None:
    header = BODY[: BODY.index(b"\n") + 1]
    server.files[SERVICE, AUTHORITY] = header
    assert fetch(client, store) == "empty"
    assert not left(store)
    server.files[SERVICE, AUTHORITY] = BODY
    fetch(client, store)
    server.files[SERVICE, AUTHORITY] = header
    with pytest.raises(Refused) as refused:
        fetch(client, store)
    assert refused.value.key == "fetch.suddenly_empty"
    assert left(store) == [NAME]


@pytest.mark.parametrize("status", [429, 503])
def test_a_tired_server_is_given_the_time_it_asks_for(
    client: Client, store: Store, server: Server, waits: list[float], status: int
) -> None:
    later = format_datetime(NOW.replace(minute=NOW.minute + 2))
    server.faults.extend(
        [
            Fault(status, b"", {"Retry-After": "17"}),
            Fault(status, b"", {"Retry-After": later}),
            Fault(status, b"", {"Retry-After": "soon"}),
        ]
    )
    assert fetch(client, store) == "new"
    assert waits[:2] == [17.0, 120.0]
    assert 4 <= waits[2] <= 5


def test_a_server_that_asks_for_hours_is_left_alone(
    client: Client, store: Store, server: Server, waits: list[float]
) -> None:
    server.faults.append(Fault(429, b"", {"Retry-After": "7200"}))
    with pytest.raises(Refused) as refused:
        fetch(client, store)
    assert (refused.value.key, refused.value.params["minutes"]) == ("fetch.told_to_wait", "120")
    assert (len(server.asked), waits) == (1, [])


def test_a_server_that_stays_tired_is_tried_five_times(
    client: Client, store: Store, server: Server
) -> None:
    server.faults.extend([Fault(500, b"")] * 9)
    with pytest.raises(Refused) as refused:
        fetch(client, store)
    assert refused.value.key == "fetch.server_fault"
    assert len(server.asked) == 5


@pytest.fixture
def small(settings: Settings) -> Iterator[Client]:
    with Client(replace(settings, most_file=10_000)) as client:
        yield client


def test_too_large_a_file_is_not_kept(small: Client, store: Store, server: Server) -> None:
    with pytest.raises(Refused) as refused:
        fetch(small, store)
    assert refused.value.key == "fetch.too_large"
    assert not left(store)


def test_a_full_disk_is_told_before_anything_comes(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.fetch.store.SPARE", 10**18)
    with pytest.raises(Refused) as refused:
        fetch(client, store)
    assert refused.value.key == "fetch.disk_full"


def test_pauses_between_requests(settings: Settings, store: Store, waits: list[float]) -> None:
    with Client(replace(settings, pause=100.0)) as client:
        fetch(client, store)
        fetch(client, store)
    assert len(waits) == 1
    assert 90 < waits[0] <= 100


def test_a_closed_port_is_one_sentence(settings: Settings, store: Store, server: Server) -> None:
    server.close()
    with Client(settings) as client, pytest.raises(Refused) as refused:
        fetch(client, store)
    assert refused.value.key == "fetch.broken"
    server.close = lambda: None  # type: ignore[method-assign]


def test_two_fetches_do_not_share_a_folder(store: Store) -> None:
    with pytest.raises(Refused) as refused, Store(store.folder).hold():
        pass
    assert refused.value.key == "fetch.locked"


def test_notes_that_are_torn_cost_only_a_request(client: Client, store: Store) -> None:
    fetch(client, store)
    for note in (store.hidden / "notes").iterdir():
        note.write_bytes(b'{"etag": ')
    part = store.under_way(f"{NAME}.part")
    part.write_bytes(b"rubbish")
    Path(part.with_suffix(".notes")).write_text(json.dumps({"url": "elsewhere", "etag": '"1"'}))
    assert fetch(client, store) == "unchanged"
