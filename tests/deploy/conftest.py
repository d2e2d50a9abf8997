"""The app behind nginx with the committed configuration, as people reach it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from oidc_provider_mock import User, run_server_in_thread

from tests.deploy.proxy import nginx
from tests.serving import free_port, served

PEOPLE = [User(sub="kim", claims={"email": "kim@gwangsan.go.kr", "email_verified": True})]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/deploy/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@dataclass
class Site:
    """The ports of https and http, and of the app itself; nginx knows it as localhost."""

    https: int
    http: int
    app: int

    @property
    def address(self) -> str:
        return f"https://localhost:{self.https}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site where no sign-in is configured."""
    https = free_port()
    with (
        served(tmp_path_factory.mktemp("state")) as app,
        nginx(tmp_path_factory.mktemp("nginx"), app, https) as http,
    ):
        yield Site(https, http, app)


@pytest.fixture(scope="module")
def signed_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site where kim@gwangsan.go.kr may sign in."""
    https, state = free_port(), tmp_path_factory.mktemp("state")
    (state / "staff.txt").write_text("kim@gwangsan.go.kr\n")
    with run_server_in_thread(user_claims=PEOPLE) as provider:
        (state / "secrets.toml").write_text(
            "[auth]\n"
            f'redirect_uri = "https://localhost:{https}/oauth2callback"\n'
            f'cookie_secret = "{"s" * 40}"\n'
            'client_id = "commerce"\nclient_secret = "kept to itself"\n'
            f'server_metadata_url = "http://localhost:{provider.server_port}'
            '/.well-known/openid-configuration"\n'
        )
        with (
            served(state) as app,
            nginx(tmp_path_factory.mktemp("nginx"), app, https) as http,
        ):
            yield Site(https, http, app)
