"""What every answer carries, what is not taken, and where people land after signing in."""

import base64
import re

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from commerce import uploads
from commerce.static_files import inline_scripts
from commerce.web import Shield, policy

WITH_FILTERS = "/workbench?lang=English&dong=%EC%88%98%EC%99%84%EB%8F%99"


def client(secure: bool = True) -> TestClient:
    async def answer(request: Request) -> Response:
        await request.body()
        response = Response("taken")
        response.set_cookie("a", "1", max_age=7200)
        response.set_cookie("_streamlit_user_1", "1", max_age=7200)
        response.delete_cookie("_streamlit_user")
        response.set_cookie("b", "2", secure=True)
        return response

    async def go(request: Request) -> Response:
        return RedirectResponse(
            "https://sign-in.example.kr" if "login" in request.url.path else "/"
        )

    inner = Starlette(
        routes=[
            Route("/auth/login", go),
            Route("/oauth2callback", go),
            Route("/{path:path}", answer, methods=["GET", "PUT", "POST"]),
        ]
    )
    shield = Shield(
        inner, content_policy=policy(["sha256-x"]), secure=secure, seconds=3600, largest_file=1000
    )
    return TestClient(shield, base_url="https://commerce.example.kr", follow_redirects=False)


def test_every_answer_carries_the_headers() -> None:
    for found in (client().get("/"), client().post("/x", content=b"x" * 2**21)):
        assert "frame-ancestors 'self'" in found.headers["content-security-policy"]
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in found.headers["permissions-policy"]


def test_scripts_come_from_here_alone() -> None:
    rules = dict(rule.split(" ", 1) for rule in policy(inline_scripts()).split("; "))
    assert "'unsafe-inline'" not in rules["script-src"]
    assert rules["script-src"].count("sha256-") == 2
    assert rules["object-src"] == "'none'"
    assert not any(word in " ".join(rules.values()) for word in ("*", "http:", "https:"))


def test_cookies_do_not_travel_in_the_clear_where_people_come_by_https() -> None:
    for secure, counts in ((True, [1, 1, 1, 1]), (False, [0, 0, 0, 1])):
        cookies = client(secure).get("/").headers.get_list("set-cookie")
        assert [cookie.count("Secure") for cookie in cookies] == counts


def test_the_cookies_of_a_sign_in_go_when_it_is_over() -> None:
    ages = [re.findall(r"Max-Age=(\d+)", c)
            for c in client().get("/").headers.get_list("set-cookie")]  # fmt: skip
    assert ages == [["7200"], ["3600"], ["0"], []]


def test_files_are_taken_from_staff_alone_and_no_larger_than_allowed() -> None:
    path = "/_stcore/upload_file/session-of-staff/1"
    assert client().put(path, content=b"x").status_code == 403
    uploads.allow("session-of-staff", True)
    assert client().put(path, content=b"x" * 1000).text == "taken"
    large = client().put(path, content=b"x" * (2**20 + 1001))
    assert large.status_code == 413
    assert large.text.startswith("보낸 것이 너무 큽니다")
    english = client().put(path, content=b"x" * 2**21, headers={"accept-language": "en-GB"})
    assert english.text.startswith("What was sent is too large")
    uploads.allow("session-of-staff", False)
    assert client().put(path, content=b"x").status_code == 403


def test_uploads_that_were_allowed_are_forgotten_before_they_pile_up() -> None:
    for i in range(3000):
        uploads.allow(f"s{i}", True)
    assert uploads.is_allowed("s2999")
    assert not uploads.is_allowed("s0")
    for i in range(3000):
        uploads.allow(f"s{i}", False)


@pytest.mark.parametrize("length", ["-1", "1e9", "９", "x", str(2**20 + 1)])
def test_a_length_that_is_none_or_too_large_is_refused(length: str) -> None:
    found = client().post("/x", headers={"content-length": length.encode()}, content=iter([b"x"]))
    assert found.status_code == 413


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (f"https://commerce.example.kr{WITH_FILTERS}", WITH_FILTERS),
        ("https://commerce.example.kr/", "/"),
        ("https://evil.example.com/workbench", "/"),
        ("https://commerce.example.kr//evil.example.com", "/"),
        ("https://commerce.example.kr/_stcore/health", "/"),
        ("", "/"),
    ],
)  # fmt: skip
def test_after_signing_in_people_are_back_where_they_were(referer: str, back: str) -> None:
    went = client()
    went.get("/auth/login", headers={"referer": referer.encode()})
    assert went.get("/oauth2callback").headers["location"] == back


@pytest.mark.parametrize(
    "back", ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "/a\nb", "é"]
)
def test_a_cookie_leads_nowhere_else(back: str) -> None:
    value = base64.urlsafe_b64encode(back.encode()).decode()
    for cookie in (value, "%%%", "=", ""):
        found = client().get("/oauth2callback", headers={"cookie": f"commerce_back={cookie}"})
        assert found.headers["location"] == "/"
