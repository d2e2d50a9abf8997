"""What every answer of the app carries, and what it does not take, before Streamlit sees it.

ASGI middleware without Streamlit: security headers, cookies that do not travel in the
clear, files from staff only and no larger than allowed, and the way back after signing in.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commerce.i18n import set_language, t
from commerce.uploads import is_allowed

#: Of files, above what they hold: how a browser wraps them.
_WRAPPING = 2**20
#: Of everything else that is sent here.
LARGEST_BODY = 2**20
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+")
_BACK = re.compile(r"/[a-z_]*(\?[\w%=&+.,~*-]{0,1500})?", re.ASCII)
_BACK_COOKIE = "commerce_back"
_SIGN_IN_COOKIES = b"_streamlit_user"
_CALLBACK = "/oauth2callback"
_FEATURES = (
    "accelerometer", "bluetooth", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip


def policy(scripts: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy: this server and nobody else.

    Vega and deck.gl compile expressions from our own specifications, hence
    ``unsafe-eval``; Streamlit's parts write their styles into the page; workers, scripts of
    parts of our own, files to save and pictures of charts are made in the page, as ``blob:``.

    Args:
        scripts: hashes of the scripts that stand in the page itself, as ``sha256-…``.
    """
    own = " ".join(f"'{script}'" for script in scripts)
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' 'unsafe-eval' blob: {own}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Shield:
    """ASGI middleware around everything that the app answers.

    Args:
        app: the application.
        content_policy: the Content-Security-Policy of every answer.
        secure: whether people come by https, so that cookies must not travel in the clear.
        seconds: how long a sign-in lasts; its cookies need not stay longer.
        largest_file: the most bytes of one file that is taken.
    """

    def __init__(
        self, app: ASGIApp, content_policy: str, secure: bool, seconds: float, largest_file: int
    ) -> None:
        self.app = app
        self._secure = secure
        self._age = f"Max-Age={seconds:.0f}".encode()
        self._largest_file = largest_file
        self._headers = {
            "content-security-policy": content_policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": ", ".join(f"{name}=()" for name in _FEATURES),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is not taken, pass the rest on, and add to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._finish(scope, MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, sending)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is not taken, before its body is read."""
        headers = Headers(scope=scope)
        upload = _UPLOAD.fullmatch(scope["path"])
        most = self._largest_file + _WRAPPING if upload else LARGEST_BODY
        set_language("en" if headers.get("accept-language", "").startswith("en") else "ko")
        if upload and scope["method"] == "PUT" and not is_allowed(upload[1]):
            return PlainTextResponse(t("access.upload.staff"), 403)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > most:
            sentence = t("access.upload.large", most=self._largest_file // 2**20)
            return PlainTextResponse(sentence, 413)
        return None

    def _finish(self, scope: Scope, answer: MutableHeaders) -> None:
        for name, value in self._headers.items():
            answer.setdefault(name, value)
        path = scope["path"]
        if path == "/auth/login" and "location" in answer:
            back = _asked_from(Headers(scope=scope))
            # Only to where it is read, and for no longer than signing in takes.
            answer.append(
                "set-cookie",
                f"{_BACK_COOKIE}={base64.urlsafe_b64encode(back.encode()).decode()}"
                f"; Path={_CALLBACK}; Max-Age=900; HttpOnly; SameSite=Lax",
            )
        elif path == _CALLBACK and answer.get("location") == "/":
            answer["location"] = _way_back(Headers(scope=scope))
        if path.startswith("/auth/") or path == _CALLBACK:
            answer["cache-control"] = "no-store"
        answer.raw[:] = [
            (name, self._cookie(value) if name.lower() == b"set-cookie" else value)
            for name, value in answer.raw
        ]

    def _cookie(self, value: bytes) -> bytes:
        """Return a cookie that is sent by https only, and gone when the sign-in is over."""
        if value.startswith(_SIGN_IN_COOKIES):
            # Streamlit means thirty days; a cookie to be deleted has no age.
            value = re.sub(rb"Max-Age=[1-9]\d*", self._age, value)
        return value + b"; Secure" if self._secure and b"; secure" not in value.lower() else value


def _asked_from(headers: Headers) -> str:
    """Return the page of this app from which somebody went to sign in, with its filters."""
    parts = urlsplit(headers.get("referer", ""))
    back = parts.path + ("?" + parts.query if parts.query else "")
    return back if parts.netloc == headers.get("host") and _BACK.fullmatch(back) else "/"


def _way_back(headers: Headers) -> str:
    """Return where to go after signing in: a page of this app, whatever the cookie says."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == _BACK_COOKIE:
            try:
                back = base64.urlsafe_b64decode(value.encode()).decode()
            except ValueError:
                return "/"
            return back if _BACK.fullmatch(back) else "/"
    return "/"
