"""Streamlit's own scripts and our typeface, compressed once and cached by the browser.

Uncompressed, a first visit is 2.7 to 7.4 MB. Compressing on each request makes it
slower on two cores, so each file is compressed the first time it is asked for.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_BUNDLE = Path(streamlit.__file__).with_name("static").resolve()
_PREFIX = "/static/"
_LARGEST = 16 * 2**20
_TEXT = {".js", ".css", ".html", ".json", ".svg", ".map"}
# File names under /static/ carry a hash of their content.
_CACHE = "public, max-age=31536000, immutable"


class CompressedStaticFiles:
    """ASGI middleware that answers ``GET /static/...`` from Streamlit's bundle."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a static file, or pass the request on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            path = scope["path"]
            if path.startswith(_PREFIX) and (file := _find(path)):
                zipped = "gzip" in Headers(scope=scope).get("accept-encoding", "")
                await _response(file, zipped)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@lru_cache(maxsize=1024)
def _find(path: str) -> Path | None:
    file = (_BUNDLE / path.lstrip("/")).resolve()
    inside = file.is_relative_to(_BUNDLE / "static")
    return file if inside and file.is_file() and file.stat().st_size <= _LARGEST else None


def _response(file: Path, zipped: bool) -> Response:
    headers = {"cache-control": _CACHE, "vary": "accept-encoding"}
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if zipped and file.suffix in _TEXT:
        headers["content-encoding"] = "gzip"
        return Response(_gzipped(file), media_type=kind, headers=headers)
    return Response(file.read_bytes(), media_type=kind, headers=headers)


@lru_cache(maxsize=512)
def _gzipped(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
