"""Through nginx: staff pages shut unless signed in, everything else as without it."""

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection

import httpx2
import pytest
from playwright.sync_api import Browser, Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.conftest import Visit
from tests.deploy.conftest import Site
from tests.deploy.proxy import nginx
from tests.serving import free_port

FORGED = [
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "", "X-Real-IP": ""},
    {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost", "X-Real-IP": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1;host=localhost"},
    {"Connection": "Upgrade, X-Forwarded-For, X-Real-IP, X-Forwarded-Host, X-Forwarded-Proto"},
    {"X_Forwarded_For": "127.0.0.1", "X-Forwarded-Prefix": "/"},
    {"Remote-User": "kim@gwangsan.go.kr", "X-Forwarded-Email": "kim@gwangsan.go.kr"},
]


def encrypted(port: int) -> ssl.SSLSocket:
    """Return a connection to nginx, whoever it says that it is."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return trusting.wrap_socket(
        socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname="localhost"
    )


@dataclass
class Answer:
    """What a page sent over the websocket: everything, and the session's name."""

    messages: bytes
    session: str

    @property
    def is_workbench(self) -> bool:
        """Return whether the workbench came; else what is said to others did."""
        found = b"sql_editor" in self.messages
        assert found != ("직원만 볼 수 있습니다".encode() in self.messages)
        return found


@contextmanager
def talking(
    channel: socket.socket, host: str, headers: dict[str, str], token: str = ""
) -> Iterator[Answer]:
    """Ask for the workbench as a program may that is no browser; give what came, and stay."""
    with connect(
        f"ws://{host}/_stcore/stream",
        sock=channel,
        subprotocols=[Subprotocol(name) for name in ("streamlit", token) if name],
        additional_headers=headers,
        max_size=2**28,
        proxy=None,
    ) as opened:
        hello = BackMsg()
        hello.rerun_script.page_name = "workbench"
        hello.rerun_script.context_info.color_scheme = "light"
        opened.send(hello.SerializeToString())
        parts, session = [], ""
        while True:
            raw = opened.recv(timeout=60)
            assert isinstance(raw, bytes)
            parts.append(raw)
            message = ForwardMsg.FromString(raw)
            if message.WhichOneof("type") == "new_session":
                session = message.new_session.initialize.session_id
            if message.WhichOneof("type") == "script_finished":
                break
        yield Answer(b"".join(parts), session)


def is_workbench(channel: socket.socket, host: str, headers: dict[str, str]) -> bool:
    """Return whether the workbench comes to a program that says this."""
    with talking(channel, host, headers) as answer:
        return answer.is_workbench


def test_at_the_app_itself_the_workbench_comes(site: Site) -> None:
    """Or the tests below would see nothing either way."""
    channel = socket.create_connection(("127.0.0.1", site.app), timeout=30)
    assert is_workbench(channel, f"localhost:{site.app}", {})


@pytest.mark.parametrize("forged", FORGED, ids=lambda f: ",".join(f) or "nothing")
@pytest.mark.parametrize("host", ["localhost:{https}", "localhost:8501"])
def test_through_nginx_it_does_not_whatever_a_client_says(
    site: Site, forged: dict[str, str], host: str
) -> None:
    name = host.format(https=site.https)
    for origin in (f"http://{name}", None):
        headers = forged | ({"Origin": origin} if origin else {})
        assert not is_workbench(encrypted(site.https), name, headers)


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "evil.example.com", "[::1]:8501"])
def test_other_names_are_not_answered(site: Site, host: str) -> None:
    with pytest.raises((InvalidHandshake, WebSocketException, EOFError, OSError)):
        is_workbench(encrypted(site.https), host, {})


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": 1400, "height": 1600}
    )
    yield context.new_page()
    context.close()


def watched(page: Page, site: Site) -> Visit:
    visit = Visit(page, site.address)
    page.on("console", lambda m: visit.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("request", lambda r: visit.foreign.append(r.url) if r.url.startswith(("http", "ws"))
            and site.address.split("//")[1] not in r.url else None)  # fmt: skip
    return visit


def test_public_pages_work_and_staff_pages_are_shut(page: Page, site: Site) -> None:
    visit = watched(page, site).open("openings", dong="수완동")
    visit.wait_for_map()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").first.click()
    assert waiting.value.path().read_bytes().decode("utf-8-sig").startswith("month,")
    visit.open("workbench")
    assert "직원만" in visit.headline()
    assert page.get_by_role("link", name="SQL 작업대").count() == 0
    assert (visit.errors, visit.foreign) == ([], [])


def test_headers_and_compression_are_there(site: Site) -> None:
    with httpx2.Client(verify=False, base_url=site.address) as client:
        index = client.get("/openings")
        script = re.search(r'src="\./(static/js/index[^"]+)"', index.text)
        assert script
        paths = (script[1], "healthz", "app/static/UridongneSans-core.woff2", "no/such")
        found = [index, *(client.get("/" + path) for path in paths)]
    for answer in found:
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert answer.headers.get("server") == "nginx"
    assert found[1].headers["content-encoding"] == "gzip"
    assert found[1].headers["cache-control"].endswith("immutable")
    assert found[2].json() == {"status": "ok", "snapshot": "demo"}
    assert found[3].status_code == 200


def test_what_tells_about_the_machine_is_shut(site: Site) -> None:
    with httpx2.Client(verify=False, base_url=site.address) as client:
        for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/interact"):
            assert client.get(path).status_code == 404
    assert httpx2.get(f"http://127.0.0.1:{site.app}/_stcore/metrics").status_code == 200


def test_http_leads_to_https(site: Site) -> None:
    answer = httpx2.get(f"http://localhost:{site.http}/openings?dong=x")
    assert (answer.status_code, answer.headers["location"]) == (
        301,
        "https://localhost/openings?dong=x",
    )


def test_signing_in_through_nginx_opens_the_workbench_and_takes_files(
    page: Page, signed_site: Site
) -> None:
    visit = Visit(page, signed_site.address).open("workbench")
    assert "직원만" in visit.headline()
    page.get_by_test_id("stMain").get_by_role("button", name="로그인").click()
    page.get_by_role("button", name="kim", exact=True).click(timeout=30_000)
    page.wait_for_url(re.compile(f"^{signed_site.address}/workbench"), timeout=60_000)
    visit.settle()
    assert page.locator('iframe[title*="sql_editor"]').count() == 1
    cookies = page.context.cookies()
    assert {c["secure"] for c in cookies} == {True}
    held = {c["name"]: c["value"] for c in cookies}
    sent = "; ".join(f"{name}={value}" for name, value in held.items())
    token = held["_streamlit_xsrf"]
    host = f"localhost:{signed_site.https}"

    whole = {"Cookie": sent, "Origin": f"https://{host}"}
    with httpx2.Client(verify=False, base_url=signed_site.address, timeout=60) as client:

        def send(session: str) -> httpx2.Response:
            return client.put(
                f"/_stcore/upload_file/{session}/1",
                headers={"X-Xsrftoken": token, "Cookie": sent},
                files={"file": ("a.csv", b"x" * 3 * 2**20)},
            )

        with talking(encrypted(signed_site.https), host, whole, token) as answer:
            assert answer.is_workbench
            assert send(answer.session).status_code == 204
            status, said = announced(signed_site.https, answer.session, 302 * 2**20)
            assert status == 413
            assert said.startswith("보낸 것이 너무 큽니다(파일 하나에 300MB까지)")
        # A cookie without the page's own token or origin says nothing about who asks.
        for headers, key in ((whole, ""), ({"Cookie": sent}, token), ({}, token)):
            with talking(encrypted(signed_site.https), host, headers, key) as answer:
                assert not answer.is_workbench
                refused = send(answer.session)
                assert refused.status_code == 403
                assert "직원용" in refused.text
        assert client.post("/healthz", content=b"x" * (2**20 + 1)).status_code == 413


def announced(port: int, session: str, size: int) -> tuple[int, str]:
    """Return what is answered to who only says how large a file is that follows."""
    connection = HTTPSConnection("localhost", port, context=ssl._create_unverified_context())
    connection.putrequest("PUT", f"/_stcore/upload_file/{session}/1")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_too_many_requests_and_a_missing_app_are_told_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.deploy import proxy

    whole = proxy.filled

    def slower(*args: object) -> str:
        text = whole(*args)  # type: ignore[arg-type]
        assert text.count("rate=50r/s") == text.count("burst=300 ") == 1
        return text.replace("rate=50r/s", "rate=1r/m").replace("burst=300 ", "burst=5 ")

    monkeypatch.setattr(proxy, "filled", slower)
    https = free_port()
    with (
        nginx(tmp_path_factory.mktemp("nginx"), free_port(), https),
        httpx2.Client(verify=False, base_url=f"https://localhost:{https}") as client,
    ):
        answers = [client.get("/") for _ in range(10)]
    assert [answer.status_code for answer in answers] == [503] * 6 + [429] * 4
    assert answers[0].text.startswith("앱이 다시 시작되는 중입니다.")
    assert answers[9].text.startswith("한꺼번에 너무 많이 요청했습니다.")
    assert {answer.headers["retry-after"] for answer in answers} == {"10"}
