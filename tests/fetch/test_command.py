"""The command: from the publisher's server to the snapshot, killed midway, and the key unseen."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from commerce.__main__ import main
from commerce.fetch import settings as fetch_settings
from tests.fetch.conftest import api_rows
from tests.fetch.server import LOGIN, Asked, Fault, Server, json_error, xml_error
from tests.ingest.permits import csv_bytes, shop, table

ROOT = Path(__file__).resolve().parent.parent.parent
AUTHORITY = "5825000"
PERMITS = ["fetch", "permits", "--authority", AUTHORITY, "--services"]


@pytest.fixture
def environment(server: Server, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "LC_ALL": "ko_KR.UTF-8",
        "COMMERCE_FETCH_FILES": server.address,
        "COMMERCE_FETCH_API": server.address,
        "COMMERCE_FETCH_PAUSE": "0",
        "COMMERCE_FETCHED": str(tmp_path / "fetched"),
        "COMMERCE_STATE": str(tmp_path / "state"),
        "COMMERCE_DATA": str(tmp_path / "data"),
        "COMMERCE_DATA_GO_KR_KEY": server.key,
        "COMMERCE_FETCH_AUTHORITY": AUTHORITY,
        "COMMERCE_FETCH_SERVICES": "일반음식점,rest_cafes",
        "NO_PROXY": "127.0.0.1",
    }


@pytest.fixture
def run(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command in this process, without a pause before another attempt."""
    made = fetch_settings.from_environment
    monkeypatch.setattr(
        fetch_settings, "from_environment", lambda: replace(made(), sleep=lambda seconds: None)
    )

    def run(*command: str, **changes: str) -> int:
        with mock.patch.dict(os.environ, environment | changes):
            return main(list(command))

    return run


def start(environment: dict[str, str], *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "commerce", *command],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.glob("*") if p.name[0] != ".") if folder.is_dir() else []


def snapshots(data: Path) -> list[str]:
    return sorted(p.parent.name for p in data.glob("[!.]*/dataset.parquet"))


def permits(data: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in table(data):
        found.setdefault(row["service_code"], []).append(row["permit_id"])
    return found


def test_from_fetch_through_ingest_to_the_snapshot(
    environment: dict[str, str], server: Server, tmp_path: Path
) -> None:
    restaurants = [shop(n, authority=AUTHORITY) for n in range(1, 31)]
    server.files["general_restaurants", AUTHORITY] = csv_bytes(restaurants)
    server.files["rest_cafes", AUTHORITY] = csv_bytes([shop(99, authority=AUTHORITY)])
    data = tmp_path / "data"

    def update() -> subprocess.CompletedProcess[str]:
        child = start(environment, "update")
        out, err = child.communicate(timeout=300)
        return subprocess.CompletedProcess([], child.returncode, out, err)

    done = update()
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert permits(data) == {
        "general_restaurants": [one["id"] for one in restaurants],
        "rest_cafes": [shop(99)["id"]],
    }
    (first,) = snapshots(data)
    assert {row["sha256"] for row in table(data, "dataset", "sha256")} >= {
        file_hash(tmp_path / "fetched" / f"{slug}_{AUTHORITY}.csv")
        for slug in ("general_restaurants", "rest_cafes")
    }

    # Nothing new: nothing is published, and that is no failure.
    done = update()
    assert (done.returncode, snapshots(data)) == (0, [first])
    assert "새로 반영할 파일이 없습니다" in done.stdout

    # One publisher is down and the other has news: the news is published, the exit status tells.
    server.files["rest_cafes", AUTHORITY] = csv_bytes([shop(98, authority=AUTHORITY)])
    del server.files["general_restaurants", AUTHORITY]
    done = update()
    assert done.returncode == 1
    assert "일반음식점 5825000: 못 받음" in done.stderr
    assert "1건을 받았고 1건은 받지 못했으며 0건은 시도하지" in done.stderr
    assert len(snapshots(data)) == 2
    assert shop(98)["id"] in permits(data)["rest_cafes"]


def file_hash(path: Path) -> str:
    shown = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True)
    return shown.stdout.split()[0]


def test_what_staff_took_back_is_not_published_behind_their_backs(
    run: Callable[..., int], environment: dict[str, str], server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    good, bad = (csv_bytes([shop(n, authority=AUTHORITY)]) for n in (1, 2))
    for body in (good, bad):
        server.files["general_restaurants", AUTHORITY] = body
        assert run("update", COMMERCE_FETCH_SERVICES="일반음식점") == 0
    assert run("rollback", "--data", str(data)) == 0
    assert permits(data) == {"general_restaurants": [shop(1)["id"]]}
    assert run("update", COMMERCE_FETCH_SERVICES="일반음식점") == 0
    assert permits(data) == {"general_restaurants": [shop(1)["id"]]}
    server.files["general_restaurants", AUTHORITY] = csv_bytes([shop(3, authority=AUTHORITY)])
    assert run("update", COMMERCE_FETCH_SERVICES="일반음식점") == 0
    assert permits(data)["general_restaurants"] == [shop(1)["id"], shop(3)["id"]]


def test_answers_of_the_api_reach_the_snapshot_with_their_last_row(
    run: Callable[..., int], server: Server, tmp_path: Path
) -> None:
    # 201 rows: the last page has one record, which comes bare instead of in a list.
    server.rows["rest_cafes", AUTHORITY] = rows = api_rows(201)
    changes = {"COMMERCE_FETCH_SOURCE": "api", "COMMERCE_FETCH_SERVICES": "rest_cafes"}
    assert run("update", **changes) == 0
    assert permits(tmp_path / "data") == {"rest_cafes": [row["MNG_NO"] for row in rows]}
    # A day's news: one shop has closed.
    rows[200] |= {"SALS_STTS_CD": "03", "SALS_STTS_NM": "폐업", "CLSBIZ_YMD": "2026-02-10"}
    rows[200]["DAT_UPDT_PNT"] = "2026-02-12 02:00:00"
    assert run("update", **changes) == 0
    assert names(tmp_path / "fetched") == [
        f"rest_cafes_{AUTHORITY}.json",
        f"rest_cafes_{AUTHORITY}_since_20260206.json",
    ]
    states = {row["permit_id"]: row["status"] for row in table(tmp_path / "data")}
    assert (len(states), states[rows[200]["MNG_NO"]]) == (201, "closed")


def kill_when(child: subprocess.Popen[str], reached: threading.Event) -> None:
    assert reached.wait(120), child.communicate(timeout=5)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()


def test_a_killed_fetch_of_pages_goes_on_where_it_was(
    environment: dict[str, str], run: Callable[..., int], server: Server, tmp_path: Path
) -> None:
    server.rows["rest_cafes", AUTHORITY] = rows = api_rows(550)
    reached, go_on = threading.Event(), threading.Event()

    def wait(asked: Asked) -> None:
        if asked.query["pageNo"] == "4":
            reached.set()
            go_on.wait(60)

    server.before = wait
    child = start(environment, *PERMITS, "rest_cafes", "--source", "api")
    kill_when(child, reached)
    assert names(tmp_path / "fetched") == []
    server.before = lambda asked: None
    go_on.set()
    server.asked.clear()
    assert run(*PERMITS, "rest_cafes", "--source", "api") == 0
    assert server.pages() == [4, 5, 6]
    assert run("ingest", str(tmp_path / "fetched"), "--data", str(tmp_path / "data")) == 0
    assert permits(tmp_path / "data") == {"rest_cafes": [row["MNG_NO"] for row in rows]}


def test_a_killed_download_goes_on_where_it_was(
    environment: dict[str, str], run: Callable[..., int], server: Server, tmp_path: Path
) -> None:
    body = csv_bytes([shop(n, authority=AUTHORITY) for n in range(1, 3000)])
    server.files["general_restaurants", AUTHORITY] = body
    reached, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        # Not before the first half has been written down.
        part = tmp_path / "fetched/.fetch/under-way" / f"general_restaurants_{AUTHORITY}.csv.part"
        while not (part.is_file() and part.stat().st_size):
            threading.Event().wait(0.01)
        reached.set()
        go_on.wait(60)

    server.half_way = wait
    child = start(environment, *PERMITS, "일반음식점")
    kill_when(child, reached)
    assert names(tmp_path / "fetched") == []
    server.half_way = None
    go_on.set()
    server.asked.clear()
    assert run(*PERMITS, "일반음식점") == 0
    (asked,) = server.asked
    assert asked.headers["range"].startswith("bytes=")
    assert (tmp_path / "fetched" / f"general_restaurants_{AUTHORITY}.csv").read_bytes() == body


def test_one_failure_holds_back_no_other_service(
    run: Callable[..., int], server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files["rest_cafes", AUTHORITY] = csv_bytes([shop(1, authority=AUTHORITY)])
    assert run(*PERMITS, "bakeries,rest_cafes") == 1
    assert names(tmp_path / "fetched") == [f"rest_cafes_{AUTHORITY}.csv"]
    shown = capsys.readouterr()
    assert "휴게음식점 5825000: 새로 받음" in shown.out
    assert "제과점영업 5825000: 못 받음" in shown.err


SIX = "일반음식점,휴게음식점,제과점영업,미용업,세탁업,숙박업"


@pytest.mark.parametrize(
    ("fault", "asked", "told"),
    [
        # Three services, five attempts each, then no more.
        (Fault(500, b""), 15, "0건을 받았고 3건은 받지 못했으며 3건은 시도하지"),
        (Fault(429, b"", {"Retry-After": "9999"}), 1, "1건은 받지 못했으며 5건은 시도하지"),
        # A service that is not there says nothing of the others.
        (Fault(404, b""), 6, "6건은 받지 못했으며 0건은 시도하지"),
    ],
)
def test_a_server_that_is_down_is_not_asked_for_each_service(
    run: Callable[..., int],
    server: Server,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
    asked: int,
    told: str,
) -> None:
    server.faults.extend([fault] * 99)
    assert run(*PERMITS, SIX) == 1
    assert len(server.asked) == asked
    assert told in capsys.readouterr().err


def test_a_used_up_budget_asks_no_further_service(
    run: Callable[..., int], server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for service in ("bakeries", "rest_cafes"):
        server.rows[service, AUTHORITY] = api_rows(250)
    api = [*PERMITS, "bakeries,rest_cafes", "--source", "api"]
    assert run(*api, COMMERCE_FETCH_CALLS="2") == 1
    assert server.pages() == [1, 2]
    assert "내일" in capsys.readouterr().err
    assert run(*api, COMMERCE_FETCH_CALLS="6") == 0
    assert server.pages() == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize(
    ("command", "changes", "said"),
    [
        (["fetch"], {}, "permits|boundaries"),
        ([*PERMITS, "치킨집집"], {}, "치킨집집"),
        (["fetch", "permits", "--authority", "광산구"], {}, "광산구"),
        ([*PERMITS, "bakeries", "--since", "어제"], {}, "어제"),
        ([*PERMITS, "bakeries", "--since", "2026-01-01"], {}, "--source api"),
        (["fetch", "permits", "--authority", "6130000_ALL", "--source", "api"], {}, "6130000_ALL"),
        (["fetch", "boundaries", "--district", "광산"], {}, "광산"),
        (["update"], {"COMMERCE_FETCH_AUTHORITY": ""}, "COMMERCE_FETCH_AUTHORITY"),
        (["update"], {"COMMERCE_FETCH_SOURCE": "ftp"}, "COMMERCE_FETCH_SOURCE"),
        (["update"], {"COMMERCE_FETCH_PAUSE": "soon"}, "COMMERCE_FETCH_PAUSE"),
        (["update"], {"COMMERCE_FETCH_API": "apis.data.go.kr"}, "COMMERCE_FETCH_API"),
    ],
)
def test_wrong_usage_is_one_sentence_and_asks_nobody(
    run: Callable[..., int],
    server: Server,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    changes: dict[str, str],
    said: str,
) -> None:
    assert run(*command, **changes) == 2
    assert said in capsys.readouterr().err
    assert not server.asked


def test_a_folder_that_cannot_be_written_is_one_sentence(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(*PERMITS, "bakeries", "--into", str(tmp_path / "file" / "x")) == 1
    assert "쓸 수 없습니다" in capsys.readouterr().err


#: Keys as the portal makes them, and worse: what an address must escape.
KEYS = st.text(st.sampled_from("abcXYZ0189+/=%&?#'\"<>\\{}[]~."), min_size=20, max_size=90)


@st.composite
def echoes(draw: st.DrawFn) -> Callable[[str], Fault | None]:
    """Faults of a server that shows the key to everybody, in each way it can be written."""
    status = draw(st.sampled_from([200, 302, 401, 404, 429, 500]))
    form = draw(
        st.sampled_from(
            [
                lambda key: key,
                lambda key: quote(key, safe=""),
                lambda key: quote(key, safe="").lower() if key.islower() else quote(key),
                lambda key: key.replace("/", "\\/"),
                lambda key: key.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
            ]
        )
    )
    shape = draw(
        st.sampled_from(
            [
                lambda text: text.encode(),
                lambda text: xml_error("30", text).body,
                lambda text: xml_error(text, "X").body,
                lambda text: json_error(text, text).body,
                lambda text: LOGIN + text.encode(),
            ]
        )
    )
    location = draw(st.sampled_from(["/login?k=", "https://elsewhere.example/?k="]))
    cut = draw(st.sampled_from([None, None, 3]))

    def fault(key: str) -> Fault:
        headers = {"Location": location + quote(key, safe="")} if status == 302 else {}
        return Fault(status, shape(form(key)), headers, cut)

    return draw(st.sampled_from([fault, lambda key: None]))


@how(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(key=KEYS, faults=st.lists(echoes(), max_size=4))
def test_the_key_is_in_no_output_log_or_file(
    run: Callable[..., int],
    server: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    key: str,
    faults: list[Any],
) -> None:
    from urllib.parse import unquote

    decoded = unquote(key) if "%" in key else key
    server.key = decoded
    server.rows["rest_cafes", AUTHORITY] = api_rows(101)
    # A row that echoes the key too: it would be kept as data.
    server.rows["rest_cafes", AUTHORITY][0]["BPLC_NM"] = f"key {decoded} here"
    server.faults.clear()
    server.faults.extend(fault(decoded) for fault in faults)
    caplog.clear()
    # The root logger shows everything, as an administrator's would who looks for a fault.
    with caplog.at_level(logging.DEBUG):
        run(*PERMITS, "rest_cafes", "--source", "api", COMMERCE_DATA_GO_KR_KEY=key)
    shown = capsys.readouterr()
    told = [shown.out, shown.err, *(record.getMessage() for record in caplog.records)]
    for file in tmp_path.rglob("*"):
        if file.is_file():
            told += [file.name, file.read_bytes().decode("utf-8", "replace")]
    for text in told:
        for form in (key, decoded, quote(decoded, safe=""), json.dumps(decoded)[1:-1]):
            assert form not in text


def test_the_key_reaches_no_child_and_no_error(
    run: Callable[..., int], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["general_restaurants", AUTHORITY] = csv_bytes([shop(1, authority=AUTHORITY)])
    seen: list[dict[str, str]] = []

    def child(command: list[str], env: dict[str, str], check: bool) -> Any:
        seen.append(env)
        assert not any(server.key in word for word in command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", child)
    assert run("update", COMMERCE_FETCH_SERVICES="일반음식점") == 3
    assert all(server.key not in value for env in seen for value in env.values())
    with mock.patch.dict(os.environ, {"COMMERCE_DATA_GO_KR_KEY": server.key}):
        assert server.key not in repr(fetch_settings.from_environment())


@pytest.mark.parametrize(
    "key", ["short", "with spaces in the middle of it", "한글로 된 인증키는 없습니다 정말로요"]
)
def test_what_is_no_key_is_told_without_showing_it(
    run: Callable[..., int], server: Server, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    assert run(*PERMITS, "bakeries", "--source", "api", COMMERCE_DATA_GO_KR_KEY=key) == 1
    said = capsys.readouterr().err
    assert "COMMERCE_DATA_GO_KR_KEY" in said
    assert key not in said
    assert not server.asked


def test_duckdb_reads_what_was_fetched(
    run: Callable[..., int], server: Server, tmp_path: Path
) -> None:
    """Not our own reader: each answer of the file is one line of JSON."""
    server.rows["rest_cafes", AUTHORITY] = api_rows(150)
    assert run(*PERMITS, "rest_cafes", "--source", "api") == 0
    with duckdb.connect() as connection:
        (found,) = connection.execute(
            "select sum(len(response.body.items.item)) from read_json($file, format = 'nd')",
            {"file": str(tmp_path / "fetched" / f"rest_cafes_{AUTHORITY}.json")},
        ).fetchall()[0]
    assert found == 150
