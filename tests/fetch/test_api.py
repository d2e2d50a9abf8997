"""data.go.kr: all pages or none, within the day's calls, whatever comes with status 200."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from commerce.errors import Refused
from commerce.fetch import api
from commerce.fetch.api import Query
from commerce.fetch.budget import Budget
from commerce.fetch.client import Client
from commerce.fetch.result import Result
from commerce.fetch.settings import Settings
from commerce.fetch.store import Store
from tests.fetch.conftest import NOW, api_rows
from tests.fetch.server import LOGIN, Asked, Fault, Server, json_error, xml_error

SERVICE, AUTHORITY = "rest_cafes", "5825000"
ALL = Query(SERVICE, AUTHORITY, None)
NAME = f"{SERVICE}_{AUTHORITY}.json"
LIMIT = xml_error("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR")
Fetch = Callable[..., Result]


@pytest.fixture
def budget(settings: Settings) -> Budget:
    return Budget(settings.state, 100, lambda: NOW)


@pytest.fixture
def fetch(client: Client, store: Store, budget: Budget, server: Server) -> Fetch:
    server.rows[SERVICE, AUTHORITY] = api_rows(250)
    return lambda query=ALL: api.fetch(client, store, budget, query)


def ids(store: Store, name: str = NAME) -> list[str]:
    """The permit numbers in a file of answers, read with Python's own JSON."""
    found: list[str] = []
    decoder, text = json.JSONDecoder(), (store.folder / name).read_text("utf-8")
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        items: Any = document["response"]["body"]["items"]
        item = items["item"] if items else []
        found += [row["MNG_NO"] for row in (item if isinstance(item, list) else [item])]
        text = text[end:]
    return found


def wanted(server: Server) -> list[str]:
    return [row["MNG_NO"] for row in server.rows[SERVICE, AUTHORITY]]


def test_all_pages_become_one_file_of_answers(fetch: Fetch, store: Store, server: Server) -> None:
    result = fetch()
    assert (result.state, result.rows) == ("new", 250)
    assert ids(store) == wanted(server)
    assert server.pages() == [1, 2, 3]
    assert server.most_busy == 1
    asked = server.asked[0]
    assert asked.path == f"/{SERVICE}/info"
    assert asked.query == {
        "serviceKey": server.key,
        "pageNo": "1",
        "numOfRows": "100",
        "returnType": "json",
        "cond[OPN_ATMY_GRP_CD::EQ]": AUTHORITY,
    }
    assert not list((store.hidden / "under-way").iterdir())
    assert fetch().state == "unchanged"


@pytest.mark.parametrize("count", [1, 100, 101, 200])
def test_page_ends_lose_no_row(fetch: Fetch, store: Store, server: Server, count: int) -> None:
    server.rows[SERVICE, AUTHORITY] = api_rows(count)
    assert fetch().rows == count
    assert ids(store) == wanted(server)


def test_a_server_that_gives_fewer_rows_a_page(fetch: Fetch, store: Store, server: Server) -> None:
    server.most_rows = 30
    fetch()
    assert ids(store) == wanted(server)


def test_no_rows_are_no_file_but_never_in_place_of_rows(
    fetch: Fetch, store: Store, server: Server
) -> None:
    server.rows.clear()
    assert fetch().state == "empty"
    server.faults.append(json_error("03", "NODATA_ERROR"))
    assert fetch().state == "empty"
    assert not store.files()
    server.rows[SERVICE, AUTHORITY] = api_rows(3)
    fetch()
    server.rows.clear()
    with pytest.raises(Refused) as refused:
        fetch()
    assert refused.value.key == "fetch.suddenly_empty"
    assert len(ids(store)) == 3


def grow(server: Server, page: int, times: int) -> Callable[[Asked], None]:
    """A publisher that adds a row at the front whenever a page is asked for, so many times."""
    left = [times]

    def before(asked: Asked) -> None:
        if asked.query.get("pageNo") == str(page) and left[0]:
            left[0] -= 1
            server.rows[SERVICE, AUTHORITY].insert(0, *api_rows(1, 9000 + left[0]))

    return before


def test_rows_that_move_while_we_page_are_read_anew(
    fetch: Fetch, store: Store, server: Server
) -> None:
    server.rows[SERVICE, AUTHORITY] = api_rows(250)
    server.before = grow(server, page=3, times=1)
    assert fetch().rows == 251
    assert sorted(ids(store)) == sorted(wanted(server))
    assert server.pages() == [1, 2, 3, 1, 2, 3]


def test_one_row_out_and_one_in_is_noticed_though_the_count_stays(
    fetch: Fetch, store: Store, server: Server
) -> None:
    def swap(asked: Asked) -> None:
        if len(server.asked) == 2:
            rows = server.rows[SERVICE, AUTHORITY]
            rows.insert(0, *api_rows(1, 9000))
            rows.pop()

    server.before = swap
    assert fetch().rows == 250
    assert sorted(ids(store)) == sorted(wanted(server))


def test_rows_that_never_rest_leave_the_old_file(
    fetch: Fetch, store: Store, server: Server
) -> None:
    fetch()
    before = ids(store)
    server.before = grow(server, page=2, times=99)
    with pytest.raises(Refused) as refused:
        fetch()
    assert refused.value.key == "fetch.moving"
    assert ids(store) == before


def test_real_doubles_are_kept(fetch: Fetch, store: Store, server: Server) -> None:
    server.rows[SERVICE, AUTHORITY].append(server.rows[SERVICE, AUTHORITY][0])
    assert fetch().rows == 251
    assert ids(store) == wanted(server)


@pytest.mark.parametrize(
    ("fault", "key", "calls"),
    [
        (xml_error("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"), "fetch.key_refused", 1),
        (json_error("31", "DEADLINE_HAS_EXPIRED_ERROR"), "fetch.key_refused", 1),
        (Fault(401, b"Unauthorized"), "fetch.key_refused", 1),
        (Fault(200, b"Forbidden"), "fetch.key_refused", 1),
        (json_error("10", "INVALID_REQUEST_PARAMETER_ERROR"), "fetch.request_refused", 1),
        (json_error("77", "\x1b[31mwhat"), "fetch.request_refused", 1),
        (Fault(404, b"API not found"), "fetch.request_refused", 1),
        (json_error("01", "APPLICATION_ERROR"), "fetch.api_fault", 5),
        (xml_error("23", "PER_SECOND"), "fetch.api_fault", 5),
        (Fault(200, b"LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR"),
         "fetch.api_fault", 5),
        (Fault(200, LOGIN), "fetch.no_rows_in_answer", 5),
        (Fault(200, b""), "fetch.no_rows_in_answer", 5),
        (Fault(200, b"[]"), "fetch.no_rows_in_answer", 5),
        (Fault(200, b'{"response": {"body": {"totalCount": "many"}}}'),
         "fetch.no_rows_in_answer", 5),
        (Fault(200, b'{"response": {"body": {"totalCount": 1, "items": "x"}}}'),
         "fetch.no_rows_in_answer", 5),
        (Fault(429, b"API rate limit exceeded"), "fetch.throttled", 5),
        (Fault(302, b"", {"Location": "/login"}), "fetch.api_elsewhere", 1),
        (Fault(cut=100), "fetch.broken", 5),
        (Fault(lie=10), "fetch.broken", 5),
        (Fault(lie=-10), "fetch.no_rows_in_answer", 5),
    ],
)  # fmt: skip
def test_errors_with_whatever_status_are_told_and_keep_the_pages(
    fetch: Fetch, store: Store, server: Server, fault: Fault, key: str, calls: int
) -> None:
    server.faults.extend([None] + [fault] * 9)
    with pytest.raises(Refused) as refused:
        fetch()
    assert refused.value.key == key
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)
    assert not store.files()
    assert len(server.asked) == 1 + calls
    # The first page is not asked for again.
    server.faults.clear()
    server.asked.clear()
    fetch()
    assert server.pages() == [2, 3]
    assert ids(store) == wanted(server)


def test_a_passing_fault_is_nobodys_business(
    fetch: Fetch, store: Store, server: Server, waits: list[float]
) -> None:
    server.faults.extend(
        [json_error("04", "HTTP_ERROR"), None, Fault(429, b"", {"Retry-After": "9"})]
    )
    fetch()
    assert ids(store) == wanted(server)
    assert waits[1] == 9.0


def test_a_used_up_budget_stops_and_the_next_day_goes_on(
    settings: Settings, store: Store, server: Server
) -> None:
    server.rows[SERVICE, AUTHORITY] = api_rows(250)
    clock = [NOW]
    today = replace(settings, now=lambda: clock[0], calls_per_day=2)
    budget = Budget(settings.state, today.calls_per_day, today.now)
    with Client(today) as client:
        with pytest.raises(api.LimitReached) as refused:
            api.fetch(client, store, budget, ALL)
        assert refused.value.key == "fetch.budget_used"
        assert refused.value.params["pages"] == 2
        assert server.pages() == [1, 2]
        # A later run on the same day asks for nothing.
        clock[0] = NOW + dt.timedelta(hours=19)
        with pytest.raises(api.LimitReached):
            api.fetch(client, store, Budget(settings.state, 2, today.now), ALL)
        assert server.pages() == [1, 2]
        clock[0] = NOW + dt.timedelta(hours=20)
        assert api.fetch(client, store, budget, ALL).rows == 250
    assert server.pages() == [1, 2, 3]
    assert ids(store) == wanted(server)


def test_attempts_that_fail_are_calls_too(fetch: Fetch, server: Server, budget: Budget) -> None:
    server.faults.extend([Fault(cut=0), Fault(500, b"")])
    fetch()
    assert budget.used() == len(server.asked) == 5


def test_a_limit_that_the_server_tells_ends_the_day(
    fetch: Fetch, store: Store, server: Server, settings: Settings
) -> None:
    server.faults.extend([None, LIMIT])
    with pytest.raises(api.LimitReached) as refused:
        fetch()
    assert (refused.value.key, refused.value.params["pages"]) == ("fetch.limit_told", 1)
    with pytest.raises(api.LimitReached):
        fetch()
    assert server.pages() == [1, 2]
    Budget(settings.state, 100, lambda: NOW + dt.timedelta(days=1)).spend()


def test_a_count_that_is_torn_starts_at_nothing(budget: Budget, settings: Settings) -> None:
    budget.spend()
    (settings.state / "calls.json").write_bytes(b'{"day": "2026')
    budget.spend()
    assert budget.used() == 1


def test_pages_that_are_old_or_of_another_question_are_not_used(
    settings: Settings, fetch: Fetch, store: Store, budget: Budget, server: Server
) -> None:
    server.faults.extend([None, *[LIMIT]])
    with pytest.raises(api.LimitReached):
        fetch()
    late = replace(settings, now=lambda: NOW + dt.timedelta(days=4))
    with Client(late) as client:
        api.fetch(client, store, Budget(settings.state, 100, late.now), ALL)
    assert server.pages() == [1, 2, 1, 2, 3]


def test_a_server_that_does_not_heed_the_authority(
    fetch: Fetch, store: Store, server: Server
) -> None:
    server.heeds_authority = False
    server.rows = {(SERVICE, "3000000"): api_rows(150, authority="3000000")}
    with pytest.raises(Refused) as refused:
        fetch()
    assert refused.value.key == "fetch.other_authority"
    assert server.pages() == [1]


def test_without_a_key_nothing_is_asked(
    settings: Settings, store: Store, budget: Budget, server: Server
) -> None:
    with Client(replace(settings, key=None)) as client, pytest.raises(Refused) as refused:
        api.fetch(client, store, budget, ALL)
    assert refused.value.key == "fetch.no_key"
    assert not server.asked


def test_increments_ask_since_the_last_update_a_day_over(
    fetch: Fetch, store: Store, server: Server
) -> None:
    rows = server.rows[SERVICE, AUTHORITY]
    for row in rows:
        row["DAT_UPDT_PNT"] = "2026-11-20 02:00:00"
    rows[7]["DAT_UPDT_PNT"] = "2026-11-23 02:00:00"
    today = NOW.date()
    assert api.last_update(store, SERVICE, AUTHORITY, today, 30) is None
    fetch()
    since = api.last_update(store, SERVICE, AUTHORITY, today, 30)
    assert since == dt.date(2026, 11, 22)
    result = fetch(Query(SERVICE, AUTHORITY, since))
    name = f"{SERVICE}_{AUTHORITY}_since_20261122.json"
    assert server.asked[-1].query["cond[DAT_UPDT_PNT::GTE]"] == "20261122000000"
    assert (result.state, ids(store, name)) == ("new", [rows[7]["MNG_NO"]])
    assert fetch(Query(SERVICE, AUTHORITY, since)).state == "unchanged"
    # News of today: the same question, the same file, the next question is a later one.
    rows[9]["DAT_UPDT_PNT"] = "2026-11-25 02:00:00"
    assert fetch(Query(SERVICE, AUTHORITY, since)).state == "changed"
    assert ids(store, name) == [rows[7]["MNG_NO"], rows[9]["MNG_NO"]]
    assert api.last_update(store, SERVICE, AUTHORITY, today, 30) == dt.date(2026, 11, 24)
    # Once in 30 days all rows again, which take the place of the increments.
    assert api.last_update(store, SERVICE, AUTHORITY, today + dt.timedelta(29), 30) is not None
    assert api.last_update(store, SERVICE, AUTHORITY, today + dt.timedelta(30), 30) is None
    fetch()
    assert [file.name for file in store.files()] == [NAME]


def test_a_time_of_update_in_the_future_does_not_hide_what_comes_before_it(
    fetch: Fetch, store: Store, server: Server
) -> None:
    server.rows[SERVICE, AUTHORITY][0]["DAT_UPDT_PNT"] = "20991231000000"
    fetch()
    since = api.last_update(store, SERVICE, AUTHORITY, NOW.date(), 30)
    assert since == NOW.date() - dt.timedelta(days=1)


def test_an_increment_that_leaves_a_gap_does_not_count_as_known(
    fetch: Fetch, store: Store, server: Server
) -> None:
    for row in server.rows[SERVICE, AUTHORITY]:
        row["DAT_UPDT_PNT"] = "2026-11-01 02:00:00"
    fetch()
    server.rows[SERVICE, AUTHORITY][0]["DAT_UPDT_PNT"] = "2026-11-24 02:00:00"
    fetch(Query(SERVICE, AUTHORITY, dt.date(2026, 11, 20)))
    since = api.last_update(store, SERVICE, AUTHORITY, NOW.date(), 30)
    assert since == dt.date(2026, 10, 31)
