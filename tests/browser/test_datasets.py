"""The datasets page in a real browser: from a dropped file to the changed overview."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from commerce.ingest import ingest
from commerce.publishing import discard, propose
from tests.browser.conftest import ROOT, Visit
from tests.ingest.permits import csv_bytes, shop

NAME = "식품_일반음식점.csv"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a hundred shops, one of which is refused."""
    folder = tmp_path_factory.mktemp("datasets")
    file = folder / NAME
    file.write_bytes(csv_bytes([shop(n) for n in range(100)] + [shop(100, opened="모름")]))
    ingest([file], folder / "data")
    return folder / "data"


@pytest.fixture(scope="module")
def own_app(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve that folder by a process of its own, with a state folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "commerce", "serve", "--port", str(port)],
        cwd=ROOT,
        env=os.environ
        | {
            "COMMERCE_DATA": str(place),
            "COMMERCE_STATE": str(tmp_path_factory.mktemp("datasets-state")),
        },
        stdout=subprocess.DEVNULL,
    )
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None, "the app did not start"
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture
def here(own_app: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visit of that app in a context of its own."""
    options = {"viewport": {"width": 1400, "height": 1200}} | getattr(request, "param", {})
    context = browser.new_context(**options)
    found = Visit(context.new_page(), own_app)
    found.page.on("console", lambda m: found.errors.append(m.text) if m.type == "error" else None)
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    yield found
    context.close()


def active(page: Page) -> int:
    """Return the first key figure of the overview: permits in business."""
    text = page.get_by_test_id("stMetricValue").first.inner_text()
    return int(re.sub(r"\D", "", text))


def serious(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"][:200])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def drop(visit: Visit, name: str, content: bytes) -> None:
    """Drop a file as a person does, with a drag, onto the page."""
    visit.page.get_by_test_id("stFileUploaderDropzone").wait_for(timeout=30_000)
    handle = visit.page.evaluate_handle(
        """([name, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name));
            return data;
        }""",
        [name, list(content)],
    )
    zone = visit.page.get_by_test_id("stFileUploaderDropzone")
    for event in ("dragenter", "dragover", "drop"):
        zone.dispatch_event(event, {"dataTransfer": handle})
    visit.page.get_by_text("파일 1개").wait_for(timeout=30_000)


def test_from_a_dropped_file_to_the_changed_figure_and_back(here: Visit, browser: Browser) -> None:
    reader = Visit(browser.new_page(), here.address)
    reader.open("overview")
    before = active(reader.page)
    assert before == 100
    here.open("datasets", datasets_view="new")
    assert serious(here.page) == []
    drop(here, NAME, csv_bytes([shop(n) for n in range(200, 230)]))
    here.page.get_by_role("button", name="미리 보기").click()
    here.page.get_by_role("button", name="그만두기").wait_for(timeout=30_000)
    assert serious(here.page) == []
    here.page.get_by_text("읽은 파일").wait_for(timeout=120_000)
    here.settle()
    assert serious(here.page) == []
    here.page.get_by_label("왜 바꾸나").fill("새 가게")
    # Thirty openings more in a month that was over stop it: the reason is asked for, and kept.
    here.page.get_by_label("까닭 (꼭 적어야").fill("새로 받은 파일")
    here.page.get_by_role("button", name="까닭을 남기고 공개").click()
    here.page.get_by_text("공개했습니다").wait_for(timeout=60_000)
    here.settle()
    assert serious(here.page) == []
    here.page.get_by_role("link", name="개요에서 보기").click()
    here.page.wait_for_url(re.compile("/overview|/$|/\\?"), timeout=20_000)
    here.settle()
    assert active(here.page) == 130
    # Who had the page open goes on, and sees the new figure with the next click.
    reader.page.get_by_text("English", exact=True).click()
    reader.page.get_by_text("Permits in business").or_(
        reader.page.get_by_text("in business")
    ).first.wait_for(timeout=30_000)
    reader.settle()
    assert active(reader.page) == 130
    reader.page.close()
    here.open("datasets", datasets_view="history")
    here.page.get_by_text("왜: 새 가게").wait_for(timeout=20_000)
    here.page.get_by_text("까닭: 새로 받은 파일").wait_for(timeout=20_000)
    assert serious(here.page) == []
    here.page.get_by_role("button", name="이때로 되돌리기").last.click()
    here.page.get_by_role("button", name="되돌리기", exact=True).click(timeout=30_000)
    here.page.get_by_text("되돌렸습니다").wait_for(timeout=60_000)
    here.open("overview")
    assert active(here.page) == 100
    assert here.errors == []


def test_a_bad_file_is_one_sentence_and_the_next_is_taken(here: Visit) -> None:
    here.open("datasets", datasets_view="new")
    drop(here, "<img src=x onerror=alert(1)>=cmd().csv", "가,나\n1,2\n".encode())
    here.page.get_by_role("button", name="미리 보기").click()
    here.page.get_by_text("지금 자료는 그대로입니다").wait_for(timeout=60_000)
    here.settle()
    assert here.page.get_by_test_id("stAlert").count() == 1
    here.page.get_by_role("button", name="다른 파일 놓기").click()
    here.page.get_by_test_id("stFileUploaderDropzone").wait_for(timeout=20_000)
    assert here.errors == []


def test_refused_rows_are_downloaded(here: Visit) -> None:
    here.open("datasets")
    with here.page.expect_download() as waiting:
        here.page.get_by_role("button", name="고칠 수 있는 1행 내려받기").click()
    assert waiting.value.suggested_filename == "식품_일반음식점_돌려보낸행.csv"
    lines = waiting.value.path().read_bytes().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("돌려보낸 까닭,원래 행 번호,업태구분명,")
    assert ",모름," in lines[1]
    assert here.errors == []


@pytest.mark.parametrize("page", ["datasets", "workbench"])
def test_the_view_stays_in_the_url_through_reloads_and_languages(here: Visit, page: str) -> None:
    asked, first, other, second = {
        "datasets": ("quality", "품질", "공개 기록", "History"),
        "workbench": ("library", "질의 모음", "자료 사전", "Dictionary"),
    }[page]

    def shown() -> tuple[str, str]:
        """Return the view that the URL says, and the one that is drawn."""
        here.settle()
        said = parse_qs(urlsplit(here.page.url).query).get(f"{page}_view", [""])[0]
        views = (
            here.page.get_by_test_id("stMain")
            .get_by_role("radiogroup")
            .first.get_by_role("radio", checked=True)
        )
        return said, views.inner_text()

    here.open(page, **{f"{page}_view": asked})  # a link with an id, as people write it
    assert shown() == (first, first)
    here.page.get_by_role("radio", name=other).click()
    assert shown() == (other, other)
    here.page.reload()
    assert shown() == (other, other)
    here.page.get_by_text("English", exact=True).click()
    here.page.get_by_role("radio", name=second, exact=True).wait_for(timeout=20_000)
    here.page.reload()
    assert shown() == (second, second)


@pytest.mark.parametrize(
    "here",
    [
        {"color_scheme": "dark"},
        {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    ],
    indirect=True,
    ids=["dark", "light phone"],
)
def test_a_report_of_failed_checks_has_no_serious_violation_and_fits(
    here: Visit, place: Path, tmp_path: Path
) -> None:
    file = tmp_path / NAME
    # One in ten is refused, which stops it; closures and names change, which are drawn.
    many = [shop(n, opened="모름" if n % 10 == 0 else "2020-01-15") for n in range(1200)]
    many += [shop(n, name=f"새 이름 {n}") for n in range(1, 10)]
    file.write_bytes(csv_bytes(many))
    proposal = propose([file], place, who="somebody")
    try:
        assert [check.id for check in proposal.blocking if check.id == "rows_refused"]
        here.open("datasets", datasets_view="new")
        here.page.get_by_text("까닭을 적어야 공개할 수 있습니다").wait_for(timeout=30_000)
        assert serious(here.page) == []
        for words in ("통과한 검사", "바뀌는 인허가", "표마다의 행 수"):
            here.page.get_by_text(re.compile(f"^{words}")).last.click()
        here.settle()
        assert serious(here.page) == []
        wide = here.page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
        )
        assert wide <= 1
        here.page.get_by_role("button", name="까닭을 남기고 공개").click()
        here.page.get_by_test_id("stAlert").wait_for(timeout=30_000)  # no reason was given
        assert serious(here.page) == []
        assert here.errors == []
    finally:
        discard(place, proposal.id)


@pytest.mark.parametrize("view", ["loaded", "new", "quality", "history"])
@pytest.mark.parametrize(
    "here",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
    ],
    indirect=True,
    ids=["light", "dark phone"],
)
def test_a_view_has_no_serious_violation_and_fits(here: Visit, view: str) -> None:
    here.open("datasets", datasets_view=view)
    assert serious(here.page) == []
    wide = here.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert wide <= 1
    assert here.errors == []
