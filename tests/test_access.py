"""Staff pages without sign-in: open at this machine, closed to everybody who comes through."""

import pytest

from commerce.access import is_at_this_machine, is_local_host, is_loopback

HOME = [("Host", "localhost:8501"), ("Origin", "http://localhost:8501"), ("User-Agent", "x")]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "127.8.9.1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:80", "[::1]:8501"])
def test_the_machine_itself_is_let_in(peer: str, host: str) -> None:
    assert is_at_this_machine(peer, [("host", host)])
    assert is_at_this_machine(peer, [("HOST", host), ("Origin", f"http://{host}")])


@pytest.mark.parametrize(
    "peer",
    [None, "", "10.0.0.3", "192.168.0.7", "203.0.113.9", "fe80::1", "::", "0.0.0.0",
     "localhost", "127.0.0.1, 10.0.0.1", "testclient", "::ffff:10.0.0.1", "2130706433"],
)  # fmt: skip
def test_other_ends_are_not(peer: str | None) -> None:
    assert not is_loopback(peer)
    assert not is_at_this_machine(peer, HOME)


@pytest.mark.parametrize(
    "host",
    ["localhost.evil.com", "evil.com", "localhost@evil.com", "127.0.0.1.nip.io", "evil-localhost",
     "localhost:", "localhost:80:90", "localhost:80a", "localhost.", "::1", "[::1", "[::1]evil.com",
     "[::1]:", "[localhost]", "0.0.0.0:8501", "[::]:8501", "10.0.0.3:8501", "commerce.example.kr",
     "127.1", "0x7f.0.0.1", "", " ", "localhost, evil.com", "ⓛocalhost", "localhost:８０"],
)  # fmt: skip
def test_names_that_only_look_local_are_not(host: str) -> None:
    assert not is_local_host(host)
    assert not is_at_this_machine("127.0.0.1", [("Host", host)])


def test_a_missing_or_repeated_host_closes() -> None:
    assert not is_at_this_machine("127.0.0.1", [])
    assert not is_at_this_machine("127.0.0.1", [("Origin", "http://localhost")])
    assert not is_at_this_machine("127.0.0.1", [*HOME, ("host", "localhost:8501")])
    assert not is_at_this_machine("127.0.0.1", [*HOME, ("Host", "evil.com")])


@pytest.mark.parametrize(
    "name",
    ["Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "X-Forwarded-Server",
     "x-forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", " X-Forwarded-For "],
)  # fmt: skip
@pytest.mark.parametrize("value", ["127.0.0.1", "", "for=127.0.0.1", "localhost"])
def test_any_sign_of_a_proxy_closes_even_when_it_says_local(name: str, value: str) -> None:
    assert is_at_this_machine("127.0.0.1", HOME)
    assert not is_at_this_machine("127.0.0.1", [*HOME, (name, value)])


@pytest.mark.parametrize(
    "origin",
    ["https://commerce.example.kr", "null", "", "http://localhost.evil.com:8501",
     "http://localhost@evil.com", "http://evil.com/localhost", "http://evil.com#localhost",
     "file://localhost", "http://evil.com\\@localhost", "//localhost"],
)  # fmt: skip
def test_a_bare_proxy_is_known_by_the_address_that_the_browser_names(origin: str) -> None:
    """nginx with nothing but ``proxy_pass`` sends its own Host, and no header of its own."""
    bare = [("Host", "127.0.0.1:8501"), ("Connection", "upgrade"), ("Origin", origin)]
    assert not is_at_this_machine("127.0.0.1", bare)
    assert not is_at_this_machine("127.0.0.1", [*HOME, ("Referer", origin)])
