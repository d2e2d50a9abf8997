"""How sign-in is configured: the settings' file, how long it lasts, and what was signed out.

The settings stand in ``COMMERCE_SECRETS``, else in ``secrets.toml`` of the state folder
(``COMMERCE_STATE``), which no query can read: a table ``[auth]`` as Streamlit's ``st.login``
wants it. They are read when the app starts; settings that cannot work stop the start.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from commerce.access import is_local_host
from commerce.errors import Refused
from commerce.sandbox.journal import state_dir
from commerce.staff_list import ReadAnew

_KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_ALSO = ("client_kwargs",)
_CALLBACK = "/oauth2callback"
_LEAST_SECRET = 32
_HOURS = 12.0
_LONGEST_HOURS = 24 * 30.0
_lock = threading.Lock()


def settings_file() -> Path:
    """Return the file with the settings of sign-in, whether it exists or not."""
    return Path(os.environ.get("COMMERCE_SECRETS") or state_dir() / "secrets.toml")


def is_meant() -> bool:
    """Return whether the office means people to sign in: loopback alone opens nothing then."""
    return bool(os.environ.get("COMMERCE_SECRETS")) or settings_file().exists()


def settings() -> dict[str, Any] | None:
    """Return the table ``[auth]``; None where no sign-in is meant.

    Raises:
        Refused: when the settings are there and cannot work.
    """
    if not is_meant():
        return None
    path = settings_file()
    try:
        found = tomllib.loads(path.read_text("utf-8")).get("auth")
    except OSError as error:
        raise Refused("access.settings.unreadable", file=path, reason=error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("access.settings.no_toml", file=path, reason=error) from None
    auth = found if isinstance(found, dict) else {}
    missing = [key for key in _KEYS if not isinstance(auth.get(key), str) or not auth[key]]
    if missing:
        raise Refused("access.settings.missing", file=path, keys=", ".join(missing))
    unknown = sorted(set(auth) - {*_KEYS, *_ALSO})
    if unknown:
        raise Refused("access.settings.unknown", file=path, keys=", ".join(unknown))
    if len(auth["cookie_secret"]) < _LEAST_SECRET:
        raise Refused("access.settings.short_secret", file=path, least=_LEAST_SECRET)
    if not auth["redirect_uri"].endswith(_CALLBACK):
        raise Refused("access.settings.callback", file=path, end=_CALLBACK)
    for key in ("redirect_uri", "server_metadata_url"):
        if not _is_safe(auth[key]):
            raise Refused("access.settings.not_https", file=path, name=key)
    seconds()
    return auth


def _is_safe(url: str) -> bool:
    """Return whether nobody on the way can read or change what is sent to ``url``."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_local_host(parts.netloc))


def seconds() -> float:
    """Return how long a sign-in lasts, in seconds: ``COMMERCE_SIGN_IN_HOURS``, else 12 hours.

    Raises:
        Refused: when the setting is no number of hours from above 0 to 720.
    """
    text = os.environ.get("COMMERCE_SIGN_IN_HOURS", "")
    try:
        hours = float(text) if text else _HOURS
    except ValueError:
        hours = 0.0
    if not 0 < hours <= _LONGEST_HOURS:
        raise Refused("access.settings.hours", value=text, most=round(_LONGEST_HOURS))
    return hours * 3600


def contact() -> str:
    """Return whom to ask for a place on the staff list (``COMMERCE_CONTACT``), or nothing."""
    return os.environ.get("COMMERCE_CONTACT", "").strip()


def has_ended(sign_in: str) -> bool:
    """Return whether this sign-in was signed out, in this window of the browser or another.

    Streamlit forgets a person in the window that signs out, but neither in other windows
    nor for who copied the cookie before.
    """
    return sign_in in _ended(_ended_file()).now()


def end(sign_in: str) -> None:
    """Write down that this sign-in was signed out; names that have expired since are dropped.

    Raises:
        Refused: when it cannot be written.
    """
    path = _ended_file()
    now = time.time()
    with _lock:
        known = dict(_ended(path).now())
        known[sign_in] = now
        lines = [f"{at:.0f} {name}\n" for name, at in known.items() if at > now - seconds() - 3600]
        aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.writelines(lines)
            os.replace(aside, path)
        except OSError as error:
            raise Refused("access.not_written", file=path, reason=error.strerror) from None


def _ended_file() -> Path:
    return state_dir() / "signed-out.txt"


@cache
def _ended(path: Path) -> ReadAnew[dict[str, float]]:
    return ReadAnew(path, _read_ended, {})


def _read_ended(text: str) -> dict[str, float]:
    pairs = (line.split() for line in text.splitlines())
    return {pair[1]: float(pair[0]) for pair in pairs if len(pair) == 2 and pair[0].isdigit()}
