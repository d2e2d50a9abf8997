"""Signing in, in a real browser against a real OpenID Connect server: who gets in, who does not."""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from itsdangerous import URLSafeTimedSerializer
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Visit
from tests.serving import free_port, served

SECRET = secrets.token_urlsafe(32)
COOKIE = "_streamlit_user"
LISTED = "kim@gwangsan.go.kr  # 상권팀\n@sangkwon.or.kr\n0000-hong\n"
PEOPLE = [
    User(sub="kim", claims={"email": "Kim@Gwangsan.go.kr", "email_verified": True}),
    User(sub="domain", claims={"email": "lee@sangkwon.or.kr", "email_verified": True}),
    User(sub="0000-hong", claims={"name": "홍길동"}),
    User(sub="stranger", claims={"email": "choi@gwangsan.go.kr.example.com",
                                 "email_verified": True}),
    User(sub="unproven", claims={"email": "kim@gwangsan.go.kr", "email_verified": False}),
    User(sub="silent", claims={"email": "kim@gwangsan.go.kr"}),
]  # fmt: skip


@dataclass
class Office:
    """An app with sign-in: its address and its state folder."""

    address: str
    state: Path

    def list_staff(self, text: str) -> None:
        (self.state / "staff.txt").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    state, port = tmp_path_factory.mktemp("state"), free_port()
    # Tokens may be handed on for five minutes, as at some providers: a session lasts longer.
    with run_server_in_thread(
        user_claims=PEOPLE, access_token_max_age=timedelta(minutes=5)
    ) as provider:
        (state / "secrets.toml").write_text(
            "[auth]\n"
            f'redirect_uri = "http://localhost:{port}/oauth2callback"\n'
            f'cookie_secret = "{SECRET}"\n'
            'client_id = "commerce"\nclient_secret = "kept to itself"\n'
            f'server_metadata_url = "http://localhost:{provider.server_port}'
            '/.well-known/openid-configuration"\n'
        )
        with served(state, port, COMMERCE_CONTACT="상권지원팀(062-960-0000)"):
            yield Office(f"http://localhost:{port}", state)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that nobody used before."""
    made = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield made
    made.close()


@pytest.fixture
def at_office(office: Office, context: BrowserContext) -> Callable[[], Visit]:
    """Return a function that opens another window of the same browser."""
    office.list_staff(LISTED)
    return lambda: Visit(context.new_page(), office.address)


def sign_in(visit: Visit, sub: str) -> None:
    """Sign in from the page that stands there, as ``sub``."""
    visit.page.get_by_test_id("stMain").get_by_role(
        "button", name=re.compile("로그인|Sign in")
    ).click()
    visit.page.get_by_role("button", name=sub, exact=True).click(timeout=30_000)
    visit.page.wait_for_url(re.compile(f"^{visit.address}/(?!oauth2|auth)"), timeout=60_000)
    visit.settle()


def is_open(visit: Visit) -> bool:
    """Return whether the workbench is; either way, a page with a headline stands there."""
    link = visit.page.get_by_role("link", name=re.compile("SQL 작업대|SQL workbench")).count()
    editor = visit.page.locator('iframe[title*="sql_editor"]').count()
    assert link == editor
    return editor == 1


def click_something(page: Page) -> None:
    """Make the page run anew without loading it anew."""
    page.get_by_text("English", exact=True).click()
    page.wait_for_timeout(4000)


def test_who_is_listed_signs_in_and_out_and_every_window_and_copy_is_out(
    at_office: Callable[[], Visit], office: Office, browser: Browser, context: BrowserContext
) -> None:
    visit = at_office().open("workbench", lang="English")
    assert not is_open(visit)
    assert "for staff" in visit.headline()
    sign_in(visit, "kim")
    assert is_open(visit)
    assert "/workbench" in visit.page.url
    assert "lang=English" in visit.page.url  # back where the way began
    assert visit.page.get_by_text("kim@gwangsan.go.kr").count() == 1

    frame = visit.page.frame_locator('iframe[title*="sql_editor"]')
    frame.locator("#editor .ace_content").click()
    visit.page.keyboard.type("select 1 as one ")
    visit.page.keyboard.press("Control+Enter")
    visit.page.get_by_text(re.compile("1 rows?")).first.wait_for(timeout=30_000)
    (journal,) = (office.state / "journal").glob("sql-*.jsonl")
    assert json.loads(journal.read_text().splitlines()[-1])["who"] == "kim@gwangsan.go.kr"

    cookies = context.cookies()
    assert {c["httpOnly"] for c in cookies if c["name"].startswith(COOKIE)} == {True}
    assert {c["sameSite"] for c in cookies if c["name"].startswith(COOKIE)} == {"Lax"}
    soon = time.time() + 12 * 3600 + 60
    assert all(c["expires"] < soon for c in cookies if c["name"].startswith(COOKIE))
    other = at_office().open("workbench")
    assert is_open(other)

    visit.page.get_by_role("button", name="Sign out").click()
    visit.page.wait_for_url(re.compile(f"^{office.address}/(?!auth|oauth2)"), timeout=30_000)
    visit.settle()
    assert not [c for c in context.cookies() if c["name"].startswith(COOKIE)]
    click_something(other.page)
    assert not is_open(other)
    assert not is_open(visit.open("workbench"))

    thief = browser.new_context()
    thief.add_cookies([c for c in cookies if c["name"].startswith("_streamlit")])
    assert not is_open(Visit(thief.new_page(), office.address).open("workbench"))
    thief.close()


@pytest.mark.parametrize("sub", ["domain", "0000-hong"])
def test_a_domain_and_a_subject_are_listed_too(at_office: Callable[[], Visit], sub: str) -> None:
    visit = at_office().open("workbench")
    sign_in(visit, sub)
    assert is_open(visit)


def test_who_is_not_listed_is_told_whom_to_ask_and_comes_in_once_listed(
    at_office: Callable[[], Visit], office: Office
) -> None:
    visit = at_office().open("workbench")
    sign_in(visit, "stranger")
    assert not is_open(visit)
    assert "직원 명단에 없는" in visit.headline()
    told = visit.page.get_by_test_id("stMain").inner_text()
    assert "choi@gwangsan.go.kr.example.com" in told
    assert "상권지원팀(062-960-0000)" in told
    office.list_staff("choi@gwangsan.go.kr.example.com\n")
    click_something(visit.page)
    assert is_open(visit)
    office.list_staff(LISTED)  # and is out at the next click, without loading anything anew
    visit.page.get_by_text("한국어", exact=True).click()
    visit.page.get_by_text("직원 명단에 없는").wait_for(timeout=20_000)
    assert not is_open(visit)


def test_taken_from_the_list_while_a_query_lies_on_the_desk(
    at_office: Callable[[], Visit], office: Office
) -> None:
    visit = at_office().open("workbench", sql="select 41 + 1 as answer")
    sign_in(visit, "kim")
    visit.page.get_by_role("button", name="실행").first.wait_for(timeout=20_000)
    office.list_staff("")
    # The desk is drawn alone, without the page that guards it.
    visit.page.get_by_role("button", name="실행").first.click()
    visit.page.get_by_text("직원 명단에 없는").first.wait_for(timeout=20_000)
    assert visit.page.get_by_text("1행 ×").count() == 0
    journal = "".join(f.read_text() for f in (office.state / "journal").glob("*.jsonl"))
    assert "41 + 1" not in journal


@pytest.mark.parametrize("sub", ["unproven", "silent"])
def test_an_address_that_nobody_verified_is_nobodys(
    at_office: Callable[[], Visit], sub: str
) -> None:
    visit = at_office().open("workbench")
    sign_in(visit, sub)
    assert not is_open(visit)
    assert "확인되지 않은 전자우편" in visit.headline()


def resigned(context: BrowserContext, secret: str, **claims: object) -> None:
    """Replace the cookie of who is signed in by one with other claims, signed with ``secret``."""
    (cookie,) = [c for c in context.cookies() if c["name"] == COOKIE]
    inside = json.loads(URLSafeTimedSerializer(SECRET, salt=COOKIE).loads(cookie["value"]))
    value = URLSafeTimedSerializer(secret, salt=COOKIE).dumps(json.dumps(inside | claims))
    context.add_cookies([{"name": COOKIE, "value": str(value), "url": "http://localhost"}])
    (now,) = [c for c in context.cookies() if c["name"] == COOKIE]
    assert now["value"] == value


def test_a_sign_in_expires_and_a_tampered_one_is_none(
    at_office: Callable[[], Visit], context: BrowserContext
) -> None:
    visit = at_office().open("workbench")
    sign_in(visit, "kim")
    hours = 3600
    # The five minutes of the token are long over: that ends nothing by itself.
    resigned(context, SECRET, iat=int(time.time() - 11 * hours), exp=int(time.time() - 10 * hours))
    assert is_open(visit.open("workbench"))
    resigned(context, SECRET, iat=int(time.time() - 13 * hours))
    assert not is_open(visit.open("workbench"))
    assert "오래되어" in visit.headline()
    assert visit.page.get_by_role("button", name="다시 로그인").count() == 1
    resigned(context, SECRET, iat=int(time.time() + 9 * hours))
    assert not is_open(visit.open("workbench"))

    resigned(context, secrets.token_urlsafe(32), iat=int(time.time()))
    assert not is_open(visit.open("workbench"))
    assert "직원만" in visit.headline()
    sign_in(visit, "stranger")
    (cookie,) = [c for c in context.cookies() if c["name"] == COOKIE]
    inside, rest = str(cookie["value"]).split(".", 1)
    for value in (inside[:20] + "A" + inside[21:] + "." + rest, inside + "." + rest[:-1] + "x", ""):
        context.add_cookies([{"name": COOKIE, "value": value, "url": "http://localhost"}])
        assert not is_open(visit.open("workbench"))


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Forwarded-Email": "kim@gwangsan.go.kr", "X-Auth-Request-Email": "kim@gwangsan.go.kr",
          "X-Forwarded-User": "kim", "Remote-User": "kim", "X-Streamlit-User": "kim",
          "Authorization": "Bearer kim"}],
    ids=["loopback", "forged"],
)  # fmt: skip
def test_where_people_sign_in_neither_loopback_nor_headers_open_anything(
    office: Office, browser: Browser, headers: dict[str, str]
) -> None:
    office.list_staff(LISTED)
    context = browser.new_context(extra_http_headers=headers)
    visit = Visit(context.new_page(), office.address).open("workbench")
    assert not is_open(visit)
    assert "직원만" in visit.headline()
    context.close()


def test_who_says_no_at_the_provider_comes_back_as_nobody(at_office: Callable[[], Visit]) -> None:
    visit = at_office().open("about")
    visit.page.get_by_role("button", name="직원 로그인").click()
    visit.page.get_by_role("button", name="Deny").click(timeout=30_000)
    visit.page.wait_for_url(re.compile("/about"), timeout=30_000)
    visit.settle()
    assert visit.page.get_by_role("button", name="직원 로그인").count() == 1
    assert not is_open(visit)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation_on_a_closed_page(
    office: Office, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme)
    visit = Visit(context.new_page(), office.address).open("workbench")
    found = Axe().run(visit.page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
    context.close()
