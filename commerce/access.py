"""Who may see staff pages: people signed in who are on the staff list, or who sits here.

Where sign-in is configured, nothing else opens them. Where it is not, only who sits at
this machine may. A proxy in front of the app makes everybody come from 127.0.0.1. It gives
itself away by a header that it adds, or by a browser's ``Origin`` that names the outside
address; any sign of it closes the pages. What cannot be told is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

from commerce.staff_list import StaffList, is_email, plain

#: How a reader stands: ``away`` is nobody whom we know, the others are signed in.
Standing = Literal["staff", "away", "unlisted", "unverified", "expired"]
_CLOCKS_DIFFER = 300

#: Headers that proxies, tunnels and content networks add; a browser sends none of them.
_OF_PROXIES = (
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "x-envoy-external-address",
    "true-client-ip",
    "client-ip",
    "proxy",
    "x-host",
    "x-original-host",
)
_PREFIXES = ("forwarded", "x-forwarded", "cf-", "fastly-", "tailscale-", "x-amzn-", "x-appengine-")


@dataclass(frozen=True)
class Reader:
    """How a reader stands, and who it is: an e-mail, else ``sub:`` and the subject, else empty."""

    standing: Standing
    who: str = ""


def judge(
    claims: Mapping[str, object],
    staff: StaffList,
    *,
    now: float,
    seconds: float,
    has_ended: Callable[[str], bool] = lambda _sign_in: False,
) -> Reader:
    """Return how somebody with these claims of an OpenID Connect token stands.

    A session lasts ``seconds`` from the token's ``iat``. Its ``exp`` says how long the token
    may be handed on (five minutes at some providers), not how long a session lasts; its
    ``auth_time`` may be days ago, and signing in again would not move it.

    Args:
        claims: what the sign-in left behind, its signature verified; empty for nobody.
        staff: who is on the staff list now.
        now: seconds since 1970.
        seconds: how long a sign-in lasts.
        has_ended: whether the sign-in with this name (:func:`sign_in_name`) was signed out.
    """
    subject = claims.get("sub")
    if claims.get("is_logged_in") is not True or not isinstance(subject, str) or not subject:
        return Reader("away")
    if has_ended(sign_in_name(claims)):
        return Reader("away")
    email = claims.get("email")
    # A provider may hand out addresses that nobody ever proved to own.
    told = claims.get("email_verified")
    verified = told is True or told == "true"
    address = plain(email) if isinstance(email, str) and is_email(email) else ""
    who = address if address and verified else f"sub:{subject}"
    issued = claims.get("iat")
    if (
        isinstance(issued, bool)
        or not isinstance(issued, int | float)
        or not now - seconds < issued <= now + _CLOCKS_DIFFER
    ):
        return Reader("expired", who)
    if staff.has_subject(subject) or (address and verified and staff.has_email(address)):
        return Reader("staff", who)
    if address and not verified:
        return Reader("unverified", address)
    return Reader("unlisted", who)


def sign_in_name(claims: Mapping[str, object]) -> str:
    """Return a name for one act of signing in, which says nothing about the person."""
    found = [claims.get(key) for key in ("iss", "sub", "iat", "nonce", "at_hash", "jti")]
    return hashlib.sha256(json.dumps(found, default=str).encode()).hexdigest()


def is_at_this_machine(peer: str | None, headers: Iterable[tuple[str, str]]) -> bool:
    """Return whether a request comes from this machine itself, and through nobody.

    Args:
        peer: the address at the other end of the connection; None where it is not known,
            as behind a Unix socket.
        headers: all headers of the request, repeated ones too, in any case.
    """
    found = [(name.strip().lower(), value.strip()) for name, value in headers]
    hosts = [value for name, value in found if name == "host"]
    if not is_loopback(peer) or len(hosts) != 1 or not is_local_host(hosts[0]):
        return False
    if any(name in _OF_PROXIES or name.startswith(_PREFIXES) for name, _ in found):
        return False
    # A proxy that adds nothing still hands on where the browser thinks that it is.
    origins = [value for name, value in found if name in ("origin", "referer")]
    return all(_is_local_origin(value) for value in origins)


def is_loopback(address: str | None) -> bool:
    """Return whether an IP address, as text, is one of this machine's loopback."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def is_local_host(host: str) -> bool:
    """Return whether a ``Host`` header (a name or address, with or without a port) is local.

    Only the name ``localhost`` and loopback addresses are: a name such as
    ``localhost.example.com`` may lead anywhere.
    """
    name, port = host, ""
    if host.startswith("["):
        name, closed, rest = host[1:].partition("]")
        if not closed or ":" not in name or (rest and not rest.startswith(":")):
            return False
        port = rest[1:] if rest else ""
        if rest == ":":
            return False
    elif host.count(":") == 1:
        name, _, port = host.partition(":")
        if not port:
            return False
    elif ":" in host:  # an IPv6 address stands in brackets
        return False
    if port and not (port.isascii() and port.isdigit()):
        return False
    return name.lower() == "localhost" or is_loopback(name)


def _is_local_origin(origin: str) -> bool:
    scheme, found, rest = origin.partition("://")
    return bool(found) and scheme.lower() in ("http", "https") and is_local_host(_host(rest))


def _host(rest: str) -> str:
    """Return the host of an address without its scheme; one with a user in it is none."""
    for end in "/?#":
        rest = rest.partition(end)[0]
    return "" if "@" in rest or "\\" in rest else rest
