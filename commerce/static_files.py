"""What a browser loads first: Streamlit's page with our title, and its scripts compressed once.

Uncompressed, a first visit is 2.7 to 7.4 MB. Compressing on each request makes it
slower on two cores, so each file is compressed the first time it is asked for. A deep
link such as ``/openings`` would first look for the server under ``/openings/_stcore``
and fail; the page tells it where the server is.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_BUNDLE = Path(streamlit.__file__).with_name("static").resolve()
_PREFIX = "/static/"
_LARGEST = 16 * 2**20
_TEXT = {".js", ".css", ".html", ".json", ".svg", ".map"}
# File names under /static/ carry a hash of their content.
_CACHE = "public, max-age=31536000, immutable"
#: Any name of a page; the check of :mod:`commerce.health` is none.
_PAGE = re.compile(r"/(?!healthz$)[a-z_]*")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_WHERE = (
    "<script>window.__streamlit={"
    'BACKEND_BASE_URL:location.origin+"/",'
    'HOST_CONFIG_BASE_URL:location.origin+"/"}</script>'
)


class FirstLoad:
    """ASGI middleware that answers ``GET /<page>`` and ``GET /static/...``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the page or a static file, or pass the request on."""
        answer = _answer(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        await (answer or self.app)(scope, receive, send)


def _answer(scope: Scope) -> Response | None:
    path = scope["path"]
    if path == "/overview":  # the first page has no path of its own
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse("/?" + query if query else "/")
    if _PAGE.fullmatch(path):
        return Response(_index(), media_type="text/html", headers={"cache-control": "no-cache"})
    file = _find(path) if path.startswith(_PREFIX) else None
    if file is None:
        return None
    headers = {"cache-control": _CACHE, "vary": "accept-encoding"}
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if file.suffix in _TEXT and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(_gzipped(file), media_type=kind, headers=headers)
    return Response(file.read_bytes(), media_type=kind, headers=headers)


def inline_scripts() -> list[str]:
    """Return the hash of each script that stands in the page, for its security policy."""
    return [
        "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _INLINE.findall(_index())
    ]


@lru_cache(maxsize=1)
def _index() -> str:
    page = (_BUNDLE / "index.html").read_text(encoding="utf-8")
    page = page.replace('<html lang="en">', '<html lang="ko">')
    page = page.replace("<title>Streamlit</title>", "<title>우리동네 상권정보</title>" + _WHERE)
    # Streamlit's own typeface is never used here.
    return re.sub(r"<link\s+rel=\"preload\"[^>]*SourceSans[^>]*>", "", page)


@lru_cache(maxsize=1024)
def _find(path: str) -> Path | None:
    file = (_BUNDLE / path.lstrip("/")).resolve()
    inside = file.is_relative_to(_BUNDLE / "static")
    return file if inside and file.is_file() and file.stat().st_size <= _LARGEST else None


@lru_cache(maxsize=512)
def _gzipped(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
