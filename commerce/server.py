"""The app as an ASGI server, with the settings that keep a rerun cheap.

``streamlit run`` binds its own socket without TCP_NODELAY, so that each rerun waits
40 ms; uvicorn lets asyncio make the socket. Imported objects are frozen out of the
garbage collector once, instead of being collected after every rerun.
"""

from __future__ import annotations

import gc
import logging
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from streamlit.web.server.starlette.starlette_app import App

_log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent.parent


@asynccontextmanager
async def _lifespan(_app: object) -> AsyncIterator[None]:
    # What the first reader of a page would otherwise wait for.
    import altair
    import pydeck
    import statsmodels.tsa.seasonal

    from commerce.db import database
    from commerce.report import drawing

    drawing.warm()
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    database()
    del altair, pydeck, statsmodels
    gc.collect()
    gc.freeze()
    yield


def create_app() -> App:
    """Return the ASGI application: Streamlit, with its static files compressed once.

    Raises:
        Refused: when sign-in is meant to be there and its settings cannot work.
    """
    import streamlit as st
    from starlette.middleware import Middleware
    from starlette.routing import Route
    from streamlit import config
    from streamlit.runtime.pages_manager import PagesManager

    from commerce import sign_in
    from commerce.static_files import FirstLoad, inline_scripts
    from commerce.web import Shield, policy

    auth = sign_in.settings() or {}
    # Until the first script run Streamlit takes a folder named pages for its older kind of
    # multipage app, and answers the first deep link after a start with "Page not found".
    PagesManager.uses_pages_directory = False
    return st.App(
        ROOT / "app.py",
        lifespan=_lifespan,
        routes=[Route("/healthz", _health)],
        secrets={"auth": auth} if auth else None,
        on_script_error=_tell,
        middleware=[
            Middleware(
                Shield,
                content_policy=policy(inline_scripts()),
                secure=str(auth.get("redirect_uri")).startswith("https:"),
                seconds=sign_in.seconds(),
                largest_file=int(config.get_option("server.maxUploadSize")) * 2**20,
            ),
            Middleware(FirstLoad),
        ],
    )


async def _health(_request: Request) -> JSONResponse:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse

    from commerce.health import health

    status, said = await run_in_threadpool(health)
    return JSONResponse(said, status, headers={"cache-control": "no-store"})


def _tell(error: Exception) -> bool:
    """Log what went wrong and show one sentence instead of a traceback."""
    import streamlit as st

    from commerce.i18n import t

    _log.error("A page failed", exc_info=error)
    st.error(t("frame.error"), icon=":material/error:")
    return True


def serve(host: str, port: int) -> None:
    """Serve the app until it is stopped."""
    import uvicorn

    # Streamlit reads .streamlit/config.toml from the working directory.
    os.chdir(ROOT)
    uvicorn.run(
        create_app(),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # A busy server answers late; its readers have not gone.
        ws_ping_timeout=60,
        # Who comes through a proxy must not look as if they came from where its headers say.
        proxy_headers=False,
        server_header=False,
    )
